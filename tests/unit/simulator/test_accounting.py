import numpy as np
import pytest
from small_server import small_server

from dealerdesk.bridges.simulator.accounting import (
    account_margin,
    commission,
    deal_profit,
    equity,
    floating,
    margin_each,
    part_of,
    positions_of,
)
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.instruments import LOT
from dealerdesk.trading import Platform


def test_a_profit_in_pounds_arrives_in_dollars_at_the_middle_rate():
    server = small_server()
    account, symbol = server.account("USD"), server.symbol("EURGBP")
    booked = deal_profit(server.state, account, symbol, BUY, LOT, 85_000, 85_100)
    assert booked.minor == 12_501
    assert booked.rate == 12_500_500_000


def test_an_index_earns_by_its_contract():
    server = small_server()
    account, symbol = server.account("USD"), server.symbol("US500")
    assert deal_profit(server.state, account, symbol, SELL, 10 * LOT, 60_000, 59_900).minor == 10_000


def test_commission_is_per_lot_and_rounded_half_away_from_zero():
    server = small_server()
    account = server.account("USD", "raw")
    assert commission(server.state, account, LOT) == -350
    assert commission(server.state, account, LOT // 100) == -4
    assert commission(server.state, server.account("USD", "retail"), LOT) == 0


@pytest.mark.parametrize(
    ("amount", "part", "whole", "share"),
    [(-100, 1, 3, -33), (-100, 2, 3, -67), (5, 1, 2, 3), (-5, 1, 2, -3), (7, 9, 9, 7)],
)
def test_a_part_is_rounded_half_away_from_zero_and_the_whole_stays_whole(amount, part, whole, share):
    assert part_of(amount, part, whole) == share


def test_floating_profit_is_what_closing_now_would_book():
    server = small_server()
    slots = []
    for currency in ("USD", "EUR", "JPY"):
        account = server.account(currency, balance=10**9)
        for name, side in (("EURUSD", BUY), ("USDJPY", SELL), ("XAUUSD", BUY), ("US500", SELL), ("EURGBP", BUY)):
            slots.append(server.execution.open(Ticket(account, server.symbol(name), side, LOT // 10)))
    server.quote("EURUSD", 1.10123, 1.10133)
    server.quote("XAUUSD", 2488.11, 2488.31)
    estimated = floating(server.state, np.array(slots)).tolist()
    table = server.state.positions
    exact = [
        deal_profit(
            server.state,
            int(table.account[slot]),
            int(table.symbol[slot]),
            int(table.side[slot]),
            int(table.volume[slot]),
            int(table.open_points[slot]),
            server.execution.market_price(int(table.symbol[slot]), 1 - int(table.side[slot])),
        ).minor
        for slot in slots
    ]
    assert all(abs(one - other) <= 1 for one, other in zip(estimated, exact, strict=True))


def test_margin_of_a_lot_of_euro_at_a_hundred_to_one_is_a_thousand_euro():
    server = small_server()
    account = server.account("EUR", leverage=100)
    slot = server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    assert margin_each(server.state, np.array([slot])).tolist() == [100_000.0]


@pytest.mark.parametrize("platform", list(Platform))
def test_a_full_hedge_costs_its_hedged_contract_only(platform):
    server = small_server(platform)
    account, symbol = server.account("EUR", leverage=100), server.symbol("EURUSD")
    for side in (BUY, SELL):
        server.execution.open(Ticket(account, symbol, side, LOT))
    facts = server.state.symbols[symbol]
    share = float(facts.hedged_contract_size / facts.contract_size)
    assert account_margin(server.state, positions_of(server.state, account)) == round(100_000 * share)


def test_equity_counts_credit_floating_and_what_positions_have_accrued():
    server = small_server(Platform.MT4)
    account = server.account("USD", "raw", balance=500_000)
    server.state.accounts.credit[account] = 20_000
    slot = server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    server.state.positions.swap[slot] = -50
    held = positions_of(server.state, account)
    assert equity(server.state, account, held) == 500_000 + 20_000 - 1_000 - 50 - 700
