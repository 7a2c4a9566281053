from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.records import CommandState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.commands import CommandsPanel

from .small_broker import FakeLibrary, Spoken, command


def test_the_newest_commands_are_read_with_the_first_beat(show: Any, library: FakeLibrary) -> None:
    library.commands = [command(2), command(1, CommandState.UNKNOWN)]
    panel = show(CommandsPanel)

    assert panel.table.counts() == (2, 2)
    assert panel.header.facts.text() == "1 waiting · 1 unknown · A shows it in Approvals"


def test_news_are_read_while_it_is_seen_and_later_when_it_is_hidden(
    show: Any, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    panel = show(CommandsPanel)
    library.commands = [command(1)]
    library.commands_changed.emit(("dd1",))
    assert panel.table.counts() == (1, 1)

    panel.hide()
    library.commands = [command(2), command(1)]
    library.commands_changed.emit(("dd2",))
    assert panel.table.counts() == (1, 1)
    panel.show()
    spoken.now_us += 3_000_000
    panel.beat(desk.frame())
    assert panel.table.counts() == (2, 2)


def test_what_waits_stands_on_top(show: Any, library: FakeLibrary) -> None:
    library.commands = [command(4, CommandState.CONFIRMED), command(3), command(2, CommandState.REFUSED), command(1)]

    assert list(show(CommandsPanel).records) == ["dd3", "dd1", "dd4", "dd2"]


def test_a_shows_the_command_where_it_is_decided(
    show: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(2), command(1, batch_id="lot")]
    panel = show(CommandsPanel)
    for key, pointed in (("dd2", "dd2"), ("dd1", "lot")):
        panel.table.select_key(key)
        qtbot.keyClick(panel.table, Qt.Key.Key_A)
        assert desk.inbox.wanted == pointed

    assert spoken.opened == ["approvals", "approvals"]


def test_the_account_of_the_current_command_comes_into_view(
    show: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)

    qtbot.keyClick(panel.table, Qt.Key.Key_Down)

    assert desk.selection.account == ("MT5", 101)


def test_a_silent_database_is_said_and_asked_again_after_two_seconds(
    show: Any, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    library.trouble = ConnectionError("locked")
    panel = show(CommandsPanel)
    assert panel.table.notices.failed.sentence == "The database does not answer: locked"
    panel.beat(desk.frame())
    assert library.reads == 1

    library.trouble = None
    library.commands = [command(1)]
    spoken.now_us += 2_100_000
    panel.beat(desk.frame())
    assert panel.table.notices.failed is None
    assert panel.table.counts() == (1, 1)


def test_enter_opens_the_account_a_command_is_about(
    show: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)
    panel.table.select_key("dd1")
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)

    assert desk.selection.account == ("MT5", 101)
    assert spoken.opened == ["account"]


def test_who_asked_is_named_as_soon_as_the_names_are_known(show: Any, desk: Desk, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)
    assert panel.table.contents.rows.column("who") == ["dana"]

    desk.inbox.reload()
    assert panel.table.contents.rows.column("who") == ["Dana Novak"]
