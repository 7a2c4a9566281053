from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

from dealerdesk.bridges.fix.simulated_desk import Fill, LadderStep, SimulatedTerms, Verdict, judge, levels
from dealerdesk.trading import Side

MID = Decimal("1.08000")
EUR = SimulatedTerms(
    point=Decimal("0.00001"),
    ladder=(LadderStep(Decimal(100), Decimal(2)), LadderStep(Decimal(200), Decimal(5))),
)


def verdict(
    quantity: int,
    terms: SimulatedTerms = EUR,
    *,
    limit: str | None = None,
    now: Decimal = MID,
    whole: bool = False,
    side: Side = Side.BUY,
) -> Verdict:
    price = None if limit is None else Decimal(limit)
    return judge(terms, Random(1), side, Decimal(quantity), price, (MID, now), whole=whole)


def test_a_buyer_meets_the_offers_and_a_seller_the_bids() -> None:
    assert levels(EUR, MID, Side.BUY)[0] == Fill(Decimal(100), Decimal("1.08002"))
    assert levels(EUR, MID, Side.SELL)[0] == Fill(Decimal(100), Decimal("1.07998"))


def test_a_large_order_is_filled_level_by_level() -> None:
    fills = verdict(250).fills

    assert [(fill.quantity, fill.price) for fill in fills] == [(100, Decimal("1.08002")), (150, Decimal("1.08005"))]


def test_beyond_its_depth_something_is_left() -> None:
    assert verdict(350).left == 50
    assert verdict(350, whole=True) == Verdict(left=Decimal(350))


def test_a_limit_takes_no_worse_level() -> None:
    assert verdict(250, limit="1.08004").left == 150
    assert verdict(250, limit="1.07996", side=Side.SELL).left == 150


def test_a_move_against_the_lp_within_the_hold_time_is_rejected() -> None:
    assert verdict(100, now=MID + Decimal("0.00004")).rejected == "last look: price moved 4 points"
    assert verdict(100, now=MID - Decimal("0.00009")).rejected == ""
    assert verdict(100, now=MID - Decimal("0.00004"), side=Side.SELL).rejected == "last look: price moved 4 points"


def test_some_are_rejected_for_want_of_liquidity() -> None:
    assert verdict(100, replace(EUR, reject_percent=100)).rejected == "no liquidity"


def test_slippage_is_worse_for_the_one_who_asked() -> None:
    slips = replace(EUR, slip_percent=100, slip_points=Decimal(3))

    assert verdict(100, slips).fills[0].price == Decimal("1.08005")
    assert verdict(100, slips, side=Side.SELL).fills[0].price == Decimal("1.07995")
