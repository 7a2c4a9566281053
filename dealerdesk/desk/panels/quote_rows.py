"""The symbols of all servers and their quotes as columns. Holds no widgets."""

from __future__ import annotations

from collections.abc import Callable, Hashable

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.panels.beat_rows import BeatRows
from dealerdesk.desk.panels.market_hours import MarketHours
from dealerdesk.desk.table import Coded, Column, Kind
from dealerdesk.desk.table.rows import Mask, Values
from dealerdesk.desk.theme import Tone
from dealerdesk.instruments import LOT
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState
from dealerdesk.live.tables import ASSET_CLASSES

CLASS_NAMES = [asset_class.value for asset_class in ASSET_CLASSES]
TRADING = ("closed", "")

QUOTE_COLUMNS = (
    Column("symbol", "Symbol", width=10, frozen=True),
    Column("server", "Server", width=8, priority=2),
    Column("bid", "Bid", Kind.PRICE, width=9, priority=1, decimals_key="digits", tone_key="tick_tone"),
    Column("ask", "Ask", Kind.PRICE, width=9, priority=1, decimals_key="digits"),
    Column("spread", "Spread", Kind.INTEGER, width=6, priority=2, unit="pt"),
    Column("change", "Day", Kind.SIGNED, width=6, priority=2, unit="%"),
    Column("low", "Low", Kind.PRICE, width=9, priority=3, decimals_key="digits", tip="Of the bid, today at the server"),
    Column("high", "High", Kind.PRICE, width=9, priority=3, decimals_key="digits"),
    Column("age", "Age", Kind.AGE, width=7, priority=1, tone_key="age_tone"),
    Column("trading", "", width=6, priority=2, tone_key="trading_tone", tip="Whether a session is open"),
    Column("net", "Clients net", Kind.SIGNED, width=9, priority=4, unit="lots"),
    Column("positions", "Pos", Kind.INTEGER, width=5, priority=5),
    Column("ticks", "Ticks", Kind.INTEGER, width=8, priority=6, total=True),
    Column("asset_class", "Class", width=8, priority=6),
    Column("description", "Description", width=18, priority=7, shown=False),
    Column("instrument", "Instrument", width=10, priority=7, shown=False),
    Column("time", "Quoted", Kind.TIME, width=9, priority=7, shown=False),
)


class QuoteRows(BeatRows):
    """All symbols. A key is (server, name)."""

    def __init__(self, state: LiveState, frame: Frame) -> None:
        super().__init__(state, frame)
        self.hours = MarketHours(state)

    def figure(self, key: str) -> Values:
        return FIGURES[key](self)

    def count(self) -> int:
        return min(self.state.symbols.count, len(self.frame.bid))

    def key(self, row: int) -> Hashable:
        symbols = self.state.symbols
        return self.state.servers[int(symbols.server[row])], symbols.name[row]

    def row_of(self, key: Hashable) -> int | None:
        slot = self.state.symbols.slot(*key) if isinstance(key, tuple) else None
        return slot if slot is not None and slot < self.count() else None

    def alive(self) -> Mask | None:
        return self.state.symbols.alive

    def stale(self) -> Mask | None:
        return self.server_stale()[self.state.symbols.server[: self.count()]] if self.any_stale() else None

    def revision(self) -> int:
        return self.state.version.structure

    def age_ms(self) -> npt.NDArray[np.float64]:
        """How long ago each quote arrived."""
        return self.hours.age_ms(self.frame)


def _age_tone(rows: QuoteRows) -> Values:
    return np.where(rows.hours.late(rows.frame), Tone.ATTENTION, Tone.FAINT).astype(np.int8)


def _tick_tone(rows: QuoteRows) -> Values:
    count = rows.count()
    bid, before = rows.frame.bid[:count], rows.state.symbols.previous_bid[:count]
    tones = np.zeros(count, dtype=np.int8)
    tones[bid > before] = Tone.POSITIVE
    tones[bid < before] = Tone.NEGATIVE
    tones[np.isnan(before) | (before <= 0)] = Tone.NORMAL
    return tones


def _change(rows: QuoteRows) -> Values:
    count = rows.count()
    opened = rows.state.symbols.day_open[:count]
    known = np.where(opened > 0, opened, np.nan)
    return np.asarray((rows.frame.bid[:count] / known - 1.0) * 100.0)


def _spread(rows: QuoteRows) -> Values:
    symbols = rows.state.symbols
    return symbols.ask_points - symbols.bid_points


def _net(rows: QuoteRows) -> Values:
    net = np.zeros(rows.count())
    volume = rows.frame.net_volume.sum(axis=0) / LOT
    known = min(len(volume), len(net))
    net[:known] = volume[:known]
    return net


def _trading_tone(rows: QuoteRows) -> Values:
    return np.full(rows.count(), Tone.SECONDARY, dtype=np.int8)


FIGURES: dict[str, Callable[[QuoteRows], Values]] = {
    "symbol": lambda rows: rows.state.symbols.name,
    "server": lambda rows: Coded(rows.state.symbols.server, rows.state.servers),
    "instrument": lambda rows: rows.state.symbols.instrument_name,
    "description": lambda rows: rows.state.symbols.description,
    "asset_class": lambda rows: Coded(rows.state.symbols.asset_class, CLASS_NAMES),
    "bid": lambda rows: rows.frame.bid,
    "ask": lambda rows: rows.frame.ask,
    "digits": lambda rows: rows.state.symbols.digits,
    "spread": _spread,
    "change": _change,
    "low": lambda rows: rows.state.symbols.day_low,
    "high": lambda rows: rows.state.symbols.day_high,
    "age": QuoteRows.age_ms,
    "age_tone": _age_tone,
    "tick_tone": _tick_tone,
    "trading": lambda rows: Coded(rows.hours.trading(rows.frame).astype(np.int8), TRADING),
    "trading_tone": _trading_tone,
    "net": _net,
    "positions": lambda rows: rows.state.symbols.positions,
    "ticks": lambda rows: rows.state.symbols.ticks,
    "time": lambda rows: rows.state.symbols.time_us,
}
