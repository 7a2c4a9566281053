"""Measures the live engine, and like work in pandas, polars, perspective and plain Python objects in the same run.

    python tests/benchmarks/bench_engine.py [--large] [--no-peers]

CPU milliseconds; medians. The refresh compared is: all prices are new; equity, hedged margin and margin level of every
account and net volume by book and symbol from the positions. polars and pandas compute all of it; plain objects and
perspective are let off the hedging. A peer that is not installed is left out.
"""

from __future__ import annotations

import argparse
import gc
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

import numpy as np

from dealerdesk.bridges.protocol import Delta, Gone, RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Symbol
from dealerdesk.live.exposure import Dimension, exposure
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Account, Book, Position, Routing, Side

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CHF", "AUD", "CAD", "NZD", "PLN", "SEK", "NOK", "CZK")
DEPOSIT_SHARES = (0.5, 0.2, 0.1, 0.05, 0.03, 0.03, 0.03, 0.02, 0.01, 0.01, 0.01, 0.01)
SERVERS = ("MT4", "MT5", "cTrader")
ACCOUNTS, SYMBOLS, PAIRS = 45_000, 1_000, 60
HEDGING = 0.013
PEER_S = 60
NOW = 1_700_000_000_000_000


def cpu_ms(work: Callable[[], object], times: int) -> float:
    """Median CPU milliseconds of one call."""
    taken = []
    for _ in range(times):
        begin = time.process_time_ns()
        work()
        taken.append((time.process_time_ns() - begin) / 1e6)
    return statistics.median(taken)


def symbol(number: int, random: np.random.Generator) -> Symbol:
    """The first eleven pairs join every currency with USD; then crosses; then shares and indices."""
    if number < 11:
        other = CURRENCIES[number + 1]
        base, profit = (other, "USD") if other in ("EUR", "GBP", "AUD", "NZD") else ("USD", other)
    elif number < PAIRS:
        base, profit = (CURRENCIES[i] for i in random.choice(12, 2, replace=False))
    else:
        base = profit = CURRENCIES[random.choice(12, p=DEPOSIT_SHARES)]
    pair = number < PAIRS
    return Symbol(
        name=f"S{number}",
        instrument=f"{base}{profit}" if pair else f"I{number}",
        description="",
        asset_class=AssetClass.FX if pair else AssetClass.SHARES,
        base_currency=base,
        profit_currency=profit,
        margin_currency=base if pair else profit,
        calculation_mode=CalculationMode.FOREX if pair else CalculationMode.CFD_LEVERAGE,
        contract_size=Decimal(100_000 if pair else 10),
        digits=5 if pair else 2,
        tick_size=Decimal("0.01"),
        tick_value=Decimal(1),
        volume_min=10**6,
        volume_step=10**6,
        volume_max=10**10,
        hedged_contract_size=Decimal(50_000 if pair else 5),
        index=number,
    )


def load_server(state: LiveState, name: str, accounts: int, positions: int, symbols: int, seed: int) -> float:
    """Loads one server and returns the positions loaded a second; about 12 % of the accounts end up hedged."""
    random = np.random.default_rng(seed)
    state.begin_snapshot(name, list(RowSet))
    made = [symbol(number, random) for number in range(symbols)]
    state.load(name, made, [0] * symbols)
    deposit = random.choice(12, accounts, p=DEPOSIT_SHARES)
    rows = [
        Account(
            login=login + 1,
            client_id=login + 1,
            group="real",
            currency=CURRENCIES[deposit[login]],
            leverage=100,
            balance=int(random.integers(10**5, 10**7)),
            credit=0,
            opened_us=0,
        )
        for login in range(accounts)
    ]
    state.load(name, rows, [0] * accounts)
    books = ((Book.A, 100), (Book.B, 0), (Book.B, 0), (Book.C, 50))
    routing = [
        Routing(login=row.login, book=books[row.login % 4][0], covered_percent=books[row.login % 4][1]) for row in rows
    ]
    state.load(name, routing, [0] * accounts)
    held = position_rows(random, accounts, positions, symbols)
    begin = time.process_time()
    for first in range(0, positions, 500):
        chunk = held[first : first + 500]
        state.load(name, chunk, [0] * len(chunk))
    state.end_snapshot(name, 0)
    return positions / (time.process_time() - begin)


def position_rows(random: np.random.Generator, accounts: int, positions: int, symbols: int) -> list[Position]:
    logins = random.integers(1, accounts + 1, positions)
    chosen = random.integers(0, symbols, positions)
    hedged = random.random(positions) < HEDGING
    logins[1:][hedged[1:]] = logins[:-1][hedged[1:]]
    chosen[1:][hedged[1:]] = chosen[:-1][hedged[1:]]
    sides = random.random(positions) < 0.5
    sides[1:][hedged[1:]] = ~sides[:-1][hedged[1:]]
    points = random.integers(80_000, 120_000, positions)
    lots = random.integers(1, 200, positions) * 10**6
    columns = zip(logins.tolist(), chosen.tolist(), sides.tolist(), points.tolist(), lots.tolist(), strict=True)
    return [
        Position(
            id=number + 1,
            login=login,
            symbol=f"S{which}",
            side=Side.BUY if bought else Side.SELL,
            volume=volume,
            open_price=Decimal(price).scaleb(-5 if which < PAIRS else -2),
            opened_us=NOW,
        )
        for number, (login, which, bought, price, volume) in enumerate(columns)
    ]


def quote(state: LiveState, random: np.random.Generator, many: int = 0) -> None:
    """New prices: of all symbols, or of `many` of the first server."""
    for name in SERVERS[: 1 if many else None]:
        count = len(state.server(name).symbols)
        index = np.arange(count, dtype=np.uint32) if not many else random.integers(0, count, many).astype(np.uint32)
        zeros = np.zeros(len(index), np.uint32)
        bid = random.integers(95_000, 105_000, len(index))
        state.apply_quotes(name, QuoteBatch(NOW, index, zeros, zeros, bid, bid + 5), NOW)


def build(positions: int) -> LiveState:
    state = LiveState()
    speed = []
    for number, name in enumerate(SERVERS):
        symbols = SYMBOLS // 3 + (number < SYMBOLS % 3)
        speed.append(load_server(state, name, ACCOUNTS // 3, positions // 3, symbols, number))
    quote(state, np.random.default_rng(9))
    print(f"loaded {positions:,} positions at {statistics.median(speed):,.0f} rows/s", flush=True)
    return state


def frames(state: LiveState, times: int) -> float:
    frame_ms = cpu_ms(lambda: compute(state, NOW), times)
    entries = state.engine.money.entry_count(), state.engine.margin.entry_count()
    hedged = hedged_share(state)
    print(f"frame: {frame_ms:.3f} ms median at {state.positions.living:,} positions", end="; ")
    print(f"matrix entries {entries}, hedged accounts {hedged:.1%}")
    return frame_ms


def hedged_share(state: LiveState) -> float:
    cells = state.engine.cells
    both = np.minimum(cells.long_volume, cells.short_volume)[: cells.count] > 0
    return len(np.unique(cells.account[: cells.count][both])) / state.accounts.living


def error_against_naive(state: LiveState) -> float:
    """Largest relative error of equity and margin against sums over positions, in exact integers and long floats."""
    frame, table, symbols, accounts = compute(state, NOW), state.positions, state.symbols, state.accounts
    held = table.living_slots()
    symbol_of, account = table.symbol[held], table.account[held]
    wide = np.longdouble
    price = np.where(table.side[held] > 0, frame.bid[symbol_of], frame.ask[symbol_of]).astype(wide)
    rate = frame.rates.matrix[symbols.profit_currency[symbol_of], accounts.currency[account]].astype(wide)
    lots = table.volume[held].astype(wide) / LOT * table.side[held]
    each = (price - table.open_price[held].astype(wide)) * lots * symbols.lot_value[symbol_of].astype(wide) * rate
    equity = accounts.settled[: frame.count].astype(wide) * accounts.unit[: frame.count].astype(wide)
    np.add.at(equity, account, each)
    gross = np.zeros(frame.count, wide)
    np.add.at(gross, account, np.abs(lots * price * symbols.lot_value[symbol_of] * rate))
    living = accounts.alive[: frame.count]
    size = np.maximum(np.abs(equity), gross)[living]
    return float(np.max(np.abs(frame.equity[living] - equity[living]) / size))


def changes(state: LiveState, many: int = 10_000) -> dict[str, float]:
    """CPU microseconds for one opened, partly closed and closed position, as deltas; caches cold as they come."""
    random = np.random.default_rng(5)
    rows = position_rows(random, ACCOUNTS // 3, many, SYMBOLS // 3)
    first = 10**9
    kinds: dict[str, list] = {"open": [], "partial close": [], "modify": [], "close": []}
    for number, row in enumerate(rows):
        named = Position(**{name: getattr(row, name) for name in row.__struct_fields__} | {"id": first + number})
        part = Position(
            **{name: getattr(named, name) for name in row.__struct_fields__} | {"volume": named.volume // 2}
        )
        stop = Position(
            **{name: getattr(part, name) for name in row.__struct_fields__} | {"stop_loss": part.open_price}
        )
        for kind, said in (("open", named), ("partial close", part), ("modify", stop)):
            kinds[kind].append(Delta(seq=1, version=1, time_us=NOW, row=said))
        kinds["close"].append(Delta(seq=1, version=1, time_us=NOW, row=Gone(set=RowSet.POSITION, key=named.id)))
    taken = {}
    for kind, deltas in kinds.items():
        begin = time.process_time_ns()
        state.apply_many("MT5", deltas)
        taken[kind] = (time.process_time_ns() - begin) / 1e3 / many
    return taken


def columns_of(state: LiveState) -> SimpleNamespace:
    """The same positions as plain columns, for the peers."""
    table, symbols, accounts = state.positions, state.symbols, state.accounts
    held = table.living_slots()
    symbol_of, account = table.symbol[held].astype(np.int64), table.account[held].astype(np.int64)
    pair = symbols.profit_currency[symbol_of].astype(np.int64) * 64 + accounts.currency[account]
    lots, bought = table.volume[held] / LOT, table.side[held] > 0
    return SimpleNamespace(
        account=account,
        symbol=symbol_of,
        pair=pair,
        book=accounts.book[account].astype(np.int64),
        signed=table.volume[held] / LOT * table.side[held],
        value=table.volume[held] / LOT * table.side[held] * symbols.lot_value[symbol_of],
        open=table.open_price[held],
        margin=lots * symbols.need_open[symbol_of] / 100,
        margin_pair=symbols.margin_currency[symbol_of].astype(np.int64) * 64 + accounts.currency[account],
        bought=np.where(bought, lots, 0.0),
        sold=np.where(bought, 0.0, lots),
        bought_cost=np.where(bought, lots * table.open_price[held], 0.0),
        sold_cost=np.where(bought, 0.0, lots * table.open_price[held]),
    )


LEGS = ["bought", "sold", "bought_cost", "sold_cost"]


def settled_of(state: LiveState) -> np.ndarray:
    """Equity without floating results, by account."""
    accounts = state.accounts
    return accounts.settled[: accounts.count] * accounts.unit[: accounts.count]


def hedged_margin(state: LiveState, symbol_of, bought, sold, bought_cost, sold_cost) -> np.ndarray:
    """Margin of each account and symbol, as columns; every account of this benchmark has a leverage of 100."""
    symbols = state.symbols
    priced, covered = symbols.priced[symbol_of], np.minimum(bought, sold)
    with np.errstate(divide="ignore", invalid="ignore"):
        larger = np.where(bought >= sold, bought_cost / bought, sold_cost / sold)
        middle = (bought_cost + sold_cost) / (bought + sold)
    uncovered = np.abs(bought - sold) * np.where(priced, larger, 1.0) * symbols.need_open[symbol_of]
    return (uncovered + covered * np.where(priced, middle, 1.0) * symbols.need_hedged[symbol_of]) / 100


def python_objects(state: LiveState) -> float:
    """One object a position, one loop."""
    columns, frame = columns_of(state), compute(state, NOW)
    names = ("account", "symbol", "pair", "signed", "value", "open", "margin")
    lists = [getattr(columns, name).tolist() for name in names]
    positions = [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in zip(*lists, strict=True)]
    mid = frame.mid.tolist()
    rates = {int(pair): float(frame.rates.matrix[pair // 64, pair % 64]) for pair in np.unique(columns.pair)}

    def refresh() -> None:
        equity, margin = [0.0] * frame.count, [0.0] * frame.count
        net = [0.0] * len(mid)
        for one in positions:
            rate = rates[one.pair]
            equity[one.account] += (mid[one.symbol] - one.open) * one.value * rate
            margin[one.account] += one.margin * rate
            net[one.symbol] += one.signed

    return cpu_ms(refresh, 3)


def pandas_frames(state: LiveState) -> float:
    import pandas

    columns, frame = columns_of(state), compute(state, NOW)
    table, settled = pandas.DataFrame(vars(columns)), settled_of(state)

    def refresh() -> None:
        prices = pandas.DataFrame({"symbol": np.arange(len(frame.mid)), "mid": frame.mid})
        rates = pandas.DataFrame({"pair": np.arange(64 * 64), "rate": _flat_rates(frame)})
        joined = table.merge(prices, on="symbol").merge(rates, on="pair")
        joined["floating"] = (joined["mid"] - joined["open"]) * joined["value"] * joined["rate"]
        cells = joined.groupby(["account", "symbol", "margin_pair"], sort=False)[LEGS].sum().reset_index()
        cells["used"] = hedged_margin(state, *(cells[name].to_numpy() for name in ("symbol", *LEGS)))
        cells["used"] *= rates["rate"].to_numpy()[cells["margin_pair"].to_numpy()]
        accounts = joined.groupby("account")[["floating"]].sum()
        accounts["used"] = cells.groupby("account")["used"].sum()
        accounts["level"] = (accounts["floating"] + settled[accounts.index]) / accounts["used"] * 100
        joined.groupby(["book", "symbol"])["signed"].sum()

    return cpu_ms(refresh, 5)


def polars_frames(state: LiveState) -> float:
    import polars

    columns, frame = columns_of(state), compute(state, NOW)
    table, settled = polars.DataFrame(vars(columns)), settled_of(state)

    def refresh() -> None:
        prices = polars.DataFrame({"symbol": np.arange(len(frame.mid)), "mid": frame.mid})
        rates = polars.DataFrame({"pair": np.arange(64 * 64), "rate": _flat_rates(frame)})
        joined = table.join(prices, on="symbol").join(rates, on="pair")
        joined = joined.with_columns(
            floating=(polars.col("mid") - polars.col("open")) * polars.col("value") * polars.col("rate"),
        )
        cells = joined.group_by("account", "symbol", "margin_pair").agg(polars.col(LEGS).sum())
        used = hedged_margin(state, *(cells[name].to_numpy() for name in ("symbol", *LEGS)))
        used = used * _flat_rates(frame)[cells["margin_pair"].to_numpy()]
        margins = cells.select("account").with_columns(used=used).group_by("account").agg(polars.col("used").sum())
        accounts = joined.group_by("account").agg(polars.col("floating").sum()).join(margins, on="account")
        balance = polars.Series(settled[accounts["account"].to_numpy()])
        accounts.with_columns(level=(polars.col("floating") + balance) / polars.col("used") * 100)
        joined.group_by("book", "symbol").agg(polars.col("signed").sum())

    return cpu_ms(refresh, 7)


def perspective_views(state: LiveState) -> float:
    import perspective
    import pyarrow

    columns, frame = columns_of(state), compute(state, NOW)
    number = np.arange(len(columns.account))
    whole = dict.fromkeys(("id", "account", "book", "symbol"), "integer")
    schema = whole | dict.fromkeys(("floating", "used", "signed"), "float")
    client = perspective.Server().new_local_client()
    table = client.table(schema, index="id")
    rate = _flat_rates(frame)[columns.pair]

    def refresh() -> None:
        floating = (frame.mid[columns.symbol] - columns.open) * columns.value * rate
        made = pyarrow.table(
            {
                "id": number,
                "account": columns.account,
                "book": columns.book,
                "symbol": columns.symbol,
                "floating": floating,
                "used": columns.margin * rate,
                "signed": columns.signed,
            }
        )
        sink = pyarrow.BufferOutputStream()
        with pyarrow.ipc.new_stream(sink, made.schema) as writer:
            writer.write_table(made)
        table.update(sink.getvalue().to_pybytes())
        # reading all 45,000 rows would take it many seconds more: a screenful is enough
        by_account.to_columns(start_row=0, end_row=100)
        by_symbol.to_columns(start_row=0, end_row=100)

    by_account = table.view(group_by=["account"], columns=["floating", "used"])
    by_symbol = table.view(group_by=["book", "symbol"], columns=["signed"])
    refresh()
    return cpu_ms(refresh, 2)


def _flat_rates(frame) -> np.ndarray:
    flat = np.full((64, 64), np.nan)
    size = len(frame.rates.matrix)
    flat[:size, :size] = frame.rates.matrix
    return flat.reshape(-1)


PEERS = {
    "objects": python_objects,
    "polars": polars_frames,
    "pandas": pandas_frames,
    "perspective": perspective_views,
}


def compare(name: str) -> None:
    """One peer beside the engine, in a process of its own: their allocators and threads change each other's figures."""
    state = build(300_000)
    try:
        taken = PEERS[name](state)
    except ImportError:
        print(f"{name}: not installed")
        return
    ours = cpu_ms(lambda: compute(state, NOW), 60)
    print(f"{name}: {taken:,.1f} ms, the engine beside it {ours:.3f} ms: {taken / ours:,.0f} ×")


def measure(state: LiveState) -> None:
    """The engine alone."""
    gc.collect()
    gc.freeze()
    frames(state, 300)
    print(f"largest relative error of equity: {error_against_naive(state):.1e}")
    random = np.random.default_rng(3)
    print(f"1,000 ticks: {cpu_ms(lambda: quote(state, random, 1000), 300) * 1000:.0f} µs")
    for dimension in Dimension:
        taken = cpu_ms(lambda dimension=dimension: exposure(state, compute(state, NOW), dimension), 9)
        print(f"frame and exposure by {dimension}: {taken:.1f} ms")
    taken = changes(state)
    mean = sum(taken.values()) / len(taken)
    each = ", ".join(f"{kind} {us:.1f}" for kind, us in taken.items())
    print(f"a change: {mean:.1f} µs ({each}): 5,000 a second are {mean * 5000 / 1e4:.1f} % of a core", flush=True)


def run_peer(name: str) -> None:
    """A peer in its own process; one that does not answer is stopped and said so."""
    try:
        subprocess.run([sys.executable, __file__, "--peer", name], check=True, timeout=PEER_S)
    except subprocess.TimeoutExpired:
        print(f"{name}: no answer within {PEER_S} s")


def main() -> None:
    options = argparse.ArgumentParser(description="Measures the live engine against peers.")
    options.add_argument("--large", action="store_true", help="also 3,000,000 positions (takes 2 GB while loading)")
    options.add_argument("--no-peers", action="store_true")
    options.add_argument("--peer", choices=tuple(PEERS), help="only this peer beside the engine")
    chosen = options.parse_args()
    if chosen.peer:
        compare(chosen.peer)
        return
    measure(build(300_000))
    for peer in () if chosen.no_peers else PEERS:
        run_peer(peer)
    if chosen.large:
        frames(build(3_000_000), 30)


if __name__ == "__main__":
    main()
