"""Whatever the servers say, in whatever order, every aggregate equals a naive sum over the positions."""

from __future__ import annotations

import math
from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_desk import SERVERS, Streams, Truth

from dealerdesk.bridges.protocol import Delta
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.instruments import LOT, AssetClass
from dealerdesk.live.exposure import Dimension, View, exposure, rows_behind
from dealerdesk.live.frame import compute, position_floating
from dealerdesk.live.state import LiveState
from dealerdesk.live.tables import BOOKS
from dealerdesk.trading import Side

TOLERANCE = 1e-9
DAYS = (st.integers(0, 2**32 - 1), st.integers(1, 60))


def close(found: float, expected: float, size: float) -> bool:
    """Equal to 1e-9 of the sizes that were added up."""
    return abs(found - expected) <= TOLERANCE * max(size, 1.0)


def run(seed: int, steps: int) -> tuple[Streams, Truth]:
    streams = Streams(seed)
    for _ in range(steps):
        streams.step()
        if streams.random.random() < 0.2:
            compute(streams.live, streams.now)
    return streams, Truth(streams)


@given(*DAYS)
def test_every_account_equals_the_sum_of_its_positions(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    for name, server in truth.servers.items():
        for login, account in server.accounts.items():
            slot = streams.live.accounts.slot(name, login)
            assert slot is not None
            rows = truth.rows_of(server, login)
            unit = truth.unit(account)
            floating = math.fsum(truth.floating(server, row, account.currency) for row in rows)
            size = math.fsum(abs(truth.notional(server, row, account.currency)) for row in rows)
            accrued = sum(row.swap + row.commission for row in rows) * unit
            equity = (account.balance + account.credit) * unit + floating + accrued
            margin = truth.margin(server, login)
            results = [result for key, result in server.results.items() if key[0] == login]
            session = floating + accrued + sum(realised - start for realised, start in results) * unit
            assert close(frame.floating[slot], floating, size)
            assert close(frame.equity[slot], equity, size + abs(equity))
            assert close(frame.margin[slot], margin, margin)
            assert close(frame.session_pnl[slot], session, size + abs(session))
            assert close(frame.free_margin[slot], equity - margin, size + abs(equity))
            if rows and margin:
                assert close(frame.level[slot], equity / margin * 100, (size + abs(equity)) / margin * 100)
            else:
                assert np.isnan(frame.level[slot])
            assert streams.live.accounts.positions[slot] == len(rows)
            assert close(frame.net_lots[slot], sum(row.side.sign * row.volume for row in rows) / LOT, 1)
            gross = sum(abs(truth.notional(server, row)) for row in rows)
            assert close(frame.gross_usd[slot], gross, gross)
    assert streams.live.accounts.living == sum(len(server.accounts) for server in truth.servers.values())
    assert streams.live.positions.living == sum(len(server.positions) for server in truth.servers.values())
    assert streams.live.waiting == 0


def keys(truth: Truth, name: str, row, dimension: Dimension) -> list:
    """The exposure rows a position belongs to, by looking at it."""
    server = truth.servers[name]
    one, account = server.symbols[row.symbol], server.accounts[row.login]
    match dimension:
        case Dimension.INSTRUMENT:
            return [one.instrument]
        case Dimension.SYMBOL:
            return [(name, row.symbol)]
        case Dimension.ASSET_CLASS:
            return [str(one.asset_class)]
        case Dimension.SERVER:
            return [name]
        case Dimension.GROUP:
            return [(name, account.group)]
        case Dimension.CLIENT:
            return [account.client_id]
        case Dimension.ACCOUNT:
            return [(name, row.login)]
        case Dimension.BOOK:
            return [str(server.book(row.login)[0])]
        case Dimension.CURRENCY:
            thing = one.base_currency if one.base_currency != one.profit_currency else one.instrument
            return [thing, one.profit_currency] if one.asset_class is AssetClass.FX else [thing]


@pytest.mark.parametrize("dimension", [one for one in Dimension if one is not Dimension.CURRENCY])
@pytest.mark.parametrize("view", list(View))
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 40))
def test_every_dimension_equals_the_sum_of_its_positions(
    dimension: Dimension, view: View, seed: int, steps: int
) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    table = exposure(streams.live, frame, dimension, view)
    sums: dict = defaultdict(lambda: defaultdict(float))
    counted: dict = defaultdict(set)
    for name, server in truth.servers.items():
        for row in server.positions.values():
            book, covered = server.book(row.login)
            weight = 1.0 if view is View.CLIENTS else -(1 - covered / 100)
            account = server.accounts[row.login]
            lots, notional = row.side.sign * row.volume / LOT, truth.notional(server, row)
            floating = truth.floating(server, row, account.currency) * truth.rate(account.currency, "USD")
            (key,) = keys(truth, name, row, dimension)
            into = sums[key]
            into["net_lots"] += weight * lots
            into["gross_lots"] += abs(weight * lots)
            into["long_lots" if weight * lots > 0 else "short_lots"] += abs(weight * lots)
            into["net_usd"] += weight * notional
            into["gross_usd"] += abs(weight * notional)
            into[f"{book.lower()}_net_usd"] += weight * notional
            into["covered_usd"] += covered / 100 * notional
            into["floating_usd"] += weight * floating
            into["size"] += abs(notional)
            if weight:
                into["positions"] += 1
                counted[key].add((name, row.login))
    assert set(sums) <= set(table.keys)
    for key in table.keys:
        number = table.row(key)
        expected, size = sums[key], sums[key]["size"]
        for column in ("net_lots", "gross_lots", "long_lots", "short_lots"):
            assert close(getattr(table, column)[number], expected[column], 100), column
        for column in ("net_usd", "gross_usd", "a_net_usd", "b_net_usd", "c_net_usd", "covered_usd", "floating_usd"):
            assert close(getattr(table, column)[number], expected[column], size), column
        assert table.positions[number] == expected["positions"]
        assert table.accounts[number] == len(counted[key])


@given(*DAYS)
def test_sessions_by_symbol_and_by_account_add_up_to_the_same_total(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    total, size = 0.0, 0.0
    for server in truth.servers.values():
        for login, account in server.accounts.items():
            rate = truth.rate(account.currency, "USD")
            for row in truth.rows_of(server, login):
                total += truth.floating(server, row, account.currency) * rate
                total += (row.swap + row.commission) * truth.unit(account) * rate
                size += abs(truth.notional(server, row))
            for (owner, _), (realised, start) in server.results.items():
                if owner == login:
                    total += (realised - start) * truth.unit(account) * rate
                    size += abs(realised - start) * truth.unit(account) * rate
    for dimension in Dimension:
        assert close(exposure(streams.live, frame, dimension).totals()["session_usd"], total, size)
    assert close(frame.totals().session_pnl, total, size)


@given(*DAYS)
def test_currency_legs_are_units_bought_and_cost_paid(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    amounts: dict = defaultdict(float)
    sizes: dict = defaultdict(float)
    for server in truth.servers.values():
        for row in server.positions.values():
            one = server.symbols[row.symbol]
            units = row.side.sign * row.volume / LOT * float(one.contract_size)
            thing = one.base_currency if one.base_currency != one.profit_currency else one.instrument
            if one.asset_class is AssetClass.FX:
                amounts[thing] += units
                amounts[one.profit_currency] -= units * float(row.open_price)
                sizes[one.profit_currency] += abs(units) * float(row.open_price)
            else:
                amounts[thing] += units * float(truth.mid(server, one))
            sizes[thing] += abs(units) * float(truth.mid(server, one))
    table = exposure(streams.live, frame, Dimension.CURRENCY)
    assert set(amounts) <= set(table.keys)
    for key in table.keys:
        assert close(table.net_amount[table.row(key)], amounts[key], sizes[key])


@given(*DAYS)
def test_the_net_volume_by_book_and_symbol_is_exact(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    expected = np.zeros_like(frame.net_volume)
    for name, server in truth.servers.items():
        for row in server.positions.values():
            slot = streams.live.symbols.slot(name, row.symbol)
            expected[BOOKS.index(server.book(row.login)[0]), slot] += row.side.sign * row.volume
    assert np.array_equal(frame.net_volume, expected)


@given(*DAYS)
def test_the_positions_behind_a_row_are_those_that_belong_to_it(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    for dimension in Dimension:
        behind: dict = defaultdict(set)
        for name, server in truth.servers.items():
            for row in server.positions.values():
                for key in keys(truth, name, row, dimension):
                    behind[key].add((name, row.id))
        table = exposure(streams.live, compute(streams.live, streams.now), dimension)
        for key in table.keys:
            slots = rows_behind(streams.live, dimension, key).tolist()
            found = {
                (streams.live.servers[streams.live.positions.server[s]], int(streams.live.positions.id[s]))
                for s in slots
            }
            assert found == behind[key]


@given(*DAYS)
def test_a_position_slot_holds_the_row_that_was_sent(seed: int, steps: int) -> None:
    streams, truth = run(seed, steps)
    frame = compute(streams.live, streams.now)
    for name, server in truth.servers.items():
        for row in server.positions.values():
            slot = streams.live.positions.slot(name, row.id)
            assert slot is not None
            assert streams.live.position_row(slot) == row
            found = position_floating(streams.live, frame, np.array([slot]))[0]
            account = server.accounts[row.login]
            assert close(
                found, truth.floating(server, row, account.currency), abs(truth.notional(server, row, account.currency))
            )
            assert streams.live.positions.side[slot] == (1 if row.side is Side.BUY else -1)


@given(*DAYS)
def test_the_same_streams_give_the_same_figures_to_the_last_bit(seed: int, steps: int) -> None:
    streams = Streams(seed)
    for _ in range(steps):
        streams.step()
    again = LiveState()
    for name, said in streams.log:
        match said:
            case Delta():
                again.apply(name, said)
            case QuoteBatch():
                again.apply_quotes(name, said, said.base_us)
            case ("begin", sets):
                again.begin_snapshot(name, sets)
            case ("load", rows):
                again.load(name, rows, [0] * len(rows))
            case ("end", as_of):
                again.end_snapshot(name, as_of)
    first, second = compute(streams.live, streams.now), compute(again, streams.now)
    for column in ("floating", "equity", "margin", "level", "session_pnl", "net_volume"):
        assert getattr(first, column).tobytes() == getattr(second, column).tobytes()
    assert all(again.ready(name) for name in SERVERS)
