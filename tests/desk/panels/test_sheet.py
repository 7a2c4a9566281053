from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels.sheet import Line, Sheet, beside, change, heading, pair, sentence, title


def shown(outer: QWidget, lines: list[Line], width: int, height: int = 300) -> Sheet:
    sheet = Sheet("sheet", "The decision", outer)
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(sheet)
    outer.resize(width, height)
    outer.show()
    sheet.show_lines(lines)
    return sheet


def test_its_text_says_all_that_it_shows(outer: QWidget) -> None:
    lines = [title("Set the book"), heading("Now"), change("Book", "B", "A"), pair("Equity", "10.00"), sentence("So.")]
    sheet = shown(outer, lines, 400)

    assert sheet.text() == "Set the book\nNow\nBook: B → A\nEquity: 10.00\nSo."
    assert sheet.accessibleDescription() == sheet.text()


def test_a_value_that_does_not_fit_beside_its_label_goes_below_it_whole(outer: QWidget) -> None:
    value = "a reason of many words that is much longer than a narrow panel is wide"
    wide, narrow = shown(outer, [pair("Why", value)], 900), None
    one_line = max(piece.rect.bottom() for piece in wide._pieces)
    outer.resize(160, 300)
    narrow = wide

    assert [piece.text for piece in narrow._pieces] == ["Why", value]
    assert narrow._pieces[1].rect.top() >= narrow._pieces[0].rect.bottom()
    assert max(piece.rect.bottom() for piece in narrow._pieces) > one_line
    assert max(piece.rect.right() for piece in narrow._pieces) <= narrow.viewport().width()


def test_a_long_page_scrolls_and_begins_anew_for_another_subject(outer: QWidget, qtbot: QtBot) -> None:
    sheet = shown(outer, [pair(str(number), "x") for number in range(60)], 300)
    sheet.setFocus()
    qtbot.keyClick(sheet, Qt.Key.Key_PageDown)
    at = sheet.verticalScrollBar().value()
    assert at > 0

    sheet.show_lines([pair(str(number), "y") for number in range(60)])
    assert sheet.verticalScrollBar().value() == at
    sheet.show_lines([pair(str(number), "z") for number in range(60)], from_top=True)
    assert sheet.verticalScrollBar().value() == 0


def test_it_is_copied_as_text(outer: QWidget, qtbot: QtBot) -> None:
    sheet = shown(outer, [pair("Equity", "10.00")], 300)
    sheet.setFocus()
    qtbot.keyClick(sheet, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    assert QGuiApplication.clipboard().text() == "Equity: 10.00"


def test_text_from_outside_is_one_harmless_line() -> None:
    assert pair("Why", "a\u202eb\nc").value == "ab c"
    assert sentence("  «žluť»").text == "  «žluť»"


def test_a_figure_is_never_broken_over_two_lines(qtbot: QtBot) -> None:
    sheet = Sheet("page", "A page")
    qtbot.addWidget(sheet)
    sheet.resize(180, 300)
    sheet.show()
    sheet.show_lines([pair("Amount", "75\u2009000.00 AUD, 70\u2009000.00 CAD, 50\u2009000.00 CHF")])

    painted = " ".join(piece.text for piece in sheet._pieces)
    assert "\u2009" not in painted
    assert "75\u202f000.00 AUD" in painted
    assert "75\u2009000.00 AUD" in sheet.text()


def test_beside_a_table_it_has_its_share_and_neither_can_be_dragged_away(outer: QWidget) -> None:
    table, sheet = QWidget(), Sheet("sheet", "The current row", outer)
    both = beside("parts", table, sheet, 600, 300)
    QVBoxLayout(outer).addWidget(both)
    outer.resize(924, 300)
    outer.show()
    left, right = both.sizes()

    assert (both.objectName(), both.widget(0), both.widget(1)) == ("parts", table, sheet)
    assert abs(left - 2 * right) <= 6
    assert not both.childrenCollapsible()
