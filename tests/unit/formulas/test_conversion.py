from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.conversion import NoRateError, Pair, PairBook, PriceSide, Quote, convert

BOOK = PairBook(
    [
        Pair("EURUSD", "EUR", "USD", Quote(Decimal("1.0999"), Decimal("1.1001"))),
        Pair("USDCHF", "USD", "CHF", Quote(Decimal("0.8"), Decimal("0.9"))),
        Pair("EURGBP", "EUR", "GBP", Quote(Decimal("0.86"), Decimal("0.88"))),
    ]
)


def test_the_pair_itself_comes_first() -> None:
    conversion = convert("EUR", "GBP", BOOK)

    assert conversion.rate == Decimal("0.87")
    assert [(use.name, use.inverse) for use in conversion.path] == [("EURGBP", False)]


def test_the_inverse_pair_is_divided_by() -> None:
    assert convert("USD", "EUR", BOOK).rate == 1 / Decimal("1.1")


def test_the_ask_of_an_inverse_pair_is_one_over_its_bid() -> None:
    assert convert("CHF", "USD", BOOK, PriceSide.ASK).rate == 1 / Decimal("0.8")
    assert convert("CHF", "USD", BOOK, PriceSide.BID).rate == 1 / Decimal("0.9")


def test_without_a_pair_the_way_leads_through_usd() -> None:
    conversion = convert("EUR", "CHF", BOOK)

    assert conversion.rate == Decimal("1.1") * Decimal("0.85")
    assert [use.name for use in conversion.path] == ["EURUSD", "USDCHF"]


def test_a_currency_converts_into_itself_without_a_pair() -> None:
    assert convert("PLN", "PLN", BOOK).rate == 1


def test_no_way_is_a_refusal_and_never_a_rate() -> None:
    with pytest.raises(NoRateError, match="no rate from EUR to PLN"):
        convert("EUR", "PLN", BOOK)


def test_the_first_of_two_pairs_for_the_same_currencies_counts() -> None:
    book = PairBook(
        [
            Pair("EURUSD", "EUR", "USD", Quote(Decimal(1), Decimal(1))),
            Pair("EURUSD.m", "EUR", "USD", Quote(Decimal(2), Decimal(2))),
        ]
    )

    assert convert("EUR", "USD", book).path[0].name == "EURUSD"
