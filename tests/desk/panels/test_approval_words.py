from __future__ import annotations

from typing import Any

from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.inbox import APPROVE, REFUSE, Decision, Item, Person, items
from dealerdesk.commands.inbox_queries import Evidence, Inbox
from dealerdesk.commands.records import CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.approval_words import account_now, decision_page, item_title, what_changed
from dealerdesk.desk.panels.changes import Sight
from dealerdesk.desk.panels.sheet import Line
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, PEOPLE, command

ESCALATING = Need("large", "", 1, (Role.SUPERVISOR,), 60, (Role.HEAD_DEALER,))


def one(*said: Decision, **terms: Any) -> Item:
    return items([command(1, terms.pop("state", CommandState.REQUESTED), **terms)], said)[0]


def inbox_of(item: Item) -> Inbox:
    return Inbox(Person("carol", "Carol Ferreira", Role.SUPERVISOR), (item,), (), dict(PEOPLE))


def page(state: LiveState, item: Item, evidence: Evidence | None = None) -> list[Line]:
    return decision_page(item, inbox_of(item), Sight(state, compute(state, NOW_US), PEOPLE, evidence), NOW_US)


def texts(lines: list[Line]) -> list[str]:
    return [f"{line.text}: {line.value}" if line.value else line.text for line in lines]


def ben(verdict: str = APPROVE, comment: str = "fine") -> Decision:
    return Decision("dd1", "ben", Role.SUPERVISOR, verdict, comment, NOW_US - MINUTE_US)


def test_an_escalated_request_says_who_may_decide_it_too_and_its_life_is_amber(state: LiveState) -> None:
    item = one(needs=(ESCALATING,), requested_us=NOW_US - 2 * MINUTE_US, expires_us=NOW_US + 8 * HOUR_US)
    lines = page(state, item)

    assert "  Escalated: head dealer may decide it too." in texts(lines)
    assert next(line.tone for line in lines if line.text == "Lives until") is Tone.ATTENTION


def test_a_refused_command_says_who_refused_it_when_and_why(state: LiveState) -> None:
    item = one(ben(REFUSE, "too early"), state=CommandState.REFUSED)

    assert "refused by Ben Osei: 09:59:00 · too early" in texts(page(state, item))


def test_an_unknown_command_says_where_to_look(state: LiveState) -> None:
    found = texts(page(state, one(state=CommandState.UNKNOWN)))

    assert any(line.startswith("Sent, and no answer came. Look for dd1 in the comments on MT5") for line in found)


def test_the_account_of_a_silent_server_is_shown_with_the_time_of_its_figures(state: LiveState) -> None:
    state.set_stale("MT5", NOW_US - MINUTE_US)
    found = texts(page(state, one()))

    assert "MT5 does not answer: its figures are those of 09:59:00." in found


def test_an_account_that_is_not_on_the_desk_is_said(state: LiveState) -> None:
    sight = Sight(state, compute(state, NOW_US), PEOPLE)

    assert texts(account_now(command(1, login=999), sight))[-1].startswith("This account is not on the desk")


def test_a_prohibited_client_is_an_alarm(state: LiveState) -> None:
    lines = page(state, one(), Evidence("dd1", (), {}, rating="prohibited"))

    assert next(line.tone for line in lines if line.text == "Rated") is Tone.ALARM


def test_a_batch_is_called_after_its_first_command_and_how_many_more() -> None:
    batch = items([command(number, batch_id="lot") for number in (1, 2, 3)])[0]

    assert item_title(batch) == "Move 101 on MT5 from B to A, and 2 more"


def test_what_others_did_meanwhile_is_told_and_what_i_did_is_not() -> None:
    mine = Decision("dd1", "carol", Role.SUPERVISOR, APPROVE, "", NOW_US)
    withdrawn = one(state=CommandState.WITHDRAWN)

    assert what_changed(one(), one(), inbox_of(one())) == ""
    assert what_changed(one(), one(mine, state=CommandState.APPROVED), inbox_of(one())) == ""
    assert what_changed(one(), one(ben()), inbox_of(one())) == "Ben Osei has approved it at 09:59:00: «fine»."
    assert what_changed(one(), withdrawn, inbox_of(withdrawn)) == "It is withdrawn by Dana Novak now."


def test_needs_that_the_same_people_meet_are_one_line_with_all_their_reasons(state: LiveState) -> None:
    roles = (Role.SUPERVISOR, Role.PAYMENTS)
    needs = (
        Need("balance-large", "amount 12 000.00 USD or more", 1, roles),
        Need("balance-daily-total", "60 000.00 USD in a day", 1, roles),
        Need("odd-hours", "asked at night", 1, roles),
        Need("prohibited-clients", "client rated prohibited", 1, (Role.COMPLIANCE,)),
    )
    found = texts(page(state, one(needs=needs)))
    at = found.index("Four eyes")

    assert found[at + 1 : at + 6] == [
        "1 × payments officer or supervisor: 1 of 1 missing",
        "  amount 12 000.00 USD or more",
        "  60 000.00 USD in a day",
        "  asked at night",
        "1 × compliance officer: 1 of 1 missing",
    ]
