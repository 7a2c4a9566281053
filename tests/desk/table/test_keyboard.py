from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent

from dealerdesk.desk.table.keyboard import Keyboard, find_beginning
from table.samples import COLUMNS, SetClock, exposure

Key = Qt.Key
PLAIN = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class Listed:
    """Writes down what the keys ask for."""

    def __init__(self) -> None:
        self.done: list[tuple[object, ...]] = []

    def __getattr__(self, name: str) -> object:
        def note(*arguments: object) -> None:
            self.done.append((name, *arguments))

        return note


class Played:
    def __init__(self) -> None:
        self.hands = Listed()
        self.clock = SetClock()
        self.keyboard = Keyboard(self.hands, self.clock)  # type: ignore[arg-type]

    def press(self, key: Qt.Key, held: Qt.KeyboardModifier = PLAIN, text: str = "") -> bool:
        return self.keyboard.press(QKeyEvent(QEvent.Type.KeyPress, key, held, text))


@pytest.fixture
def played(qapp: object) -> Played:
    return Played()


@pytest.mark.parametrize(
    ("key", "held", "done"),
    [
        (Key.Key_Down, PLAIN, ("move_rows", 1, False)),
        (Key.Key_Up, SHIFT, ("move_rows", -1, True)),
        (Key.Key_PageDown, PLAIN, ("move_pages", 1, False)),
        (Key.Key_PageUp, SHIFT, ("move_pages", -1, True)),
        (Key.Key_Home, PLAIN, ("move_to_end", False, False)),
        (Key.Key_End, CONTROL, ("move_to_end", True, False)),
        (Key.Key_Left, PLAIN, ("move_columns", -1)),
        (Key.Key_Right, PLAIN, ("move_columns", 1)),
        (Key.Key_Return, PLAIN, ("activate",)),
        (Key.Key_Enter, PLAIN, ("activate",)),
        (Key.Key_A, CONTROL, ("select_all",)),
        (Key.Key_C, CONTROL, ("ask_copy",)),
        (Key.Key_F, CONTROL, ("ask_filter",)),
        (Key.Key_E, CONTROL | SHIFT, ("ask_export",)),
        (Key.Key_Question, CONTROL | SHIFT, ("ask_why",)),
        (Key.Key_Slash, CONTROL | SHIFT, ("ask_why",)),
        (Key.Key_Menu, PLAIN, ("ask_menu",)),
        (Key.Key_F10, SHIFT, ("ask_menu",)),
        (Key.Key_Space, CONTROL, ("extend_by_key",)),
    ],
)
def test_a_key_does_what_it_says(played: Played, key: Qt.Key, held: Qt.KeyboardModifier, done: tuple[object]) -> None:
    assert played.press(key, held)
    assert played.hands.done == [done]


@pytest.mark.parametrize(
    ("key", "held"), [(Key.Key_F5, PLAIN), (Key.Key_K, CONTROL), (Key.Key_A, ALT), (Key.Key_F10, PLAIN)]
)
def test_other_keys_belong_to_somebody_else(played: Played, key: Qt.Key, held: Qt.KeyboardModifier) -> None:
    assert not played.press(key, held)
    assert played.hands.done == []


def test_letters_typed_quickly_make_a_beginning(played: Played) -> None:
    played.press(Key.Key_X, text="x")
    played.press(Key.Key_A, text="a")

    assert played.hands.done == [("find_row", "x", True), ("find_row", "xa", False)]


def test_after_a_pause_a_letter_begins_anew(played: Played) -> None:
    played.press(Key.Key_X, text="x")
    played.clock.now_s += 1.5
    played.press(Key.Key_A, text="a")

    assert played.hands.done[-1] == ("find_row", "a", True)


def test_the_same_letter_again_goes_on_to_the_next(played: Played) -> None:
    played.press(Key.Key_X, text="x")
    played.press(Key.Key_X, text="x")

    assert played.hands.done == [("find_row", "x", True), ("find_row", "x", True)]


def test_a_beginning_is_looked_for_onward_and_round_again() -> None:
    rows, order = exposure(), np.array([3, 2, 1, 0])

    assert find_beginning(rows, COLUMNS[0], order, "eur", 0) == 3
    assert find_beginning(rows, COLUMNS[0], order, "US", 1) == 0
    assert find_beginning(rows, COLUMNS[0], order, "zz", 0) is None
    assert find_beginning(rows, COLUMNS[2], order, "b", 2) == 2
