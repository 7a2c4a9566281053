from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.dealing.fill_links import ClientFill, LpFill, link
from dealerdesk.trading import Side


def client(fill_id: str, units: int, price: str = "1.0803", side: Side = Side.BUY, at: int = 0) -> ClientFill:
    return ClientFill(fill_id, "EURUSD", side, Decimal(units), Decimal(price), at, Decimal("1.0802"))


def cover(
    fill_id: str, units: int, price: str = "1.0801", side: Side = Side.BUY, at: int = 0, client_fill: str = ""
) -> LpFill:
    return LpFill(fill_id, "prime", "EURUSD", side, Decimal(units), Decimal(price), at, client_fill, Decimal("1.0800"))


def test_the_markup_is_what_the_client_paid_more_than_the_broker() -> None:
    (found,) = link([client("c", 100_000)], [cover("l", 100_000, at=40_000)]).links

    assert (found.markup_price, found.markup) == (Decimal("0.0002"), 20)
    assert (found.client_slippage, found.lp_slippage) == (10, 10)
    assert found.delay_us == 40_000


def test_a_sale_earns_when_the_broker_sells_higher() -> None:
    (found,) = link([client("c", 100_000, "1.0800", Side.SELL)], [cover("l", 100_000, "1.0801", Side.SELL)]).links

    assert found.markup == 10


def test_a_named_client_fill_is_covered_before_older_ones() -> None:
    linked = link([client("old", 50), client("named", 50, at=1)], [cover("l", 60, at=2, client_fill="named")])

    assert [(found.client.id, found.units) for found in linked.links] == [("named", 50), ("old", 10)]
    assert linked.client_residual == {"old": 40}


def test_one_cover_for_many_clients_is_shared_oldest_first() -> None:
    linked = link([client("b", 30, at=2), client("a", 30, at=1)], [cover("l", 40, at=3)])

    assert [(found.client.id, found.units) for found in linked.links] == [("a", 30), ("b", 10)]


def test_what_has_no_other_side_is_told() -> None:
    linked = link([client("c", 10)], [cover("l", 30), cover("s", 5, side=Side.SELL)])

    assert linked.client_residual == {}
    assert linked.lp_residual == {"l": 20, "s": 5}
    assert linked.markup == Decimal("0.002")


def test_a_name_of_another_side_is_not_believed() -> None:
    linked = link([client("c", 10)], [cover("l", 10, side=Side.SELL, client_fill="c")])

    assert linked.links == ()


def test_a_fill_cannot_be_given_twice() -> None:
    with pytest.raises(ValueError, match="fill c stands there twice"):
        link([client("c", 10), client("c", 10)], [])
