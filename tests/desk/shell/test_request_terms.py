"""What is typed as a command's body: exact, and refused in the rules' own words."""

from __future__ import annotations

import pytest

from dealerdesk.bridges.protocol import SetLeverage
from dealerdesk.commands.bodies import ContactField, SetContact
from dealerdesk.commands.personal import is_token
from dealerdesk.commands.records import Refused
from dealerdesk.desk import request_terms as terms
from dealerdesk.live.state import LiveState
from dealerdesk.money import Currency, currency
from dealerdesk.trading import BalanceKind


def of(unit: Currency | None = None) -> terms.About:
    return terms.About("MT5", 101, 7, "real-usd", unit or currency("USD"), 100, 1_000_000, 0)


def test_the_account_is_read_from_the_live_state(state: LiveState) -> None:
    assert terms.about(state, "MT5", 101) == terms.About("MT5", 101, 1, "real-usd", currency("USD"), 100, 1_000_000, 0)


@pytest.mark.parametrize("typed", ["200", "1:200", " 1 : 200 "])
def test_a_leverage_is_typed_with_or_without_its_one(typed: str) -> None:
    assert terms.leverage_wish(of(), typed) == SetLeverage(login=101, leverage=200)


@pytest.mark.parametrize(
    ("code", "typed", "minor"), [("JPY", "1250", 1_250), ("KWD", "1.255", 1_255), ("BTC", "0.00000001", 1)]
)
def test_an_amount_has_the_decimals_of_its_currency(code: str, typed: str, minor: int) -> None:
    assert terms.balance_wish(of(currency(code)), BalanceKind.BONUS, typed, "").amount == minor


@pytest.mark.parametrize(
    ("code", "sentence"), [("JPY", "JPY has no decimals."), ("USD", "USD has 2 decimals."), ("KWD", "3 decimals")]
)
def test_more_decimals_than_the_currency_has_are_refused(code: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        terms.balance_wish(of(currency(code)), BalanceKind.BONUS, "1.2345", "")


def test_more_digits_than_the_database_takes_are_refused() -> None:
    with pytest.raises(Refused, match="more money than there is"):
        terms.balance_wish(of(currency("BTC")), BalanceKind.DEPOSIT, "99999999999", "")


@pytest.mark.parametrize("typed", ["0", "0.00", "-1", "1,5", "0.000000001", "all"])
def test_what_is_no_volume_closes_nothing(state: LiveState, typed: str) -> None:
    with pytest.raises(Refused):
        terms.closing_wish(state, terms.about(state, "MT5", 101), 1, typed)


def test_credit_moves_the_credit_and_a_correction_the_balance() -> None:
    credit = terms.balance_wish(of(), BalanceKind.CREDIT, "5", "")
    correction = terms.balance_wish(of(), BalanceKind.CORRECTION, "-5", "")

    assert terms.balance_change(of(), credit) == "Credit 0.00 → 5.00 USD (+5.00)"
    assert terms.balance_change(of(), correction) == "Balance 10\u2009000.00 → 9\u2009995.00 USD (\u22125.00)"


def test_the_value_of_a_contact_is_in_no_text_of_its_wish_and_not_needed_to_weigh_it() -> None:
    wish = terms.contact_wish(of(), ContactField.EMAIL, "ada@example.org")
    weighed = terms.body_to_weigh(wish)

    assert "ada" not in repr(wish)
    assert isinstance(weighed, SetContact)
    assert is_token(weighed.token)
