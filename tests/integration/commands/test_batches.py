"""A batch is asked for, decided and told of as one, whatever becomes of its members. On both backends."""

from __future__ import annotations

import pytest
from office import SERVER, TO_A, Office

from dealerdesk.bridges.protocol import ChangeBalance, SetBook
from dealerdesk.clock import HOUR_US
from dealerdesk.commands import dispatch, policy, queries, requests
from dealerdesk.commands.bodies import (
    Rule,
)
from dealerdesk.commands.deciding import Verdict
from dealerdesk.commands.records import BatchRecord, CommandRecord, CommandState, Conflict, Member, Refused, hash_of
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.trading import BalanceKind, Book


def with_policy(office: Office, rule: Rule, kind: str = "set_book") -> None:
    with writing(office.engine) as connection:
        policy.enact(connection, "p", kind, rule, author="setup", note="", now_us=office.now_us - 1)


def members(*logins: int) -> list[Member]:
    return [
        Member(command_id=f"batched-{login}", body=SetBook(login=login, book=Book.A, covered_percent=100))
        for login in logins
    ]


def batched(office: Office, *logins: int, who: str = "dana") -> BatchRecord:
    with office.deed(who) as connection:
        return requests.request_batch(
            connection,
            who=who,
            server=SERVER,
            members=members(*logins),
            reason="hedged flow",
            now_us=office.now_us,
            batch_id="batch-0001",
        )


def decided(office: Office, who: str, batch: BatchRecord, verdict: Verdict, seen: str = "") -> list[CommandRecord]:
    with office.deed(who) as connection:
        return requests.decide_batch(
            connection,
            who=who,
            batch_id=batch.id,
            batch_hash=seen or batch.hash,
            verdict=verdict,
            now_us=office.now_us,
            comment="seen",
        )


def test_a_batch_is_approved_as_one(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1003, 1001, 1002)
    assert [member.id for member in batch.members] == ["batched-1001", "batched-1002", "batched-1003"]
    assert (batch.size, batch.title) == (3, "3 × set book on MT5")

    with pytest.raises(Refused, match="decide the batch as one"):
        office.approve("carol", batch.members[0])
    found = decided(office, "carol", batch, Verdict.APPROVE)

    assert {record.state for record in found} == {CommandState.APPROVED}
    assert decided(office, "carol", batch, Verdict.APPROVE) == found


def test_a_batch_is_refused_as_one_and_never_by_the_one_who_asked(office: Office) -> None:
    office.needs_supervisor(roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    batch = batched(office, 1001, 1002)

    with pytest.raises(Refused, match="You asked for this yourself"):
        decided(office, "dana", batch, Verdict.APPROVE)
    with pytest.raises(Conflict, match="What you saw is not what was asked for"):
        decided(office, "carol", batch, Verdict.REFUSE, seen="0" * 64)
    assert {record.state for record in decided(office, "carol", batch, Verdict.REFUSE)} == {CommandState.REFUSED}


def now(office: Office, batch: BatchRecord) -> BatchRecord:
    with reading(office.engine) as connection:
        found = queries.batch(connection, batch.id)
    assert found is not None
    return found


def states(office: Office, batch: BatchRecord) -> list[str]:
    return [member.state.value for member in now(office, batch).members]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_who_saw_a_member_that_was_withdrawn_meanwhile_is_told_and_decides_nothing(
    office: Office, verdict: Verdict
) -> None:
    office.needs_supervisor()
    seen = batched(office, 1001, 1002)
    office.withdraw("dana", seen.members[0])

    with pytest.raises(Conflict, match=r"What you saw has changed: «.*1001.*» is withdrawn\. Look at it again"):
        decided(office, "carol", seen, verdict)

    assert states(office, seen) == ["withdrawn", "requested"]


def test_what_was_withdrawn_from_a_batch_stays_withdrawn_and_the_rest_is_decided_as_one(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002, 1003)
    office.withdraw("dana", batch.members[0])
    seen = now(office, batch)
    assert seen.hash == hash_of(batch.members[1:])

    found = decided(office, "carol", seen, Verdict.APPROVE)

    assert [record.id for record in found] == ["batched-1002", "batched-1003"]
    assert states(office, batch) == ["withdrawn", "approved", "approved"]
    assert batched(office, 1001, 1002, 1003).id == batch.id


@pytest.mark.parametrize("verdict", list(Verdict))
def test_a_decision_of_what_was_left_of_a_batch_said_once_more_is_the_same(office: Office, verdict: Verdict) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002)
    office.withdraw("dana", batch.members[0])
    seen = now(office, batch)
    decided(office, "carol", seen, verdict)

    again = decided(office, "carol", seen, verdict)
    of_the_whole = decided(office, "carol", batch, verdict)

    assert [record.id for record in again] == [record.id for record in of_the_whole] == ["batched-1002"]
    assert count_of_decisions(office) == 1
    other = Verdict.REFUSE if verdict is Verdict.APPROVE else Verdict.APPROVE
    with pytest.raises(Conflict, match=r"What you saw has changed|Somebody else was first"):
        decided(office, "carol", seen, other)


def test_a_decision_said_once_more_is_the_same_though_a_member_was_withdrawn_after_it(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002)
    decided(office, "carol", batch, Verdict.APPROVE)
    office.withdraw("dana", batch.members[0])

    again = decided(office, "carol", batch, Verdict.APPROVE)

    assert [record.state.value for record in again] == ["withdrawn", "approved"]


def test_a_decision_said_once_more_is_the_same_though_a_member_was_too_old_to_be_sent(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002)
    decided(office, "carol", batch, Verdict.APPROVE)
    office.now_us += 24 * HOUR_US
    with writing(office.engine) as connection:
        dispatch.expire_overdue(connection, office.now_us)

    again = decided(office, "carol", batch, Verdict.APPROVE)

    assert [record.state.value for record in again] == ["expired", "expired"]


def test_a_batch_that_expired_unseen_is_nobodys_to_decide(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002)
    office.now_us += 24 * HOUR_US
    with pytest.raises(Refused, match="has waited too long"):
        decided(office, "carol", batch, Verdict.APPROVE)
    with writing(office.engine) as connection:
        dispatch.expire_overdue(connection, office.now_us)

    with pytest.raises(Conflict, match="is expired"):
        decided(office, "carol", batch, Verdict.APPROVE)
    assert count_of_decisions(office) == 0


def test_the_second_approver_sees_what_is_left_and_the_first_ones_word_still_counts(office: Office) -> None:
    office.needs_supervisor(approvals=2)
    office.hire("sam", Role.SUPERVISOR)
    batch = batched(office, 1001, 1002)
    decided(office, "carol", batch, Verdict.APPROVE)
    office.withdraw("dana", batch.members[0])

    assert [record.id for record in decided(office, "carol", batch, Verdict.APPROVE)] == [
        "batched-1001",
        "batched-1002",
    ]
    with pytest.raises(Conflict, match="What you saw has changed"):
        decided(office, "sam", batch, Verdict.APPROVE)
    seen = now(office, batch)
    decided(office, "sam", seen, Verdict.APPROVE)

    assert states(office, batch) == ["withdrawn", "approved"]
    assert [record.id for record in decided(office, "sam", seen, Verdict.APPROVE)] == ["batched-1002"]
    assert [record.state.value for record in decided(office, "carol", batch, Verdict.APPROVE)] == [
        "withdrawn",
        "approved",
    ]
    assert count_of_decisions(office) == 3


def test_a_batch_that_was_withdrawn_whole_is_nobodys_to_decide(office: Office) -> None:
    office.needs_supervisor()
    batch = batched(office, 1001, 1002)
    for member in batch.members:
        office.withdraw("dana", member)

    with pytest.raises(Conflict, match=r"Somebody else was first: «.*» is withdrawn"):
        decided(office, "carol", batch, Verdict.APPROVE)


def count_of_decisions(office: Office) -> int:
    with reading(office.engine) as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM decisions").scalar_one())


def test_a_batch_is_asked_for_whole_or_not_at_all(office: Office) -> None:
    office.request("ana", TO_A)
    with pytest.raises(Conflict, match="ana was first"):
        batched(office, 1002, 1001)
    with pytest.raises(Refused, match="There is no account MT5 9"):
        batched(office, 1002, 9)

    with reading(office.engine) as connection:
        assert queries.batch(connection, "batch-0001") is None
        assert len(queries.recent_commands(connection)) == 1


def test_the_same_batch_asked_for_again_is_the_same_and_another_is_a_conflict(office: Office) -> None:
    first = batched(office, 1001, 1002)

    assert batched(office, 1002, 1001) == first
    with pytest.raises(Conflict, match="This batch id already stands for something else"):
        batched(office, 1001, 1003)


def test_what_is_split_over_a_batch_adds_up(office: Office) -> None:
    with_policy(office, Rule(daily_totals_min={"USD": 1_000_000}), "change_balance")
    bodies = [
        ChangeBalance(login=1001, operation=kind, amount=600_000) for kind in (BalanceKind.DEPOSIT, BalanceKind.CREDIT)
    ]
    parts = [Member(command_id=f"part-{number:04}", body=body) for number, body in enumerate(bodies)]

    with office.deed("otto") as connection:
        terms = {"who": "otto", "server": SERVER, "reason": "r", "now_us": office.now_us}
        batch = requests.request_batch(connection, members=parts, batch_id="batch-0001", **terms)  # type: ignore[arg-type]

    assert [member.state for member in batch.members] == [CommandState.REQUESTED] * 2
    assert {need.words for member in batch.members for need in member.needs if need.policy == "p v1"} == {
        "12000.00 USD are asked for today in all, 10000.00 USD or more need approval"
    }
