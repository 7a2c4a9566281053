import gzip
from pathlib import Path

import numpy as np
import pytest

from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.recorded import RecordingError, load
from dealerdesk.clock import SECOND_US

TEN = instruments(10)
START_US = 1_773_241_200_000_000  # Wednesday, 11 March 2026, 15:00 UTC
GOOD = "ts_ms,bid,ask\n1546383600078,1.14605,1.14643\n1546383600180,1.14608,1.14663\n1546383600780,1.14610,1.14650\n"


def written(folder: Path, text: str, name: str = "EURUSD_ticks_2019-01-01.csv") -> Path:
    path = folder / name
    path.write_text(text, "utf-8")
    return path


def test_times_count_from_the_first_tick_and_prices_in_points(tmp_path):
    recording, warnings = load(written(tmp_path, GOOD), TEN)

    assert warnings == ()
    assert recording.instrument == "EURUSD"
    assert recording.time_us.tolist() == [0, 102_000, 702_000]
    assert recording.bid.tolist() == [114_605, 114_608, 114_610]
    assert recording.ask.tolist() == [114_643, 114_663, 114_650]


def test_a_compressed_file_reads_the_same(tmp_path):
    path = tmp_path / "EURUSD_ticks.csv.gz"
    path.write_bytes(gzip.compress(GOOD.encode()))

    assert load(path, TEN)[0].bid.tolist() == [114_605, 114_608, 114_610]


def test_bids_alone_get_the_usual_spread_of_four_points(tmp_path):
    recording, _ = load(written(tmp_path, "ts_ms,bid\n5,1.10948\n9,1.10949\n"), TEN)

    assert (recording.ask - recording.bid).tolist() == [4, 4]


def test_a_locked_quote_becomes_a_point_wide(tmp_path):
    recording, warnings = load(written(tmp_path, "ts_ms,bid,ask\n5,1.10948,1.10948\n"), TEN)

    assert warnings == ()
    assert (recording.ask - recording.bid).tolist() == [1]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("x,1.1,1.2", "ts_ms: expected whole milliseconds since 1970, got 'x'"),
        ("-5,1.1,1.2", "ts_ms: expected whole milliseconds since 1970, got '-5'"),
        ("5,1.1,1.2", "ts_ms: expected 1546383600780 or later, got 5"),
        ("1546383600790,abc,1.2", "bid: expected a price like 1.08215, got 'abc'"),
        ("1546383600790,nan,1.2", "bid: expected a price like 1.08215, got 'nan'"),
        ("1546383600790,1e999999999,1.2", "bid: expected a price like 1.08215, got '1e999999999'"),
        ("1546383600790,1_1.2,1.2", "bid: expected a price like 1.08215, got '1_1.2'"),
        ("1546383600790,0.0,1.2", "bid: expected at least 0.00001, got '0.0'"),
        ("1546383600790,1.1,", "ask: expected a price like 1.08215, got ''"),
        ("1546383600790,1.2,1.1", "ask: expected the bid 1.2 or more, got '1.1'"),
        ("1546383600790,1.2", "expected 3 fields, got 2"),
        ("1546383600790,1.2,1.3,9", "expected 3 fields, got 4"),
        ("", "expected 3 fields, got 1"),
        ('"1546383600790,1.2,1.3', "ts_ms: expected whole milliseconds since 1970, got '\"1546383600790'"),
    ],
)
def test_a_row_that_is_no_tick_is_named_and_the_good_ones_are_used(tmp_path, row, complaint):
    path = written(tmp_path, GOOD + row + "\n1546383600900,1.14611,1.14650\n")

    recording, warnings = load(path, TEN)

    assert warnings == (f"{path}: line 5: {complaint}",)
    assert recording.bid.tolist() == [114_605, 114_608, 114_610, 114_611]


def test_bytes_that_are_no_text_cost_one_row(tmp_path):
    path = tmp_path / "EURUSD.csv"
    path.write_bytes(GOOD.encode() + b"15463\xff\xfe,1.1,1.2\n1546383600900,1.14611,1.14650\n")

    recording, warnings = load(path, TEN)

    assert len(recording) == 4
    assert len(warnings) == 1
    assert "line 5: ts_ms" in warnings[0]


def test_many_bad_rows_are_counted_after_the_first_twenty(tmp_path):
    path = written(tmp_path, GOOD + "bad,row,here\n" * 50)

    _, warnings = load(path, TEN)

    assert len(warnings) == 21
    assert warnings[-1] == f"{path}: 30 more rows left out"


def test_of_a_compressed_file_that_breaks_off_the_beginning_is_used(tmp_path):
    rows = "".join(f"{1_546_383_600_078 + 100 * k},1.1{k % 10_000:04d},1.2{k * 7 % 10_000:04d}\n" for k in range(9_000))
    path = tmp_path / "EURUSD.csv.gz"
    packed = gzip.compress(("ts_ms,bid,ask\n" + rows).encode())
    path.write_bytes(packed[: len(packed) // 2])

    recording, warnings = load(path, TEN)

    assert 100 < len(recording) < 9_000
    assert len(warnings) == 1
    assert "expected more of the compressed file" in warnings[0]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("XYZABC_ticks.csv", GOOD, "begins with an instrument in use, like EURUSD_…, got 'XYZABC'"),
        ("EURUSD.csv", "", "expected at least one tick, found none"),
        ("EURUSD.csv", "ts_ms,bid,ask\n", "expected at least one tick, found none"),
        ("EURUSD.csv", "ts_ms,bid,ask\nbad,row,here\n", "found none; .*line 2: ts_ms"),
        ("EURUSD.csv", "ts_s,open,high\n1,2,3\n", "line 1: expected the columns ts_ms,bid or ts_ms,bid,ask"),
        ("EURUSD.csv.gz", GOOD, "expected a readable csv or csv.gz file"),
    ],
)
def test_a_file_that_cannot_be_replayed_says_what_was_expected(tmp_path, name, text, expected):
    with pytest.raises(RecordingError, match=expected):
        load(written(tmp_path, text, name), TEN)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(RecordingError, match=r"EURUSD\.csv: expected a readable"):
        load(tmp_path / "EURUSD.csv", TEN)


def replaying(folder: Path, text: str = GOOD, rate: float = 200.0) -> Market:
    recording, _ = load(written(folder, text), TEN)
    return Market(TEN, 5, START_US, rate, recording=recording)


def quoted(market: Market, seconds: float, place: int = 0):
    rows = []
    for _ in range(int(seconds * SECOND_US / market.step_us)):
        ticks = market.step()
        mine = ticks.index == place
        times = ticks.start_us - START_US + ticks.offset_us[mine].astype(np.int64)
        rows += zip(times.tolist(), ticks.bid[mine].tolist(), ticks.ask[mine].tolist(), strict=True)
    return rows


def test_a_market_replays_exactly_the_recorded_ticks_from_its_start(tmp_path):
    assert quoted(replaying(tmp_path), 0.95) == [
        (0, 114_605, 114_643),
        (102_000, 114_608, 114_663),
        (702_000, 114_610, 114_650),
    ]


def test_after_its_last_tick_a_recording_begins_again_one_usual_gap_later(tmp_path):
    """Gaps of 102 and 600 ms have a median of 351 ms: 702 + 351 = 1,053 ms."""
    times = [time for time, _, _ in quoted(replaying(tmp_path), 2.2)]

    assert times == [0, 102_000, 702_000, 1_053_000, 1_155_000, 1_755_000, 2_106_000]


def test_the_others_keep_ticking_beside_a_recording_and_crosses_follow_it(tmp_path):
    chosen = tuple(i for i in instruments(40) if i.name in ("EURUSD", "GBPUSD", "EURGBP"))
    place = {instrument.name: index for index, instrument in enumerate(chosen)}
    text = "ts_ms,bid,ask\n0,1.50000,1.50010\n2000,1.60000,1.60010\n9000,1.60000,1.60010\n"
    recording, _ = load(written(tmp_path, text), chosen)
    market = Market(chosen, 5, START_US, 50.0, recording=recording)

    assert len(quoted(market, 3.0, place["GBPUSD"])) > 10
    lead = market.lead_points / 1e5
    assert lead[place["EURUSD"]] == pytest.approx(1.60005, abs=2e-5)
    assert lead[place["EURGBP"]] == pytest.approx(1.60005 / lead[place["GBPUSD"]], abs=3e-5)


def test_a_recorded_pair_quoted_in_dollars_works_the_other_way_round(tmp_path):
    path = written(tmp_path, "ts_ms,bid,ask\n0,109.676,109.687\n400,109.700,109.710\n", "USDJPY_x.csv")
    recording, _ = load(path, TEN)
    market = Market(TEN, 5, START_US, 50.0, recording=recording)
    place = next(k for k, instrument in enumerate(TEN) if instrument.name == "USDJPY")

    assert quoted(market, 0.9, place) == [(0, 109_676, 109_687), (400_000, 109_700, 109_710)]
    assert market.lead_points[place] == 109_705


def test_a_recording_has_no_news_of_ours(tmp_path):
    simulated = Market(TEN, 5, START_US, 50.0)
    day = (START_US, START_US + 24 * 3_600 * SECOND_US)

    assert "EURUSD" in {news.instrument for news in simulated.news_between(*day)}
    assert "EURUSD" not in {news.instrument for news in replaying(tmp_path).news_between(*day)}


@pytest.mark.real_data
def test_every_recorded_tick_file_loads_whole(real_data):
    """The 2016 file has bids alone; all rows of all five files are good."""
    rows = {
        "EURUSD_ticks_2019-01-01.csv.gz": 10_000,
        "EURUSD_ticks_2020-01-01.csv.gz": 9_500,
        "EURUSD_bidticks_2016-06-14.csv.gz": 100_005,
        "USDJPY_ticks_2013-01-01.csv.gz": 1_000,
        "USDJPY_ticks_2019-01-01.csv.gz": 10_000,
    }
    for name, count in rows.items():
        recording, warnings = load(real_data / "market" / name, TEN)
        assert (len(recording), warnings) == (count, ())
