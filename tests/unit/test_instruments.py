"""A symbol trades within its weekly sessions."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.instruments import AssetClass, CalculationMode, Session, Symbol, is_open

MONDAY_9 = 9 * 60
share = Symbol(
    name="AAPL",
    instrument="AAPL",
    description="Apple",
    asset_class=AssetClass.SHARES,
    base_currency="AAPL",
    profit_currency="USD",
    margin_currency="USD",
    calculation_mode=CalculationMode.CFD_LEVERAGE,
    contract_size=Decimal(1),
    digits=2,
    tick_size=Decimal("0.01"),
    tick_value=Decimal("0.01"),
    volume_min=100_000_000,
    volume_step=100_000_000,
    volume_max=100_000_000_000,
    sessions=(Session(MONDAY_9, MONDAY_9 + 60),),
)


def test_a_session_includes_its_first_minute_and_not_its_last() -> None:
    assert is_open(share, MONDAY_9)
    assert is_open(share, MONDAY_9 + 59)
    assert not is_open(share, MONDAY_9 + 60)
    assert not is_open(share, MONDAY_9 - 1)
