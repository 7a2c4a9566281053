import pickle
from datetime import UTC, datetime

import numpy as np
import pytest

from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.market import Market, Ticks
from dealerdesk.clock import HOUR_US, MINUTE_US, SECOND_US, to_us

SEVENTY = instruments(70)
NAMES = [instrument.name for instrument in SEVENTY]


def at(text: str) -> int:
    return to_us(datetime.fromisoformat(text).replace(tzinfo=UTC))


WEDNESDAY_AFTERNOON = at("2026-03-11T15:00")


def market(start="2026-03-11T15:00", seed=7, ticks_per_second=700.0, chosen=SEVENTY, **more):
    return Market(chosen, seed, at(start), ticks_per_second, **more)


def only(*names):
    return tuple(instrument for instrument in instruments(334) if instrument.name in names)


def run(running: Market, seconds: float) -> list[Ticks]:
    return [running.step() for _ in range(round(seconds * SECOND_US / running.step_us))]


def columns(ticks: list[Ticks]):
    times = np.concatenate([t.start_us + t.offset_us.astype(np.int64) for t in ticks])
    return times, *(np.concatenate([getattr(t, name) for t in ticks]) for name in ("index", "bid", "ask"))


def same(a: Ticks, b: Ticks) -> bool:
    return a.start_us == b.start_us and all(
        np.array_equal(getattr(a, column), getattr(b, column)) for column in ("index", "bid", "ask", "offset_us")
    )


def test_the_same_seed_gives_the_same_ticks_and_another_seed_others():
    first, again, other = run(market(), 3), run(market(), 3), run(market(seed=8), 3)

    assert all(map(same, first, again))
    assert not all(map(same, first, other))


@pytest.mark.parametrize("steps", [0, 1, 19, 20, 33])
def test_a_market_restored_from_a_pickle_goes_on_identically(steps):
    original = market()
    for _ in range(steps):
        original.step()
    restored = pickle.loads(pickle.dumps(original))

    assert all(map(same, run(original, 2.5), run(restored, 2.5)))
    assert np.array_equal(original.bid_points, restored.bid_points)
    assert np.array_equal(original.lead_points, restored.lead_points)


def test_prices_do_not_depend_on_how_many_ticks_are_asked_for():
    sparse, dense = market(ticks_per_second=10), market(ticks_per_second=2_000)
    run(sparse, 5)
    run(dense, 5)

    assert np.array_equal(sparse.lead_points, dense.lead_points)


def test_all_instruments_have_quotes_from_the_start_on_near_their_typical_prices():
    opening = market()

    for index, instrument in enumerate(SEVENTY):
        assert opening.mid(index) == pytest.approx(instrument.typical_price, rel=0.01)
    assert np.all(opening.bid_points < opening.ask_points)


def test_a_step_takes_its_time_and_its_ticks_fall_within_it():
    running = market(step_us=40_000)

    ticks = run(running, 4)

    assert running.time_us == WEDNESDAY_AFTERNOON + 4 * SECOND_US
    assert [t.start_us for t in ticks[:3]] == [WEDNESDAY_AFTERNOON + k * 40_000 for k in range(3)]
    assert all(np.all(t.offset_us < 40_000) for t in ticks)
    assert all(np.all(np.diff(t.offset_us.astype(np.int64)) >= 0) for t in ticks)


def test_the_present_quote_is_the_last_tick_of_each_instrument():
    running = market()
    _, index, bid, ask = columns(run(running, 5))

    for place in np.unique(index):
        last = np.flatnonzero(index == place)[-1]
        assert running.bid_points[place] == bid[last]
        assert running.ask_points[place] == ask[last]


def test_bids_stay_below_asks():
    _, _, bid, ask = columns(run(market("2026-03-11T21:50", ticks_per_second=300), 900))

    assert np.all(bid < ask)
    assert np.all(bid > 0)


@pytest.mark.parametrize("start", ["2026-03-11T15:00", "2026-03-11T03:00", "2026-03-14T12:00", "2026-03-13T23:30"])
def test_the_rate_holds_by_day_and_night_and_weekend(start):
    ticks = sum(map(len, run(market(start, ticks_per_second=700), 60)))

    assert ticks / 60 == pytest.approx(700, rel=0.1)


def test_the_rate_holds_when_crypto_alone_trades():
    """Saturday reached by running, not by starting: the calendar is not shifted."""
    running = market("2026-03-13T21:59", ticks_per_second=700)
    run(running, 62)

    _, index, _, _ = columns(run(running, 30))

    assert {SEVENTY[place].asset_class.value for place in index} == {"crypto"}
    assert len(index) / 30 == pytest.approx(700, rel=0.15)


def test_nothing_ticks_after_its_close_even_when_steps_do_not_meet_the_minute():
    running = Market(SEVENTY, 3, at("2026-03-11T20:59:57") + 430_001, 2_000)
    times, index, _, _ = columns(run(running, 8))

    shares = [NAMES.index("AAPL"), NAMES.index("NVDA")]
    mine = np.isin(index, shares)
    assert np.any(mine)
    assert times[mine].max() < at("2026-03-11T21:00")
    assert not running.open[shares].any()


def test_a_closed_instrument_keeps_its_quote_and_opens_with_a_gap():
    chosen = only("US500", "EURUSD")
    place = [instrument.name for instrument in chosen].index("US500")
    gaps = []
    for seed in range(6):
        running = market("2026-03-11T21:55", seed=seed, ticks_per_second=2, chosen=chosen, step_us=SECOND_US)
        run(running, 300)
        last = running.bid_points[place]
        run(running, 3_590)
        assert running.bid_points[place] == last
        run(running, 40)
        gaps.append(abs(running.bid_points[place] - last))

    # the hour off moves the price by more than its usual spread, in most cases
    assert np.median(gaps) > chosen[place].typical_spread_points


def test_a_start_on_saturday_shows_a_market_as_on_a_tuesday():
    saturday = market("2026-03-14T15:00")

    assert saturday.calendar_shift_days == 3
    assert saturday.open[NAMES.index("EURUSD")]
    assert saturday.open[NAMES.index("AAPL")]
    assert saturday.time_us == at("2026-03-14T15:00")


def test_a_cross_is_its_legs_at_every_moment():
    chosen = only("EURUSD", "GBPUSD", "EURGBP", "USDJPY", "EURJPY")
    place = {instrument.name: index for index, instrument in enumerate(chosen)}
    running = market(ticks_per_second=100, chosen=chosen)
    for _ in range(50):
        run(running, 2)
        price = running.lead_points / 10.0 ** np.array([i.digits for i in chosen])
        assert price[place["EURGBP"]] == pytest.approx(price[place["EURUSD"]] / price[place["GBPUSD"]], abs=2e-5)
        assert price[place["EURJPY"]] == pytest.approx(price[place["EURUSD"]] * price[place["USDJPY"]], abs=2e-3)


def returns(running: Market, seconds: int, each_s: int) -> np.ndarray:
    levels = []
    for _ in range(seconds // each_s):
        run(running, each_s)
        levels.append(running.lead_points.astype(float))
    return np.diff(np.log(np.array(levels)), axis=0)


def test_markets_move_together_as_their_owners_expect():
    chosen = only("EURUSD", "GBPUSD", "USDCHF", "US500", "NAS100", "XTIUSD", "XBRUSD", "BTCUSD", "ETHUSD", "AAPL")
    place = {instrument.name: index for index, instrument in enumerate(chosen)}
    moves = returns(market(ticks_per_second=10, chosen=chosen), 3_600, 10)

    def correlation(a: str, b: str) -> float:
        # by ranks: one jump must not decide
        ranks = moves[:, [place[a], place[b]]].argsort(axis=0).argsort(axis=0)
        return float(np.corrcoef(ranks.T)[0, 1])

    assert correlation("EURUSD", "GBPUSD") > 0.4
    assert correlation("EURUSD", "USDCHF") < -0.4
    assert correlation("US500", "NAS100") > 0.6
    assert correlation("XTIUSD", "XBRUSD") > 0.6
    assert correlation("BTCUSD", "ETHUSD") > 0.5
    assert correlation("AAPL", "US500") > 0.3
    assert abs(correlation("EURUSD", "BTCUSD")) < 0.25


def test_spreads_widen_at_the_rollover():
    chosen = only("EURUSD")
    quiet, rollover = (
        columns(run(market(start, ticks_per_second=5, chosen=chosen), 240))
        for start in ("2026-03-11T20:00", "2026-03-11T22:00")
    )

    assert np.median(rollover[3] - rollover[2]) > 2 * np.median(quiet[3] - quiet[2])


def test_spreads_are_wide_in_the_first_minutes_of_a_session():
    chosen = only("AAPL")
    opening, later = (
        columns(run(market(start, ticks_per_second=5, chosen=chosen), 120))
        for start in ("2026-03-11T14:30", "2026-03-11T17:00")
    )

    assert np.median(opening[3] - opening[2]) > 1.7 * np.median(later[3] - later[2])


def test_news_moves_its_instrument_by_what_it_says_and_heats_it():
    running = market(ticks_per_second=50)
    news = next(n for n in running.news_between(running.time_us, running.time_us + 4 * HOUR_US) if abs(n.move) > 5e-4)
    start = Market(SEVENTY, 7, news.time_us - news.time_us % SECOND_US - 2 * SECOND_US, 50)
    run(start, 2)
    before = start.lead_points[news.index]
    run(start, 2)

    moved = np.log(start.lead_points[news.index] / before)
    assert moved == pytest.approx(news.move, rel=0.5)
    assert start.hot[news.index]


def test_the_quote_follows_the_lead_late_in_a_burst():
    """A reader of the lead sees most of a news jump while the broker still quotes the old price."""
    chosen = only("EURUSD", "GBPUSD", "USDJPY")
    calendar = market(seed=11, ticks_per_second=300, chosen=chosen)
    behind = 0
    for news in calendar.news_between(calendar.time_us, calendar.time_us + 24 * HOUR_US):
        running = Market(chosen, 11, news.time_us - news.time_us % SECOND_US - SECOND_US, 300)
        widest = 0.0
        for _ in range(50):
            running.step()
            mid = (running.bid_points[news.index] + running.ask_points[news.index]) / 2
            gap = (running.lead_points[news.index] - mid) * np.sign(news.move)
            widest = max(widest, gap / (running.ask_points[news.index] - running.bid_points[news.index]))
        behind += widest > 1
    total = len(calendar.news_between(calendar.time_us, calendar.time_us + 24 * HOUR_US))

    assert total >= 10
    assert behind > total / 2


def test_without_news_or_bursts_the_lead_stays_within_the_spread():
    chosen = only("EURUSD")
    running = market(ticks_per_second=20, chosen=chosen)
    inside = total = 0
    for _ in range(2_400):
        running.step()
        if not running.hot[0]:
            total += 1
            inside += bool(running.bid_points[0] - 1 <= running.lead_points[0] <= running.ask_points[0] + 1)

    assert total > 1_000
    assert inside / total > 0.9


def test_ticks_come_in_clusters():
    times, _, _, _ = columns(run(market(ticks_per_second=1, chosen=only("EURUSD")), 3_600))
    gaps = np.diff(times) / SECOND_US

    assert gaps.mean() == pytest.approx(1.0, rel=0.2)
    assert gaps.std() / gaps.mean() > 1.5  # 1 would be a Poisson process
    assert np.median(gaps) < 0.5


@pytest.mark.parametrize(
    ("change", "text"),
    [
        ({"step_us": 0}, "step_us: expected 1 to 1000000, got 0"),
        ({"step_us": MINUTE_US}, "step_us: expected 1 to 1000000"),
        ({"ticks_per_second": -1.0}, "ticks_per_second: expected 0 or more"),
        ({"chosen": ()}, "instruments: expected at least one"),
    ],
)
def test_a_market_that_cannot_run_is_refused(change, text):
    with pytest.raises(ValueError, match=text):
        market(**change)


def test_no_ticks_asked_for_are_no_ticks_given():
    assert sum(map(len, run(market(ticks_per_second=0), 3))) == 0
