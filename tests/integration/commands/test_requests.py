from __future__ import annotations

import pytest
from office import EPOCH, SERVER, TO_A, Office

from dealerdesk.bridges.protocol import AnswerRequest, AnswerVerb, ChangeBalance, SetBook
from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands import audit, dispatch, queries, requests
from dealerdesk.commands.records import CommandState, Conflict, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.feed import FeedReader
from dealerdesk.trading import BalanceKind, Book


def test_a_dealers_request_without_a_policy_is_approved_at_once(office: Office) -> None:
    record = office.request("ana")

    assert record.state is CommandState.APPROVED
    assert record.decided_by == "policy"
    assert record.title == "Set the book of MT5 1001 to A"
    assert record.deadline_us == office.now_us + 5 * MINUTE_US


@pytest.mark.parametrize("clerk", ["otto", "ben", "cleo", "iris", "adam"])
def test_a_clerk_cannot_request_a_book_change(office: Office, clerk: str) -> None:
    with pytest.raises(Refused, match="cannot ask for «set book»"):
        office.request(clerk)


def test_somebody_unknown_cannot_request_anything(office: Office) -> None:
    with pytest.raises(Refused, match="mallory is not a member of staff here"):
        office.request("mallory")


def test_somebody_who_has_left_cannot_request_anything(office: Office) -> None:
    office.hire("gone", Role.HEAD_DEALER, active=False)

    with pytest.raises(Refused, match="gone is no longer active"):
        office.request("gone")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (SetBook(login=9, book=Book.A, covered_percent=100), "There is no account MT5 9"),
        (SetBook(login=1001, book=Book.B, covered_percent=0), "MT5 1001 is already in book B"),
        (SetBook(login=1001, book=Book.A, covered_percent=60), "Book A covers 100 % of the client's risk, not 60 %"),
        (SetBook(login=1001, book=Book.C, covered_percent=0), "Book C covers 1 to 99 % of the client's risk, not 0 %"),
        (
            ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=5),
            "A head dealer cannot ask for «change balance»",
        ),
        (AnswerRequest(request_id=1, verb=AnswerVerb.CONFIRM), "«answer request» cannot be asked for here"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(office: Office, body: object, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        office.request("dana", body)  # type: ignore[arg-type]

    assert str(refused.value) == sentence


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 501])
def test_a_request_needs_a_reason_of_reasonable_length(office: Office, reason: str) -> None:
    with pytest.raises(Refused, match="reason"):
        office.request("dana", reason=reason)


def test_a_second_request_for_the_same_account_is_told_who_was_first(office: Office) -> None:
    office.request("dana")

    with pytest.raises(Conflict, match="dana was first: «Set the book of MT5 1001 to A» is approved"):
        office.request("ana", SetBook(login=1001, book=Book.C, covered_percent=50))


def test_the_same_id_and_payload_is_the_same_command(office: Office) -> None:
    first = office.request("dana", command_id="the-same-id")

    again = office.request("dana", command_id="the-same-id")

    assert again == first
    with reading(office.engine) as connection:
        assert len(queries.recent_commands(connection)) == 1
        assert [entry.action for entry in audit.history_of(connection, first.id)] == [
            "command requested",
            "command approved",
        ]


@pytest.mark.parametrize(
    "other",
    [
        {"body": SetBook(login=1002, book=Book.A, covered_percent=100)},
        {"body": SetBook(login=1001, book=Book.C, covered_percent=50)},
        {"expected_version": 4},
        {"server": "MT4"},
        {"who": "ana"},
    ],
)
def test_the_same_id_with_another_payload_is_a_conflict(office: Office, other: dict[str, object]) -> None:
    office.request("dana", command_id="the-same-id")

    with pytest.raises(Conflict, match="already stands for something else"):
        office.request(**({"who": "dana", "command_id": "the-same-id"} | other))  # type: ignore[arg-type]


def test_a_policy_holds_the_request_until_a_supervisor_has_approved_it(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")
    assert asked.state is CommandState.REQUESTED
    assert asked.approvals_needed == 1

    approved = office.approve("carol", asked)

    assert approved.state is CommandState.APPROVED
    assert (approved.decided_by, approved.comment) == ("carol", "seen")
    with reading(office.engine) as connection:
        assert dispatch.approvers(connection, asked.id) == ("carol",)


def test_a_requester_cannot_approve_their_own_command(office: Office) -> None:
    office.needs_supervisor(roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    asked = office.request("carol")

    with pytest.raises(Refused, match="You asked for this yourself: somebody else must decide it"):
        office.approve("carol", asked)
    assert office.approve("dana", asked).state is CommandState.APPROVED


@pytest.mark.parametrize("who", ["ana", "ben", "iris", "adam"])
def test_a_role_that_the_policy_does_not_name_cannot_decide(office: Office, who: str) -> None:
    office.needs_supervisor()
    asked = office.request("dana")

    with pytest.raises(Refused, match="cannot decide this: it takes a supervisor"):
        office.approve(who, asked)
    with pytest.raises(Refused, match="cannot decide this: it takes a supervisor"):
        office.refuse(who, asked)


def test_what_was_seen_must_be_what_was_asked_for(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")

    with pytest.raises(Conflict, match="What you saw is not what was asked for"):
        office.approve("carol", asked, payload_hash="0" * 64)


def test_two_approvals_take_two_people(office: Office) -> None:
    office.needs_supervisor(approvals=2)
    office.hire("sam", Role.SUPERVISOR)
    asked = office.request("dana")

    after_one = office.approve("carol", asked)
    once_more = office.approve("carol", asked)
    after_two = office.approve("sam", asked)

    assert after_one.state is once_more.state is CommandState.REQUESTED
    assert after_two.state is CommandState.APPROVED


def test_approving_what_is_approved_already_returns_it_to_the_one_who_did_and_a_conflict_to_others(
    office: Office,
) -> None:
    office.needs_supervisor()
    office.hire("sam", Role.SUPERVISOR)
    asked = office.request("dana")
    office.approve("carol", asked)

    assert office.approve("carol", asked).state is CommandState.APPROVED
    with pytest.raises(Conflict, match=r"Somebody else was first: .* is approved by carol"):
        office.approve("sam", asked)


def test_a_refusal_needs_a_reason_and_ends_the_request(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")
    with pytest.raises(Refused, match="Give a reason"):
        office.refuse("carol", asked, reason=" ")

    refused = office.refuse("carol", asked)

    assert (refused.state, refused.comment, refused.decided_by) == (CommandState.REFUSED, "too large", "carol")
    with pytest.raises(Refused, match="You asked for this yourself"):
        office.approve("dana", asked)
    assert office.refuse("carol", asked) == refused


def test_who_has_approved_cannot_refuse_afterwards(office: Office) -> None:
    office.needs_supervisor(approvals=2)
    asked = office.request("dana")
    office.approve("carol", asked)

    with pytest.raises(Refused, match="You have approved this already"):
        office.refuse("carol", asked)


def test_only_the_requester_can_withdraw_and_only_before_it_is_dispatched(office: Office) -> None:
    asked = office.request("dana")
    with pytest.raises(Refused, match="Only dana can withdraw what dana asked for"):
        office.withdraw("ana", asked)

    assert office.withdraw("dana", asked).state is CommandState.WITHDRAWN
    assert office.withdraw("dana", asked).state is CommandState.WITHDRAWN

    sent = office.request("dana")
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, sent.id, EPOCH, office.now_us)
    with pytest.raises(Refused, match="is dispatched: it is too late to withdraw it"):
        office.withdraw("dana", sent)


def test_a_request_that_nobody_decides_expires_after_eight_hours(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")

    office.now_us += 8 * HOUR_US
    with pytest.raises(Refused, match="has waited too long"):
        office.approve("carol", asked)
    with writing(office.engine) as connection:
        assert dispatch.expire_overdue(connection, office.now_us) == 1
        expired = queries.command(connection, asked.id)

    assert expired is not None
    assert (expired.state, expired.result) == (CommandState.EXPIRED, "Nobody decided it in time")


def test_lists_are_newest_first_and_of_the_account_asked_for(office: Office) -> None:
    ids = []
    for login in (1001, 1002, 1003):
        office.now_us += 1
        ids.append(office.request("dana", SetBook(login=login, book=Book.A, covered_percent=100)).id)

    with reading(office.engine) as connection:
        assert [record.id for record in queries.recent_commands(connection)] == ids[::-1]
        assert [record.id for record in queries.commands_of(connection, SERVER, 1002)] == [ids[1]]
        assert [record.id for record in queries.open_commands(connection)] == ids
        assert queries.recent_commands(connection)[0].body == SetBook(login=1003, book=Book.A, covered_percent=100)


def test_every_step_is_in_the_feed_and_in_the_audit_with_its_reason(office: Office) -> None:
    office.needs_supervisor()
    reader = FeedReader()
    with reading(office.engine) as connection:
        reader.changes(connection)

    record = office.approve("carol", office.request("dana", TO_A, reason="news at 14:30", origin="desk 4"))

    with reading(office.engine) as connection:
        assert {(change.table, change.key) for change in reader.changes(connection)} == {("commands", record.id)}
        history = audit.history_of(connection, record.id)
        assert [(entry.actor, entry.action, entry.reason) for entry in history] == [
            ("dana", "command requested", "news at 14:30"),
            ("carol", "command approved", "seen"),
        ]
        assert history[0].origin == "desk 4"
        assert history[0].after["payload"] == '{"book":"A","covered_percent":100,"kind":"set_book","login":1001}'
        assert audit.verify_leaves(connection) == []


def test_a_refused_request_leaves_nothing_but_its_refusal_on_record(office: Office) -> None:
    with pytest.raises(Refused):
        office.request("ben", command_id="refused-1", origin="desk 2")

    with reading(office.engine) as connection:
        assert queries.recent_commands(connection) == []
        (entry,) = audit.history_of(connection, "refused-1")
    assert (entry.actor, entry.action, entry.origin) == ("ben", "command request refused", "desk 2")
    assert entry.reason == "A payments officer cannot ask for «set book»"


def test_new_ids_fit_into_the_platforms_comment_and_differ() -> None:
    ids = {requests.new_command_id() for _ in range(100)}

    assert len(ids) == 100
    assert {len(command_id) for command_id in ids} == {26}
