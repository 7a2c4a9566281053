from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.commands import CommandsPanel
from dealerdesk.desk.theme import Tone

from .small_broker import FakeLibrary, Spoken, command


def test_the_newest_commands_are_read_with_the_first_beat(show: Any, library: FakeLibrary) -> None:
    library.commands = [command(2), command(1, CommandState.UNKNOWN)]
    panel = show(CommandsPanel)

    assert panel.table.counts() == (2, 2)
    assert panel.header.facts.text() == "1 waiting · 1 unknown · A approve · R refuse · W withdraw"


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


def test_a_supervisor_approves_by_key_and_enter(show: Any, qtbot: QtBot, library: FakeLibrary, spoken: Spoken) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)
    panel.table.select_key("dd1")
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    qtbot.keyClicks(panel.strip.words, "seen")
    qtbot.keyClick(panel.strip.words, Qt.Key.Key_Return)

    assert library.asked == [("approve", "dd1", "seen")]
    assert spoken.notes == [("Approved: Move 101 on MT5 from B to A", Tone.NORMAL)]


def test_what_waits_stands_on_top_and_after_a_decision_the_next_is_current(
    show: Any, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(4, CommandState.CONFIRMED), command(3), command(2, CommandState.REFUSED), command(1)]
    panel = show(CommandsPanel)
    assert list(panel.records) == ["dd3", "dd1", "dd4", "dd2"]

    panel.table.select_key("dd3")
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    qtbot.keyClick(panel.strip.words, Qt.Key.Key_Return)

    assert panel.table.current_key() == "dd1"


def test_a_decision_that_is_refused_leaves_the_person_at_its_row(show: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(2), command(1)]
    panel = show(CommandsPanel)
    library.trouble = Refused("Only dana can withdraw what dana asked for")

    panel.table.select_key("dd2")
    qtbot.keyClick(panel.table, Qt.Key.Key_W)
    qtbot.keyClick(panel.strip.words, Qt.Key.Key_Return)

    assert panel.table.current_key() == "dd2"


def test_the_account_of_the_current_command_comes_into_view(
    show: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)

    qtbot.keyClick(panel.table, Qt.Key.Key_Down)

    assert desk.selection.account == ("MT5", 101)


def test_refusing_and_withdrawing_have_their_keys(show: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)
    for key, words in ((Qt.Key.Key_R, "no"), (Qt.Key.Key_W, "")):
        panel.table.select_key("dd1")
        qtbot.keyClick(panel.table, key)
        qtbot.keyClicks(panel.strip.words, words)
        qtbot.keyClick(panel.strip.words, Qt.Key.Key_Return)

    assert library.asked == [("refuse", "dd1", "no"), ("withdraw", "dd1", "")]


def test_the_policys_refusal_is_shown_word_for_word(
    show: Any, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1)]
    panel = show(CommandsPanel)
    panel.table.select_key("dd1")
    library.trouble = Refused("Nobody approves what they asked for themselves.")
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    qtbot.keyClick(panel.strip.words, Qt.Key.Key_Return)

    assert spoken.notes == [("Nobody approves what they asked for themselves.", Tone.ALARM)]


def test_a_settled_command_is_not_decided_again(show: Any, qtbot: QtBot, library: FakeLibrary, spoken: Spoken) -> None:
    library.commands = [command(1, CommandState.CONFIRMED)]
    panel = show(CommandsPanel)
    panel.table.select_key("dd1")
    qtbot.keyClick(panel.table, Qt.Key.Key_R)

    assert not panel.strip.isVisible()
    assert spoken.notes[0][0] == "It is confirmed already: only a waiting command is decided."


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
