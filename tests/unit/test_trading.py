"""The vocabulary says what the field says."""

from __future__ import annotations

from dealerdesk.trading import Side


def test_the_opposite_of_a_buy_is_a_sell() -> None:
    assert Side.BUY.opposite is Side.SELL
    assert Side.SELL.opposite is Side.BUY
    assert (Side.BUY.sign, Side.SELL.sign) == (1, -1)
