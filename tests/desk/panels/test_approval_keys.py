from __future__ import annotations

import pytest

from dealerdesk.commands.inbox import Person, items
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.approval_keys import Deed, deeds_for, why_not

from .small_broker import NOW_US, PEOPLE, command


def offered(state: CommandState, who: str, role: Role) -> list[str]:
    item = items([command(1, state)])[0]
    inbox = Inbox(Person(who, who, role), (item,), (), dict(PEOPLE))
    return [deed.key for deed in deeds_for(item, inbox, NOW_US)]


@pytest.mark.parametrize(
    ("state", "who", "role", "keys"),
    [
        (CommandState.REQUESTED, "carol", Role.SUPERVISOR, ["A", "R", "C"]),
        (CommandState.REQUESTED, "dana", Role.HEAD_DEALER, ["W", "C"]),
        (CommandState.REQUESTED, "ben", Role.PAYMENTS, ["C"]),
        (CommandState.REQUESTED, "iris", Role.AUDITOR, []),
        (CommandState.APPROVED, "dana", Role.HEAD_DEALER, ["W", "C"]),
        (CommandState.DISPATCHED, "dana", Role.HEAD_DEALER, ["C"]),
        (CommandState.UNKNOWN, "carol", Role.SUPERVISOR, ["S", "C"]),
        (CommandState.UNKNOWN, "cleo", Role.COMPLIANCE, ["C"]),
    ],
)
def test_only_keys_that_would_do_something_are_offered(
    state: CommandState, who: str, role: Role, keys: list[str]
) -> None:
    assert offered(state, who, role) == keys


def test_who_may_not_withdraw_is_told_who_may() -> None:
    item = items([command(1)])[0]
    inbox = Inbox(Person("carol", "Carol", Role.SUPERVISOR), (item,), (), dict(PEOPLE))

    assert why_not(Deed.WITHDRAW, item, inbox, NOW_US) == "Only Dana Novak can withdraw what Dana Novak asked for."


def test_every_deed_has_a_key_of_its_own() -> None:
    assert [Deed.of_key(deed.key) for deed in Deed] == list(Deed)
