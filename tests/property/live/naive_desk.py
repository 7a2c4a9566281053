"""The slowest possible live engine, and random streams for both: dicts of rows, a loop over positions a figure."""

from __future__ import annotations

import math
import random
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

import msgspec
import numpy as np

from dealerdesk.bridges.protocol import Delta, Gone, RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.formulas.conversion import NoRateError, Pair, PairBook, Quote, convert
from dealerdesk.formulas.margin import Leg, lots_of, terms_of
from dealerdesk.formulas.profit import contract_of, value_per_lot
from dealerdesk.formulas.symbol_margin import symbol_margin
from dealerdesk.instruments import AssetClass, CalculationMode, Symbol
from dealerdesk.live.state import LiveState
from dealerdesk.money import currency
from dealerdesk.trading import (
    Account,
    Accounting,
    Book,
    Client,
    Deal,
    Entry,
    Group,
    Position,
    Routing,
    SessionResult,
    Side,
)

SERVERS = ("MT4", "MT5", "cTrader")
DEPOSITS = ("USD", "EUR", "GBP", "JPY", "PLN")
HOUR = 3_600_000_000
START = 20_000 * 24 * HOUR

# name, class, base, profit, mode, contract size, digits, first price in points, hedged size, fixed margin
INSTRUMENTS = (
    ("EURUSD", "fx", "EUR", "USD", "forex", 100_000, 5, 110_000, 50_000, 0),
    ("GBPUSD", "fx", "GBP", "USD", "forex", 100_000, 5, 127_000, 0, 0),
    ("USDJPY", "fx", "USD", "JPY", "forex", 100_000, 3, 151_000, 100_000, 0),
    ("EURGBP", "fx", "EUR", "GBP", "forex_no_leverage", 100_000, 5, 86_500, 50_000, 0),
    ("USDPLN", "fx", "USD", "PLN", "forex", 100_000, 5, 400_000, 0, 0),
    ("XAUUSD", "metals", "XAU", "USD", "cfd_leverage", 100, 2, 265_000, 50, 0),
    ("DE40", "indices", "EUR", "EUR", "cfd_index", 1, 1, 190_000, 0, 0),
    ("BRENT", "energies", "USD", "USD", "futures", 1_000, 2, 7_500, 500, 2_000),
    ("VOD", "shares", "GBP", "GBP", "exchange_stocks", 100, 2, 7_100, 0, 0),
    ("BTCUSD", "crypto", "BTC", "USD", "cfd", 1, 2, 9_500_000, 0, 0),
)


def symbol(number: int, index: int, suffix: str) -> Symbol:
    name, kind, base, profit, mode, size, digits, _, hedged, fixed = INSTRUMENTS[number]
    calculation = CalculationMode(mode)
    forex = calculation in (CalculationMode.FOREX, CalculationMode.FOREX_NO_LEVERAGE)
    return Symbol(
        name=name + suffix,
        instrument=name,
        description=name,
        asset_class=AssetClass(kind),
        base_currency=base,
        profit_currency=profit,
        margin_currency=base if forex else profit,
        calculation_mode=calculation,
        contract_size=Decimal(size),
        digits=digits,
        tick_size=Decimal(1).scaleb(-digits),
        tick_value=Decimal(size).scaleb(-digits),
        volume_min=10**6,
        volume_step=10**6,
        volume_max=10**10,
        margin_initial=Decimal(fixed),
        margin_rate=Decimal("1.15"),
        hedged_contract_size=Decimal(hedged),
        index=index,
    )


@dataclass
class NaiveServer:
    symbols: dict[str, Symbol] = field(default_factory=dict)
    accounts: dict[int, Account] = field(default_factory=dict)
    clients: dict[int, Client] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    routing: dict[int, Routing] = field(default_factory=dict)
    positions: dict[int, Position] = field(default_factory=dict)
    results: dict[tuple[int, str], list[int]] = field(default_factory=dict)
    quotes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def rows(self, kind: RowSet) -> list:
        match kind:
            case RowSet.SESSION_RESULT:
                return [
                    SessionResult(login=login, symbol=name, realised=realised, start_floating=start)
                    for (login, name), (realised, start) in self.results.items()
                ]
            case RowSet.SYMBOL | RowSet.ACCOUNT | RowSet.CLIENT | RowSet.GROUP | RowSet.POSITION:
                return list(getattr(self, f"{kind}s").values())
            case RowSet.ROUTING:
                return list(self.routing.values())
            case _:
                return []

    def book(self, login: int) -> tuple[Book, int]:
        routing = self.routing.get(login)
        return (routing.book, routing.covered_percent) if routing else (Book.B, 0)


class Streams:
    """Makes up a random day on three servers; the naive desk and a LiveState hear the same."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.naive = {name: NaiveServer() for name in SERVERS}
        self.live = LiveState()
        self.seq = dict.fromkeys(SERVERS, 0)
        self.log: list[tuple[str, object]] = []
        self.next_id = 1
        self.now = START
        for name in SERVERS:
            self.populate(name)
            self.snapshot(name, tuple(RowSet))
            self.quote(name, everything=True)

    # -- the world ----------------------------------------------------------------------------------------------

    def populate(self, name: str) -> None:
        server, suffix = self.naive[name], {"MT4": ".m", "MT5": "", "cTrader": "_c"}[name]
        order = self.random.sample(range(len(INSTRUMENTS)), len(INSTRUMENTS))
        for index, number in enumerate(order):
            made = symbol(number, index, suffix)
            server.symbols[made.name] = made
        for number in range(2):
            group = Group(
                name=f"real\\{number}",
                currency="USD",
                accounting=Accounting.HEDGING,
                margin_call_percent=Decimal(100),
                stop_out_percent=Decimal(50),
            )
            server.groups[group.name] = group
        for login in range(1, 7):
            self.add_account(name, login)
        for _ in range(12):
            made_position = self.new_position(name)
            server.positions[made_position.id] = made_position
        for login, symbol_name in [(1, next(iter(server.symbols))), (2, next(iter(server.symbols)))]:
            server.results[(login, symbol_name)] = [self.random.randint(-9999, 9999), self.random.randint(-99, 99)]

    def add_account(self, name: str, login: int) -> Account:
        server = self.naive[name]
        client = Client(id=login % 4, name=f"client {login % 4}", country="PL", profile="casual", registered_us=0)
        server.clients[client.id] = client
        account = Account(
            login=login,
            client_id=client.id,
            group=self.random.choice(list(server.groups)),
            currency=self.random.choice(DEPOSITS),
            leverage=self.random.choice((30, 100, 500)),
            balance=self.random.randint(0, 10**7),
            credit=self.random.choice((0, 5000)),
            opened_us=0,
        )
        server.accounts[login] = account
        return account

    def new_position(self, name: str) -> Position:
        server = self.naive[name]
        self.next_id += 1
        chosen = self.random.choice(list(server.symbols.values()))
        points = next(row[7] for row in INSTRUMENTS if row[0] == chosen.instrument)
        price = Decimal(int(points * self.random.uniform(0.98, 1.02))).scaleb(-chosen.digits)
        return Position(
            id=self.next_id,
            login=self.random.choice(list(server.accounts)),
            symbol=chosen.name,
            side=self.random.choice((Side.BUY, Side.SELL)),
            volume=self.random.randint(1, 500) * 10**6,
            open_price=price,
            opened_us=self.now,
            swap=self.random.choice((0, 0, -123)),
            commission=self.random.choice((0, -350)),
        )

    # -- what the bridge says -----------------------------------------------------------------------------------

    def say(self, name: str, row: object) -> None:
        self.seq[name] += 1
        self.now += 1000
        delta = Delta(seq=self.seq[name], version=self.seq[name], time_us=self.now, row=row)
        self.log.append((name, delta))
        self.live.apply(name, delta)

    def snapshot(self, name: str, sets: tuple[RowSet, ...], shuffled: bool = False) -> None:
        kinds = [kind for kind in sets if self.naive[name].rows(kind)]
        if shuffled:
            self.random.shuffle(kinds)
        self.live.begin_snapshot(name, sets)
        self.log.append((name, ("begin", sets)))
        for kind in kinds:
            rows = self.naive[name].rows(kind)
            for first in range(0, len(rows), 5):
                chunk = rows[first : first + 5]
                self.log.append((name, ("load", chunk)))
                self.live.load(name, chunk, [0] * len(chunk))
        self.live.end_snapshot(name, self.seq[name])
        self.log.append((name, ("end", self.seq[name])))

    def quote(self, name: str, everything: bool = False) -> None:
        server = self.naive[name]
        chosen = [s for s in server.symbols.values() if everything or self.random.random() < 0.4]
        bids = []
        for one in chosen:
            points = next(row[7] for row in INSTRUMENTS if row[0] == one.instrument)
            bid = int(points * self.random.uniform(0.97, 1.03))
            server.quotes[one.name] = (bid, bid + self.random.randint(0, 30))
            bids.append(server.quotes[one.name])
        batch = QuoteBatch(
            self.now,
            np.array([one.index for one in chosen], np.uint32),
            np.zeros(len(chosen), np.uint32),
            np.zeros(len(chosen), np.uint32),
            np.array([bid for bid, _ in bids], np.int64),
            np.array([ask for _, ask in bids], np.int64),
        )
        self.log.append((name, batch))
        self.live.apply_quotes(name, batch, self.now)

    def step(self) -> None:
        """One random event on one random server."""
        name = self.random.choice(SERVERS)
        events = (
            (self.open, 8),
            (self.close, 6),
            (self.part, 4),
            (self.modify, 3),
            (self.quote, 6),
            (self.move, 3),
            (self.change_account, 3),
            (self.new_account, 1),
            (self.rollover, 1),
            (self.again, 1),
            (self.out_of_order, 1),
            (self.account_goes, 1),
        )
        chosen = self.random.choices([event for event, _ in events], [weight for _, weight in events])[0]
        chosen(name)

    def open(self, name: str) -> None:
        made = self.new_position(name)
        self.naive[name].positions[made.id] = made
        self.say(name, made)

    def close(self, name: str) -> None:
        server = self.naive[name]
        if not server.positions:
            return
        gone = server.positions.pop(self.random.choice(list(server.positions)))
        self.deal(name, gone, gone.volume)
        self.say(name, Gone(set=RowSet.POSITION, key=gone.id))

    def part(self, name: str) -> None:
        server = self.naive[name]
        some = [row for row in server.positions.values() if row.volume > 10**6]
        if not some:
            return
        old = self.random.choice(some)
        left = self.random.randint(1, old.volume // 10**6 - 1) * 10**6
        self.deal(name, old, old.volume - left)
        server.positions[old.id] = new = msgspec.structs.replace(old, volume=left)
        self.say(name, new)

    def deal(self, name: str, position: Position, volume: int) -> None:
        deal = Deal(
            id=position.id * 10,
            position_id=position.id,
            order_id=1,
            login=position.login,
            symbol=position.symbol,
            side=position.side.opposite,
            entry=Entry.OUT,
            volume=volume,
            price=position.open_price,
            dealt_us=self.now,
            profit=self.random.randint(-(10**6), 10**6),
            swap=position.swap,
            commission=-100,
        )
        result = self.naive[name].results.setdefault((position.login, position.symbol), [0, 0])
        result[0] += deal.profit + deal.swap + deal.commission
        self.say(name, deal)

    def modify(self, name: str) -> None:
        server = self.naive[name]
        if server.positions:
            old = self.random.choice(list(server.positions.values()))
            new = msgspec.structs.replace(old, stop_loss=old.open_price, swap=old.swap - self.random.randint(0, 50))
            server.positions[old.id] = new
            self.say(name, new)

    def move(self, name: str) -> None:
        server = self.naive[name]
        book, covered = self.random.choice(((Book.A, 100), (Book.B, 0), (Book.C, 30), (Book.C, 70)))
        row = Routing(login=self.random.choice(list(server.accounts)), book=book, covered_percent=covered)
        server.routing[row.login] = row
        self.say(name, row)

    def change_account(self, name: str) -> None:
        server = self.naive[name]
        old = self.random.choice(list(server.accounts.values()))
        new = msgspec.structs.replace(
            old, leverage=self.random.choice((30, 100, 500)), balance=old.balance + self.random.randint(-500, 500)
        )
        server.accounts[old.login] = new
        self.say(name, new)

    def new_account(self, name: str) -> None:
        made = self.add_account(name, max(self.naive[name].accounts) + 1)
        self.say(name, self.naive[name].clients[made.client_id])
        self.say(name, made)

    def account_goes(self, name: str) -> None:
        server = self.naive[name]
        free = [login for login in server.accounts if all(row.login != login for row in server.positions.values())]
        if len(server.accounts) > 2 and free:
            login = self.random.choice(free)
            del server.accounts[login]
            server.routing.pop(login, None)
            server.results = {key: result for key, result in server.results.items() if key[0] != login}
            self.say(name, Gone(set=RowSet.ACCOUNT, key=login))

    def rollover(self, name: str) -> None:
        server = self.naive[name]
        for key in list(server.results):
            if self.random.random() < 0.3:
                del server.results[key]
                self.say(name, Gone(set=RowSet.SESSION_RESULT, key=f"{key[0]}/{key[1]}"))
            else:
                server.results[key] = [0, self.random.randint(-500, 500)]
                start = server.results[key][1]
                self.say(name, SessionResult(login=key[0], symbol=key[1], realised=0, start_floating=start))

    def again(self, name: str) -> None:
        """The bridge sends some sets, or all, anew: positions may have gone meanwhile."""
        server = self.naive[name]
        if self.random.random() < 0.5 and server.positions:
            server.positions.pop(next(iter(server.positions)))
        sets = self.random.choice(
            (
                tuple(RowSet),
                (RowSet.POSITION,),
                (RowSet.POSITION, RowSet.SESSION_RESULT),
                (RowSet.ACCOUNT, RowSet.POSITION),
            )
        )
        if RowSet.POSITION in sets:
            self.snapshot(name, sets, shuffled=True)

    def out_of_order(self, name: str) -> None:
        """A position of an account that only comes afterwards."""
        server = self.naive[name]
        account = self.add_account(name, max(server.accounts) + 1)
        made = msgspec.structs.replace(self.new_position(name), login=account.login)
        server.positions[made.id] = made
        self.say(name, made)
        self.deal(name, made, made.volume)
        self.say(name, account)


class Truth:
    """Every figure from the naive rows, position by position."""

    def __init__(self, streams: Streams) -> None:
        self.servers = streams.naive
        self.pairs = PairBook(self._pairs())

    def _pairs(self) -> list[Pair]:
        rank = {AssetClass.FX: 0, AssetClass.METALS: 1, AssetClass.CRYPTO: 2}
        found = []
        for server in self.servers.values():
            for one in server.symbols.values():
                if one.asset_class in rank and one.base_currency != one.profit_currency and one.name in server.quotes:
                    bid, ask = (Decimal(points).scaleb(-one.digits) for points in server.quotes[one.name])
                    found.append(
                        (rank[one.asset_class], Pair(one.name, one.base_currency, one.profit_currency, Quote(bid, ask)))
                    )
        return [pair for _, pair in sorted(found, key=lambda item: item[0])]

    def rate(self, source: str, target: str) -> float:
        try:
            return float(convert(source, target, self.pairs).rate)
        except NoRateError:
            return math.nan

    def price(self, server: NaiveServer, one: Symbol, side: Side) -> Decimal:
        bid, ask = server.quotes[one.name]
        return Decimal(bid if side is Side.BUY else ask).scaleb(-one.digits)

    def mid(self, server: NaiveServer, one: Symbol) -> Decimal:
        return Decimal(sum(server.quotes[one.name])).scaleb(-one.digits) / 2

    def floating(self, server: NaiveServer, row: Position, target: str) -> float:
        one = server.symbols[row.symbol]
        per_price = lots_of(row.volume) * value_per_lot(one.calculation_mode, contract_of(one))
        change = self.price(server, one, row.side) - row.open_price
        return float(change * per_price * row.side.sign) * self.rate(one.profit_currency, target)

    def notional(self, server: NaiveServer, row: Position, target: str = "USD") -> float:
        one = server.symbols[row.symbol]
        value = self.mid(server, one) * lots_of(row.volume) * value_per_lot(one.calculation_mode, contract_of(one))
        return float(value * row.side.sign) * self.rate(one.profit_currency, target)

    def margin(self, server: NaiveServer, login: int) -> float:
        account, total = server.accounts[login], 0.0
        legs: dict[str, list[Leg]] = defaultdict(list)
        for row in server.positions.values():
            if row.login == login:
                legs[row.symbol].append(Leg(row.side, lots_of(row.volume), row.open_price))
        for name, held in legs.items():
            one = server.symbols[name]
            margin = symbol_margin(terms_of(one), held, account.leverage).unrounded
            total += float(margin) * self.rate(one.margin_currency, account.currency)
        return total

    def unit(self, account: Account) -> float:
        return 10.0 ** -currency(account.currency).exponent

    def rows_of(self, server: NaiveServer, login: int) -> list[Position]:
        return [row for row in server.positions.values() if row.login == login]
