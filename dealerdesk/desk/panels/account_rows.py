"""The live accounts as columns: what every one of them is, has and makes. Holds no widgets.

Money is in each account's own currency; the foot adds it up in the reporting currency, and columns that say so in their
heading are converted row by row.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk.panels.beat_rows import BeatRows, sum_known
from dealerdesk.desk.panels.command_rows import MARKS, TONES, mark_of
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.table import Coded, Column, Kind
from dealerdesk.desk.table.rows import Index, Mask, Values
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState

OpenCommands = Callable[[], Mapping[tuple[str, int], CommandRecord]]
BOOK_NAMES = ("A", "B", "C")
MONEY_WIDTH = 11
REPORTING = "reporting currency"

ACCOUNT_COLUMNS = (
    Column("account", "Account", width=10, frozen=True, whole=True, tip="Server and login"),
    Column("client", "Client", width=16, priority=6),
    Column("profile", "Profile", width=10, priority=5),
    Column("country", "Ctry", width=4, priority=6, tip="Country of residence"),
    Column(
        "book",
        "Book",
        Kind.BOOK,
        width=4,
        priority=2,
        tone_key="book_tone",
        mark_key="book_mark",
        tip="A passed on, B kept, C partly covered",
    ),
    Column("level", "Level", Kind.PERCENT, width=6, decimals=0, tone_key="level_tone", tip="Equity ÷ margin"),
    Column("equity", "Equity", Kind.MONEY, MONEY_WIDTH, 1, decimals_key="decimals", total=True),
    Column("floating", "Float", Kind.SIGNED_MONEY, MONEY_WIDTH, 2, decimals_key="decimals", total=True),
    Column("session", "P&L today", Kind.SIGNED_MONEY, MONEY_WIDTH, 3, decimals_key="decimals", total=True),
    Column("currency", "Ccy", width=4, priority=4),
    Column("lots", "Lots", Kind.NUMBER, width=7, priority=4, total=True),
    Column("positions", "Pos", Kind.INTEGER, width=4, priority=5, total=True, tip="Open positions"),
    Column("balance", "Balance", Kind.MONEY, MONEY_WIDTH, 4, decimals_key="decimals", total=True),
    Column("margin", "Margin", Kind.MONEY, MONEY_WIDTH, 5, decimals_key="decimals", total=True),
    Column("free_margin", "Free margin", Kind.SIGNED_MONEY, MONEY_WIDTH, 6, decimals_key="decimals", total=True),
    Column("session_reporting", "P&L today", Kind.SIGNED_MONEY, MONEY_WIDTH, 7, decimals=0, unit=REPORTING, total=True),
    Column("credit", "Credit", Kind.MONEY, MONEY_WIDTH, 8, decimals_key="decimals", total=True),
    Column("group", "Group", width=16, priority=8),
    Column("leverage", "Leverage", Kind.INTEGER, width=5, priority=8, tip="One to …"),
    Column("introducer", "Introducer", width=9, priority=9),
    Column("to_call", "To call", Kind.SIGNED, width=7, priority=9, decimals=0, unit="pp", shown=False),
    Column(
        "equity_reporting",
        "Equity",
        Kind.SIGNED_MONEY,
        MONEY_WIDTH,
        9,
        decimals=0,
        unit=REPORTING,
        total=True,
        shown=False,
    ),
    Column("net_deposits", "Deposits today", Kind.SIGNED_MONEY, MONEY_WIDTH, 9, decimals_key="decimals", shown=False),
    Column("realised", "Realised today", Kind.SIGNED_MONEY, MONEY_WIDTH, 9, decimals_key="decimals", shown=False),
    Column("accrued", "Swap + comm.", Kind.SIGNED_MONEY, MONEY_WIDTH, 9, decimals_key="decimals", shown=False),
    Column("covered", "Covered", Kind.PERCENT, width=5, priority=9, decimals=0, shown=False),
    Column("server", "Server", width=8, priority=9, shown=False),
    Column("opened", "Opened", Kind.TIME, width=12, priority=9, dates=True, shown=False),
)
IN_ACCOUNT_CURRENCY = frozenset(
    ("equity", "floating", "session", "balance", "margin", "free_margin", "credit", "net_deposits")
)


def in_currency(columns: tuple[Column, ...], currency: str) -> tuple[Column, ...]:
    """The columns with the reporting currency in the headings of those that are converted to it."""
    return tuple(replace(column, unit=currency) if column.unit == REPORTING else column for column in columns)


class AccountRows(BeatRows):
    """All accounts, dead slots included. A key is (server, login)."""

    def __init__(
        self,
        state: LiveState,
        frame: Frame,
        labels: AccountLabels,
        open_commands: OpenCommands,
        currency: str = "USD",
    ) -> None:
        super().__init__(state, frame)
        self.labels = labels
        self.open_commands = open_commands
        self.currency = currency
        self._rate: npt.NDArray[np.float64] | None = None

    def rate(self) -> npt.NDArray[np.float64]:
        """Each account's deposit currency into the reporting currency."""
        if self._rate is None:
            self._rate = self.frame.rate_to(self.currency)
        return self._rate

    def take(self, frame: Frame) -> None:
        super().take(frame)
        self._rate = None

    def figure(self, key: str) -> Values:
        return FIGURES[key](self)

    def count(self) -> int:
        # accounts that came after the frame was computed have no figures yet
        return min(self.frame.count, self.state.accounts.count)

    def under_way(self) -> Iterator[tuple[int, CommandState]]:
        """The rows with a command that is not settled, and how far it is."""
        for key, record in self.open_commands().items():
            row = self.row_of(key)
            if row is not None:
                yield row, record.state

    def unknown(self) -> int:
        """How many accounts have no figures: no quote, no conversion rate, or a server that is still loading."""
        count = self.count()
        return int(np.count_nonzero(np.isnan(self.frame.equity[:count]) & self.state.accounts.alive[:count]))

    def key(self, row: int) -> Hashable:
        accounts = self.state.accounts
        return self.state.servers[int(accounts.server[row])], int(accounts.login[row])

    def row_of(self, key: Hashable) -> int | None:
        slot = self.state.accounts.slot(*key) if isinstance(key, tuple) else None
        return slot if slot is not None and slot < self.count() else None

    def alive(self) -> Mask | None:
        return self.state.accounts.alive

    def stale(self) -> Mask | None:
        return self.server_stale()[self.state.accounts.server[: self.count()]] if self.any_stale() else None

    def revision(self) -> int:
        return self.state.version.structure

    def total(self, key: str, rows: Index) -> float:
        if key in IN_ACCOUNT_CURRENCY:
            values = self.column(key)
            assert isinstance(values, np.ndarray)
            return sum_known(values[rows] * self.rate()[rows])
        return super().total(key, rows)


def level_tones(
    level: npt.NDArray[np.float64], call: npt.NDArray[np.float64], stop_out: npt.NDArray[np.float64]
) -> npt.NDArray[np.int8]:
    """Attention below an account's margin call, alarm once it is nearer its stop-out than its call."""
    tones = np.zeros(len(level), dtype=np.int8)
    tones[level < call] = Tone.ATTENTION
    tones[level < (call + stop_out) / 2] = Tone.ALARM
    return tones


def decimals_of(unit: npt.NDArray[np.float64]) -> npt.NDArray[np.int8]:
    """The decimals of currencies by their minor units: 0.01 → 2, 1 → 0; rows without a currency have none."""
    decimals = np.rint(-np.log10(np.where(unit > 0, unit, 1.0)))
    return np.asarray(decimals, dtype=np.int8)


def _level_tone(rows: AccountRows) -> Values:
    count, accounts = rows.count(), rows.state.accounts
    return level_tones(rows.frame.level[:count], accounts.margin_call[:count], accounts.stop_out[:count])


def _to_call(rows: AccountRows) -> Values:
    count = rows.count()
    return np.asarray(rows.frame.level[:count] - rows.state.accounts.margin_call[:count])


def _book_tone(rows: AccountRows) -> Values:
    """The tone of a change of book that is under way."""
    tones = np.zeros(rows.count(), dtype=np.int8)
    for row, state in rows.under_way():
        tones[row] = TONES.get(state, Tone.NORMAL)
    return tones


def _book_mark(rows: AccountRows) -> Values:
    """The sign of a change of book that is under way: the book is not yet what was asked for."""
    signs = np.full(rows.count(), -1, dtype=np.int8)
    for row, state in rows.under_way():
        mark = mark_of(state)
        signs[row] = MARKS.index(mark) if mark else -1
    return Coded(signs, MARKS)


def _decimals(rows: AccountRows) -> Values:
    return decimals_of(rows.state.accounts.unit[: rows.count()])


def _reporting(rows: AccountRows, key: str) -> Values:
    return np.asarray(getattr(rows.frame, key) * rows.rate())


FIGURES: dict[str, Callable[[AccountRows], Values]] = {
    "account": lambda rows: rows.labels.all(),
    "client": lambda rows: rows.state.accounts.name,
    "profile": lambda rows: rows.state.accounts.profile,
    "country": lambda rows: rows.state.accounts.country,
    "introducer": lambda rows: rows.state.accounts.introducer,
    "group": lambda rows: rows.state.accounts.group_name,
    "server": lambda rows: Coded(rows.state.accounts.server, rows.state.servers),
    "currency": lambda rows: Coded(rows.state.accounts.currency, rows.state.currencies),
    "book": lambda rows: Coded(rows.state.accounts.book, BOOK_NAMES),
    "book_tone": _book_tone,
    "book_mark": _book_mark,
    "covered": lambda rows: rows.state.accounts.covered_percent,
    "leverage": lambda rows: rows.state.accounts.leverage,
    "level": lambda rows: rows.frame.level,
    "level_tone": _level_tone,
    "to_call": _to_call,
    "equity": lambda rows: rows.frame.equity,
    "equity_reporting": lambda rows: _reporting(rows, "equity"),
    "floating": lambda rows: rows.frame.floating,
    "session": lambda rows: rows.frame.session_pnl,
    "session_reporting": lambda rows: _reporting(rows, "session_pnl"),
    "realised": lambda rows: rows.frame.realised,
    "accrued": lambda rows: rows.frame.accrued,
    "balance": lambda rows: rows.frame.balance,
    "credit": lambda rows: rows.frame.credit,
    "margin": lambda rows: rows.frame.margin,
    "free_margin": lambda rows: rows.frame.free_margin,
    "lots": lambda rows: rows.frame.gross_lots,
    "positions": lambda rows: rows.state.accounts.positions,
    "net_deposits": lambda rows: rows.state.accounts.session_deposits * rows.state.accounts.unit,
    "opened": lambda rows: rows.state.accounts.opened_us,
    "decimals": _decimals,
}
