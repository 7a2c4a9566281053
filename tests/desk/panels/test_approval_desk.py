from __future__ import annotations

import pytest
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.inbox import Item, Person, items
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.approval_desk import DecisionDesk
from dealerdesk.desk.panels.approval_keys import Deed

from .small_broker import FakeLibrary, Spoken, command


@pytest.fixture
def middle(outer: QWidget, desk: Desk) -> DecisionDesk:
    desk.inbox.reload()
    made = DecisionDesk(desk, outer)
    QVBoxLayout(outer).addWidget(made)
    outer.show()
    return made


def asked() -> Item:
    return items([command(1)])[0]


def test_clicking_a_key_does_what_pressing_it_does(middle: DecisionDesk, library: FakeLibrary) -> None:
    chosen: list[str] = []
    middle.key_chosen.connect(chosen.append)
    middle.keys.pressed.emit("A")
    assert chosen == ["A"]

    middle.do(Deed.APPROVE, asked())
    middle.keys.pressed.emit("Esc")
    assert not middle.strip.isVisible()
    middle.do(Deed.APPROVE, asked())
    middle.keys.pressed.emit("Enter")
    assert library.asked == [("approve", "dd1", "")]
    assert chosen == ["A"]


def test_one_form_is_open_at_a_time(middle: DecisionDesk) -> None:
    middle.do(Deed.APPROVE, asked())
    middle.do(Deed.COVER, None)

    assert middle.cover.isVisible()
    assert not middle.strip.isVisible()


def test_what_may_not_be_done_is_said_and_goes_with_the_next_deed(
    middle: DecisionDesk, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    library.me = Person("ben", "Ben Osei", Role.PAYMENTS)
    desk.inbox.reload()
    middle.do(Deed.REFUSE, asked())
    assert middle.banner.text() == "It waits for: supervisor. Your role is payments officer."

    middle.do(Deed.WITHDRAW, None)
    assert middle.banner.isHidden()
    assert spoken.notes[-1][0] == "Choose a request first."


def test_before_the_inbox_is_read_nothing_is_decided(outer: QWidget, desk: Desk, qtbot: QtBot, spoken: Spoken) -> None:
    DecisionDesk(desk, outer).do(Deed.APPROVE, asked())

    assert spoken.notes[-1][0] == "The requests are still being read."


def test_why_one_request_may_not_be_decided_is_not_said_of_the_next(
    middle: DecisionDesk, desk: Desk, library: FakeLibrary
) -> None:
    library.me = Person("ben", "Ben Osei", Role.PAYMENTS)
    desk.inbox.reload()
    middle.do(Deed.REFUSE, asked())

    middle.forget_refusal(asked().key)
    assert middle.banner.text() == "It waits for: supervisor. Your role is payments officer."
    middle.forget_refusal("another")
    assert middle.banner.text() == ""
