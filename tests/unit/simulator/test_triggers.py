from decimal import Decimal

import pytest
from small_server import NOON_US, small_server

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.bridges.simulator.bounds import BUY_LIMIT, BUY_STOP, SELL_LIMIT, SELL_STOP
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.bridges.simulator.triggers import Triggers
from dealerdesk.instruments import LOT
from dealerdesk.trading import BalanceKind, BalanceOperation, Deal, DealReason, Entry


def triggers_of(server):
    return Triggers(server.state, server.publisher, server.execution, server.till, server.market)


def closing_deals(server):
    rows = [delta.row for delta in server.said()]
    return [row for row in rows if isinstance(row, Deal) and row.entry is Entry.OUT]


def check_all_margins(server):
    triggers = triggers_of(server)
    for step in range(20):
        triggers.check_margins(step)


@pytest.mark.parametrize(
    ("side", "stop_loss", "take_profit", "bid", "ask", "reason", "price"),
    [
        (BUY, 109_900, 111_000, 1.09880, 1.09890, DealReason.STOP_LOSS, "1.09880"),
        (BUY, 109_900, 111_000, 1.11010, 1.11020, DealReason.TAKE_PROFIT, "1.11010"),
        (SELL, 110_200, 109_000, 1.10195, 1.10205, DealReason.STOP_LOSS, "1.10205"),
        (SELL, 110_200, 109_000, 1.08980, 1.08990, DealReason.TAKE_PROFIT, "1.08990"),
    ],
)
def test_a_stop_or_target_closes_at_the_price_that_there_is(side, stop_loss, take_profit, bid, ask, reason, price):
    server = small_server()
    server.execution.open(Ticket(server.account(), server.symbol("EURUSD"), side, LOT, stop_loss, take_profit))
    triggers = triggers_of(server)
    triggers.check_levels()
    assert closing_deals(server) == []
    server.quote("EURUSD", bid, ask)
    triggers.check_levels()
    (deal,) = closing_deals(server)
    assert (deal.reason, deal.price, deal.comment) == (reason, Decimal(price), f"[{reason}]")


def test_a_symbol_that_does_not_trade_touches_nothing():
    server = small_server()
    symbol = server.symbol("EURUSD")
    server.execution.open(Ticket(server.account(), symbol, BUY, LOT, stop_loss=109_900))
    server.quote("EURUSD", 1.05, 1.051)
    server.market.open[symbol] = False
    server.said()
    triggers_of(server).check_levels()
    assert server.said() == []


@pytest.mark.parametrize(
    ("kind", "price", "bid", "ask", "side"),
    [
        (BUY_LIMIT, 109_900, 1.09880, 1.09890, BUY),
        (BUY_STOP, 110_100, 1.10100, 1.10110, BUY),
        (SELL_LIMIT, 110_100, 1.10100, 1.10110, SELL),
        (SELL_STOP, 109_900, 1.09900, 1.09910, SELL),
    ],
)
def test_a_pending_order_becomes_a_position_when_its_price_is_there(kind, price, bid, ask, side):
    server = small_server()
    state, symbol = server.state, server.symbol("EURUSD")
    state.orders.add(id=77, account=server.account(), symbol=symbol, kind=kind, volume=LOT, price=price)
    state.bounds.note_order(symbol, kind, price)
    triggers = triggers_of(server)
    triggers.check_levels()
    assert len(state.orders) == 1
    server.quote("EURUSD", bid, ask)
    triggers.check_levels()
    assert len(state.orders) == 0
    said = [delta.row for delta in server.said()]
    assert said[0] == Gone(RowSet.ORDER, 77)
    assert said[1].order_id == 77
    assert state.positions.side[0] == side


def test_an_order_whose_time_has_come_is_removed():
    server = small_server()
    server.state.orders.add(id=5, account=server.account(), expires_us=NOON_US)
    server.state.orders.add(id=6, account=0, expires_us=0)
    triggers_of(server).expire_orders()
    assert [delta.row for delta in server.said()] == [Gone(RowSet.ORDER, 5)]


def test_a_stop_out_closes_the_largest_loss_and_stops_when_the_level_is_safe_again():
    server = small_server()
    account, symbol = server.account(balance=220_000, leverage=100), server.symbol("EURUSD")
    server.execution.open(Ticket(account, symbol, BUY, LOT, price_points=111_500))
    server.execution.open(Ticket(account, symbol, BUY, LOT, price_points=110_100))
    server.said()
    check_all_margins(server)
    (deal,) = closing_deals(server)
    assert (deal.reason, deal.profit) == (DealReason.STOP_OUT, -150_000)
    assert deal.comment == "[so 27.27%]"
    assert len(server.state.positions) == 1


def test_an_account_above_its_stop_out_is_left_alone():
    server = small_server()
    account = server.account(balance=120_000, leverage=100)
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    server.said()
    check_all_margins(server)
    assert server.said() == []


def test_a_hedged_account_is_judged_by_its_hedged_margin():
    server = small_server()
    account, symbol = server.account(balance=90_000, leverage=100), server.symbol("EURUSD")
    server.execution.open(Ticket(account, symbol, BUY, LOT))
    server.execution.open(Ticket(account, symbol, SELL, LOT))
    server.said()
    check_all_margins(server)
    assert server.said() == []


def test_a_negative_balance_after_the_last_stop_out_is_made_good():
    server = small_server()
    account = server.account(balance=50_000, leverage=100)
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    server.quote("EURUSD", 1.05, 1.0501)
    check_all_margins(server)
    operations = [delta.row for delta in server.said() if isinstance(delta.row, BalanceOperation)]
    assert [operation.kind for operation in operations] == [BalanceKind.COMPENSATION]
    assert server.state.accounts.balance[account] == 0
