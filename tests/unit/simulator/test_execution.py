from decimal import Decimal

import pytest
from small_server import small_server

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.instruments import LOT
from dealerdesk.trading import Account, Deal, DealReason, Entry, Platform, Position, SessionResult, Side


def rows(server):
    return [delta.row for delta in server.said()]


def test_a_buy_opens_at_the_ask_and_closes_at_the_bid():
    server = small_server()
    account, symbol = server.account(), server.symbol("EURUSD")
    slot = server.execution.open(Ticket(account, symbol, BUY, LOT))
    server.quote("EURUSD", 1.10250, 1.10260)
    earned = server.execution.close(slot, LOT, DealReason.CLIENT)

    assert earned == 24_000
    assert server.state.accounts.balance[account] == 1_024_000
    deals = [row for row in rows(server) if isinstance(row, Deal)]
    assert [(d.side, d.entry, d.price, d.profit) for d in deals] == [
        (Side.BUY, Entry.IN, Decimal("1.10010"), 0),
        (Side.SELL, Entry.OUT, Decimal("1.10250"), 24_000),
    ]


def test_a_sell_in_yen_is_rounded_in_yen_and_converted_at_the_middle_of_the_pair():
    server = small_server()
    account, symbol = server.account("USD"), server.symbol("USDJPY")
    slot = server.execution.open(Ticket(account, symbol, SELL, LOT // 100))
    server.quote("USDJPY", 149.500, 149.510)
    earned = server.execution.close(slot, LOT // 100, DealReason.TAKE_PROFIT)

    # sold 1,000 USD at 150.000, bought back at 149.510: 490 yen, at 1/149.505
    assert earned == 328
    (deal,) = [row for row in rows(server) if isinstance(row, Deal) and row.entry is Entry.OUT]
    assert deal.rate_profit == Decimal("0.0066887395")
    assert deal.reason is DealReason.TAKE_PROFIT


def test_closing_is_said_as_deal_then_position_then_account_then_session_result():
    server = small_server()
    account = server.account()
    slot = server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    opened = rows(server)
    server.execution.close(slot, LOT, DealReason.CLIENT)
    closed = rows(server)

    assert [type(row) for row in opened] == [Deal, Position]
    assert [type(row) for row in closed] == [Deal, Gone, Account, SessionResult]
    assert closed[1].set is RowSet.POSITION
    assert (closed[2].balance, closed[2].session_realised, closed[3].realised) == (999_000, -1_000, -1_000)


def test_on_mt5_a_partly_closed_position_keeps_its_number():
    server = small_server(Platform.MT5)
    slot = server.execution.open(Ticket(server.account(), server.symbol("EURUSD"), BUY, LOT))
    number = int(server.state.positions.id[slot])
    server.said()
    server.execution.close(slot, LOT // 4, DealReason.CLIENT)

    (rest,) = [row for row in rows(server) if isinstance(row, Position)]
    assert (rest.id, rest.volume) == (number, 3 * LOT // 4)


def test_on_mt4_the_rest_of_a_partly_closed_position_is_a_new_ticket_that_names_the_old_one():
    server = small_server(Platform.MT4)
    slot = server.execution.open(Ticket(server.account(), server.symbol("EURUSD"), BUY, LOT))
    old = int(server.state.positions.id[slot])
    server.said()
    server.execution.close(slot, LOT // 4, DealReason.CLIENT)

    said = rows(server)
    assert Gone(RowSet.POSITION, old) in said
    (rest,) = [row for row in said if isinstance(row, Position)]
    assert (rest.id, rest.volume, rest.comment) == (old + 1, 3 * LOT // 4, f"from #{old}")
    assert rest.open_price == Decimal("1.10010")


def test_a_partial_close_takes_its_share_of_swap_and_the_rest_keeps_the_remainder():
    server = small_server()
    account = server.account()
    slot = server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, 3 * LOT // 100))
    server.state.positions.swap[slot] = -100
    assert server.execution.close(slot, LOT // 100, DealReason.CLIENT) == -10 - 33
    assert server.state.positions.swap[slot] == -67


@pytest.mark.parametrize(
    ("platform", "at_open", "carried", "at_close"),
    [(Platform.MT4, 0, -700, -700), (Platform.MT5, -350, 0, -350), (Platform.CTRADER, -350, 0, -350)],
)
def test_mt4_books_commission_when_a_position_closes_the_others_with_each_deal(platform, at_open, carried, at_close):
    server = small_server(platform)
    account = server.account(kind="raw")
    slot = server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    assert server.state.accounts.balance[account] == 1_000_000 + at_open
    assert server.state.positions.commission[slot] == carried
    server.execution.close(slot, LOT, DealReason.CLIENT)
    deals = [row for row in rows(server) if isinstance(row, Deal)]
    assert [deal.commission for deal in deals] == [at_open, at_close]
    assert server.state.accounts.balance[account] == 1_000_000 - 700 - 1_000


def test_a_netting_account_adds_at_the_average_and_an_opposite_order_reduces():
    server = small_server()
    account, symbol = server.account(kind="netting"), server.symbol("EURUSD")
    slot = server.execution.open(Ticket(account, symbol, BUY, LOT))
    server.quote("EURUSD", 1.10100, 1.10110)
    assert server.execution.open(Ticket(account, symbol, BUY, 3 * LOT)) == slot
    assert (server.state.positions.open_points[slot], server.state.positions.volume[slot]) == (110_085, 4 * LOT)
    assert server.execution.open(Ticket(account, symbol, SELL, LOT)) == slot
    assert server.state.positions.volume[slot] == 3 * LOT
    assert server.execution.open(Ticket(account, symbol, SELL, 9 * LOT)) is None
    assert len(server.state.positions) == 0


def test_losses_in_a_row_are_counted_and_a_profit_ends_them():
    server = small_server()
    account, symbol = server.account(), server.symbol("EURUSD")
    for expected in (1, 2, 3):
        slot = server.execution.open(Ticket(account, symbol, BUY, LOT))
        server.execution.close(slot, LOT, DealReason.CLIENT)
        assert server.state.accounts.losses_in_a_row[account] == expected
    slot = server.execution.open(Ticket(account, symbol, BUY, LOT))
    server.quote("EURUSD", 1.20000, 1.20010)
    server.execution.close(slot, LOT, DealReason.CLIENT)
    assert server.state.accounts.losses_in_a_row[account] == 0
