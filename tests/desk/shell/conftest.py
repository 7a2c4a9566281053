"""What the shell's tests stand on: a small broker's rows, a library that answers from lists, panels that only count.

One server, MT5: EURUSD at 1.10000/1.10010; account 101 (Ada Abel, B, USD) long 2 lots, account 102 (Bo Berg, A, EUR)
short 1 lot. Now is Wednesday 11 March 2026, 10:00:00 UTC. Nothing here touches the real user's settings.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from qasync import QEventLoop

from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus
from dealerdesk.bridges.protocol import CommandBody, RowSet, SetBook
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.clock import to_us
from dealerdesk.commands import signed_in
from dealerdesk.commands.inbox import Person
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState, Member, Need
from dealerdesk.commands.roles import Role
from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.access import Access
from dealerdesk.desk.database_light import DatabaseLight, DatabaseState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.garbage import Collector
from dealerdesk.desk.inbox import InboxWatch
from dealerdesk.desk.selection import Selection
from dealerdesk.desk.set_book import SetBookStrip
from dealerdesk.desk.settings import Preferences, UserFiles, WindowMemory
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.window import DeskWindow
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Session, Symbol
from dealerdesk.live.frame import compute
from dealerdesk.live.history import History
from dealerdesk.live.state import LiveState
from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.trading import Account, Accounting, Book, Client, Group, Position, Routing, Side

from .plain_panels import ENTRIES

NOW_US = to_us(datetime(2026, 3, 11, 10, 0, 0, tzinfo=UTC))
SETS = (RowSet.SYMBOL, RowSet.GROUP, RowSet.CLIENT, RowSet.ACCOUNT, RowSet.ROUTING, RowSet.POSITION)

EURUSD = Symbol(
    name="EURUSD",
    instrument="EURUSD",
    description="Euro against US dollar",
    asset_class=AssetClass.FX,
    base_currency="EUR",
    profit_currency="USD",
    margin_currency="EUR",
    calculation_mode=CalculationMode.FOREX,
    contract_size=Decimal(100_000),
    digits=5,
    tick_size=Decimal("0.00001"),
    tick_value=Decimal(1),
    volume_min=LOT // 100,
    volume_step=LOT // 100,
    volume_max=LOT * 100,
    sessions=(Session(0, 5 * 24 * 60),),
    index=0,
)


def group(name: str, currency: str) -> Group:
    return Group(
        name=name,
        currency=currency,
        accounting=Accounting.HEDGING,
        margin_call_percent=Decimal(100),
        stop_out_percent=Decimal(50),
    )


def account(login: int, client_id: int, group_name: str, currency: str) -> Account:
    return Account(
        login=login,
        client_id=client_id,
        group=group_name,
        currency=currency,
        leverage=100,
        balance=1_000_000,
        credit=0,
        opened_us=NOW_US,
        session_deposits=50_000,
    )


def position(number: int, login: int, side: Side, lots: int, price: str) -> Position:
    return Position(
        id=number,
        login=login,
        symbol="EURUSD",
        side=side,
        volume=lots * LOT,
        open_price=Decimal(price),
        opened_us=NOW_US,
    )


ROWS: tuple[tuple[RowSet, tuple[Any, ...]], ...] = (
    (RowSet.SYMBOL, (EURUSD,)),
    (RowSet.GROUP, (group("real-usd", "USD"), group("real-eur", "EUR"))),
    (
        RowSet.CLIENT,
        (
            Client(id=1, name="Ada Abel", country="PL", profile="swing", registered_us=0),
            Client(id=2, name="Bo Berg", country="DE", profile="casual", registered_us=0),
        ),
    ),
    (RowSet.ACCOUNT, (account(101, 1, "real-usd", "USD"), account(102, 2, "real-eur", "EUR"))),
    (
        RowSet.ROUTING,
        (
            Routing(login=101, book=Book.B, covered_percent=0),
            Routing(login=102, book=Book.A, covered_percent=100),
        ),
    ),
    (RowSet.POSITION, (position(1, 101, Side.BUY, 2, "1.09000"), position(2, 102, Side.SELL, 1, "1.10110"))),
)


def quotes(bid: int, ask: int, at_us: int = NOW_US) -> QuoteBatch:
    """One quote of EURUSD in points."""
    one = np.ones(1, dtype=np.uint32)
    return QuoteBatch(at_us, one * 0, one, one * 0, np.array([bid]), np.array([ask]))


def load(state: LiveState, server: str = "MT5") -> None:
    """The whole snapshot, and the first quote."""
    state.begin_snapshot(server, SETS)
    for _, rows in ROWS:
        state.load(server, rows, [0] * len(rows))
    state.end_snapshot(server, 0)
    state.apply_quotes(server, quotes(110_000, 110_010), NOW_US)


def status(server: str = "MT5", state: ConnectionState = ConnectionState.LIVE, **changes: Any) -> ConnectionStatus:
    """A connection that is well."""
    fields: dict[str, Any] = {
        "server": server,
        "state": state,
        "since_us": NOW_US,
        "latency_ms": 3.4,
        "epoch": "e",
        "seq": 1,
        "server_seq": 1,
        "server_time_us": NOW_US,
        "journal_bytes": 0,
        "clock_offset_s": 7_200,
        "deltas": 0,
        "quotes": 0,
        "deltas_per_s": 2.0,
        "quotes_per_s": 1_000.0,
        "gaps": 0,
        "resyncs": 0,
        "refused_frames": 0,
        "digests_checked": 0,
        "reconnects": 0,
        "last_frame_us": NOW_US,
        "last_error": "",
    }
    return ConnectionStatus(**{**fields, **changes})


def command(state: CommandState = CommandState.REQUESTED, **changes: Any) -> CommandRecord:
    """dana's wish to move 101 from B to A."""
    fields: dict[str, Any] = {
        "id": "dd1",
        "kind": "set_book",
        "server": "MT5",
        "login": 101,
        "body": SetBook(login=101, book=Book.A, covered_percent=100),
        "payload_hash": "hash",
        "title": "Set the book of MT5 101 from B to A",
        "reason": "wins too much",
        "requested_by": "dana",
        "requested_us": NOW_US - 2_000_000,
        "expires_us": NOW_US + 60_000_000,
        "expected_version": 0,
        "approvals_needed": 0,
        "needs": (),
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


def batch_member(server: str, member: Member, state: CommandState, batch_id: str) -> CommandRecord:
    """One command of a batch in that state."""
    login = getattr(member.body, "login", 101)
    return command(state, id=member.command_id, body=member.body, server=server, login=login, batch_id=batch_id)


class FakeLibrary(QObject):
    """Answers at once; what a test puts into `answers` comes next, exceptions are raised."""

    commands_changed = Signal(object)
    routing_changed = Signal(object)
    tables_changed = Signal(object)
    light_changed = Signal()
    checking_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.who = "dana"
        self.open_commands: dict[tuple[str, int], CommandRecord] = {}
        self.light = DatabaseLight(DatabaseState.UP, 2.0)
        self.hub: tuple[Any, ...] = ()
        self.hub_alive = False
        self.needed: tuple[Need, ...] = ()
        self.needed_on: dict[str, tuple[Need, ...]] = {}
        self.answers: list[CommandRecord | Exception] = []
        self.requests: list[tuple[str, SetBook, str, str, int | None]] = []
        self.known: CommandRecord | None = None
        self.checking: frozenset[str] = frozenset()
        self.batches: list[tuple[str, tuple[Member, ...], str, str]] = []
        self.batch_answers: list[CommandState | Exception] = []
        self.batch_known: dict[str, list[CommandRecord]] = {}

    def database_us(self) -> int:
        return NOW_US

    async def inbox(self) -> Inbox:
        """Nothing waits for anybody."""
        return Inbox(Person("dana", "Dana Novak", Role.HEAD_DEALER), (), (), {})

    async def needs(self, server: str, _body: CommandBody) -> tuple[Need, ...]:
        return self.needed_on.get(server, self.needed)

    async def request(
        self, server: str, body: SetBook, reason: str, command_id: str, expected_version: int | None = None
    ) -> CommandRecord:
        self.requests.append((server, body, reason, command_id, expected_version))
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def request_batch(
        self, server: str, members: Sequence[Member], reason: str, batch_id: str
    ) -> list[CommandRecord]:
        self.batches.append((server, tuple(members), reason, batch_id))
        answer = self.batch_answers.pop(0) if self.batch_answers else CommandState.REQUESTED
        if isinstance(answer, Exception):
            raise answer
        return [batch_member(server, member, answer, batch_id) for member in members]

    async def batch(self, batch_id: str) -> list[CommandRecord]:
        return self.batch_known.get(batch_id, [])

    async def command(self, _command_id: str) -> CommandRecord | None:
        return self.known


def run_now(work: Coroutine[object, object, None]) -> None:
    """A task that is done before the next line; the fakes never wait."""
    asyncio.run(_awaited(work))


async def _awaited(work: Awaitable[None]) -> None:
    await work


@pytest.fixture(autouse=True)
def look(qapp: QApplication) -> None:
    """The dark theme, as the desk begins."""
    theme.apply(qapp, theme.DARK)


@pytest.fixture
def state() -> LiveState:
    """The small broker, loaded and quoted."""
    made = LiveState()
    load(made)
    return made


@pytest.fixture
def files(tmp_path: Path) -> UserFiles:
    """A person's files in a folder of the test's own."""
    return UserFiles(tmp_path / "dana")


@pytest.fixture
def profile() -> Profile:
    return Profile(name="demo", database_url="sqlite:///unused", endpoints=(), staff="dana", role="head_dealer")


@pytest.fixture
def library() -> FakeLibrary:
    return FakeLibrary()


ROLES = {person: role for person, _, role in PEOPLE}


def access_of(staff: str = "dana", role: str = "", url: str = "sqlite:///unused", live: bool = False) -> Access:
    """A person at a profile, as if they had signed in; in the demo's role unless another is given."""
    profile = Profile(name="demo", database_url=url, endpoints=(), live=live)
    session = signed_in.Session(staff=staff, name=staff.capitalize(), role=role or ROLES[staff], login=staff)
    return Access(profile, session)


RunInQt = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def in_qt_loop(qapp: QApplication, qtbot: QtBot) -> Iterator[RunInQt]:
    """Runs a coroutine in Qt's loop until it is done, 20 seconds at most; garbage is collected as on the desk."""
    gc.collect()
    collector = Collector()
    collector.start()
    with QEventLoop(qapp) as loop:

        def run(work: Coroutine[Any, Any, Any]) -> Any:
            return loop.run_until_complete(asyncio.wait_for(work, 20))

        yield run
    collector.stop()
    gc.collect()


@dataclass
class Wishes:
    """What panels asked of the desk."""

    notes: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)

    def notify(self, text: str, tone: Tone = Tone.NORMAL) -> None:
        self.notes.append(text)


@pytest.fixture
def desk(state: LiveState, profile: Profile, library: FakeLibrary, files: UserFiles) -> Desk:
    """A desk on the small broker; the bridge of MT5 is well."""
    wishes = Wishes()
    frame = compute(state, NOW_US)
    clients: Any = {"MT5": SimpleNamespace(status=status())}
    anything: Any = library
    return Desk(
        state=state,
        frame=lambda: frame,
        clock=lambda: NOW_US,
        selection=Selection(),
        clients=clients,
        library=anything,
        inbox=InboxWatch(anything, lambda: NOW_US, run_now),
        profile=profile,
        who="dana",
        role="head_dealer",
        memory=WindowMemory(files.window_settings()),
        preferences=Preferences,
        sampler=History(state),
        open_panel=wishes.opened.append,
        set_book=lambda _server, _login: None,
        refusal=lambda _server: "",
        why=lambda _derivation: None,
        run=run_now,
        notify=wishes.notify,
    )


@pytest.fixture
def window(
    qtbot: QtBot, profile: Profile, files: UserFiles, desk: Desk, state: LiveState, library: FakeLibrary
) -> DeskWindow:
    """A furnished window with plain panels, 1920 × 1080, as it first opens."""
    made = DeskWindow(profile, "dana", "head_dealer", ENTRIES, files.window_settings(), lambda: NOW_US)
    qtbot.addWidget(made)
    made.open("")
    anything: Any = library
    strip = SetBookStrip(made, state, desk.frame, anything, desk.refusal, run_now, str)
    made.furnish(desk, strip)
    return made
