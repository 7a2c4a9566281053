"""The exposure by one dimension as columns: lots, money, books, P&L, age. Holds no widgets and computes no exposure."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.panels.account_rows import REPORTING
from dealerdesk.desk.panels.market_hours import MarketHours
from dealerdesk.desk.panels.staleness import all_stale_text
from dealerdesk.desk.table import Column, Kind, Rows
from dealerdesk.desk.table.rows import Mask, Values
from dealerdesk.desk.theme import Tone
from dealerdesk.live.dimensions import BY_SYMBOL, by_symbol
from dealerdesk.live.exposure import Dimension, Exposure, View
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState

NAMES = {
    Dimension.INSTRUMENT: "instrument",
    Dimension.SYMBOL: "symbol and server",
    Dimension.CURRENCY: "currency",
    Dimension.ASSET_CLASS: "asset class",
    Dimension.GROUP: "group",
    Dimension.SERVER: "server",
    Dimension.BOOK: "book",
    Dimension.CLIENT: "client",
}
"""The dimensions in the order of their keys 1 to 8."""

OF_ONE_SERVER = frozenset((Dimension.SYMBOL, Dimension.GROUP, Dimension.SERVER))
LOTS = 9
MONEY = 8
LABEL_WIDTHS = {Dimension.SYMBOL: 17, Dimension.GROUP: 20, Dimension.CLIENT: 18}
EXPOSURE_COLUMNS = (
    Column("label", "", width=9, frozen=True),
    Column("net_lots", "Net lots", Kind.SIGNED, LOTS, 1, total=True),
    Column("kept", "Kept", Kind.SIGNED, MONEY, 2, 1, total=True, compact=True, tip="B and C"),
    Column("covered_usd", "Covered", Kind.SIGNED, MONEY, 3, 1, total=True, compact=True, tip="A and C"),
    Column("net_usd", "Net", Kind.SIGNED, MONEY, 1, 1, unit=REPORTING, total=True, compact=True),
    Column("size", "Of largest", Kind.BAR, 10, 2, tip="Net exposure as a share of the largest row's"),
    Column("session_usd", "P&L today", Kind.SIGNED_MONEY, MONEY, 1, 0, total=True),
    Column("floating_usd", "Float", Kind.SIGNED_MONEY, MONEY, 1, 0, total=True),
    Column("age_ms", "Age", Kind.AGE, 7, 3, tone_key="age_tone", tip="Of its oldest price in use"),
    Column("gross_usd", "Gross", Kind.NUMBER, MONEY, 4, 1, unit=REPORTING, total=True, compact=True),
    Column("one_sided", "Net ÷ gross", Kind.PERCENT, 6, 6, 0, tip="100%: everybody on one side"),
    Column("realised_usd", "Realised", Kind.SIGNED_MONEY, MONEY, 5, 0, total=True),
    Column("accounts", "Accts", Kind.INTEGER, 6, 5),
    Column("positions", "Pos", Kind.INTEGER, 6, 5, total=True),
    Column("long_lots", "Long", Kind.NUMBER, LOTS, 6, total=True),
    Column("short_lots", "Short", Kind.NUMBER, LOTS, 6, total=True),
    Column("a_net_usd", "A net", Kind.SIGNED, MONEY, 7, 1, unit=REPORTING, total=True, compact=True, shown=False),
    Column("b_net_usd", "B net", Kind.SIGNED, MONEY, 7, 1, unit=REPORTING, total=True, compact=True, shown=False),
    Column("c_net_usd", "C net", Kind.SIGNED, MONEY, 7, 1, unit=REPORTING, total=True, compact=True, shown=False),
    Column("gross_lots", "Gross lots", Kind.NUMBER, LOTS, 7, shown=False),
)


class ExposureRows(Rows):
    """The rows of one Exposure. A key is the exposure's own."""

    def __init__(self, state: LiveState, frame: Frame, exposure: Exposure) -> None:
        self._state = state
        self._frame = frame
        self._hours = MarketHours(state)
        self._revision = 0
        self._made: dict[str, Values] = {}
        self.exposure = exposure
        self._keys, self._labels = exposure.keys, exposure.labels
        self._row_of = {key: row for row, key in enumerate(exposure.keys)}

    def take(self, frame: Frame, exposure: Exposure) -> None:
        """Goes over to newer figures, of the same dimension or another."""
        self._frame = frame
        if exposure.keys != self._keys or exposure.dimension is not self.exposure.dimension:
            self._revision += 1
            # the same lists from beat to beat otherwise, so that the table knows that no word has changed
            self._keys, self._labels = exposure.keys, exposure.labels
            self._row_of = {key: row for row, key in enumerate(exposure.keys)}
        self.exposure = exposure
        self._made.clear()

    def label(self, key: Hashable) -> str:
        """The words for a key; the key itself where its row is gone."""
        row = self.row_of(key)
        return str(key) if row is None else self._labels[row]

    def column(self, key: str) -> Values:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._figure(key)
        return made

    def count(self) -> int:
        return self.exposure.count

    def key(self, row: int) -> Hashable:
        return self._keys[row]

    def row_of(self, key: Hashable) -> int | None:
        return self._row_of.get(key)

    def stale(self) -> Mask | None:
        return greyed(self.exposure, all_stale_text(self._state) is not None)

    def revision(self) -> int:
        return self._revision

    def _figure(self, key: str) -> Values:
        match key:
            case "label":
                return self._labels
            case "kept":
                return kept(self.exposure)
            case "covered_usd":
                return covered(self.exposure)
            case "size":
                return size_of_net(self.exposure)
            case "one_sided":
                return one_sided(self.exposure)
            case "age_ms":
                # a price may be a moment newer than the frame it is in
                return np.maximum(self.exposure.age_ms, 0.0)
            case "age_tone":
                return np.where(self._late(), Tone.ATTENTION, Tone.FAINT).astype(np.int8)
            case _:
                return np.asarray(getattr(self.exposure, key))

    def _late(self) -> Mask:
        """Rows with a price past its symbol's limit, or from a server that is stale."""
        late = self.exposure.stale.copy()
        if self.exposure.dimension in BY_SYMBOL:
            symbols = self._hours.late(self._frame)
            symbols &= self._state.symbols.positions[: len(symbols)] > 0
            rows = by_symbol(self._state, self.exposure.dimension, len(symbols)).codes[symbols]
            late[rows[rows >= 0]] = True
        return late


def greyed(exposure: Exposure, nothing_fresh: bool) -> Mask:
    """Rows of which nothing is fresh. One of several servers is grey when all are; before that its age warns."""
    if nothing_fresh or exposure.dimension in OF_ONE_SERVER:
        return exposure.stale
    return np.zeros(exposure.count, dtype=np.bool_)


def kept(exposure: Exposure) -> npt.NDArray[np.float64]:
    """The net exposure that stays with the broker, from the side of the view: the dealer's holds nothing else."""
    return exposure.net_usd if exposure.view is View.DEALER else exposure.net_usd - exposure.covered_usd


def covered(exposure: Exposure) -> npt.NDArray[np.float64]:
    """The net exposure that is passed on, from the side of the view."""
    return -exposure.covered_usd if exposure.view is View.DEALER else exposure.covered_usd


def size_of_net(exposure: Exposure) -> npt.NDArray[np.float64]:
    """Each row's signed net exposure as a share of the largest row's; nought where there is none."""
    net = np.nan_to_num(exposure.net_usd)
    largest = float(np.abs(net).max(initial=0.0))
    return net / largest if largest > 0 else net


def one_sided(exposure: Exposure) -> npt.NDArray[np.float64]:
    """Net against gross in percent: 100 where everybody is on one side, 0 where they cancel out."""
    gross = np.where(exposure.gross_usd > 0, exposure.gross_usd, np.nan)
    return np.abs(exposure.net_usd) / gross * 100.0
