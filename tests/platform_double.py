"""A trading server of plain dictionaries, and a desk that keeps what it is told: what the bridge tests stand on."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from dealerdesk.bridges.client_session import ClientSession, Event, new_hello
from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.listener import ConnectionStatus, Listener
from dealerdesk.bridges.protocol import (
    Ack,
    Command,
    Delta,
    Deltas,
    Digest,
    Error,
    Gone,
    ResumePoint,
    Role,
    Row,
    RowSet,
    SetBook,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    Stage,
    Welcome,
    encode_delta,
    row_key,
    row_set,
)
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.bridges.server_session import Bridge, ClientKey, ServerSession
from dealerdesk.bridges.source import Report, Snapshot
from dealerdesk.trading import Account, Book, Deal, Entry, Platform, Position, Routing, Side

SETS = (RowSet.ACCOUNT, RowSet.ROUTING, RowSet.POSITION, RowSet.DEAL)
START_US = 1_790_000_000_000_000
KEYS = {
    "desk": ClientKey(Role.DESK, b"d" * 32),
    "dealer": ClientKey(Role.DEALER, b"e" * 32),
    "hub": ClientKey(Role.HUB, b"h" * 32),
}


def account(login: int, balance: int = 10_000) -> Account:
    return Account(
        login=login, client_id=login, group="real", currency="USD", leverage=100, balance=balance, credit=0, opened_us=0
    )


def position(position_id: int, volume: int = 100_000_000, login: int = 1001) -> Position:
    return Position(
        id=position_id,
        login=login,
        symbol="EURUSD",
        side=Side.BUY,
        volume=volume,
        open_price=Decimal("1.12345"),
        opened_us=START_US,
    )


def deal(deal_id: int, profit: int = 0) -> Deal:
    return Deal(
        id=deal_id,
        position_id=1,
        order_id=1,
        login=1001,
        symbol="EURUSD",
        side=Side.SELL,
        entry=Entry.OUT,
        volume=100_000_000,
        price=Decimal("1.12345"),
        dealt_us=START_US,
        profit=profit,
    )


def routing(login: int, book: Book = Book.B) -> Routing:
    return Routing(login=login, book=book, covered_percent=100 if book is Book.A else 0)


def set_book(command_id: str, login: int = 1001, book: Book = Book.A, deadline_us: int = 1 << 60) -> Command:
    return Command(command_id, SetBook(login, book, 100 if book is Book.A else 0), "anna", deadline_us)


class MemoryLog:
    """The journal's part of a session, without a disk."""

    def __init__(self, epoch: str = "e" * 32, read_max: int = 500) -> None:
        self.epoch = epoch
        self._read_max = read_max
        self.first_seq = 1
        self.last_seq = 0
        self.synced_seq = 0
        self.size_bytes = 0
        self._items: list[bytes] = []

    def append(self, delta: Delta) -> None:
        self._items.append(encode_delta(delta))
        self.last_seq = self.synced_seq = delta.seq

    def read(self, from_seq: int, count_max: int, bytes_max: int) -> list[bytes]:
        return self._items[from_seq - 1 : from_seq - 1 + min(count_max, self._read_max)]


class PlatformDouble:
    """Rows in dictionaries; every change is the next delta. Executes `set_book` at once, with one answer."""

    def __init__(self, seq: int = 0) -> None:
        self.seq = seq
        self.rows: dict[RowSet, dict[int | str, tuple[Row, int]]] = {s: {} for s in SETS}
        self.ledgers = {s: Ledger(s) for s in SETS}
        self.executed: list[tuple[str, int]] = []
        self.answers = True
        self.snapshots = 0

    def seed(self, *rows: Row) -> None:
        """Rows of the initial population, version 0."""
        for s in SETS:
            mine = [row for row in rows if row_set(row) is s]
            self.rows[s] |= {row_key(row): (row, 0) for row in mine}
            self.ledgers[s].load_rows(mine, [0] * len(mine))

    def put(self, row: Row) -> Delta:
        self.seq += 1
        return self._note(Delta(self.seq, self.seq, START_US + self.seq, row))

    def drop(self, s: RowSet, key: int | str) -> Delta:
        self.seq += 1
        return self._note(Delta(self.seq, self.seq, START_US + self.seq, Gone(s, key)))

    def replay(self, delta: Delta) -> None:
        """Takes over a change that was made before a restart."""
        self.seq = delta.seq
        self._note(delta)

    def _note(self, delta: Delta) -> Delta:
        row = delta.row
        if isinstance(row, Gone):
            self.rows[row.set].pop(row.key, None)
            self.ledgers[row.set].apply(delta)
        else:
            self.rows[row_set(row)][row_key(row)] = (row, delta.version)
            self.ledgers[row_set(row)].apply(delta)
        return delta

    def time_us(self) -> int:
        return START_US + self.seq

    def snapshot(self, sets: Collection[RowSet]) -> Snapshot:
        self.snapshots += 1
        held = {s: list(self.rows[s].values()) for s in SETS if s in sets}
        digests = {s: self.ledgers[s].digest() for s in held}
        return Snapshot(self.seq, {s: len(rows) for s, rows in held.items()}, _chunks(held), digests)

    def digests(self) -> dict[RowSet, Digest]:
        return {s: ledger.digest() for s, ledger in self.ledgers.items()}

    def mark(self) -> int:
        return self.seq + 1

    def execute(self, command: Command, at: int, report: Report) -> None:
        self.executed.append((command.id, at))
        if self.answers:
            report(Ack(command.id, Stage.SENT, START_US))
            report(Ack(command.id, Stage.DONE, START_US, ticket="77"))


def _chunks(
    held: dict[RowSet, list[tuple[Row, int]]],
) -> Iterator[tuple[RowSet, Sequence[Row], Sequence[int]]]:
    for s, pairs in held.items():
        if pairs:
            yield s, [row for row, _ in pairs], [version for _, version in pairs]


class Mirror(Listener):
    """A desk in memory: the rows it was given, and what else it was told."""

    def __init__(self) -> None:
        self.rows: dict[RowSet, dict[int | str, tuple[Row, int]]] = {s: {} for s in SETS}
        self.seqs: list[int] = []
        self.seq = 0
        self.snapshots = 0
        self.quotes_by_index: dict[int, tuple[int, int, int]] = {}
        self.batches = 0
        self.acks: list[Ack] = []
        self.errors: list[Error] = []
        self.statuses: list[ConnectionStatus] = []
        self.welcomes: list[Welcome] = []
        self.news: list[str] = []
        self.point: ResumePoint | None = None

    def take(self, event: Event) -> None:
        """An event of a session, without a client around it."""
        match event:
            case Deltas():
                self.deltas("", event.epoch, event.items)
            case SnapshotBegin():
                self.snapshot_begin("", event)
            case SnapshotChunk():
                self.snapshot_chunk("", event)
            case SnapshotEnd():
                self.snapshot_end("", event)
            case Welcome():
                self.welcome("", event)
            case Ack():
                self.acks.append(event)
            case Error():
                self.errors.append(event)
            case QuoteBatch():
                self.quotes("", event, 0)
            case other:
                self.news.append(type(other).__name__)

    def resume_point(self, server: str) -> ResumePoint | None:
        return self.point

    def welcome(self, server: str, welcome: Welcome) -> None:
        self.welcomes.append(welcome)

    def snapshot_begin(self, server: str, message: SnapshotBegin) -> None:
        for s in message.rows:
            self.rows[s] = {}

    def snapshot_chunk(self, server: str, message: SnapshotChunk) -> None:
        for row, version in zip(message.rows, message.versions, strict=True):
            self.rows[message.set][row_key(row)] = (row, version)

    def snapshot_end(self, server: str, message: SnapshotEnd) -> None:
        self.snapshots += 1
        self.seq = message.as_of

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        for delta in items:
            self.seqs.append(delta.seq)
            if isinstance(delta.row, Gone):
                del self.rows[delta.row.set][delta.row.key]
            else:
                self.rows[row_set(delta.row)][row_key(delta.row)] = (delta.row, delta.version)
        self.seq = items[-1].seq

    def quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        self.batches += 1
        columns = (batch.index, batch.bid, batch.ask, batch.offset_us)
        for index, bid, ask, offset_us in zip(*(column.tolist() for column in columns), strict=True):
            self.quotes_by_index[index] = (bid, ask, batch.base_us + offset_us)

    def ack(self, server: str, ack: Ack) -> None:
        self.acks.append(ack)

    def error(self, server: str, error: Error) -> None:
        self.errors.append(error)

    def stale(self, server: str, since_us: int, reason: str) -> None:
        self.news.append(f"stale {since_us} {reason}")

    def fresh(self, server: str, time_us: int) -> None:
        self.news.append("fresh")

    def status(self, server: str, status: ConnectionStatus) -> None:
        self.statuses.append(status)


class TermsDouble:
    """The newest hub's term, in memory; `fault` is raised when it must be written."""

    def __init__(self) -> None:
        self.newest = 0
        self.fault: OSError | None = None

    def admit(self, term: int) -> bool:
        if self.fault is not None:
            raise self.fault
        self.newest = max(self.newest, term)
        return term == self.newest


def bridge_of(platform: PlatformDouble, log: MemoryLog, lag_deltas_max: int = 10_000) -> Bridge:
    return Bridge("MT4", Platform.MT4, 7_200, platform, log, KEYS, platform.time_us, lag_deltas_max, TermsDouble())


def server_session(bridge: Bridge, now_s: float = 0.0) -> ServerSession:
    return ServerSession(bridge, "5" * 64, now_s)


def client_session(
    holdings: Holdings, resume: ResumePoint | None = None, name: str = "desk", key: bytes | None = None
) -> ClientSession:
    role = KEYS[name].role
    hello = new_hello(name, role, "c" * 64, SETS, True, resume)
    return ClientSession("MT4", hello, key or KEYS[name].key, holdings, 0.0)
