from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.live.exposure import Dimension, Exposure, View, exposure
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book
from live.live_rows import NOW, account, deal, desk, pair, position, quotes, routing, say, snapshot, thing


def world() -> LiveState:
    """Anna buys 1 lot EURUSD (book A), Bob sells 0.5 lot EURUSD and buys 2 US500 at 5,000.00 (book B)."""
    state = desk()
    say(state, "MT5", thing("US500", 3), routing(1, Book.A, 100), deal(1, "EURUSD", 700))
    state.apply_quotes("MT5", quotes((3, 501_000, 501_000)), NOW)
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"))
    say(state, "MT5", position(2, 2, "EURUSD", "-0.5", "1.08"), position(3, 2, "US500", "2", "5000"))
    return state


def cell(table: Exposure, key: object, column: str) -> float:
    row = table.row(key)  # type: ignore[arg-type]
    assert row is not None
    return float(getattr(table, column)[row])


def test_a_symbol_from_the_clients_side() -> None:
    state = world()
    table = exposure(state, compute(state, NOW + 1_500_000), Dimension.SYMBOL)
    key = ("MT5", "EURUSD")

    assert (cell(table, key, "net_lots"), cell(table, key, "gross_lots")) == (0.5, 1.5)
    assert (cell(table, key, "long_lots"), cell(table, key, "short_lots")) == (1.0, 0.5)
    assert cell(table, key, "net_usd") == pytest.approx(55_000)
    assert (cell(table, key, "a_net_usd"), cell(table, key, "b_net_usd")) == (
        pytest.approx(110_000),
        pytest.approx(-55_000),
    )
    assert cell(table, key, "covered_usd") == pytest.approx(110_000)
    assert cell(table, key, "floating_usd") == pytest.approx(1000 - 1000)
    assert (cell(table, key, "realised_usd"), cell(table, key, "session_usd")) == (pytest.approx(7), pytest.approx(7))
    assert (cell(table, key, "accounts"), cell(table, key, "positions"), cell(table, key, "age_ms")) == (2, 2, 1500)


def test_a_symbol_from_the_dealers_side() -> None:
    state = world()
    table = exposure(state, compute(state, NOW), Dimension.SYMBOL, View.DEALER)
    key = ("MT5", "EURUSD")

    assert (cell(table, key, "net_lots"), cell(table, key, "long_lots")) == (0.5, 0.5)
    assert (cell(table, key, "a_net_usd"), cell(table, key, "b_net_usd")) == (0, pytest.approx(55_000))
    assert cell(table, key, "floating_usd") == pytest.approx(1000)


def test_currency_legs_are_units_bought_and_cost_paid() -> None:
    state = world()
    table = exposure(state, compute(state, NOW), Dimension.CURRENCY)

    assert cell(table, "EUR", "net_amount") == pytest.approx(50_000)
    assert cell(table, "USD", "net_amount") == pytest.approx(-109_000 + 54_000)
    assert cell(table, "US500", "net_amount") == pytest.approx(2 * 10 * 5010)
    assert cell(table, "EUR", "net_usd") == pytest.approx(55_000)
    assert (cell(table, "USD", "accounts"), cell(table, "US500", "accounts")) == (2, 1)


def test_a_group_of_mixed_currencies_has_no_account_currency_and_an_account_has() -> None:
    state = world()
    frame = compute(state, NOW)
    groups = exposure(state, frame, Dimension.GROUP)
    accounts = exposure(state, frame, Dimension.ACCOUNT)

    assert (groups.account_currency, np.isnan(groups.floating_account[0])) == ([""], True)
    assert accounts.account_currency == ["USD", "EUR"]
    assert accounts.floating_account[1] == pytest.approx((-1000 + 200) / 1.1)
    assert accounts.floating_usd[1] == pytest.approx(-800)


def test_every_dimension_has_the_same_total() -> None:
    state = world()
    frame = compute(state, NOW)
    wholes = [
        exposure(state, frame, dimension).totals() for dimension in Dimension if dimension is not Dimension.CURRENCY
    ]

    assert all(whole == pytest.approx(wholes[0]) for whole in wholes)
    assert wholes[0]["net_usd"] == pytest.approx(55_000 + 100_200)


def test_a_stale_server_marks_the_rows_it_stands_behind() -> None:
    state = world()
    snapshot(state, "MT4", pair("GBPUSD", 0), account(1), position(1, 1, "GBPUSD", "1", "1.25"))
    state.set_stale("MT5", NOW)
    frame = compute(state, NOW)

    by_instrument = exposure(state, frame, Dimension.INSTRUMENT)
    stale = dict(zip(by_instrument.keys, by_instrument.stale.tolist(), strict=True))
    by_server = exposure(state, frame, Dimension.SERVER)
    assert (stale["EURUSD"], stale["GBPUSD"]) == (True, False)
    assert dict(zip(by_server.keys, by_server.stale.tolist(), strict=True)) == {"MT5": True, "MT4": False}
    assert exposure(state, frame, Dimension.CLIENT).stale.tolist() == [True, True]


def test_a_reporting_currency_other_than_usd() -> None:
    state = world()
    table = exposure(state, compute(state, NOW), Dimension.BOOK, currency="EUR")

    assert cell(table, "A", "net_usd") == pytest.approx(100_000)
    assert cell(table, "A", "floating_usd") == pytest.approx(1000 / 1.1)


def test_an_empty_desk_has_empty_tables() -> None:
    state = LiveState()
    frame = compute(state, NOW)

    assert [exposure(state, frame, dimension).totals()["net_usd"] for dimension in Dimension] == [0.0] * len(Dimension)


def test_a_symbol_without_a_quote_is_unknown_only_where_it_is_held() -> None:
    state = world()
    say(state, "MT5", pair("AUDUSD", 5), pair("NZDUSD", 6), position(9, 1, "AUDUSD", "1", "0.65"))
    table = exposure(state, compute(state, NOW), Dimension.INSTRUMENT)

    assert np.isnan(cell(table, "AUDUSD", "net_usd"))
    assert cell(table, "NZDUSD", "net_usd") == 0.0
    assert table.totals()["net_usd"] == pytest.approx(155_200)
