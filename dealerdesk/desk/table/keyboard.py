"""The keys of a table, and finding a row by typing the beginning of its name. Moves the view, changes no data."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.rows import Coded, Index, Rows

TYPE_AHEAD_S = 1.0
Key = Qt.Key


def find_beginning(rows: Rows, column: Column, order: Index, beginning: str, start: int) -> int | None:
    """The place in `order`, from `start` on and round again, of the first row whose word begins so; None: no row."""
    values = rows.column(column.key)
    wanted = beginning.casefold()
    places: list[int] = [*range(start, len(order)), *range(min(start, len(order)))]
    for place in places:
        row = int(order[place])
        word = values.text(row) if isinstance(values, Coded) else str(values[row])
        if word.casefold().startswith(wanted):
            return place
    return None


class Hands(Protocol):
    """What the keys can do to a table."""

    def move_rows(self, by: int, extend: bool) -> None: ...
    def move_pages(self, by: int, extend: bool) -> None: ...
    def move_to_end(self, last: bool, extend: bool) -> None: ...
    def move_columns(self, by: int) -> None: ...
    def find_row(self, beginning: str, onward: bool) -> None: ...
    def select_all(self) -> None: ...
    def activate(self) -> None: ...
    def ask_copy(self) -> None: ...
    def ask_filter(self) -> None: ...
    def ask_export(self) -> None: ...
    def ask_why(self) -> None: ...
    def ask_menu(self) -> None: ...
    def extend_by_key(self) -> None: ...


class Keyboard:
    """Turns key presses into what they do."""

    def __init__(self, hands: Hands, clock: Callable[[], float]) -> None:
        self._hands = hands
        self._clock = clock
        self._typed = ""
        self._typed_s = 0.0

    def press(self, event: QKeyEvent) -> bool:
        """Does what a key does here; False when it does nothing and belongs to somebody else."""
        held = event.modifiers()
        control = bool(held & Qt.KeyboardModifier.ControlModifier)
        shift = bool(held & Qt.KeyboardModifier.ShiftModifier)
        if held & (Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier):
            return False
        key = Key(event.key())
        if self._move(key, control, shift):
            return True
        if control:
            return self._command(key, shift)
        return self._plain(key, shift, event.text())

    def _move(self, key: Key, control: bool, shift: bool) -> bool:
        hands = self._hands
        match key:
            case Key.Key_Up | Key.Key_Down:
                hands.move_rows(1 if key is Key.Key_Down else -1, shift)
            case Key.Key_PageUp | Key.Key_PageDown:
                hands.move_pages(1 if key is Key.Key_PageDown else -1, shift)
            case Key.Key_Home | Key.Key_End:
                hands.move_to_end(key is Key.Key_End, shift)
            case Key.Key_Left | Key.Key_Right if not control:
                hands.move_columns(1 if key is Key.Key_Right else -1)
            case _:
                return False
        return True

    def _command(self, key: Key, shift: bool) -> bool:
        hands = self._hands
        match key, shift:
            case Key.Key_A, False:
                hands.select_all()
            case ((Key.Key_C | Key.Key_Insert), False):
                hands.ask_copy()
            case Key.Key_F, False:
                hands.ask_filter()
            case Key.Key_E, True:
                hands.ask_export()
            case (Key.Key_Question, _) | (Key.Key_Slash, True):
                hands.ask_why()
            case Key.Key_Space, False:
                hands.extend_by_key()
            case _:
                return False
        return True

    def _plain(self, key: Key, shift: bool, text: str) -> bool:
        hands = self._hands
        if key in (Key.Key_Return, Key.Key_Enter):
            hands.activate()
        elif key is Key.Key_Menu or (key is Key.Key_F10 and shift):
            hands.ask_menu()
        elif text and text.isprintable():
            self._type(text)
        else:
            return False
        return True

    def _type(self, text: str) -> None:
        now_s = self._clock()
        fresh = now_s - self._typed_s > TYPE_AHEAD_S
        self._typed_s = now_s
        if not fresh and self._typed == text:
            # the same letter again goes on to the next row that begins with it
            self._hands.find_row(text, True)
            return
        self._typed = text if fresh else self._typed + text
        self._hands.find_row(self._typed, fresh)
