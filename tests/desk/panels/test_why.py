from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.why import WhyPanel
from dealerdesk.live.why import why_equity, why_level

from .small_broker import Spoken
from .test_why_rows import FLOATING, LEVEL


def test_before_anything_was_asked_it_says_how_to_ask(show: Any) -> None:
    panel = show(WhyPanel)

    assert panel.header.facts.text() == "Ctrl+? on a figure"
    assert panel.terms.notices.empty.sentence == "No figure has been asked about yet."
    assert not panel.head.isVisible()


def test_it_shows_the_figure_its_formula_and_terms_that_add_up(show: Any) -> None:
    panel = show(WhyPanel)
    panel.show_derivation(FLOATING)

    assert panel.what.text() == "Floating result"
    assert panel.figure.text() == "+1\u2009000.00 USD"
    assert panel.formula.text() == "Σ positions"
    assert panel.terms.counts() == (2, 2)
    assert panel.terms.margins.foot.lines[0].totals["amount"] == "+999.996"


def test_the_current_terms_inputs_and_formula_stand_below(show: Any) -> None:
    panel = show(WhyPanel)
    panel.show_derivation(FLOATING)
    panel.terms.select_key(0)

    assert panel.inputs.contents.rows.column("label") == ["bid EURUSD", "shown, before rounding", "shown"]
    assert panel.note.text() == "MT5 position 9001 EURUSD: (price now − open price) × lots"


def test_opened_by_its_key_the_arrows_go_through_the_terms(show: Any) -> None:
    panel = show(WhyPanel)
    panel.show_derivation(FLOATING)

    panel.refocus()

    assert panel.focusWidget() is panel.terms


def test_enter_opens_a_part_of_a_ratio_and_backspace_comes_back(show: Any, qtbot: QtBot) -> None:
    panel = show(WhyPanel)
    panel.show_derivation(LEVEL)
    panel.terms.select_key(0)
    qtbot.keyClick(panel.terms, Qt.Key.Key_Return)
    assert panel.derivation is FLOATING

    qtbot.keyClick(panel.terms, Qt.Key.Key_Backspace)
    assert panel.derivation is LEVEL
    panel.back()
    assert panel.derivation is LEVEL


def test_the_whole_of_it_is_copied_as_text(show: Any, qtbot: QtBot, spoken: Spoken) -> None:
    panel = show(WhyPanel)
    panel.copy_text()
    assert spoken.notes[0][0] == "Ask why first: Ctrl+? on a figure."

    panel.show_derivation(FLOATING)
    modifiers = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(panel.terms, Qt.Key.Key_C, modifiers)
    assert QGuiApplication.clipboard().text().startswith("floating result = 999.996 USD")


def test_real_derivations_of_an_account_are_shown_whole(show: Any, desk: Desk) -> None:
    panel = show(WhyPanel)
    slot = desk.state.accounts.slot("MT5", 101)
    assert slot is not None
    panel.show_derivation(why_equity(desk.state, desk.frame(), slot))
    assert panel.figure.text() == "11\u2009000.00 USD"

    panel.show_derivation(why_level(desk.state, desk.frame(), slot))
    assert panel.terms.counts() == (2, 2)
