from __future__ import annotations

from decimal import Decimal

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.clock import DAY_US
from dealerdesk.live.state import LiveState
from dealerdesk.trading import QuoteSample
from live.live_rows import NOW, desk, group, pair, quotes, say, snapshot


def day(state: LiveState) -> tuple[float, float, float, float]:
    table = state.symbols
    return tuple(round(float(column[0]), 5) for column in (table.day_open, table.day_high, table.day_low, table.bid))


def test_a_price_is_the_decimal_that_was_sent() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 110_123, 110_128)), NOW + 5)

    assert (state.symbols.bid[0], state.symbols.ask[0], state.symbols.bid_points[0]) == (1.10123, 1.10128, 110_123)
    assert (state.symbols.previous_bid[0], state.symbols.received_us[0], state.symbols.ticks[0]) == (1.1, NOW + 5, 2)


def test_the_newest_of_several_quotes_in_a_batch_counts_and_all_widen_the_day() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 112_000, 112_000), (0, 108_000, 108_000), (0, 109_000, 109_000)), NOW)

    assert day(state) == (1.1, 1.12, 1.08, 1.09)
    assert state.symbols.ticks[0] == 4


def test_a_new_day_begins_with_its_first_quote() -> None:
    state = desk()
    state.apply_quotes("MT5", quotes((0, 120_000, 120_000), (0, 119_000, 119_000), time_us=NOW + DAY_US), NOW)

    assert day(state) == (1.2, 1.2, 1.19, 1.19)


def test_the_day_is_the_servers_own() -> None:
    state = desk()
    midnight = (NOW // DAY_US + 1) * DAY_US
    state.set_clock_offset("MT5", 3 * 3600)
    state.apply_quotes("MT5", quotes((0, 111_000, 111_000), time_us=midnight - 2 * 3600 * 10**6), NOW)
    state.apply_quotes("MT5", quotes((0, 112_000, 112_000), time_us=midnight + 1), NOW)

    assert day(state) == (1.11, 1.12, 1.11, 1.12)


def test_quotes_of_unknown_symbols_change_nothing() -> None:
    state = desk()
    before = state.version.quotes
    state.apply_quotes("MT5", quotes((9, 1, 1), (4_000_000_000, 1, 1)), NOW)

    assert state.version.quotes == before
    assert day(state)[3] == 1.1


def test_quotes_that_come_before_their_symbols_are_kept_for_the_snapshots_end() -> None:
    state = LiveState()
    state.apply_quotes("MT4", quotes((0, 110_000, 110_000)), NOW)
    snapshot(state, "MT4", pair("EURUSD", 0))

    assert state.symbols.bid[0] == 1.1


def test_prices_are_there_while_the_rest_of_the_snapshot_is_still_coming() -> None:
    state = LiveState()
    state.apply_quotes("MT4", quotes((0, 110_000, 110_000)), NOW)
    state.begin_snapshot("MT4", (RowSet.SYMBOL, RowSet.GROUP))
    state.load("MT4", [pair("EURUSD", 0)], [0])
    state.load("MT4", [group()], [0])

    assert state.symbols.bid[0] == 1.1
    assert not state.ready("MT4")


def test_a_price_that_waited_for_another_symbol_never_replaces_a_newer_one() -> None:
    state = LiveState()
    state.begin_snapshot("MT4", (RowSet.SYMBOL, RowSet.GROUP))
    state.load("MT4", [pair("EURUSD", 0)], [0])
    state.apply_quotes("MT4", quotes((0, 110_000, 110_000), (1, 125_000, 125_000)), NOW)
    state.apply_quotes("MT4", quotes((0, 111_000, 111_000)), NOW + 1)
    state.load("MT4", [pair("GBPUSD", 1)], [0])
    state.end_snapshot("MT4", 0)

    assert (state.symbols.bid[0], state.symbols.bid[1]) == (1.11, 1.25)


def test_samples_of_the_day_widen_its_range_and_samples_of_other_days_do_not() -> None:
    state = desk()
    sample = QuoteSample(
        symbol="EURUSD",
        minute_us=NOW - 60_000_000,
        bid=Decimal("1.05"),
        ask=Decimal("1.05"),
        high=Decimal("1.15"),
        low=Decimal("1.04"),
        ticks=9,
    )
    say(state, "MT5", sample)
    assert day(state) == (1.05, 1.15, 1.04, 1.1)
    old = QuoteSample(
        symbol="EURUSD",
        minute_us=NOW - 2 * DAY_US,
        bid=Decimal(2),
        ask=Decimal(2),
        high=Decimal(9),
        low=Decimal(0),
        ticks=1,
    )
    say(state, "MT5", old)

    assert day(state) == (1.05, 1.15, 1.04, 1.1)
