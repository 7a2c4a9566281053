"""A small broker with round numbers, and fakes of what a desk offers: what every panel's test stands on.

Two servers. MT5: EURUSD (1.10000/1.10010) and XAUUSD (2000.00/2000.50), accounts 101 (B, USD) and 102 (A, EUR).
cTrader: EURUSD under its own name, account 201 (C, 40 % covered, USD). Now is Wednesday 10:00:00 UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus
from dealerdesk.bridges.protocol import RowSet, SetBook
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.clock import to_us
from dealerdesk.commands.inbox import Cover, Decision, Item, Person, items
from dealerdesk.commands.inbox_queries import Evidence, Inbox, Precedent
from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.theme import Tone
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Session, Symbol
from dealerdesk.live.state import LiveState
from dealerdesk.store.queries import HubStatus
from dealerdesk.trading import (
    Account,
    Accounting,
    BalanceOperation,
    Book,
    Client,
    Deal,
    Group,
    Position,
    Routing,
    Side,
)

NOW_US = to_us(datetime(2026, 3, 11, 10, 0, 0, tzinfo=UTC))
WEEKDAYS = (Session(0, 5 * 24 * 60),)
SETS = (RowSet.SYMBOL, RowSet.GROUP, RowSet.CLIENT, RowSet.ACCOUNT, RowSet.ROUTING, RowSet.POSITION)


def symbol(name: str, instrument: str, index: int, *, gold: bool = False) -> Symbol:
    """A symbol with the contract size and digits of EURUSD, or of gold."""
    return Symbol(
        name=name,
        instrument=instrument,
        description=instrument,
        asset_class=AssetClass.METALS if gold else AssetClass.FX,
        base_currency="XAU" if gold else "EUR",
        profit_currency="USD",
        margin_currency="USD" if gold else "EUR",
        calculation_mode=CalculationMode.CFD_LEVERAGE if gold else CalculationMode.FOREX,
        contract_size=Decimal(100 if gold else 100_000),
        digits=2 if gold else 5,
        tick_size=Decimal("0.01") if gold else Decimal("0.00001"),
        tick_value=Decimal(1),
        volume_min=LOT // 100,
        volume_step=LOT // 100,
        volume_max=LOT * 100,
        sessions=WEEKDAYS,
        index=index,
    )


def position(number: int, login: int, name: str, side: Side, lots: str, price: str) -> Position:
    """An open position of so many lots, an hour old."""
    volume = int(Decimal(lots) * LOT)
    return Position(
        id=number,
        login=login,
        symbol=name,
        side=side,
        volume=volume,
        open_price=Decimal(price),
        opened_us=NOW_US - 3_600_000_000,
    )


def group(name: str, currency: str) -> Group:
    """A hedging group with margin call at 100 % and stop-out at 50 %."""
    return Group(
        name=name,
        currency=currency,
        accounting=Accounting.HEDGING,
        margin_call_percent=Decimal(100),
        stop_out_percent=Decimal(50),
    )


def account(login: int, client_id: int, group_name: str, currency: str, balance: int) -> Account:
    """An account with leverage 100; `balance` in minor units."""
    return Account(
        login=login,
        client_id=client_id,
        group=group_name,
        currency=currency,
        leverage=100,
        balance=balance,
        credit=0,
        opened_us=NOW_US - 86_400_000_000,
    )


def client(number: int, name: str, country: str) -> Client:
    """A client called so."""
    return Client(id=number, name=name, country=country, profile="Scalper", registered_us=0, introducer="IB7")


MT5_ROWS: tuple[tuple[Any, ...], ...] = (
    (symbol("EURUSD", "EURUSD", 0), symbol("XAUUSD", "XAUUSD", 1, gold=True)),
    (group("real\\usd", "USD"), group("real\\eur", "EUR")),
    (client(1, "Ada Abel", "PL"), client(2, "Bo Berg", "DE")),
    (account(101, 1, "real\\usd", "USD", 1_000_000), account(102, 2, "real\\eur", "EUR", 500_000)),
    (Routing(login=101, book=Book.B, covered_percent=0), Routing(login=102, book=Book.A, covered_percent=100)),
    (
        position(9001, 101, "EURUSD", Side.BUY, "2.00", "1.09000"),
        position(9002, 101, "XAUUSD", Side.SELL, "1.00", "1990.50"),
        position(9003, 102, "EURUSD", Side.SELL, "1.00", "1.10110"),
    ),
)
CTRADER_ROWS: tuple[tuple[Any, ...], ...] = (
    (symbol("EURUSD.c", "EURUSD", 0),),
    (group("usd", "USD"),),
    (client(1, "Ada Abel", "PL"),),
    (account(201, 1, "usd", "USD", 20_000),),
    (Routing(login=201, book=Book.C, covered_percent=40),),
    (position(1, 201, "EURUSD.c", Side.BUY, "1.00", "1.10100"),),
)


def load(state: LiveState, server: str, rows: tuple[tuple[Any, ...], ...]) -> None:
    """A whole snapshot."""
    state.begin_snapshot(server, SETS)
    for chunk in rows:
        state.load(server, chunk, [0] * len(chunk))
    state.end_snapshot(server, 0)


def quote(state: LiveState, server: str, prices: dict[int, tuple[int, int]], at_us: int) -> None:
    """New bids and asks in points, by symbol index."""
    index = np.array(list(prices), dtype=np.uint32)
    bid = np.array([price[0] for price in prices.values()], dtype=np.int64)
    ask = np.array([price[1] for price in prices.values()], dtype=np.int64)
    nought = np.zeros(len(index), dtype=np.uint32)
    state.apply_quotes(server, QuoteBatch(at_us, index, nought + 1, nought, bid, ask), at_us)


def command(number: int = 1, state: CommandState = CommandState.REQUESTED, **changes: Any) -> CommandRecord:
    """dana's wish to move 101 from B to A, which needs a supervisor."""
    need = Need(policy="book", words="50 lots or more", approvals=1, roles=(Role.SUPERVISOR,))
    fields: dict[str, Any] = {
        "id": f"dd{number}",
        "kind": "set_book",
        "server": "MT5",
        "login": 101,
        "body": SetBook(login=101, book=Book.A, covered_percent=100),
        "payload_hash": "hash",
        "title": "Move 101 on MT5 from B to A",
        "reason": "wins too much",
        "requested_by": "dana",
        "requested_us": NOW_US - 2_000_000,
        "expires_us": NOW_US + 60_000_000,
        "expected_version": 0,
        "approvals_needed": 1,
        "needs": (need,),
        "state": state,
        "changed_us": NOW_US,
        "decided_by": None,
        "decided_us": None,
        "comment": "",
        "deadline_us": None,
        "dispatched_us": None,
        "dispatch_epoch": None,
        "sends": 0,
        "stage": "",
        "code": "",
        "result": "",
        "ticket": "",
        "read_back": None,
        "read_version": None,
        "settled_us": None,
    }
    return CommandRecord(**{**fields, **changes})


PEOPLE = {
    "dana": ("Dana Novak", Role.HEAD_DEALER),
    "carol": ("Carol Ferreira", Role.SUPERVISOR),
    "ben": ("Ben Osei", Role.PAYMENTS),
    "iris": ("Iris Tanaka", Role.AUDITOR),
}
NAMES = {who: name for who, (name, _) in PEOPLE.items()}


def ten_o_clock() -> int:
    """A clock that stands still."""
    return NOW_US


class FakeLibrary(QObject):
    """Answers at once from lists; raises `trouble` instead where a test sets one."""

    commands_changed = Signal(object)
    routing_changed = Signal(object)
    tables_changed = Signal(object)
    light_changed = Signal()
    checking_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.me = Person("carol", "Carol Ferreira", Role.SUPERVISOR)
        self.said: list[Decision] = []
        self.covers: tuple[Cover, ...] = ()
        self.precedents: tuple[Precedent, ...] = ()
        self.open_commands: dict[tuple[str, int], CommandRecord] = {}
        self.hub: tuple[HubStatus, ...] = ()
        self.deals: list[Deal] = []
        self.operations: list[BalanceOperation] = []
        self.commands: list[CommandRecord] = []
        self.asked: list[tuple[str, str, str]] = []
        self.requests: list[tuple[str, Any, str]] = []
        self.reads = 0
        self.noted: list[tuple[str, str, dict[str, Any]]] = []
        self.trouble: Exception | None = None
        self.clock: Callable[[], int] = ten_o_clock
        self.behind_us = 0
        """By how much the database's clock is behind the desk's."""

    def database_us(self) -> int:
        return self.clock() - self.behind_us

    async def deals_of(self, _server: str, _login: int, limit: int = 500) -> list[Deal]:
        return self._answer(self.deals)

    async def balance_operations_of(self, _server: str, _login: int, limit: int = 500) -> list[BalanceOperation]:
        return self._answer(self.operations)

    async def commands_of(self, _server: str, _login: int, limit: int = 200) -> list[CommandRecord]:
        return self._answer(self.commands)

    async def recent_commands(self, limit: int = 500) -> list[CommandRecord]:
        return self._answer(self.commands)

    async def inbox(self) -> Inbox:
        if isinstance(self.trouble, OSError):
            raise self.trouble
        return Inbox(self.me, tuple(items(self.commands, self.said)), self.covers, dict(PEOPLE))

    async def evidence(self, record: CommandRecord, _client_id: int | None = None) -> Evidence:
        notes = {"book": "Large books are a supervisor's decision (adam)"}
        return Evidence(record.id, self.precedents, notes, rating="high")

    async def request(
        self, server: str, body: Any, reason: str, command_id: str, _expected_version: int | None = None
    ) -> CommandRecord:
        if self.trouble is not None:
            raise self.trouble
        self.requests.append((server, body, reason))
        return command(9, id=command_id, body=body)

    async def read(self, _query: Any, *_given: Any) -> Any:
        """Has no tables of its own: what reads them is told so."""
        raise self.trouble or OSError("there is no database here")

    async def note(self, action: str, subject: str, **detail: str | int) -> None:
        """Remembers what went on record."""
        self.noted.append((action, subject, detail))

    async def approve_batch(self, item: Item, comment: str = "") -> None:
        self._ask("approve batch", item.head, f"{comment} {item.batch_hash[:4]}")

    async def refuse_batch(self, item: Item, reason: str) -> None:
        self._ask("refuse batch", item.head, reason)

    async def withdraw_batch(self, item: Item, reason: str = "") -> None:
        self._ask("withdraw batch", item.head, reason)

    async def approve(self, record: CommandRecord, comment: str = "") -> CommandRecord:
        return self._ask("approve", record, comment)

    async def refuse(self, record: CommandRecord, reason: str) -> CommandRecord:
        return self._ask("refuse", record, reason)

    async def withdraw(self, record: CommandRecord, reason: str = "") -> CommandRecord:
        return self._ask("withdraw", record, reason)

    def _answer(self, rows: list[Any]) -> list[Any]:
        self.reads += 1
        if self.trouble is not None:
            raise self.trouble
        return list(rows)

    def _ask(self, verb: str, record: CommandRecord, words: str) -> CommandRecord:
        if self.trouble is not None:
            raise self.trouble
        self.asked.append((verb, record.id, words))
        return record


class Memory:
    """A table memory that lasts as long as the test."""

    def __init__(self) -> None:
        self.kept: dict[str, Any] = {}

    def load(self, name: str) -> Any:
        return self.kept.get(name)

    def save(self, name: str, record: Any) -> None:
        self.kept[name] = record


@dataclass
class Spoken:
    """What the desk was told to do."""

    notes: list[tuple[str, Tone]] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    books: list[tuple[str, int]] = field(default_factory=list)
    derivations: list[Derivation] = field(default_factory=list)
    refusals: dict[str, str] = field(default_factory=dict)
    now_us: int = NOW_US

    def clock(self) -> int:
        return self.now_us

    def notify(self, text: str, tone: Tone = Tone.NORMAL) -> None:
        self.notes.append((text, tone))

    def set_book(self, server: str, login: int) -> None:
        self.books.append((server, login))

    def refusal(self, server: str) -> str:
        return self.refusals.get(server, "")


def status(server: str, state: ConnectionState = ConnectionState.LIVE, **changes: Any) -> ConnectionStatus:
    """A connection that is well."""
    fields: dict[str, Any] = {
        "server": server,
        "state": state,
        "since_us": NOW_US - 60_000_000,
        "latency_ms": 1.5,
        "epoch": "cafe0123456789",
        "seq": 1_000,
        "server_seq": 1_000,
        "server_time_us": NOW_US,
        "journal_bytes": 2_500_000,
        "clock_offset_s": 7_200,
        "deltas": 10,
        "quotes": 20,
        "deltas_per_s": 12.0,
        "quotes_per_s": 700.0,
        "gaps": 0,
        "resyncs": 0,
        "refused_frames": 0,
        "digests_checked": 3,
        "reconnects": 0,
        "last_frame_us": NOW_US - 40_000,
        "last_error": "",
    }
    return ConnectionStatus(**{**fields, **changes})


def run_now(work: Coroutine[object, object, None]) -> None:
    """A task that is done before the next line, also when another one starts it; the fakes never wait."""
    try:
        work.send(None)
    except StopIteration:
        return
    work.close()
    raise AssertionError("a fake waited")
