import numpy as np
from small_server import small_server

from dealerdesk.bridges.simulator.bounds import BUY_LIMIT, BUY_STOP, SELL_LIMIT, SELL_STOP, Bounds
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.instruments import LOT


def touched(bounds, bid, ask):
    return bounds.touched(np.array([bid]), np.array([ask]))


def test_a_buy_is_touched_by_the_bid_and_a_sell_by_the_ask():
    bounds = Bounds(1)
    bounds.note_position(0, BUY, 100, 200)
    bounds.note_position(0, SELL, 205, 95)
    assert touched(bounds, 150, 151) == []
    assert touched(bounds, 100, 101) == [0]
    assert touched(bounds, 200, 201) == [0]
    assert touched(bounds, 199, 205) == [0]
    assert touched(bounds, 101, 102) == []


def test_pending_orders_are_touched_from_their_side():
    for kind, miss, hit in (
        (BUY_LIMIT, (89, 91), (88, 90)),
        (BUY_STOP, (107, 109), (108, 110)),
        (SELL_LIMIT, (109, 110), (110, 111)),
        (SELL_STOP, (91, 92), (90, 91)),
    ):
        bounds = Bounds(1)
        bounds.note_order(0, kind, 90 if kind in (BUY_LIMIT, SELL_STOP) else 110)
        assert touched(bounds, *miss) == []
        assert touched(bounds, *hit) == [0]


def test_no_level_is_never_touched():
    bounds = Bounds(1)
    bounds.note_position(0, BUY, 0, 0)
    bounds.note_position(0, SELL, 0, 0)
    assert touched(bounds, 1, 2) == []
    assert touched(bounds, 10**12, 10**12 + 1) == []


def test_rebuilding_reads_the_nearest_levels_of_what_is_open():
    server = small_server()
    account, symbol = server.account(balance=10**9), server.symbol("EURUSD")
    near = server.execution.open(Ticket(account, symbol, BUY, LOT, stop_loss=109_900))
    server.execution.open(Ticket(account, symbol, BUY, LOT, stop_loss=109_000, take_profit=112_000))
    bounds = server.state.bounds
    assert bounds.bid_low[symbol] == 109_900
    server.state.positions.remove(near)
    bounds.rebuild((symbol,), server.state.positions, server.state.orders)
    assert (bounds.bid_low[symbol], bounds.bid_high[symbol]) == (109_000, 112_000)
