"""A table is a declaration: its columns as data.

How a column is drawn, sorted, filtered and exported follows from its kind; nothing is drawn here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What a column holds, and so how it is drawn, sorted, filtered and exported."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    SIGNED = "signed"
    MONEY = "money"
    SIGNED_MONEY = "signed_money"
    PERCENT = "percent"
    """Percent given in percent: 58.0 is 58 %."""
    PRICE = "price"
    TIME = "time"
    """Microseconds since 1970 UTC; nought and less mean no time."""
    AGE = "age"
    """Milliseconds; negative or NaN mean not known."""
    BOOK = "book"
    BAR = "bar"
    """A signed share of a limit, −0.57: a bar left of zero, and 57%. Sorted and filtered by its size."""

    @property
    def is_words(self) -> bool:
        """Drawn from the left and compared as words; everything else is a figure."""
        return self in (Kind.TEXT, Kind.BOOK)

    @property
    def is_signed(self) -> bool:
        """Its figures always say their sign and take the colour of it."""
        return self in (Kind.SIGNED, Kind.SIGNED_MONEY)


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width` is in digits of the table's font and a least width: figures are never cut, so a column
    grows to its widest. Columns leave by `priority` (1 never leaves) when there is no room."""

    key: str
    title: str
    kind: Kind = Kind.TEXT
    width: int = 10
    priority: int = 1
    decimals: int = 2
    decimals_key: str = ""
    """The integer column with the decimals of each row, where they differ."""
    unit: str = ""
    """Shown after the title."""
    total: bool = False
    """Summed in the foot."""
    tone_key: str = ""
    """The int8 column with the `Tone` of each row."""
    mark_key: str = ""
    """The text column with a sign to draw after each row's words; filters, sort and exports know the words alone."""
    struck_key: str = ""
    """The boolean column that says whose words are crossed out."""
    whole: bool = False
    """Words that are never shortened: the column grows to the longest, whatever its declared width."""
    shown: bool = True
    frozen: bool = False
    tip: str = ""
    """What the heading says under the mouse."""
    tip_key: str = ""
    """The text column that says more under the mouse than the words themselves."""
    compact: bool = False
    """Figures as +4.1 M instead of +4 100 000."""
    dates: bool = False
    """A TIME with its day."""

    @property
    def heading(self) -> str:
        """The title with its unit."""
        return f"{self.title} {self.unit}" if self.unit else self.title
