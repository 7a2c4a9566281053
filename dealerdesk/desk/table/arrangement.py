"""How a person has arranged a table's columns, and where they stand in a given width. Plain arithmetic, no widgets.

Widths are logical pixels. A column is at least as wide as its title and its widest figure seen; what room is left is
shared out. With too little room columns leave by priority, unless the person prefers to scroll sideways.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dealerdesk.desk.table.column import Column

LEAST_PX = 24


@dataclass(frozen=True, slots=True)
class Placed:
    """A column and its place. `x` counts from the left edge of the unscrolled table."""

    column: Column
    x: int
    width: int
    frozen: bool

    @property
    def right(self) -> int:
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Placement:
    """The placed columns, frozen ones first; those that had to leave; and the whole width."""

    columns: tuple[Placed, ...] = ()
    left_out: tuple[Column, ...] = ()
    width: int = 0

    @property
    def frozen_width(self) -> int:
        return max((placed.right for placed in self.columns if placed.frozen), default=0)

    def find(self, key: str) -> Placed | None:
        """The place of a column, None when it is not shown."""
        return next((placed for placed in self.columns if placed.column.key == key), None)

    def view_x(self, placed: Placed, offset: int) -> int:
        """Where a column begins on screen when the table is scrolled sideways by `offset`."""
        return placed.x if placed.frozen else placed.x - offset


@dataclass(slots=True)
class Arrangement:
    """Order, hidden and frozen columns and chosen widths of one table; changed by the person, remembered."""

    order: list[str]
    hidden: set[str] = field(default_factory=set)
    frozen: set[str] = field(default_factory=set)
    widths: dict[str, int] = field(default_factory=dict)
    sideways: bool = False

    @classmethod
    def of(cls, columns: Sequence[Column]) -> Arrangement:
        """The arrangement that the columns declare."""
        return cls(
            [column.key for column in columns],
            {column.key for column in columns if not column.shown},
            {column.key for column in columns if column.frozen},
        )

    def shown(self, columns: Mapping[str, Column]) -> list[Column]:
        """The columns not hidden by the person, frozen ones first."""
        visible = [columns[key] for key in self.order if key in columns and key not in self.hidden]
        return sorted(visible, key=lambda column: column.key not in self.frozen)

    def move(self, key: str, before: str | None) -> None:
        """Puts a column before another; None: to the end."""
        if key == before:
            return
        self.order.remove(key)
        self.order.insert(len(self.order) if before is None else self.order.index(before), key)

    def set_hidden(self, key: str, hidden: bool) -> None:
        """Hides or shows a column."""
        (self.hidden.add if hidden else self.hidden.discard)(key)

    def set_frozen(self, key: str, frozen: bool) -> None:
        """Pins a column to the left, or lets it go."""
        (self.frozen.add if frozen else self.frozen.discard)(key)

    def place(
        self, columns: Mapping[str, Column], least: Mapping[str, int], room: int, words: Mapping[str, int] | None = None
    ) -> Placement:
        """The columns in `room` pixels. `least` is what each needs for its title and figures; `words` are the widths
        down to which columns of words may be shortened when no other column can leave."""
        kept = self.shown(columns)
        wanted = {column.key: max(least[column.key], self.widths.get(column.key, 0), LEAST_PX) for column in kept}
        left_out: list[Column] = []
        while not self.sideways and sum(wanted[column.key] for column in kept) > room:
            leaver = self._next_to_leave(kept)
            if leaver is None:
                break
            kept.remove(leaver)
            left_out.append(leaver)
        if not self.sideways:
            self._shorten(wanted, kept, room, words or {})
        spare = max(0, room - sum(wanted[column.key] for column in kept))
        widths = self._stretched(kept, wanted, spare)
        placed, x = [], 0
        for column, width in zip(kept, widths, strict=True):
            placed.append(Placed(column, x, width, column.key in self.frozen))
            x += width
        return Placement(tuple(placed), tuple(left_out), x)

    def _shorten(self, wanted: dict[str, int], kept: Sequence[Column], room: int, words: Mapping[str, int]) -> None:
        """Takes from the columns of words what is missing, widest gain first; widths that a person chose stay."""
        lacking = sum(wanted[column.key] for column in kept) - room
        for column in sorted(kept, key=lambda each: words.get(each.key, 0) - wanted[each.key]):
            if lacking > 0 and column.key in words and column.key not in self.widths:
                given = min(lacking, max(0, wanted[column.key] - words[column.key]))
                wanted[column.key] -= given
                lacking -= given

    def _next_to_leave(self, kept: Sequence[Column]) -> Column | None:
        leavers = [column for column in kept if column.priority > 1 and column.key not in self.frozen]
        worst = max((column.priority for column in leavers), default=0)
        return next((column for column in reversed(leavers) if column.priority == worst), None)

    def _stretched(self, kept: Sequence[Column], wanted: Mapping[str, int], spare: int) -> list[int]:
        """Shares spare room out over the columns whose width the person has not chosen, in proportion."""
        free = sum(wanted[column.key] for column in kept if column.key not in self.widths)
        widths, given, seen = [], 0, 0
        for column in kept:
            width = wanted[column.key]
            if column.key not in self.widths and free:
                seen += width
                share = spare * seen // free - given
                given += share
                width += share
            widths.append(width)
        return widths

    def as_record(self) -> dict[str, Any]:
        """What is remembered, as plain JSON values."""
        return {
            "order": list(self.order),
            "hidden": sorted(self.hidden),
            "frozen": sorted(self.frozen),
            "widths": dict(self.widths),
            "sideways": self.sideways,
        }

    def restore(self, record: Mapping[str, Any]) -> None:
        """Takes over what was remembered. Unknown columns are dropped, new ones keep their declared place."""
        known = set(self.order)
        remembered = [key for key in _strings(record.get("order")) if key in known]
        for place, key in enumerate(self.order):
            if key not in remembered:
                remembered.insert(min(place, len(remembered)), key)
        new = known - set(_strings(record.get("order")))
        self.order = remembered
        self.hidden = (set(_strings(record.get("hidden"))) & known) | (self.hidden & new)
        self.frozen = (set(_strings(record.get("frozen"))) & known) | (self.frozen & new)
        widths = record.get("widths")
        if isinstance(widths, dict):
            self.widths = {
                key: width for key, width in widths.items() if key in known and isinstance(width, int) and width > 0
            }
        self.sideways = record.get("sideways") is True


def _strings(value: Any) -> list[str]:
    return list(dict.fromkeys(item for item in value if isinstance(item, str))) if isinstance(value, list) else []
