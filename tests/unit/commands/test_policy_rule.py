from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.policy_rule import Facts, applies
from dealerdesk.trading import Book

MONEY = Facts(server="MT5", group="real", amount=-1_000_000, currency="USD", daily_total=3_000_000, risk="high")
BOOK = Facts(server="MT5", group="real", to_book=Book.A, open_lots=Decimal("50.50"), risk="unrated", deviates=True)
LEVERAGE = Facts(server="MT5", leverage=200)


@pytest.mark.parametrize(
    ("rule", "facts", "words"),
    [
        (Rule(), BOOK, "always needs approval"),
        (Rule(servers=("MT5",), groups=("real",)), BOOK, "always needs approval"),
        (Rule(servers=("MT4",)), BOOK, None),
        (Rule(groups=("vip",)), BOOK, None),
        (Rule(to_books=(Book.A,)), BOOK, "the account would move to book A"),
        (Rule(to_books=(Book.C,)), BOOK, None),
        (Rule(to_books=(Book.A,)), MONEY, None),
        (Rule(open_lots_min=Decimal("50.5")), BOOK, "50.5 lots are open, 50.5 or more need approval"),
        (Rule(open_lots_min=Decimal("50.51")), BOOK, None),
        (Rule(leverage_min=200), LEVERAGE, "leverage 1:200 is asked for, 1:200 or more needs approval"),
        (Rule(leverage_min=201), LEVERAGE, None),
        (Rule(leverage_min=1), BOOK, None),
        (
            Rule(amounts_min={"USD": 1_000_000}),
            MONEY,
            "10000.00 USD are asked for, 10000.00 USD or more need approval",
        ),
        (Rule(amounts_min={"USD": 1_000_001}), MONEY, None),
        (
            Rule(amounts_min={"EUR": 1}),
            MONEY,
            "10000.00 USD are asked for, any amount of that currency needs approval",
        ),
        (Rule(amounts_min={"USD": 0}), BOOK, None),
        (
            Rule(daily_totals_min={"USD": 2_500_000}),
            MONEY,
            "30000.00 USD are asked for today in all, 25000.00 USD or more need approval",
        ),
        (Rule(daily_totals_min={"USD": 3_000_001}), MONEY, None),
        (Rule(risks=("high", "prohibited")), MONEY, "the client is rated high"),
        (Rule(risks=("prohibited",)), MONEY, None),
        (Rule(risks=("unrated",)), BOOK, "the client is rated unrated"),
        (Rule(deviates_from_advice=True), BOOK, "it is not what was advised"),
        (Rule(deviates_from_advice=True), MONEY, None),
    ],
)
def test_a_condition_holds_and_says_why(rule: Rule, facts: Facts, words: str | None) -> None:
    assert applies(rule, facts) == words


def test_all_conditions_must_hold_and_all_are_said() -> None:
    rule = Rule(to_books=(Book.A,), open_lots_min=Decimal(50), deviates_from_advice=True)

    assert applies(rule, BOOK) == (
        "the account would move to book A and 50.5 lots are open, 50 or more need approval"
        " and it is not what was advised"
    )
