"""Approvals, as a supervisor uses it: by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.bodies import CoverAbsence, Outcome, SettleUnknown
from dealerdesk.commands.inbox import APPROVE, Cover, Decision, Person
from dealerdesk.commands.inbox_queries import Precedent
from dealerdesk.commands.records import CommandState, Conflict, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.approvals import ApprovalsPanel
from dealerdesk.desk.theme import Tone

from .small_broker import NOW_US, FakeLibrary, Spoken, command

WIDE = (1300, 600)


@pytest.fixture
def inbox(show: Any, desk: Desk, library: FakeLibrary) -> Any:
    """Opens the panel on what the library holds now."""

    kept: list[ApprovalsPanel] = []

    def open_panel(width: int = WIDE[0], height: int = WIDE[1]) -> ApprovalsPanel:
        desk.inbox.reload()
        kept.append(show(ApprovalsPanel, width, height))
        return kept[-1]

    return open_panel


def news(library: FakeLibrary, desk: Desk, *ids: str) -> None:
    """Another desk, or the hub, changed these."""
    library.commands_changed.emit(ids)


def keys_shown(panel: ApprovalsPanel) -> list[str]:
    return [hint.key for hint in panel.middle.keys.hints]


def test_what_is_mine_to_decide_is_shown_first_and_the_oldest_is_chosen(inbox: Any, library: FakeLibrary) -> None:
    library.commands = [
        command(2, requested_us=NOW_US - MINUTE_US),
        command(1, requested_us=NOW_US - HOUR_US, expires_us=NOW_US + 7 * HOUR_US),
        command(3, requested_by="carol"),
        command(4, CommandState.CONFIRMED),
    ]
    panel = inbox()

    assert list(panel.rows) == ["dd1", "dd2"]
    assert panel.table.current_key() == "dd1"
    assert panel.header.facts.text() == "2 for you"


def test_the_decision_is_on_one_page(inbox: Any, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    text = inbox().page.text()

    assert text.startswith(
        "Move 101 on MT5 from B to A\nAsked by Dana Novak (head dealer) at 11 Mar 09:59:58, 2.0 s ago"
    )
    assert "Why: wins too much" in text
    assert "Lives until: 11 Mar 10:01:00, 60 s left" in text
    assert "1 × supervisor: 1 of 1 missing" in text
    assert "● Yours to decide, as supervisor." in text
    assert "Book: B → A" in text
    assert "MT5 101 now" in text
    assert "Open lots: 3.00" in text
    assert "Client: Ada Abel · PL" in text
    assert "Rated: high" in text


def test_earlier_decisions_and_the_policys_note_stand_beside_it(inbox: Any, library: FakeLibrary) -> None:
    earlier = command(7, CommandState.REFUSED, title="Move 102 on MT5 from A to B")
    said = Decision("dd7", "ben", Role.PAYMENTS, "refuse", "wait for Monday", NOW_US - 2 * HOUR_US)
    library.precedents = (Precedent(earlier, (said,), False),)
    library.commands = [command(1)]
    text = inbox().beside.text()

    assert "book: 50 lots or more\nLarge books are a supervisor's decision (adam)" in text
    assert "Move 102 on MT5 from A to B\n  Ben Osei, 2 h ago: refused\n  «wait for Monday»" in text


def test_a_supervisor_approves_with_a_and_enter_and_the_next_is_chosen(
    inbox: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1, requested_us=NOW_US - 3_000_000), command(2)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    qtbot.keyClicks(panel.middle.strip.words, "seen")
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)

    assert library.asked == [("approve", "dd1", "seen")]
    assert spoken.notes == [("Approved: Move 101 on MT5 from B to A", Tone.NORMAL)]
    library.commands = [command(2)]
    news(library, desk, "dd1")
    assert panel.table.current_key() == "dd2"
    assert panel.table.hasFocus()


def test_a_refusal_needs_a_reason(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_R)
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    assert library.asked == []

    qtbot.keyClicks(panel.middle.strip.words, "too early")
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    assert library.asked == [("refuse", "dd1", "too early")]


def test_while_one_writes_letters_are_letters_and_the_keys_say_so(
    inbox: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1)]
    panel = inbox()
    assert keys_shown(panel) == ["A", "R", "C", "Enter"]
    qtbot.keyClick(panel.table, Qt.Key.Key_R)
    qtbot.keyClicks(panel.middle.strip.words, "raw 12")
    spoken.now_us += 300_000
    panel.beat(desk.frame())

    assert panel.middle.strip.words.text() == "raw 12"
    assert keys_shown(panel) == ["Enter", "Esc"]


def test_my_own_request_says_why_i_may_not_decide_it_and_is_withdrawn_with_w(
    inbox: Any, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(1, requested_by="carol")]
    panel = inbox()
    assert list(panel.rows) == []
    qtbot.keyClick(panel.table, Qt.Key.Key_2)
    assert "○ You asked for this yourself: somebody else must decide it." in panel.page.text()

    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    assert panel.middle.banner.text() == "You asked for this yourself: somebody else must decide it."
    assert not panel.middle.strip.isVisible()
    qtbot.keyClick(panel.table, Qt.Key.Key_W)
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    assert library.asked == [("withdraw", "dd1", "")]


def test_the_second_of_two_approvers_is_told_who_was_first_while_still_writing(
    inbox: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(1)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    library.commands = [command(1, CommandState.APPROVED, decided_by="ben")]
    library.said = [Decision("dd1", "ben", Role.SUPERVISOR, APPROVE, "fine", NOW_US - 5_000_000)]
    news(library, desk, "dd1")

    assert panel.middle.banner.text() == "Ben Osei was first and approved it at 09:59:55: «fine»; it is approved now."
    assert not panel.middle.strip.isVisible()
    assert library.asked == []


def test_one_of_two_who_approves_first_is_told_to_the_other_who_goes_on_writing(
    inbox: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary
) -> None:
    library.commands = [command(1, needs=(Need("large", "", 2, (Role.SUPERVISOR,)),))]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    library.said = [Decision("dd1", "ben", Role.SUPERVISOR, APPROVE, "fine", NOW_US - 5_000_000)]
    news(library, desk, "dd1")
    assert panel.middle.banner.text() == "Ben Osei has approved it at 09:59:55: «fine»."
    assert "Approved by Ben Osei: 09:59:55 · fine" in panel.page.text()

    qtbot.keyClicks(panel.middle.strip.words, "me too")
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    assert library.asked == [("approve", "dd1", "me too")]


def test_one_who_is_beaten_to_it_by_a_moment_is_told_by_the_database(
    inbox: Any, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    library.trouble = Conflict("Somebody else was first: «Move 101» is approved by ben")
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)

    assert panel.middle.banner.text() == "Somebody else was first: «Move 101» is approved by ben"
    assert spoken.notes == [("Somebody else was first: «Move 101» is approved by ben", Tone.ALARM)]
    assert panel.table.current_key() == "dd1"


def test_without_an_answer_it_says_so_and_may_be_decided_again(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    library.trouble = ConnectionError("locked")
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)

    assert panel.middle.banner.text() == "◌ No answer from the database (locked). Decide again: it cannot count twice."


def test_a_batch_is_one_row_that_opens_and_is_approved_as_one(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(number, batch_id="lot", login=100 + number) for number in (1, 2)]
    panel = inbox()
    assert list(panel.rows) == ["lot"]
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert list(panel.rows) == ["lot", "dd1", "dd2"]
    assert "2 commands, approved as one and executed one by one" in panel.page.text()

    qtbot.keyClick(panel.table, Qt.Key.Key_Down)
    assert "Book: B → A" in panel.page.text()

    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    assert panel.middle.strip.what.text() == "Approve: Move 101 on MT5 from B to A, and 1 more"
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    assert [asked[:2] for asked in library.asked] == [("approve batch", "dd1")]


def test_an_unknown_command_is_settled_with_what_a_person_found(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.commands = [command(1, CommandState.UNKNOWN)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_3)
    assert "Look for dd1 in the comments on MT5" in panel.page.text()
    qtbot.keyClick(panel.table, Qt.Key.Key_S)
    qtbot.keyClicks(panel.middle.settle.line, "journal of MT5: no such ticket")
    qtbot.keyClick(panel.middle.settle.line, Qt.Key.Key_Return)
    assert panel.middle.settle.answer.text() == "Say first whether it was done."

    qtbot.keyClick(panel.middle.settle.outcomes[Outcome.FAILED], Qt.Key.Key_Space)
    qtbot.keyClick(panel.middle.settle.line, Qt.Key.Key_Return)
    wanted = SettleUnknown(command_id="dd1", outcome=Outcome.FAILED, evidence="journal of MT5: no such ticket")
    assert library.requests == [("MT5", wanted, "journal of MT5: no such ticket")]
    assert not panel.middle.settle.isVisible()


def test_one_asks_to_be_covered_and_sees_for_whom_one_decides(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.covers = (Cover("ben", "carol", Role.PAYMENTS, NOW_US - HOUR_US, NOW_US + 8 * HOUR_US),)
    money = Need("balance", "much", 1, (Role.PAYMENTS,))
    library.commands = [command(1, needs=(money,))]
    panel = inbox()
    assert panel.header.facts.text() == "1 for you · deciding for Ben Osei until 11 Mar 18:00"
    assert "● Yours to decide, for Ben Osei: as payments officer." in panel.page.text()

    qtbot.keyClick(panel.table, Qt.Key.Key_C)
    panel.middle.cover.cover.setCurrentIndex(panel.middle.cover.cover.findData("dana"))
    qtbot.keyClicks(panel.middle.cover.line, "leave")
    qtbot.keyClick(panel.middle.cover.line, Qt.Key.Key_Return)
    wanted = CoverAbsence(absent="carol", cover="dana", from_us=NOW_US, until_us=NOW_US + 8 * HOUR_US)
    assert library.requests == [("", wanted, "leave")]


def test_an_auditor_sees_all_and_is_offered_nothing(inbox: Any, qtbot: QtBot, library: FakeLibrary) -> None:
    library.me = Person("iris", "Iris Tanaka", Role.AUDITOR)
    library.commands = [command(1)]
    panel = inbox()
    qtbot.keyClick(panel.table, Qt.Key.Key_3)

    assert keys_shown(panel) == ["Enter"]
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    assert panel.middle.banner.text() == "It waits for: supervisor. Your role is auditor."


def test_a_narrow_panel_has_the_evidence_under_the_page(inbox: Any, library: FakeLibrary) -> None:
    library.commands = [command(1)]
    panel = inbox(600, 700)

    assert not panel.beside.isVisible()
    assert "Why it needs approval" in panel.page.text()
    assert panel.parts.orientation() is Qt.Orientation.Vertical


def test_a_silent_database_is_said_and_asked_again(
    inbox: Any, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    library.trouble = ConnectionError("locked")
    panel = inbox()
    assert panel.table.notices.failed.sentence == "The database does not answer: locked."

    library.trouble = None
    library.commands = [command(1)]
    spoken.now_us += 2_100_000
    desk.inbox.tick()
    assert panel.table.notices.failed is None
    assert list(panel.rows) == ["dd1"]


def test_text_from_outside_stays_plain(inbox: Any, library: FakeLibrary) -> None:
    library.commands = [command(1, reason="<b>now</b>\u202eplease\nquick")]

    assert "Why: <b>now</b>please quick" in inbox().page.text()


def test_enter_shows_the_account_it_is_about(
    inbox: Any, desk: Desk, qtbot: QtBot, library: FakeLibrary, spoken: Spoken
) -> None:
    library.commands = [command(1)]
    panel = inbox()
    assert desk.selection.account == ("MT5", 101)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)

    assert spoken.opened == ["account"]


def test_another_panel_points_at_a_command_here(inbox: Any, desk: Desk, library: FakeLibrary) -> None:
    library.commands = [command(1), command(2, CommandState.CONFIRMED)]
    panel = inbox()
    desk.inbox.point_at("dd2")

    assert panel.which.value == "all"
    assert panel.table.current_key() == "dd2"


@pytest.mark.parametrize("ahead_us", [10 * MINUTE_US, -10 * MINUTE_US], ids=["ten minutes fast", "ten minutes slow"])
def test_on_a_wrong_clock_it_says_how_long_a_request_has_waited_by_the_databases(
    inbox: Any, library: FakeLibrary, spoken: Spoken, ahead_us: int
) -> None:
    spoken.now_us += ahead_us
    library.behind_us = ahead_us
    library.commands = [command(1, requested_us=NOW_US - MINUTE_US, expires_us=NOW_US + 2 * MINUTE_US)]
    panel = inbox()

    rows = panel.table.contents.rows
    assert (list(rows.column("waits")), list(rows.column("left"))) == ([60_000], [120_000])
    assert "60 s ago" in panel.page.text()
