"""Open positions as columns: all of them, or those behind a figure, an account or a symbol. Holds no widgets.

What is computed for each of hundreds of thousands of positions (prices, P&L, ages) is not computed on every beat: the
rows in view are fresh each beat; the rest, which only sorting, filtering and the foot look at, is gone round slice by
slice, so that no beat computes more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.panels.account_rows import BOOK_NAMES, decimals_of
from dealerdesk.desk.panels.beat_rows import BeatRows, sum_known
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.table import Coded, Column, Kind
from dealerdesk.desk.table.rows import Index, Mask, Values
from dealerdesk.desk.theme import Tone
from dealerdesk.instruments import LOT
from dealerdesk.live.frame import Frame, position_floating, position_prices
from dealerdesk.live.state import LiveState
from dealerdesk.live.tables import REASONS

SLICE_ROWS = 6_000
"""So many rows are computed on every beat: all of a small table, the next ones of a large one."""
SPARE = 1.1
"""Columns are made a little longer than their rows, so that new positions seldom mean new columns."""
SIDES = ("sell", "buy")
REASON_NAMES = [reason.value for reason in REASONS]

POSITION_COLUMNS = (
    Column("symbol", "Symbol", width=10, frozen=True),
    Column("account", "Account", width=10, priority=2),
    Column("side", "Side", width=4, priority=1, tone_key="side_tone"),
    Column("lots", "Lots", Kind.NUMBER, width=7, priority=1, total=True),
    Column("open_price", "Open", Kind.PRICE, width=9, priority=2, decimals_key="digits"),
    Column("price", "Now", Kind.PRICE, width=9, priority=2, decimals_key="digits", tip="Long at bid, short at ask"),
    Column("floating", "P&L", Kind.SIGNED_MONEY, width=10, priority=1, decimals_key="decimals", total=True),
    Column("currency", "Ccy", width=4, priority=3),
    Column("swap", "Swap", Kind.SIGNED_MONEY, width=8, priority=5, decimals_key="decimals", total=True),
    Column("book", "Book", Kind.BOOK, width=4, priority=3),
    Column("age", "Age", Kind.AGE, width=7, priority=4),
    Column("stop_loss", "SL", Kind.PRICE, width=9, priority=6, decimals_key="digits"),
    Column("take_profit", "TP", Kind.PRICE, width=9, priority=6, decimals_key="digits"),
    Column("id", "Ticket", Kind.INTEGER, width=10, priority=6),
    Column("client", "Client", width=16, priority=7),
    Column("reason", "Reason", width=7, priority=8, tip="Who opened it: client, expert, dealer …"),
    Column("commission", "Comm.", Kind.SIGNED_MONEY, width=8, priority=8, decimals_key="decimals", shown=False),
    Column("opened", "Opened", Kind.TIME, width=12, priority=8, dates=True, shown=False),
    Column("comment", "Comment", width=12, priority=9, shown=False),
)
IN_ACCOUNT_CURRENCY = frozenset(("floating", "swap", "commission"))

Slots = slice | Index
Array = npt.NDArray[Any]


class PositionRows(BeatRows):
    """Positions of the live state. A key is (server, position id)."""

    def __init__(self, state: LiveState, frame: Frame, labels: AccountLabels, currency: str = "USD") -> None:
        super().__init__(state, frame)
        self.labels = labels
        self.currency = currency
        self._slots: Index | None = None
        self._kept: dict[str, Array] = {}
        self._count = 0
        self._next = 0
        self._revision = 0

    def narrow(self, slots: Index | None) -> bool:
        """Shows only these slots, ascending; None shows all. False when they are the ones already shown."""
        if slots is None and self._slots is None:
            return False
        if slots is not None and self._slots is not None and np.array_equal(self._slots, slots):
            return False
        self._slots = slots
        self._renew()
        return True

    def take_in_view(self, frame: Frame, in_view: Index) -> None:
        """Goes over to a newer frame: all rows when a second has passed or they are few, else those in view."""
        if self.state.version.structure != frame.version.structure:
            # symbols or accounts that this frame does not know: its successor is on its way
            return
        self.take(frame)
        count = self._present()
        if count <= SLICE_ROWS or count < self._count or any(len(kept) < count for kept in self._kept.values()):
            self._renew()
            return
        grown, self._count = slice(self._count, count), count
        self._refresh(grown)
        self._refresh(self._next_slice())
        at = in_view[in_view < count]
        slots = at if self._slots is None else self._slots[at]
        for key, kept in self._kept.items():
            kept[at] = COMPUTED[key](self, slots)

    def _next_slice(self) -> slice:
        """The rows whose turn it is; once round, the table may sort and filter anew and the foot is added up again."""
        start, stop = self._next, min(self._next + SLICE_ROWS, self._count)
        self._next = 0 if stop == self._count else stop
        if self._next == 0:
            self._revision += 1
        return slice(start, stop)

    def _refresh(self, rows: slice) -> None:
        if rows.start >= rows.stop:
            return
        slots = rows if self._slots is None else self._slots[rows]
        for key, kept in self._kept.items():
            kept[rows] = COMPUTED[key](self, slots)

    def figure(self, key: str) -> Values:
        numbers = self._computed(key) if key in COMPUTED else READ[key](self.state, self.slots())
        return Coded(numbers, LABELS[key](self)) if key in LABELS else numbers

    def slots(self) -> Slots:
        """The position slots of the rows, in row order."""
        return slice(0, self._count) if self._slots is None else self._slots

    def count(self) -> int:
        return self._count

    def key(self, row: int) -> Hashable:
        positions, slot = self.state.positions, row if self._slots is None else int(self._slots[row])
        return self.state.servers[int(positions.server[slot])], int(positions.id[slot])

    def row_of(self, key: Hashable) -> int | None:
        slot = self.state.positions.slot(*key) if isinstance(key, tuple) else None
        if slot is None:
            return None
        if self._slots is None:
            return slot if slot < self._count else None
        row = int(np.searchsorted(self._slots, slot))
        return row if row < len(self._slots) and self._slots[row] == slot else None

    def alive(self) -> Mask | None:
        return np.asarray(self.state.positions.alive[self.slots()])

    def stale(self) -> Mask | None:
        closed = ~self.state.positions.alive[self.slots()]
        return self.server_stale()[self.state.positions.server[self.slots()]] | closed if self.any_stale() else closed

    def revision(self) -> int:
        return self._revision

    def total(self, key: str, rows: Index) -> float:
        if key not in IN_ACCOUNT_CURRENCY:
            return super().total(key, rows)
        if key == "floating" and self._slots is None and len(rows) == self.state.positions.alive[: self._count].sum():
            return self.frame.totals(self.currency).floating
        rate, account = self.frame.rate_to(self.currency), self.state.positions.account[self.slots()][rows]
        known = np.append(rate, np.nan)[np.minimum(account, len(rate))]
        return sum_known(self._computed(key)[rows] * known)

    def _present(self) -> int:
        return self.state.positions.count if self._slots is None else len(self._slots)

    def _renew(self) -> None:
        self._revision += 1
        self._next = 0
        self._count = self._present()
        self._made.clear()
        self._kept.clear()

    def _computed(self, key: str) -> Array:
        kept = self._kept.get(key)
        if kept is None:
            values = COMPUTED[key](self, self.slots())
            kept = self._kept[key] = np.empty(int(self._count * SPARE) + 1, values.dtype)
            kept[: self._count] = values
        return kept


def _money(column: str) -> Callable[[PositionRows, Slots], Array]:
    def amounts(rows: PositionRows, slots: Slots) -> Array:
        positions = rows.state.positions
        minor: Array = getattr(positions, column)[slots]
        return np.asarray(minor * rows.state.accounts.unit[positions.account[slots]])

    return amounts


def _prices(rows: PositionRows, slots: Slots) -> Array:
    return position_prices(rows.state, rows.frame, _as_index(slots))


def _floating(rows: PositionRows, slots: Slots) -> Array:
    return position_floating(rows.state, rows.frame, _as_index(slots))


def _as_index(slots: Slots) -> Index:
    return np.arange(slots.start, slots.stop) if isinstance(slots, slice) else slots


def _sides(rows: PositionRows, slots: Slots) -> Array:
    return (rows.state.positions.side[slots] > 0).astype(np.int8)


def _side_tones(rows: PositionRows, slots: Slots) -> Array:
    return np.where(rows.state.positions.side[slots] > 0, Tone.POSITIVE, Tone.NEGATIVE).astype(np.int8)


def _decimals(rows: PositionRows, slots: Slots) -> Array:
    return decimals_of(rows.state.accounts.unit[rows.state.positions.account[slots]])


COMPUTED: dict[str, Callable[[PositionRows, Slots], Array]] = {
    "price": _prices,
    "floating": _floating,
    "swap": _money("swap"),
    "commission": _money("commission"),
    "lots": lambda rows, slots: np.asarray(rows.state.positions.volume[slots] / LOT),
    "age": lambda rows, slots: (rows.frame.time_us - rows.state.positions.opened_us[slots]) / 1_000.0,
    "side": _sides,
    "side_tone": _side_tones,
    "book": lambda rows, slots: rows.state.accounts.book[rows.state.positions.account[slots]],
    "currency": lambda rows, slots: rows.state.accounts.currency[rows.state.positions.account[slots]],
    "digits": lambda rows, slots: rows.state.symbols.digits[rows.state.positions.symbol[slots]],
    "decimals": _decimals,
}
READ: dict[str, Callable[[LiveState, Slots], Array]] = {
    "symbol": lambda state, slots: state.positions.symbol[slots],
    "account": lambda state, slots: state.positions.account[slots],
    "client": lambda state, slots: state.positions.account[slots],
    "open_price": lambda state, slots: state.positions.open_price[slots],
    "stop_loss": lambda state, slots: state.positions.stop_loss[slots],
    "take_profit": lambda state, slots: state.positions.take_profit[slots],
    "id": lambda state, slots: state.positions.id[slots],
    "reason": lambda state, slots: state.positions.reason[slots],
    "opened": lambda state, slots: state.positions.opened_us[slots],
    "comment": lambda state, slots: np.arange(state.positions.count)[slots],
}
LABELS: dict[str, Callable[[PositionRows], Sequence[str]]] = {
    "symbol": lambda rows: rows.state.symbols.name,
    "account": lambda rows: rows.labels.all(),
    "client": lambda rows: rows.state.accounts.name,
    "comment": lambda rows: rows.state.positions.comment,
    "side": lambda _rows: SIDES,
    "book": lambda _rows: BOOK_NAMES,
    "currency": lambda rows: rows.state.currencies,
    "reason": lambda _rows: REASON_NAMES,
}
