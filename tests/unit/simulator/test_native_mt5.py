import msgspec

from dealerdesk.bridges.simulator import native_mt5
from dealerdesk.bridges.simulator.native_figures import Known
from dealerdesk.trading import BalanceKind, BalanceOperation

WINTER_US = 1_763_467_200_123_000


def test_the_platforms_own_names_are_on_its_records():
    record = native_mt5.Mt5Deal(deal=1, login=2, action=0, time_msc=3, position_id=4, volume_ext=100_000_000)
    told = msgspec.to_builtins(record)
    assert {"Deal", "Login", "Action", "TimeMsc", "PositionID", "VolumeExt", "RateProfit"} <= set(told)


def test_a_balance_operation_is_a_deal_whose_action_says_its_kind():
    numbers = {"deposit": 2, "withdrawal": 2, "credit": 3, "correction": 5, "bonus": 6, "compensation": 19}
    for kind in BalanceKind:
        amount = -500 if kind is BalanceKind.WITHDRAWAL else 500
        row = BalanceOperation(id=1, login=2, kind=kind, amount=amount, booked_us=WINTER_US, comment="x")
        record = native_mt5.operation_record(row, 2)
        assert (record.action, record.profit) == (numbers[kind], amount / 100)
        assert record.time_msc == WINTER_US // 1_000 + 2 * 3_600_000
        assert native_mt5.operation_row(record, Known(None, 2, WINTER_US)) == row
