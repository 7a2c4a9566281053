"""Whose turn it is: the rules behind the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.bodies import ChangeRole, Scope
from dealerdesk.commands.canonical import batch_hash
from dealerdesk.commands.inbox import (
    APPROVE,
    Cover,
    Decision,
    Person,
    capacity,
    is_ageing,
    items,
    missing_words,
    standings,
    why_not_mine,
)
from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.trading import Book

NOW_US = 1_700_000_000_000_000
CAROL = Person("carol", "Carol Ferreira", Role.SUPERVISOR)
BEN = Person("ben", "Ben Osei", Role.PAYMENTS)
ONE_SUPERVISOR = Need("large", "50 lots or more", 1, (Role.SUPERVISOR,))


def asked(**changes: Any) -> CommandRecord:
    """dana's wish to move MT5 101 to A, asked ten minutes ago, alive for eight hours."""
    fields: dict[str, Any] = {
        "id": "command-1",
        "kind": "set_book",
        "server": "MT5",
        "login": 101,
        "body": SetBook(login=101, book=Book.A, covered_percent=100),
        "payload_hash": "aa",
        "title": "",
        "reason": "wins",
        "requested_by": "dana",
        "requested_us": NOW_US - 10 * MINUTE_US,
        "expires_us": NOW_US - 10 * MINUTE_US + 8 * HOUR_US,
        "expected_version": None,
        "approvals_needed": 1,
        "needs": (ONE_SUPERVISOR,),
        "state": CommandState.REQUESTED,
        "changed_us": NOW_US,
        "group_name": "real",
    }
    empty = ("decided_by", "decided_us", "deadline_us", "dispatched_us", "dispatch_epoch", "read_back", "read_version")
    fields |= dict.fromkeys((*empty, "settled_us"))
    fields |= dict.fromkeys(("comment", "stage", "code", "result", "ticket"), "") | {"sends": 0}
    return CommandRecord(**{**fields, **changes})


def approval(staff: str, role: Role, minutes_ago: int = 1) -> Decision:
    return Decision("command-1", staff, role, APPROVE, "", NOW_US - minutes_ago * MINUTE_US)


def for_ben(until_us: int = NOW_US + HOUR_US) -> Cover:
    """Carol decides for Ben."""
    return Cover("ben", "carol", Role.PAYMENTS, NOW_US - HOUR_US, until_us)


def test_what_takes_a_supervisor_is_a_supervisors_to_decide() -> None:
    assert why_not_mine(asked(), CAROL, (), (), NOW_US) == ""


def test_another_role_is_told_whose_it_is() -> None:
    assert why_not_mine(asked(), BEN, (), (), NOW_US) == "It waits for: supervisor. Your role is payments officer."


def test_nobody_decides_their_own_request() -> None:
    own = asked(requested_by="carol")

    assert why_not_mine(own, CAROL, (), (), NOW_US) == "You asked for this yourself: somebody else must decide it."


def test_nobody_decides_about_themselves() -> None:
    about = asked(kind="change_role", server="", body=ChangeRole(staff="carol", role=Role.ADMINISTRATOR))

    assert why_not_mine(about, CAROL, (), (), NOW_US) == "It is about you: somebody else must decide it."


def test_one_who_has_approved_is_told_who_is_still_missing() -> None:
    two = asked(needs=(Need("large", "", 2, (Role.SUPERVISOR,)),))
    said = (approval("carol", Role.SUPERVISOR),)

    assert why_not_mine(two, CAROL, (), said, NOW_US) == "You have approved it; still missing: supervisor."


@pytest.mark.parametrize("state", [CommandState.CONFIRMED, CommandState.REFUSED, CommandState.WITHDRAWN])
def test_what_is_settled_is_nobodys(state: CommandState) -> None:
    settled = asked(state=state, decided_by="eve")

    words = f"It is {state.value} by eve already: nothing is left to decide."
    assert why_not_mine(settled, CAROL, (), (), NOW_US) == words


def test_what_has_waited_too_long_is_nobodys_from_that_microsecond_on() -> None:
    record = asked()

    assert why_not_mine(record, CAROL, (), (), record.expires_us - 1) == ""
    late = why_not_mine(record, CAROL, (), (), record.expires_us)
    assert late == "It has waited too long and can no longer be decided."


def test_a_supervisor_of_mt4_decides_nothing_on_mt5() -> None:
    of_mt4 = Person("carol", "Carol", Role.SUPERVISOR, (Scope("MT4", ""),))
    of_group = Person("carol", "Carol", Role.SUPERVISOR, (Scope("MT5", "real"),))

    outside = "It is outside the servers and groups that you may act on."
    assert why_not_mine(asked(), of_mt4, (), (), NOW_US) == outside
    assert why_not_mine(asked(), of_group, (), (), NOW_US) == ""
    assert why_not_mine(asked(group_name="pro"), of_group, (), (), NOW_US) == outside


def test_one_who_covers_an_absence_decides_what_the_absent_could_until_it_ends() -> None:
    money = asked(needs=(Need("balance", "", 1, (Role.PAYMENTS,)),))

    acting = capacity(money, CAROL, (for_ben(),), (), NOW_US)
    assert acting is not None
    assert (acting.of, acting.role) == ("ben", Role.PAYMENTS)
    assert why_not_mine(money, CAROL, (for_ben(until_us=NOW_US),), (), NOW_US) == (
        "It waits for: payments officer. Your role is supervisor."
    )


def test_one_who_covers_decides_nothing_that_the_absent_asked_for() -> None:
    of_ben = asked(requested_by="ben")

    assert why_not_mine(of_ben, CAROL, (for_ben(),), (), NOW_US) == (
        "You stand in for ben, who asked for this: somebody else must decide it."
    )


def test_after_its_time_it_escalates_to_others() -> None:
    slow = Need("large", "", 1, (Role.SUPERVISOR,), escalate_after_s=900, escalate_roles=(Role.PAYMENTS,))
    record = asked(needs=(slow,))

    before, after = NOW_US, record.requested_us + 900_000_000
    assert why_not_mine(record, BEN, (), (), before) == "It waits for: supervisor. Your role is payments officer."
    assert why_not_mine(record, BEN, (), (), after) == ""
    assert [standing.escalated for standing in standings(record, (), after)] == [True]


def test_it_ages_from_half_of_its_life_or_when_it_has_escalated() -> None:
    record = asked()
    half_us = record.requested_us + 4 * HOUR_US

    assert [is_ageing(record, (), at_us) for at_us in (half_us - 1, half_us)] == [False, True]
    quick = Need("large", "", 1, (Role.SUPERVISOR,), escalate_after_s=60, escalate_roles=(Role.PAYMENTS,))
    assert is_ageing(asked(needs=(quick,)), (), NOW_US)
    assert not is_ageing(asked(state=CommandState.CONFIRMED), (), half_us)


def test_an_administrator_has_no_say_in_routing_even_where_a_policy_names_one() -> None:
    adam = Person("adam", "Adam", Role.ADMINISTRATOR)
    odd = Need("odd", "", 1, (Role.ADMINISTRATOR,))

    assert capacity(asked(needs=(odd,)), adam, (), (), NOW_US) is None
    staff = asked(kind="change_role", server="", body=ChangeRole(staff="ana", role=Role.DEALER), needs=(odd,))
    assert capacity(staff, adam, (), (), NOW_US) is not None


def test_two_needs_are_each_met_by_who_fits_them() -> None:
    both = asked(needs=(ONE_SUPERVISOR, Need("money", "", 2, (Role.PAYMENTS, Role.SUPERVISOR))))
    found = standings(both, (approval("carol", Role.SUPERVISOR),), NOW_US)

    assert [standing.missing for standing in found] == [0, 1]
    assert missing_words(found) == "still missing: payments officer or supervisor"


def test_a_batch_is_one_item_whose_hash_is_over_its_members_in_order() -> None:
    second = asked(id="command-2", batch_id="batch", payload_hash="bb")
    first = asked(id="command-1", batch_id="batch", payload_hash="aa")
    alone = asked(id="command-3")

    batch, single = items([second, first, alone])

    assert [record.id for record in batch.members] == ["command-1", "command-2"]
    assert batch.batch_hash == batch_hash(["aa", "bb"])
    assert (batch.key, batch.is_batch, single.key, single.is_batch) == ("batch", True, "command-3", False)


def test_what_is_approved_of_a_batch_is_what_still_waits_or_all_of_it_once_nothing_does() -> None:
    gone = asked(id="command-1", batch_id="batch", payload_hash="aa", state=CommandState.WITHDRAWN)
    waits = asked(id="command-2", batch_id="batch", payload_hash="bb")
    done = asked(id="command-2", batch_id="batch", payload_hash="bb", state=CommandState.CONFIRMED)

    assert items([gone, waits])[0].batch_hash == batch_hash(["bb"])
    assert items([gone, done])[0].batch_hash == batch_hash(["aa", "bb"])


def test_a_batch_stands_where_the_member_stands_that_needs_people_most() -> None:
    states = (CommandState.CONFIRMED, CommandState.UNKNOWN, CommandState.DISPATCHED)
    members = [asked(id=f"command-{place}", batch_id="b", state=state) for place, state in enumerate(states)]

    assert items(members)[0].state is CommandState.UNKNOWN
