import pytest

from dealerdesk.bridges.simulator.instrument_facts import FACTORS, loadings_of
from dealerdesk.instruments import AssetClass


def loading(driver: str, asset_class: AssetClass, region: str, factor: str) -> float:
    return loadings_of(driver, asset_class, region)[FACTORS.index(factor)]


def test_the_euro_rises_when_the_dollar_falls_and_the_yen_when_risk_is_shunned():
    assert loading("EUR", AssetClass.FX, "", "dollar") == 0.85
    assert loading("JPY", AssetClass.FX, "", "risk") < 0


def test_a_company_follows_its_region_less_than_the_index_does():
    index = loading("US500", AssetClass.INDICES, "us", "us")
    share = loading("AAPL", AssetClass.SHARES, "us", "us")

    assert share == pytest.approx(0.62 * index)
    assert loading("SAP.DE", AssetClass.SHARES, "europe", "us") == 0


def test_a_driver_with_loadings_of_its_own_keeps_them():
    assert loading("BTC", AssetClass.CRYPTO, "", "crypto") == 0.90
    assert loading("XRP", AssetClass.CRYPTO, "", "crypto") == 0.80
    assert loading("USDX", AssetClass.INDICES, "", "dollar") < 0


def test_a_currency_without_a_line_of_its_own_moves_like_the_others():
    assert loadings_of("THB", AssetClass.FX, "") == loadings_of("RON", AssetClass.FX, "")
