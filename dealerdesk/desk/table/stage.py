"""Where the columns of a table stand just now: the arrangement, the widths its figures need, and the resulting places.

Columns grow to the widest figure that was ever visible and do not shrink again while the table is open, so that nothing
wobbles while figures change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QFontMetrics

from dealerdesk.desk import theme as look
from dealerdesk.desk.table.arrangement import Arrangement, Placement
from dealerdesk.desk.table.column import Column
from dealerdesk.desk.table.glyphs import sheet
from dealerdesk.desk.theme import PAD_PX, SMALL_PX, TEXT_PX, Theme, Tone, Weight

WORDS_GROWTH = 1.75
"""How far a word column may grow beyond its declared width."""
_SLACK_PX = 2


class Stage:
    """The columns, how they are arranged, and their places."""

    def __init__(self, columns: Sequence[Column], ratio: float) -> None:
        self.columns: Mapping[str, Column] = {column.key: column for column in columns}
        self.arrangement = Arrangement.of(columns)
        self.placement = Placement()
        self._longest: dict[str, int] = {}
        self._least = least_widths(columns, ratio)
        self._declared = dict(self._least)
        self._shortest: dict[str, int] = {}
        self._words = QFontMetrics(look.font(TEXT_PX, Weight.MEDIUM))

    def place(self, room: int) -> Placement:
        """Places the columns in so many logical pixels."""
        self.placement = self.arrangement.place(self.columns, self._least, room, self._shortest)
        return self.placement

    def grow_words(self, words: Mapping[str, Sequence[str]]) -> bool:
        """Widens word columns, by key, towards their longest word, within a limit unless it is to stay whole:
        beyond the limit words are shortened."""
        grown = False
        for key, texts in words.items():
            longest = max(map(len, texts), default=0)
            if longest <= self._longest.get(key, 0):
                continue
            self._longest[key] = longest
            widest = max(self._words.horizontalAdvance(text) for text in set(texts) if len(text) >= longest - 2)
            needed = widest + 2 * PAD_PX + _SLACK_PX
            if not self.columns[key].whole:
                needed = min(needed, round(self._declared[key] * WORDS_GROWTH))
                self._shortest[key] = self._declared[key]
            if needed > self._least[key]:
                self._least[key] = needed
                grown = True
        return grown

    def grow(self, figures: Mapping[str, Sequence[str]], theme: Theme, ratio: float) -> bool:
        """Widens the columns, by key, that these figures do not fit into; True when one was widened."""
        grown = False
        for key, texts in figures.items():
            longest = max(map(len, texts), default=0)
            if longest <= self._longest.get(key, 0):
                continue
            self._longest[key] = longest
            needed = figure_width(texts, longest, theme, ratio)
            if needed > self._least[key]:
                self._least[key] = needed
                grown = True
        return grown


def least_widths(columns: Sequence[Column], ratio: float) -> dict[str, int]:
    """The width in logical pixels each column needs for its title and for as many digits as it declares."""
    headings = QFontMetrics(look.font(SMALL_PX, Weight.MEDIUM))
    digit = sheet(look.current(), Tone.NORMAL, "panel", TEXT_PX, Weight.MEDIUM, ratio).width("0") / ratio
    return {
        column.key: max(headings.horizontalAdvance(column.heading) + 1, round(column.width * digit)) + 2 * PAD_PX
        for column in columns
    }


def figure_width(texts: Sequence[str], longest: int, theme: Theme, ratio: float) -> int:
    """The width in logical pixels that the longest of these figures need, with the cell's paddings."""
    ruler = sheet(theme, Tone.NORMAL, "panel", TEXT_PX, Weight.SEMIBOLD, ratio)
    widest = max((ruler.width(text) for text in set(texts) if len(text) >= longest - 1), default=0)
    return round(widest / ratio + 0.5) + 2 * PAD_PX + _SLACK_PX
