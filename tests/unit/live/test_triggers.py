"""What a jump triggers."""

from __future__ import annotations

import numpy as np

from dealerdesk.live.shocks import shocked
from dealerdesk.live.triggers import Triggered, by_kind, triggered
from dealerdesk.trading import OrderType
from live.live_rows import position, say
from live.stressed_desk import PLATFORMS, bought, broker, falls, frozen, order, with_stop


def after_a_fall_of(percent: float, *rows: object) -> tuple[Triggered, object]:
    book = frozen(broker(*rows))
    prices = shocked(book.prices, book.symbols, book.currencies, falls("EURUSD", percent))
    return triggered(book, prices), book


def ids(book: object, flags: np.ndarray) -> list[int]:
    return sorted(set(book.positions.id[book.held[flags]].tolist()))  # type: ignore[attr-defined]


def test_a_fall_through_them_triggers_stops_of_buyers_and_profits_of_sellers() -> None:
    rows = (
        with_stop(bought(1, "EURUSD", "1", "1.10"), stop_loss="1.09"),
        with_stop(bought(2, "EURUSD", "1", "1.10"), stop_loss="1.07"),
        with_stop(position(3, 1, "EURUSD", "-1", "1.10"), take_profit="1.08"),
        with_stop(position(4, 1, "EURUSD", "-1", "1.10"), stop_loss="1.12"),
        bought(5, "EURUSD", "1", "1.10"),
    )
    # 1.10 × 0.98 = 1.078
    found, book = after_a_fall_of(2, *rows)

    assert ids(book, found.stop_loss) == [1]
    assert ids(book, found.take_profit) == [3]
    assert ids(book, found.closes) == [1, 3]


def test_a_fall_opens_buy_limits_and_sell_stops_above_the_new_price() -> None:
    kinds = tuple(OrderType)
    found, book = after_a_fall_of(2, *(order(number, kind, "1.09") for number, kind in enumerate(kinds)))

    on_each = len(PLATFORMS)
    assert by_kind(book, found) == {  # type: ignore[arg-type]
        OrderType.BUY_LIMIT: on_each,
        OrderType.SELL_LIMIT: 0,
        OrderType.BUY_STOP: 0,
        OrderType.SELL_STOP: on_each,
    }


def test_no_price_triggers_nothing() -> None:
    found, _ = after_a_fall_of(
        150, with_stop(bought(1, "EURUSD", "1", "1.10"), stop_loss="1.09"), order(1, OrderType.SELL_STOP, "1.09")
    )

    assert not found.stop_loss.any()
    assert not found.pending.any()


def test_an_order_of_an_account_nobody_knows_is_not_counted() -> None:
    state = broker()
    say(state, "MT5", order(1, OrderType.SELL_STOP, "1.09", login=99), order(2, OrderType.SELL_STOP, "1.09"))

    assert len(frozen(state).pending.account) == 1
