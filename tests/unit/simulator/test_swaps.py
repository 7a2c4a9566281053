import numpy as np
from small_server import NOON_US, small_server

from dealerdesk.bridges.simulator.swaps import nightly_swaps, nights_of
from dealerdesk.bridges.simulator.tables import BUY, SELL
from dealerdesk.clock import DAY_US, HOUR_US
from dealerdesk.instruments import LOT

TUESDAY_22_US = NOON_US + 10 * HOUR_US


def night(server, name, side, volume):
    usd = server.state.currencies.index("USD")
    return nightly_swaps(
        server.state, np.array([server.symbol(name)]), np.array([side]), np.array([volume]), np.array([usd])
    )[0]


def test_swap_points_cost_lots_times_points_times_the_value_of_a_point():
    server = small_server()
    long = float(server.state.symbols[server.symbol("EURUSD")].swap_long)
    assert round(night(server, "EURUSD", BUY, 2 * LOT), 6) == round(2 * long * 1.0 * 100, 6)


def test_an_interest_swap_is_a_360th_of_the_yearly_percent_of_the_value():
    server = small_server()
    yearly = float(server.state.symbols[server.symbol("US500")].swap_short)
    expected = 10 * 6000.5 * yearly / 100 / 360 * 100
    assert abs(night(server, "US500", SELL, 10 * LOT) - expected) < 1e-6


def test_wednesday_costs_three_nights_and_the_weekend_none():
    server = small_server()
    symbol = server.symbol("EURUSD")
    nights = [int(nights_of(server.state, TUESDAY_22_US + day * DAY_US)[symbol]) for day in range(7)]
    assert nights == [1, 3, 1, 1, 0, 0, 1]


def test_crypto_is_charged_every_night():
    server = small_server()
    symbol = server.symbol("BTCUSD")
    nights = [int(nights_of(server.state, TUESDAY_22_US + day * DAY_US)[symbol]) for day in range(7)]
    assert all(each >= 1 for each in nights)
