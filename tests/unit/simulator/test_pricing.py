import math
import pickle
from decimal import Decimal

import numpy as np
import pytest
from small_server import small_server

from dealerdesk.bridges.simulator.catalogue import instruments, symbols_of
from dealerdesk.bridges.simulator.pricing import Prices, lots, points_to_price
from dealerdesk.formulas.conversion import NoRateError
from dealerdesk.trading import Platform


def test_a_server_adds_its_markup_to_both_sides_of_the_market():
    offered = instruments(10)

    class Raw:
        bid_points = np.full(10, 100_000)
        ask_points = np.full(10, 100_010)

    spreads = {}
    for platform in Platform:
        prices = Prices(platform, offered, symbols_of(platform, offered))
        prices.follow(Raw())
        assert (prices.bid <= Raw.bid_points).all()
        assert (prices.ask > Raw.ask_points).all()
        spreads[platform] = int((prices.ask - prices.bid).sum())
    assert spreads[Platform.MT4] > spreads[Platform.MT5] > spreads[Platform.CTRADER] > 100


def test_rates_take_the_pair_then_its_inverse_then_the_way_through_usd():
    prices = small_server().state.prices
    assert prices.rate("USD", "USD") == 1
    assert prices.rate("EUR", "USD") == Decimal("1.10005")
    assert prices.rate("USD", "EUR") == Decimal("0.9090495887")
    assert prices.rate("CHF", "AUD") == pytest.approx(
        prices.rate("CHF", "USD") * prices.rate("USD", "AUD"), abs=Decimal("1e-9")
    )
    with pytest.raises(NoRateError, match="no rate from XXX to USD"):
        prices.rate("XXX", "USD")
    assert not prices.has_rate("XXX", "USD")


def test_the_float_rates_are_the_exact_ones():
    server = small_server()
    prices, targets = server.state.prices, server.state.currencies
    table = prices.rates_to_targets()
    for row, source in enumerate(prices.currencies):
        for column, target in enumerate(targets):
            if prices.has_rate(source, target):
                assert table[row, column] == pytest.approx(float(prices.rate(source, target)), rel=1e-6)
            else:
                assert math.isnan(table[row, column])


def test_pickled_prices_convert_as_before():
    prices = small_server().state.prices
    twin = pickle.loads(pickle.dumps(prices))
    assert twin.rate("GBP", "USD") == prices.rate("GBP", "USD") == Decimal("1.25005")


def test_points_are_exact_prices_and_volumes_are_lots():
    assert points_to_price(110_010, 5) == Decimal("1.10010")
    assert lots(np.array([1_000_000])).tolist() == [0.01]
