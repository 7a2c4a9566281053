"""Margin by tiers: each slice takes its own rate."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.tiers import Tier, slices, tiered_margin


def tier(begin: str, end: str | None, rate: str) -> Tier:
    return Tier(Decimal(begin), None if end is None else Decimal(end), Decimal(rate))


TIERS = [tier("0", "10", "1"), tier("10", "50", "2"), tier("50", None, "5")]


def test_each_slice_of_the_volume_takes_its_own_rate() -> None:
    # 60 lots at 100 each: 10 × 100, 40 × 200, 10 × 500
    result = tiered_margin(Decimal(6_000), Decimal(60), TIERS)

    assert result.value == 14_000
    assert [(step.name, step.rounded, step.rate) for step in result.steps[:-1]] == [
        ("0 to 10", 1_000, 1),
        ("10 to 50", 8_000, 2),
        ("above 50", 5_000, 5),
    ]


def test_what_is_within_the_first_tier_pays_no_more_than_before() -> None:
    assert tiered_margin(Decimal("123.45"), Decimal("9.99"), TIERS).value == Decimal("123.45")


def test_above_the_last_tier_its_rate_goes_on() -> None:
    ended = [tier("0", "10", "1"), tier("10", "20", "3")]

    assert tiered_margin(Decimal(3_000), Decimal(30), ended).value == 7_000


def test_below_the_first_tier_the_rate_is_one() -> None:
    assert [(each.name, each.size, each.rate) for each in slices([tier("5", None, "4")], Decimal(8))] == [
        ("outside the tiers", 5, 1),
        ("above 5", 3, 4),
    ]


def test_no_volume_leaves_the_margin_as_it_is() -> None:
    assert tiered_margin(Decimal("10.005"), Decimal(0), TIERS).value == Decimal("10.01")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ([], "bands: expected at least one"),
        ([tier("0", "10", "1"), tier("5", None, "2")], "bands[1].from: expected 10 or more, got 5"),
        ([tier("0", None, "1"), tier("5", None, "2")], "bands[0].to: expected a number, since another band follows"),
        ([tier("3", "3", "1")], "bands[0].to: expected more than 3, got 3"),
    ],
)
def test_tiers_out_of_order_are_refused_with_their_place(wrong: list[Tier], words: str) -> None:
    with pytest.raises(ValueError, match="bands") as caught:
        slices(wrong, Decimal(1))
    assert str(caught.value) == words
