"""A broker that follows a script: after so many steps its books are always the same, whoever was killed in between.

Used by the hub's tests as a platform behind a real bridge server, in a process of its own or within the test. A step is
one delta and depends on the seed, its own number and the books so far; a command is one delta more, in between.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal

from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import (
    Ack,
    Command,
    Delta,
    Digest,
    Gone,
    Row,
    RowSet,
    SetBook,
    Stage,
    decode_delta,
    row_key,
    row_set,
)
from dealerdesk.bridges.source import Report, Snapshot
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Session, Symbol
from dealerdesk.trading import (
    Account,
    Accounting,
    BalanceKind,
    BalanceOperation,
    Book,
    Client,
    DayEnd,
    Deal,
    Entry,
    Group,
    Order,
    OrderType,
    Position,
    QuoteSample,
    Request,
    RequestState,
    Routing,
    Side,
)

START_US = 1_700_000_000_000_000
SYMBOLS = ("EURUSD", "XAUUSD", "US500")
FIRST_LOGIN = 1001
Key = int | str


class ScriptedBroker:
    """The books, and the script; a `BridgeSource` without a clock of its own."""

    def __init__(self, seed: int, accounts: int = 20, positions: int = 40) -> None:
        self.seed = seed
        self.accounts = accounts
        self.seq = 0
        self.steps = 0
        self.books: dict[RowSet, dict[Key, tuple[Row, int]]] = {row_set_: {} for row_set_ in RowSet}
        self.ledgers = {row_set_: Ledger(row_set_) for row_set_ in RowSet}
        for row in self._population(positions):
            self.books[row_set(row)][row_key(row)] = (row, 0)
        for row_set_, ledger in self.ledgers.items():
            ledger.load_rows(*self._columns(row_set_))

    # -- the script ---------------------------------------------------------------------------------------------

    def step(self) -> Delta:
        """The script's next delta, applied."""
        self.steps += 1
        chance = random.Random(f"{self.seed}/{self.steps}")
        return self.change(self._next_row(chance))

    def change(self, row: Row | Gone) -> Delta:
        """Any change, numbered and applied."""
        seq = self.seq + 1
        delta = Delta(seq, seq, START_US + seq, row)
        self.apply(delta)
        return delta

    def apply(self, delta: Delta) -> None:
        """A delta that was made before, after a restart."""
        self.seq = delta.seq
        if isinstance(delta.row, Gone):
            self.books[delta.row.set].pop(delta.row.key, None)
        else:
            self.books[row_set(delta.row)][row_key(delta.row)] = (delta.row, delta.version)
        self.ledgers[delta.row.set if isinstance(delta.row, Gone) else row_set(delta.row)].apply(delta)

    def recall(self, journal: Journal) -> None:
        """Comes to where the journal ends."""
        for _seq, data in journal.entries(1):
            delta = decode_delta(data)
            self.apply(delta)
            self.steps += not (isinstance(delta.row, Routing) and delta.row.command_id)

    def _next_row(self, chance: random.Random) -> Row | Gone:
        login = FIRST_LOGIN + chance.randrange(self.accounts)
        positions = list(self.books[RowSet.POSITION])
        number = 100_000 + self.steps
        match chance.randrange(10):
            case 0 | 1 | 2:
                return self._position(number, login, chance)
            case 3 | 4 if positions:
                return Gone(RowSet.POSITION, chance.choice(positions))
            case 5:
                return self._deal(number, login, chance)
            case 6:
                return self._account(login, balance=chance.randrange(10**9))
            case 7:
                return BalanceOperation(
                    id=number,
                    login=login,
                    kind=BalanceKind.DEPOSIT,
                    amount=chance.randrange(1, 10**6),
                    booked_us=number,
                )
            case 8:
                return QuoteSample(
                    symbol=chance.choice(SYMBOLS),
                    minute_us=number,
                    bid=Decimal("1.08500"),
                    ask=Decimal("1.08512"),
                    high=Decimal("1.09"),
                    low=Decimal("1.08"),
                    ticks=chance.randrange(1, 500),
                )
            case _:
                return self._order_or_request(number, login, chance)

    # -- what it consists of ------------------------------------------------------------------------------------

    def _population(self, positions: int) -> Iterator[Row]:
        chance = random.Random(self.seed)
        yield from (self._symbol(name, index) for index, name in enumerate(SYMBOLS))
        yield Group(
            name="retail",
            currency="USD",
            accounting=Accounting.HEDGING,
            margin_call_percent=Decimal(100),
            stop_out_percent=Decimal(50),
            commission_per_lot=Decimal("3.50"),
        )
        for login in range(FIRST_LOGIN, FIRST_LOGIN + self.accounts):
            yield Client(id=login, name=f"Client {login} <b>", country="PT", profile="casual", registered_us=START_US)
            yield self._account(login, balance=1_000_000)
            yield Routing(login=login, book=Book.B, covered_percent=0)
            yield DayEnd(
                login=login, day="2023-11-13", balance=1, credit=0, floating=-5, margin=7, realised=0, deposits=0
            )
        for number in range(1, positions + 1):
            yield self._position(number, FIRST_LOGIN + number % self.accounts, chance)

    def _symbol(self, name: str, index: int) -> Symbol:
        return Symbol(
            name=name,
            instrument=name,
            description=f"{name} — spot",
            asset_class=AssetClass.FX,
            base_currency=name[:3],
            profit_currency="USD",
            margin_currency="USD",
            calculation_mode=CalculationMode.FOREX,
            contract_size=Decimal(100_000),
            digits=5,
            tick_size=Decimal("0.00001"),
            tick_value=Decimal("1.00"),
            volume_min=LOT // 100,
            volume_step=LOT // 100,
            volume_max=100 * LOT,
            swap_long=Decimal("-6.25"),
            sessions=(Session(0, 7_200),),
            index=index,
        )

    def _account(self, login: int, balance: int) -> Account:
        return Account(
            login=login,
            client_id=login,
            group="retail",
            currency="USD" if login % 2 else "EUR",
            leverage=100,
            balance=balance,
            credit=0,
            opened_us=START_US,
            enabled=login % 5 != 0,
        )

    def _position(self, number: int, login: int, chance: random.Random) -> Position:
        return Position(
            id=number,
            login=login,
            symbol=chance.choice(SYMBOLS),
            side=chance.choice((Side.BUY, Side.SELL)),
            volume=chance.randrange(1, 500) * LOT // 100,
            open_price=Decimal(chance.randrange(100_000, 120_000)).scaleb(-5),
            opened_us=START_US + number,
            stop_loss=Decimal("0.90000") if chance.random() < 0.3 else None,
            swap=-chance.randrange(50),
            commission=-350,
            comment="it's \\ a % ? test\t\n☃",
        )

    def _deal(self, number: int, login: int, chance: random.Random) -> Deal:
        return Deal(
            id=number,
            position_id=number,
            order_id=number,
            login=login,
            symbol=chance.choice(SYMBOLS),
            side=Side.SELL,
            entry=Entry.OUT,
            volume=LOT,
            price=Decimal("1.08500"),
            dealt_us=START_US + number,
            profit=chance.randrange(-10_000, 10_000),
            rate_profit=Decimal("0.92345678"),
        )

    def _order_or_request(self, number: int, login: int, chance: random.Random) -> Row:
        if chance.random() < 0.5:
            kind, price = OrderType.BUY_LIMIT, Decimal("1.05")
            return Order(id=number, login=login, symbol="EURUSD", kind=kind, volume=LOT, price=price, placed_us=number)
        return Request(
            id=number,
            login=login,
            symbol="EURUSD",
            side=Side.BUY,
            volume=LOT,
            price=Decimal("1.085"),
            state=RequestState.WAITING,
            raised_us=number,
            deadline_us=number + 5_000_000,
        )

    def _columns(self, row_set_: RowSet) -> tuple[list[Row], list[int]]:
        held = self.books[row_set_].values()
        return [row for row, _version in held], [version for _row, version in held]

    # -- a bridge's source --------------------------------------------------------------------------------------

    def time_us(self) -> int:
        return START_US + self.seq

    def snapshot(self, sets: Collection[RowSet]) -> Snapshot:
        held = {row_set_: self._columns(row_set_) for row_set_ in sets}
        return Snapshot(
            as_of=self.seq,
            rows={row_set_: len(rows) for row_set_, (rows, _versions) in held.items()},
            chunks=iter([(row_set_, rows, versions) for row_set_, (rows, versions) in held.items() if rows]),
            digests={row_set_: self.ledgers[row_set_].digest() for row_set_ in sets},
        )

    def digests(self) -> dict[RowSet, Digest]:
        return {row_set_: ledger.digest() for row_set_, ledger in self.ledgers.items()}

    def mark(self) -> int:
        return self.seq

    def execute(self, command: Command, at: int, report: Report) -> None:
        raise NotImplementedError("the test's bridge executes")


def book_ack(broker: ScriptedBroker, command: Command) -> tuple[Sequence[Delta], Ack]:
    """What doing a SetBook brings, and the answer; nothing is done twice under one id."""
    assert isinstance(command.body, SetBook)
    row, version = broker.books[RowSet.ROUTING].get(command.body.login, (None, 0))
    if row is None:
        return [], Ack(id=command.id, stage=Stage.REJECTED, time_us=broker.time_us(), code="absent", text="no account")
    assert isinstance(row, Routing)
    if command.expected_version not in (None, version) and row.command_id != command.id:
        text = f"the row has changed: version {version}"
        return [], Ack(id=command.id, stage=Stage.REJECTED, time_us=broker.time_us(), code="version", text=text)
    deltas = []
    if row.command_id != command.id:
        body = command.body
        share = body.covered_percent
        deltas = [
            broker.change(Routing(login=body.login, book=body.book, covered_percent=share, command_id=command.id))
        ]
    row, version = broker.books[RowSet.ROUTING][command.body.login]
    done = Ack(id=command.id, stage=Stage.DONE, time_us=broker.time_us(), row=row, version=version, ticket="77")
    return deltas, done
