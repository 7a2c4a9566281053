"""Commission of deals by tiers."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.commission import (
    Charged,
    ChargedDeal,
    CommissionTerms,
    CommissionTier,
    DealEntry,
    Per,
    RangeBy,
    Unit,
    commissions,
    deal_value,
)


def tier(begin: str, end: str | None, rate: str, smallest: str = "0", largest: str = "0") -> CommissionTier:
    return CommissionTier(
        Decimal(begin), None if end is None else Decimal(end), Decimal(rate), Decimal(smallest), Decimal(largest)
    )


def deal(lots: str, price: str = "1", profit: str = "0", entry: DealEntry = DealEntry.IN) -> ChargedDeal:
    return ChargedDeal(entry, Decimal(lots), Decimal(price), Decimal(profit))


def amounts(terms: CommissionTerms, *deals: ChargedDeal) -> list[Decimal]:
    return list(commissions(terms, deals).amounts)


def per_lot(*tiers: CommissionTier, by: RangeBy = RangeBy.LOTS, charged: Charged = Charged.ALL) -> CommissionTerms:
    return CommissionTerms(by, charged, Per.LOT, Unit.MONEY, tiers)


OUT, OUT_BY = DealEntry.OUT, DealEntry.OUT_BY


def test_of_two_tiers_that_meet_the_first_suitable_one_counts() -> None:
    terms = per_lot(tier("0", "1", "7"), tier("1", None, "5"))

    assert amounts(terms, deal("1"), deal("1.5"), deal("0.25")) == [7, Decimal("7.50"), Decimal("1.75")]


def test_a_deal_in_no_tier_is_free() -> None:
    assert amounts(per_lot(tier("2", "3", "7")), deal("1")) == [0]


def test_the_amount_stays_between_its_bounds() -> None:
    terms = per_lot(tier("0", None, "2", smallest="3", largest="10"))

    assert amounts(terms, deal("1"), deal("2"), deal("50")) == [3, 4, 10]


def test_opening_closing_or_both_are_charged() -> None:
    rate = tier("0", None, "4")
    both = (deal("1"), deal("1", entry=OUT))

    assert amounts(per_lot(rate), *both) == [4, 4]
    assert amounts(per_lot(rate, charged=Charged.IN), *both) == [4, 0]
    assert amounts(per_lot(rate, charged=Charged.OUT), *both) == [0, 4]


def test_closing_by_an_opposite_position_costs_nothing_more_unless_only_closing_is_charged() -> None:
    rate = tier("0", None, "4")
    pair = (deal("1", entry=OUT_BY), deal("1", entry=OUT_BY))

    assert amounts(per_lot(rate), *pair) == [0, 0]
    assert amounts(per_lot(rate, charged=Charged.IN), *pair) == [0, 0]
    assert amounts(per_lot(rate, charged=Charged.OUT), *pair) == [8, 0]


def test_a_turnover_that_passes_a_level_recalculates_the_whole_period() -> None:
    tiers = (tier("0", "10", "5"), tier("10", None, "3"))

    assert amounts(per_lot(*tiers, by=RangeBy.TURNOVER_LOTS), deal("4"), deal("5")) == [20, 25]
    assert amounts(per_lot(*tiers, by=RangeBy.TURNOVER_LOTS), deal("4"), deal("8")) == [12, 24]


def test_percent_is_of_the_deals_value_and_percent_of_profit_of_its_profit() -> None:
    rate = (tier("0", None, "0.1"),)
    value = CommissionTerms(RangeBy.NOTIONAL, Charged.ALL, Per.DEAL, Unit.PERCENT, rate, Decimal(100))
    profit = CommissionTerms(RangeBy.PROFIT, Charged.ALL, Per.DEAL, Unit.PERCENT_OF_PROFIT, rate)

    assert deal_value(value, deal("2", "50")) == 10_000
    assert amounts(value, deal("2", "50")) == [10]
    assert amounts(profit, deal("2", profit="500"), deal("2", profit="-500")) == [Decimal("0.50"), 0]


def test_pips_are_worth_what_a_lot_moves() -> None:
    terms = CommissionTerms(
        RangeBy.LOTS, Charged.ALL, Per.LOT, Unit.PIPS, (tier("0", None, "0.5"),), Decimal(100_000), Decimal("0.0001")
    )

    assert amounts(terms, deal("3")) == [15]


def test_a_rate_per_deal_does_not_look_at_its_lots() -> None:
    terms = CommissionTerms(RangeBy.LOTS, Charged.ALL, Per.DEAL, Unit.MONEY, (tier("0", None, "2.5"),))

    assert amounts(terms, deal("0.01"), deal("90")) == [Decimal("2.50"), Decimal("2.50")]
