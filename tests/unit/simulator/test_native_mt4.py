from datetime import UTC, datetime
from decimal import Decimal

from small_server import small_server

from dealerdesk.bridges.simulator import native_mt4
from dealerdesk.bridges.simulator.native_figures import Known
from dealerdesk.clock import to_us
from dealerdesk.instruments import LOT
from dealerdesk.trading import Deal, DealReason, Entry, Platform, Position, Side

SUMMER_US = to_us(datetime(2025, 7, 1, 12, tzinfo=UTC))
KNOWN = Known(next(s for s in small_server(Platform.MT4).state.symbols if s.instrument == "EURUSD"), 2, SUMMER_US)


def test_a_position_is_kept_in_hundredths_of_a_lot_and_seconds_of_the_servers_clock():
    row = Position(
        id=7,
        login=51_001,
        symbol="EURUSD.m",
        side=Side.SELL,
        volume=LOT // 4,
        open_price=Decimal("1.10010"),
        opened_us=SUMMER_US,
        swap=-72,
        commission=-700,
        comment="from #6",
    )
    record = native_mt4.position_record(row, 2)
    assert (record.order, record.cmd, record.volume) == (7, 1, 25)
    assert record.open_time == SUMMER_US // 1_000_000 + 3 * 3_600
    assert (record.storage, record.commission, record.sl) == (-0.72, -7.0, 0.0)
    assert native_mt4.position_row(record, KNOWN) == row


def test_the_closing_half_of_a_buy_is_a_sell_deal_whose_reason_stands_in_the_comment():
    record = native_mt4.TradeRecord(
        order=9,
        login=51_001,
        symbol="EURUSD.m",
        cmd=0,
        volume=100,
        open_time=0,
        close_time=SUMMER_US // 1_000_000 + 3 * 3_600,
        close_price=1.1,
        profit=-150.0,
        comment="[so 49.90%]",
    )
    deal = native_mt4.deal_row(record, KNOWN)
    assert isinstance(deal, Deal)
    assert (deal.id, deal.side, deal.entry, deal.reason) == (19, Side.SELL, Entry.OUT, DealReason.STOP_OUT)
    assert (deal.price, deal.profit, deal.dealt_us) == (Decimal("1.10000"), -15_000, SUMMER_US)


def test_credit_is_command_seven_and_a_withdrawal_a_negative_command_six():
    for cmd, profit, kind in ((7, 30.0, "credit"), (6, -5.0, "withdrawal"), (6, 5.0, "deposit")):
        record = native_mt4.TradeRecord(order=1, login=2, cmd=cmd, open_time=0, profit=profit)
        assert native_mt4.operation_row(record, KNOWN).kind == kind
