"""What regulators allow retail clients."""

from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.presets import (
    PRESETS,
    Regime,
    Tradable,
    greatest_leverage,
    qualifies_as_professional,
    tradable,
)
from dealerdesk.instruments import AssetClass

ESMA, FCA, ASIC, PROFESSIONAL = (PRESETS[name] for name in (Regime.ESMA, Regime.FCA, Regime.ASIC, Regime.PROFESSIONAL))


@pytest.mark.parametrize(
    ("asset_class", "instrument", "base", "profit", "kind", "leverage"),
    [
        (AssetClass.FX, "EURUSD", "EUR", "USD", Tradable.MAJOR_PAIR, 30),
        (AssetClass.FX, "AUDUSD", "AUD", "USD", Tradable.OTHER_PAIR, 20),
        (AssetClass.FX, "USDZAR", "USD", "ZAR", Tradable.OTHER_PAIR, 20),
        (AssetClass.METALS, "XAUUSD", "XAU", "USD", Tradable.GOLD, 20),
        (AssetClass.METALS, "XAGUSD", "XAG", "USD", Tradable.COMMODITY, 10),
        (AssetClass.INDICES, "US500", "USD", "USD", Tradable.MAJOR_INDEX, 20),
        (AssetClass.INDICES, "SA40", "ZAR", "ZAR", Tradable.OTHER_INDEX, 10),
        (AssetClass.ENERGIES, "XTIUSD", "XTI", "USD", Tradable.COMMODITY, 10),
        (AssetClass.SHARES, "AAPL", "USD", "USD", Tradable.SHARE, 5),
        (AssetClass.CRYPTO, "BTCUSD", "BTC", "USD", Tradable.CRYPTO, 2),
    ],
)
def test_a_retail_client_in_europe_gets_thirty_to_two(
    asset_class: AssetClass, instrument: str, base: str, profit: str, kind: Tradable, leverage: int
) -> None:
    assert tradable(ESMA, asset_class, instrument, base, profit) is kind
    assert greatest_leverage(ESMA, kind, 500) == leverage


def test_the_australian_dollar_is_a_major_currency_in_australia() -> None:
    assert tradable(ASIC, AssetClass.FX, "AUDUSD", "AUD", "USD") is Tradable.MAJOR_PAIR


def test_the_fca_lets_no_retail_client_trade_crypto() -> None:
    assert greatest_leverage(FCA, Tradable.CRYPTO, 500) == 0


def test_an_account_with_less_keeps_its_own_leverage() -> None:
    assert greatest_leverage(ESMA, Tradable.MAJOR_PAIR, 10) == 10


def test_every_retail_regime_closes_out_at_half_and_protects_the_balance() -> None:
    retail = [preset for preset in PRESETS.values() if preset.regime is not Regime.PROFESSIONAL]

    assert {(preset.close_out_percent, preset.negative_balance_protection) for preset in retail} == {
        (Decimal(50), True)
    }


def test_a_professional_client_has_no_limit_by_rule() -> None:
    assert greatest_leverage(PROFESSIONAL, Tradable.CRYPTO, 500) == 500
    assert PROFESSIONAL.close_out_percent is None


@pytest.mark.parametrize(
    ("trades", "portfolio", "years", "answer"),
    [("10", "500001", "0", True), ("10", "500000", "1", True), ("9", "600000", "0.5", False), ("40", "0", "0", False)],
)
def test_two_of_three_make_a_professional(trades: str, portfolio: str, years: str, answer: bool) -> None:
    found = qualifies_as_professional(
        trades_a_quarter=Decimal(trades), portfolio_eur=Decimal(portfolio), years_in_sector=Decimal(years)
    )

    assert found is answer
