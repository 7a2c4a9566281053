from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels.key_bar import Hint, KeyBar

HINTS = (Hint("A", "approve"), Hint("R", "refuse"), Hint("Enter", "account"))


class Form(QWidget):
    """What a bar wants of a form: it is shown, asks, and is left."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.did: list[str] = []

    def enter(self) -> None:
        self.did.append("asked")

    def leave(self) -> None:
        self.did.append("left")
        self.hide()


def bar_of(outer: QWidget, width: int) -> KeyBar:
    bar = KeyBar(outer)
    layout = QVBoxLayout(outer)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.addWidget(bar)
    outer.resize(width, 200)
    outer.show()
    bar.show_hints(HINTS)
    return bar


def test_a_click_does_what_the_key_does(outer: QWidget, qtbot: QtBot) -> None:
    bar = bar_of(outer, 500)
    place = next(rect for hint, rect in bar._places() if hint.key == "R")
    with qtbot.waitSignal(bar.pressed) as pressed:
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place.center())

    assert pressed.args == ["R"]


def test_where_there_is_no_room_it_takes_another_row(outer: QWidget) -> None:
    bar = bar_of(outer, 500)
    one_row = bar.height()
    outer.resize(110, 200)

    assert bar.height() > 2 * one_row
    assert all(rect.right() <= bar.width() for _, rect in bar._places())


def test_it_says_its_keys_to_a_screen_reader(outer: QWidget) -> None:
    assert bar_of(outer, 500).accessibleDescription() == "A: approve, R: refuse, Enter: account"


def test_bound_keys_are_typed_in_the_panel_they_are_bound_in_and_nowhere_else(outer: QWidget, qtbot: QtBot) -> None:
    bar = bar_of(outer, 500)
    field, other = QLineEdit(outer), QLineEdit(outer)
    for each in (field, other):
        outer.layout().addWidget(each)
    bar.bind((Hint("F5", "again"),), field)
    pressed: list[str] = []
    bar.pressed.connect(pressed.append)
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)

    other.setFocus()
    qtbot.keyClick(other, Qt.Key.Key_F5)
    assert pressed == []
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_F5)
    assert pressed == ["F5"]
    assert [hint.key for hint in bar.hints] == ["F5"]


def test_while_a_form_is_open_its_keys_are_shown_and_afterwards_the_panels_again(outer: QWidget) -> None:
    bar = bar_of(outer, 500)
    bar.bind((Hint("N", "new"),), outer)
    form = Form(outer)
    form.hide()
    bar.give_way_to(form)

    form.show()
    assert [hint.key for hint in bar.hints] == ["Enter", "Esc"]
    outer.hide()
    outer.show()
    assert [hint.key for hint in bar.hints] == ["Enter", "Esc"]
    form.hide()
    assert [hint.key for hint in bar.hints] == ["N"]


def test_bound_keys_are_typed_in_each_widget_they_are_bound_in(outer: QWidget, qtbot: QtBot) -> None:
    bar = bar_of(outer, 500)
    first, second = QLineEdit(outer), QLineEdit(outer)
    for each in (first, second):
        outer.layout().addWidget(each)
    bar.bind((Hint("F5", "again"),), first, second)
    pressed: list[str] = []
    bar.pressed.connect(pressed.append)
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)

    for each in (first, second):
        each.setFocus()
        qtbot.keyClick(each, Qt.Key.Key_F5)

    assert pressed == ["F5", "F5"]


def test_a_click_on_an_open_forms_keys_is_the_forms_and_no_deed_of_the_panel(outer: QWidget, qtbot: QtBot) -> None:
    bar = bar_of(outer, 500)
    bar.bind((Hint("N", "new"),), outer)
    form = Form(outer)
    bar.give_way_to(form)
    form.show()
    pressed: list[str] = []
    bar.pressed.connect(pressed.append)

    for key in ("Enter", "Esc"):
        place = next(rect for hint, rect in bar._places() if hint.key == key)
        qtbot.mouseClick(bar, Qt.MouseButton.LeftButton, pos=place.center())

    assert form.did == ["asked", "left"]
    assert pressed == []
    assert [hint.key for hint in bar.hints] == ["N"]
