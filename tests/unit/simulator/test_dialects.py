from small_server import NOON_US, small_server

from dealerdesk.bridges.simulator.dialects import DIALECTS, volume_unit
from dealerdesk.clock import DAY_US
from dealerdesk.instruments import LOT
from dealerdesk.trading import Platform

SYMBOLS = {s.instrument: s for s in small_server().state.symbols}


def test_each_platform_counts_volume_in_its_own_unit():
    assert volume_unit(Platform.MT4, SYMBOLS["EURUSD"]) == LOT // 100
    assert volume_unit(Platform.MT5, SYMBOLS["EURUSD"]) == 1
    assert volume_unit(Platform.CTRADER, SYMBOLS["EURUSD"]) == 10
    assert volume_unit(Platform.CTRADER, SYMBOLS["US500"]) == LOT // 100


def test_mt4_knows_whole_seconds_the_others_milliseconds():
    moment = NOON_US + 1_234_567
    assert DIALECTS[Platform.MT4].time_us(moment) == NOON_US + 1_000_000
    assert DIALECTS[Platform.MT5].time_us(moment) == NOON_US + 1_234_000
    assert DIALECTS[Platform.CTRADER].time_us(moment) == NOON_US + 1_234_000


def test_metatrader_servers_run_on_eastern_european_time_and_ctrader_on_utc():
    summer = NOON_US - 130 * DAY_US
    assert [DIALECTS[platform].clock_offset_s(NOON_US) for platform in Platform] == [7_200, 7_200, 0]
    assert [DIALECTS[platform].clock_offset_s(summer) for platform in Platform] == [10_800, 10_800, 0]
