"""A policy's rule as it is typed."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.policy_terms import TermError, read_rule, terms_of
from dealerdesk.trading import Book

FULL = Rule(
    servers=("MT5", "MT4"),
    groups=("real\\usd",),
    to_books=(Book.A, Book.C),
    open_lots_min=Decimal("50"),
    leverage_min=200,
    amounts_min={"USD": 1_000_000, "JPY": 1_500_000},
    daily_totals_min={"EUR": 950_050},
    risks=("prohibited", "unrated"),
    deviates_from_advice=True,
    approvals=2,
    roles=(Role.SUPERVISOR, Role.HEAD_DEALER),
    escalate_after_s=1_800,
    escalate_roles=(Role.ADMINISTRATOR,),
)


def test_what_a_rule_says_is_typed_like_this() -> None:
    assert terms_of(FULL) == {
        "servers": "MT5, MT4",
        "groups": "real\\usd",
        "to_books": "A, C",
        "open_lots_min": "50",
        "leverage_min": "200",
        "amounts_min": "USD 10\u2009000.00, JPY 1\u2009500\u2009000",
        "daily_totals_min": "EUR 9\u2009500.50",
        "risks": "prohibited, unrated",
        "roles": "supervisor or head dealer",
        "escalate_after": "30",
        "escalate_roles": "administrator",
    }


def test_what_is_typed_is_read_back_as_the_same_rule() -> None:
    assert read_rule(terms_of(FULL), deviates=True, approvals=2) == FULL
    assert read_rule(terms_of(Rule()), deviates=False, approvals=1) == Rule()


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.AUDITOR])
def test_a_role_is_read_as_the_form_itself_writes_it(role: Role) -> None:
    rule = Rule(roles=(Role.SUPERVISOR, role)) if role is not Role.SUPERVISOR else Rule(roles=(role,))

    assert read_rule(terms_of(rule), deviates=False, approvals=1).roles == rule.roles


def test_a_department_alone_is_read_as_its_officer() -> None:
    rule = read_rule({"roles": "payments or Back Office"}, deviates=False, approvals=1)

    assert rule.roles == (Role.PAYMENTS, Role.BACK_OFFICE)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"roles": ""}, "Say who approves: such as supervisor, or supervisor or payments"),
        ({"roles": "boss"}, "boss is no role: dealer, head dealer, back office"),
        ({"to_books": "D"}, "D is no book: A, B or C"),
        ({"open_lots_min": "many"}, "many is no number of open lots"),
        ({"open_lots_min": "-1"}, "-1 is no number of open lots"),
        ({"leverage_min": "1.5"}, "1.5 is no whole number for leverage"),
        ({"amounts_min": "10000"}, "10000 is no amount: write USD 10000, EUR 10000"),
        ({"amounts_min": "JPY 10.5"}, "JPY 10.5 has more decimals than JPY"),
        ({"risks": "bad"}, "bad is no rating: low, medium, high, prohibited, unrated"),
        ({"escalate_after": "30"}, "Say both after how many minutes it escalates and to whom"),
    ],
)
def test_what_is_no_condition_is_said_in_a_sentence(typed: dict[str, str], sentence: str) -> None:
    with pytest.raises(TermError) as error:
        read_rule({"roles": "supervisor"} | typed, deviates=False, approvals=1)
    assert str(error.value).startswith(sentence)
