"""Which leverage counts now, and what margin costs around news."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.leverage_rules import (
    EquityLeverage,
    NewsWindow,
    ScheduledLeverage,
    leverage_at,
    margin_in_news,
)

FRIDAY_20, MONDAY_1, SUNDAY_23 = 4 * 1_440 + 20 * 60, 60, 6 * 1_440 + 23 * 60
WEEKEND = ScheduledLeverage(FRIDAY_20, MONDAY_1, 50)
STEPS = (EquityLeverage(Decimal(0), 500), EquityLeverage(Decimal(20_000), 200), EquityLeverage(Decimal(100_000), 100))
WINDOW = NewsWindow(1_000, 2_000, Decimal(4))


@pytest.mark.parametrize(
    ("minute", "leverage"), [(FRIDAY_20 - 1, 200), (FRIDAY_20, 50), (SUNDAY_23, 50), (0, 50), (MONDAY_1, 200)]
)
def test_a_schedule_may_run_over_the_weekend(minute: int, leverage: int) -> None:
    assert leverage_at(200, minute, Decimal(0), [WEEKEND]) == leverage


def test_the_highest_step_of_equity_that_is_reached_counts() -> None:
    found = [leverage_at(1_000, 600, Decimal(equity), by_equity=STEPS) for equity in (10, 20_000, 99_999, 100_000)]

    assert found == [500, 200, 200, 100]


def test_of_all_limits_the_least_counts_and_never_more_than_was_granted() -> None:
    assert leverage_at(30, FRIDAY_20, Decimal(0), [WEEKEND], STEPS) == 30
    assert leverage_at(1_000, FRIDAY_20, Decimal(200_000), [WEEKEND], STEPS) == 50


def test_a_minute_outside_the_week_is_refused() -> None:
    with pytest.raises(ValueError, match="minute: expected 0 to 10079, got 10080"):
        leverage_at(30, 10_080, Decimal(0))


def test_only_what_is_opened_in_the_window_costs_more() -> None:
    opened = [(500, Decimal(3)), (1_500, Decimal(1))]
    result = margin_in_news(Decimal(4_000), Decimal(4), opened, WINDOW, 1_600)

    # one lot of 1,000 at four times its margin
    assert result.value == 7_000
    assert [step.rounded for step in result.steps] == [4_000, 3_000, 7_000]


def test_after_the_window_everything_costs_what_it_did_before() -> None:
    opened = [(1_500, Decimal(1))]

    assert margin_in_news(Decimal(1_000), Decimal(1), opened, WINDOW, 2_000).value == 1_000
    assert margin_in_news(Decimal(1_000), Decimal(1), opened, WINDOW, 999).value == 1_000


def test_closing_in_the_window_sets_the_dearer_lots_free_first() -> None:
    # three lots held before, two opened inside, four closed: one is left, and only one can be dearer
    opened = [(500, Decimal(3)), (1_200, Decimal(2))]

    assert margin_in_news(Decimal(1_000), Decimal(1), opened, WINDOW, 1_700).value == 4_000


def test_without_positions_there_is_no_margin() -> None:
    assert margin_in_news(Decimal(0), Decimal(0), [], WINDOW, 1_500).value == 0
