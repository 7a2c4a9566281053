from decimal import Decimal

import numpy as np
from small_server import NOON_US, small_server

from dealerdesk.bridges.simulator.market import Ticks
from dealerdesk.bridges.simulator.sampling import Sampler
from dealerdesk.clock import MINUTE_US
from dealerdesk.trading import QuoteSample


def ticks(start_us, quotes):
    index, bid, ask = (np.array(column, np.int64) for column in zip(*quotes, strict=True))
    return Ticks(start_us, index.astype(np.uint32), bid, ask, np.zeros(len(index), np.uint32))


def test_a_minute_is_closed_by_the_next_with_its_last_quote_range_and_count():
    server = small_server()
    sampler = Sampler(server.state, server.publisher, NOON_US)
    symbol = server.symbol("EURUSD")
    other = server.symbol("US500")
    sampler.follow(ticks(NOON_US, [(symbol, 110_000, 110_010), (symbol, 110_050, 110_060)]))
    sampler.follow(ticks(NOON_US + 30_000_000, [(symbol, 109_990, 110_000)]))
    assert server.said() == []
    sampler.follow(ticks(NOON_US + MINUTE_US, [(other, 60_000, 60_005)]))
    (delta,) = server.said()
    assert delta.row == QuoteSample(
        symbol="EURUSD",
        minute_us=NOON_US,
        bid=Decimal("1.09990"),
        ask=Decimal("1.10000"),
        high=Decimal("1.10050"),
        low=Decimal("1.09990"),
        ticks=3,
    )
    sampler.follow(ticks(NOON_US + 2 * MINUTE_US, [(symbol, 1, 2)]))
    assert [delta.row.symbol for delta in server.said()] == ["US500"]
