"""What a stop-out deletes and closes, in which order, and what it leaves."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.stop_out import (
    Act,
    ClosingOrder,
    Funds,
    Resting,
    StopOut,
    StopOutMode,
    StopOutTerms,
    Threatened,
    credit_taken,
    stop_out,
)

HALF = StopOutTerms(Decimal(50))
PROTECTED = StopOutTerms(Decimal(50), negative_balance_protection=True)


def position(name: str, profit: str, margin: str, opened_us: int = 0, symbol: str = "EURUSD") -> Threatened:
    return Threatened(name, Decimal(profit), Decimal(margin), opened_us, symbol)


def gone(found: StopOut) -> list[str]:
    return [action.id for action in found.actions]


def test_an_account_above_its_stop_out_keeps_everything() -> None:
    found = stop_out(Funds(Decimal(1_000)), [position("a", "-400", "1000")], [], HALF)

    assert found.actions == ()
    assert found.balance == 1_000


def test_at_exactly_the_threshold_it_is_reached() -> None:
    assert gone(stop_out(Funds(Decimal(1_000)), [position("a", "-500", "1000")], [], HALF)) == ["a"]


def test_orders_go_first_the_dearest_first_and_those_without_margin_stay() -> None:
    orders = [Resting("o1", Decimal(10)), Resting("o2", Decimal(0)), Resting("o3", Decimal(400))]
    found = stop_out(Funds(Decimal(700)), [position("a", "-200", "610")], orders, HALF)

    assert [(action.act, action.id) for action in found.actions] == [(Act.DELETE, "o3")]
    assert found.actions[0].level == Decimal("49.02")


def test_the_largest_loss_goes_first_and_then_all_is_computed_anew() -> None:
    held = [position("small", "-50", "400"), position("large", "-600", "400"), position("won", "30", "400")]
    found = stop_out(Funds(Decimal(1_050)), held, [], HALF)

    assert gone(found) == ["large"]
    assert found.balance == 450


def test_with_only_profits_the_smallest_goes_first() -> None:
    held = [position("more", "20", "1000"), position("less", "10", "1000")]

    assert gone(stop_out(Funds(Decimal(100)), held, [], StopOutTerms(Decimal(10)))) == ["less"]


def test_ctrader_closes_what_binds_most_margin_whatever_it_lost() -> None:
    held = [position("loser", "-300", "100"), position("heavy", "10", "900")]
    terms = StopOutTerms(Decimal(50), order=ClosingOrder.MOST_MARGIN)

    assert gone(stop_out(Funds(Decimal(700)), held, [], terms)) == ["heavy"]


def test_in_money_mode_equity_is_held_against_the_threshold() -> None:
    terms = StopOutTerms(Decimal(200), StopOutMode.MONEY)

    assert gone(stop_out(Funds(Decimal(300)), [position("a", "-100", "1")], [], terms)) == ["a"]
    assert gone(stop_out(Funds(Decimal(300)), [position("a", "-99.99", "1")], [], terms)) == []


def test_first_in_first_out_takes_the_oldest_of_the_symbol_that_lost_most() -> None:
    held = [
        position("old", "-10", "500", 1),
        position("new", "-500", "500", 2),
        position("other", "-20", "500", 0, "GBPUSD"),
    ]
    terms = StopOutTerms(Decimal(50), oldest_first=True)

    assert gone(stop_out(Funds(Decimal(1_000)), held, [], terms))[0] == "old"


def test_what_is_fully_hedged_is_closed_only_where_the_group_says_so() -> None:
    held = [position("a", "-700", "0"), position("b", "100", "0")]

    assert gone(stop_out(Funds(Decimal(500)), held, [], HALF)) == []
    terms = StopOutTerms(Decimal(50), closes_fully_hedged=True)
    assert gone(stop_out(Funds(Decimal(500)), held, [], terms)) == ["a", "b"]


def test_negative_balance_protection_pays_what_the_last_closing_left() -> None:
    held = [position("a", "-900", "300"), position("b", "-50", "300")]
    found = stop_out(Funds(Decimal(800)), held, [], PROTECTED)

    assert gone(found) == ["a", "b"]
    assert (found.balance, found.compensation) == (-150, 150)
    assert credit_taken(Decimal(40), found.compensation) == 40


def test_without_protection_the_debt_stays() -> None:
    assert stop_out(Funds(Decimal(100)), [position("a", "-300", "100")], [], HALF).compensation == 0


def test_credit_keeps_an_account_alive_but_is_no_balance() -> None:
    found = stop_out(Funds(Decimal(100), Decimal(500)), [position("a", "-300", "500")], [], HALF)
    assert found.actions == ()
    found = stop_out(Funds(Decimal(100), Decimal(100)), [position("a", "-300", "500")], [], PROTECTED)
    assert (found.balance, found.compensation) == (-200, 200)


def test_closing_one_leg_of_a_hedge_can_make_the_rest_dearer() -> None:
    held = [position("long", "-300", "0"), position("short", "290", "0")]
    margins = {2: Decimal(100), 1: Decimal(1_000), 0: Decimal(0)}
    found = stop_out(Funds(Decimal(60)), held, [], HALF, remeasure=lambda left: margins[len(left)])

    assert [(action.id, action.margin, action.level) for action in found.actions] == [
        ("long", Decimal(100), Decimal("50.00")),
        ("short", Decimal(1_000), Decimal("5.00")),
    ]


@pytest.mark.parametrize("threshold", ["0", "100", "1000"])
def test_no_position_means_no_stop_out(threshold: str) -> None:
    assert stop_out(Funds(Decimal(-5)), [], [], StopOutTerms(Decimal(threshold))).actions == ()
