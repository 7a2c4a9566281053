"""Recorded prices at chosen moments, on both databases."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import Connection, Engine, insert

from dealerdesk.clock import DAY_US, MINUTE_US
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.quote_history import middles_at, moments_before
from dealerdesk.store.schema import quote_samples

NOON = 20_000 * DAY_US + 720 * MINUTE_US


def sample(connection: Connection, minute_us: int, bid: str, ask: str, symbol: str = "EURUSD") -> None:
    row = {"server": "MT5", "epoch": "e", "sequence": 0, "symbol": symbol, "minute_us": minute_us, "ticks": 1}
    prices = {name: Decimal(price) for name, price in (("bid", bid), ("ask", ask), ("high", ask), ("low", bid))}
    connection.execute(insert(quote_samples).values(**row, **prices))


def test_moments_are_whole_minutes_a_step_apart_and_end_now() -> None:
    assert moments_before(NOON + 17, DAY_US, 2) == [NOON - 2 * DAY_US, NOON - DAY_US, NOON]


def test_the_newest_sample_of_the_five_minutes_before_a_moment_is_its_price(engine: Engine) -> None:
    with writing(engine) as connection:
        sample(connection, NOON - 5 * MINUTE_US, "1.10000", "1.10010")
        sample(connection, NOON - 2 * MINUTE_US, "1.20000", "1.20020")
        sample(connection, NOON, "9", "9")
        sample(connection, NOON - DAY_US - 6 * MINUTE_US, "8", "8")
        sample(connection, NOON - MINUTE_US, "7", "7", symbol="GBPUSD")

    with reading(engine) as connection:
        found = middles_at(connection, "MT5", "EURUSD", [NOON - DAY_US, NOON])
        elsewhere = middles_at(connection, "MT4", "EURUSD", [NOON])
        nothing = middles_at(connection, "MT5", "EURUSD", [])
    assert found[0] is None
    assert found[1] is not None
    assert round(found[1], 9) == 1.2001
    assert (elsewhere, nothing) == ([None], [])
