"""The accounts that use margin, as columns: how near each is to its call and its stop-out. Holds no widgets.

Distances come from `live.margin_watch`; which position would be closed first is looked up for accounts that are near.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dealerdesk.desk import numbers
from dealerdesk.desk.panels.account_rows import ACCOUNT_COLUMNS, MONEY_WIDTH, AccountRows, OpenCommands
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind
from dealerdesk.desk.table.rows import Mask, Values
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame, position_floating
from dealerdesk.live.margin_calls import Crossing, Standing, standings
from dealerdesk.live.margin_watch import NONE, Watch, first_to_close, watch
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Platform

WATCHED_EVERY_US = 400_000
"""Distances are read, not traded on: at full load they cost twenty frames, so they are renewed a few times a second."""
NEAR_PERCENT = 100.0
"""Near is who has less than this left above the stop-out level, in points of the margin level."""
STANDING_WORDS = {
    Standing.UNKNOWN: "first seen",
    Standing.FINE: "above the call",
    Standing.CALLED: "margin call",
    Standing.STOPPED_OUT: "stop-out level",
}
NOW_WORDS = ("", "called", "called, at stop-out")
"""How an account stands now, by its Standing; one at its stop-out level is called too."""
STANDING_TONES = {Standing.CALLED: Tone.ATTENTION, Standing.STOPPED_OUT: Tone.ALARM}
_KNOWN = {column.key: column for column in ACCOUNT_COLUMNS}

MARGIN_COLUMNS = (
    _KNOWN["account"],
    _KNOWN["level"],
    Column(
        "to_stop_out",
        "To stop-out",
        Kind.SIGNED_MONEY,
        MONEY_WIDTH,
        decimals_key="decimals",
        tip="Equity left above the stop-out level; 0 or less: it is reached",
    ),
    Column("symbol", "Symbol", width=9, tip="The price that takes the account there by the smallest move"),
    Column("percent", "Move", Kind.SIGNED, width=7, decimals=2, unit="%", tip="How far that price must move"),
    Column("price", "Stop-out at", Kind.PRICE, width=9, priority=2, decimals_key="digits"),
    Column("together", "All prices", Kind.NUMBER, width=6, priority=2, unit="%", tip="If every price moved against it"),
    Column("first", "First closed", width=20, priority=3, tip="What a stop-out would close first, of accounts near it"),
    Column("first_result", "Its result", Kind.SIGNED_MONEY, MONEY_WIDTH, 3, decimals_key="decimals"),
    replace(_KNOWN["currency"], priority=3),
    replace(_KNOWN["equity"], priority=4),
    _KNOWN["margin"],
    Column("room_to_call", "To call", Kind.SIGNED_MONEY, MONEY_WIDTH, 4, decimals_key="decimals"),
    _KNOWN["book"],
    _KNOWN["client"],
    _KNOWN["floating"],
    _KNOWN["positions"],
    _KNOWN["group"],
    Column("standing", "Standing", width=10, priority=9, shown=False, tip="By the margin level of this moment"),
)
HISTORY_COLUMNS = (
    Column("time", "Time", Kind.TIME, width=9, frozen=True),
    Column("account", "Account", width=10, whole=True),
    Column("after", "Came to", width=14, tone_key="tone"),
    Column("before", "From", width=14, priority=2),
    Column("level", "Level", Kind.PERCENT, width=6, decimals=0, tip="Equity ÷ margin at that moment"),
)


class MarginRows(AccountRows):
    """Accounts with margin in use. What is costly is computed once a frame, when a column in view asks for it."""

    def __init__(
        self,
        state: LiveState,
        frame: Frame,
        labels: AccountLabels,
        open_commands: OpenCommands,
        platforms: Mapping[str, Platform],
        currency: str = "USD",
    ) -> None:
        super().__init__(state, frame, labels, open_commands, currency)
        self.platforms = platforms
        self._watch: Watch | None = None
        self._watched_us = 0
        self._first: npt.NDArray[np.int64] | None = None

    def take(self, frame: Frame) -> None:
        moved = frame.version.positions != self.frame.version.positions
        super().take(frame)
        is_young = 0 <= frame.time_us - self._watched_us < WATCHED_EVERY_US
        if self._watch is None or not is_young or len(self._watch.to_call) != frame.count:
            self._watch = self._first = None
        elif moved:
            # a slot may hold another position now
            self._first = None

    def watch(self) -> Watch:
        """The distances at this frame, or at one shortly before."""
        if self._watch is None:
            self._watch = watch(self.state, self.frame)
            self._watched_us = self.frame.time_us
        return self._watch

    def first(self) -> npt.NDArray[np.int64]:
        """The position that would be closed first, by account slot; none where the account is not near."""
        if self._first is None:
            with np.errstate(invalid="ignore"):
                near = self.watch().to_stop_out < self.frame.margin * NEAR_PERCENT / 100
            self._first = first_to_close(self.state, self.frame, near, self.platforms)
        return self._first

    def alive(self) -> Mask | None:
        count = self.count()
        with np.errstate(invalid="ignore"):
            return np.asarray(self.state.accounts.alive[:count] & (self.frame.margin[:count] > 0))

    def figure(self, key: str) -> Values:
        made = WATCHED.get(key)
        return made(self) if made is not None else super().figure(key)


def crossing_rows(crossings: Sequence[Crossing]) -> ColumnRows:
    """The crossings as rows, newest first. A key is (server, login, time)."""
    newest = list(reversed(crossings))
    return ColumnRows(
        {
            "time": np.array([each.time_us for each in newest], dtype=np.int64),
            "account": [numbers.account(each.server, each.login) for each in newest],
            "after": [STANDING_WORDS[each.after] for each in newest],
            "tone": np.array([STANDING_TONES.get(each.after, Tone.SECONDARY) for each in newest], dtype=np.int8),
            "before": [STANDING_WORDS[each.before] for each in newest],
            "level": np.array([each.level for each in newest], dtype=np.float64),
        },
        keys=[(each.server, each.login, each.time_us, place) for place, each in enumerate(newest)],
    )


def _symbols(rows: MarginRows) -> Values:
    codes = rows.watch().symbol[: rows.count()]
    return Coded(codes, rows.state.symbols.name)


def _digits(rows: MarginRows) -> Values:
    symbol = rows.watch().symbol[: rows.count()]
    digits = rows.state.symbols.digits
    return np.where(symbol == NONE, 0, digits[symbol] if rows.state.symbols.count else 0).astype(np.int8)


def _first_words(rows: MarginRows) -> Values:
    """«sell 1.50 XAUUSD #9002» of each account that is near; empty for the others."""
    words, table = [""] * rows.count(), rows.state.positions
    first = rows.first()[: rows.count()]
    for account in np.flatnonzero(first != NONE).tolist():
        slot = int(first[account])
        side = "buy" if table.side[slot] > 0 else "sell"
        name = rows.state.symbols.name[int(table.symbol[slot])]
        words[account] = f"{side} {numbers.lots(int(table.volume[slot]))} {name} #{table.id[slot]}"
    return words


def _first_result(rows: MarginRows) -> Values:
    first = rows.first()[: rows.count()]
    known = first != NONE
    result = np.full(rows.count(), np.nan)
    if known.any():
        result[known] = position_floating(rows.state, rows.frame, first[known])
    return result


def _standing(rows: MarginRows) -> Values:
    codes = np.maximum(standings(rows.state, rows.frame)[: rows.count()], 0)
    return Coded(codes, NOW_WORDS)


WATCHED: dict[str, Callable[[MarginRows], Values]] = {
    "to_stop_out": lambda rows: rows.watch().to_stop_out,
    "room_to_call": lambda rows: rows.watch().to_call,
    "symbol": _symbols,
    "digits": _digits,
    "percent": lambda rows: rows.watch().percent,
    "price": lambda rows: rows.watch().price,
    "together": lambda rows: rows.watch().together,
    "first": _first_words,
    "first_result": _first_result,
    "standing": _standing,
}
