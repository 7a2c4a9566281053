import numpy as np
from small_server import NOON_US, small_server

from dealerdesk.bridges.simulator.orders_desk import LARGE_USD, OrdersDesk
from dealerdesk.bridges.simulator.sizing import Sizing
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.instruments import LOT
from dealerdesk.trading import Order, Request


def desk_of(server):
    sizing = Sizing(server.state, 1)
    return OrdersDesk(
        server.state,
        server.publisher,
        server.execution,
        server.queue,
        sizing,
        server.market,
        np.random.default_rng(5),
    )


def test_a_wish_is_for_something_that_trades_now():
    server = small_server()
    account = server.account()
    server.market.open[:] = False
    assert desk_of(server).wish(account) is None
    server.market.open[:] = True
    symbol, side = desk_of(server).wish(account)
    assert 0 <= symbol < 30
    assert side in (BUY, SELL)


def test_a_volume_is_cut_to_what_the_free_margin_carries():
    server = small_server()
    rich, poor, broke = server.account(balance=10**9), server.account(balance=5_000), server.account(balance=0)
    symbol = server.symbol("EURUSD")
    desk = desk_of(server)
    assert desk.usual_volume(rich, symbol, 1_000) > LOT
    assert desk.usual_volume(poor, symbol, 1_000) <= 2 * LOT // 100
    assert desk.usual_volume(broke, symbol) == 0


def test_a_large_order_of_a_dealt_group_waits_for_a_dealer_and_of_others_not():
    server = small_server()
    symbol = server.symbol("EURUSD")
    volume = int(LARGE_USD / 110_000 + 1) * LOT
    desk = desk_of(server)
    assert desk.buy_or_sell(server.account(balance=10**9), symbol, BUY, volume) is None
    assert desk.buy_or_sell(server.account(kind="raw", balance=10**9), symbol, BUY, volume) is not None
    assert isinstance(server.said()[0].row, Request)
    assert len(server.state.positions) == 1


def test_nothing_is_sent_without_a_volume_or_a_market():
    server = small_server()
    desk, account, symbol = desk_of(server), server.account(), server.symbol("EURUSD")
    assert desk.buy_or_sell(account, symbol, BUY, 0) is None
    server.market.open[symbol] = False
    assert desk.buy_or_sell(account, symbol, BUY, LOT) is None
    assert server.said() == []


def test_stops_and_targets_lie_on_their_sides_of_the_price():
    server = small_server()
    desk, account, symbol = desk_of(server), server.account(balance=10**10, kind="raw"), server.symbol("EURUSD")
    for _ in range(50):
        for side in (BUY, SELL):
            desk.buy_or_sell(account, symbol, side, LOT // 100)
    table, price = server.state.positions, 110_000
    away = np.where(table.column("side") == BUY, 1, -1)
    loss, profit = table.column("stop_loss"), table.column("take_profit")
    assert ((price - loss) * away > 100)[loss > 0].all()
    assert ((profit - price) * away > 100)[profit > 0].all()
    assert 20 < (loss > 0).sum() < 60


def test_a_pending_order_waits_on_its_side_and_runs_out():
    server = small_server()
    desk, account, symbol = desk_of(server), server.account(), server.symbol("EURUSD")
    for _ in range(40):
        desk.place_pending(account, symbol, BUY, LOT)
        desk.place_pending(account, symbol, SELL, LOT)
    orders = [delta.row for delta in server.said()]
    assert all(isinstance(order, Order) for order in orders)
    assert {order.kind for order in orders} == {"buy_limit", "sell_limit", "buy_stop", "sell_stop"}
    assert server.state.bounds.touched(server.state.prices.bid, server.state.prices.ask) == []
    assert all(order.expires_us >= NOON_US for order in orders)
