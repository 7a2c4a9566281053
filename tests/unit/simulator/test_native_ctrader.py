from decimal import Decimal

import pytest
from small_server import small_server

from dealerdesk.bridges.simulator import native_ctrader
from dealerdesk.bridges.simulator.native_figures import Known
from dealerdesk.instruments import LOT
from dealerdesk.trading import BalanceKind, BalanceOperation, Platform, Position, Side

SYMBOLS = {s.instrument: s for s in small_server(Platform.CTRADER).state.symbols}
NOON_US = 1_763_467_200_000_000


def position(instrument: str, volume: int) -> Position:
    return Position(
        id=1,
        login=2,
        symbol=SYMBOLS[instrument].name,
        side=Side.BUY,
        volume=volume,
        open_price=Decimal("1.10000"),
        opened_us=NOON_US,
    )


def test_a_lot_of_euro_is_ten_million_hundredths_and_its_time_is_utc():
    record = native_ctrader.position_record(position("EURUSD", LOT), SYMBOLS["EURUSD"], 2)
    assert (record.volume, record.trade_side, record.open_timestamp) == (10_000_000, 1, NOON_US // 1_000)


def test_a_volume_that_is_no_whole_number_of_hundredths_is_refused():
    with pytest.raises(ValueError, match=r"no whole number of 0\.01 units"):
        native_ctrader.position_record(position("BTCUSD", LOT // 1_000), SYMBOLS["BTCUSD"], 2)


def test_money_arrives_in_the_accounts_own_decimals():
    record = native_ctrader.CBalance(
        balance_history_id=1,
        trader_id=2,
        operation_type=0,
        delta=1_234_500_000,
        money_digits=8,
        change_balance_timestamp=0,
    )
    assert native_ctrader.operation_row(record, Known(None, 2, 0)).amount == 1_234


def test_credit_goes_in_and_out_by_its_type():
    for amount, number in ((100, 19), (-100, 20)):
        row = BalanceOperation(id=1, login=2, kind=BalanceKind.CREDIT, amount=amount, booked_us=0)
        record = native_ctrader.operation_record(row, 2)
        assert (record.operation_type, record.delta) == (number, 100)
        assert native_ctrader.operation_row(record, Known(None, 2, 0)) == row
