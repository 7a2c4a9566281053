from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pytest

from dealerdesk.clock import to_us
from dealerdesk.desk.panels.quote_rows import QUOTE_COLUMNS, QuoteRows
from dealerdesk.desk.table import Coded
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, quote

SATURDAY_US = to_us(datetime(2026, 3, 14, 12, 0, tzinfo=UTC))


@pytest.fixture
def rows(state: LiveState) -> QuoteRows:
    return QuoteRows(state, compute(state, NOW_US))


def value(rows: QuoteRows, key: str, symbol: tuple[str, str]) -> float:
    row, values = rows.row_of(symbol), rows.column(key)
    assert row is not None
    assert isinstance(values, np.ndarray)
    return float(values[row])


def test_the_spread_is_in_points(rows: QuoteRows) -> None:
    assert value(rows, "spread", ("MT5", "EURUSD")) == 10
    assert value(rows, "spread", ("MT5", "XAUUSD")) == 50


def test_the_clients_net_is_bought_less_sold(rows: QuoteRows) -> None:
    # 2.00 bought by 101, 1.00 sold by 102
    assert value(rows, "net", ("MT5", "EURUSD")) == pytest.approx(1.0)
    assert value(rows, "net", ("MT5", "XAUUSD")) == pytest.approx(-1.0)


def test_a_price_past_its_limit_is_amber_and_before_it_faint(rows: QuoteRows, state: LiveState) -> None:
    assert value(rows, "age", ("MT5", "EURUSD")) == 100.0
    assert value(rows, "age_tone", ("MT5", "EURUSD")) == Tone.FAINT

    rows.take(compute(state, NOW_US + 10_000_000))
    assert value(rows, "age_tone", ("MT5", "EURUSD")) == Tone.ATTENTION


def test_a_closed_symbol_says_so_and_is_not_late(rows: QuoteRows, state: LiveState) -> None:
    rows.take(compute(state, SATURDAY_US))
    trading = rows.column("trading")
    assert isinstance(trading, Coded)

    assert trading.text(0) == "closed"
    assert value(rows, "age_tone", ("MT5", "EURUSD")) == Tone.FAINT


def test_a_bid_takes_the_colour_of_its_last_step(rows: QuoteRows, state: LiveState) -> None:
    quote(state, "MT5", {0: (110_005, 110_015)}, NOW_US)
    rows.take(compute(state, NOW_US))
    assert value(rows, "tick_tone", ("MT5", "EURUSD")) == Tone.POSITIVE

    quote(state, "MT5", {0: (109_990, 110_000)}, NOW_US)
    rows.take(compute(state, NOW_US))
    assert value(rows, "tick_tone", ("MT5", "EURUSD")) == Tone.NEGATIVE


def test_the_days_change_counts_from_its_first_bid(rows: QuoteRows, state: LiveState) -> None:
    quote(state, "MT5", {0: (111_100, 111_110)}, NOW_US)
    rows.take(compute(state, NOW_US))

    assert value(rows, "change", ("MT5", "EURUSD")) == pytest.approx(1.0)


def test_every_declared_column_can_be_had(rows: QuoteRows) -> None:
    for column in QUOTE_COLUMNS:
        for key in filter(None, (column.key, column.decimals_key, column.tone_key)):
            rows.column(key)
    assert rows.row_of(("MT5", "NOSUCH")) is None
