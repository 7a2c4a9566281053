import numpy as np
import pytest

from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.quoting import HOT, Quoting, widening
from dealerdesk.bridges.simulator.sessions import Timetables

TEN = instruments(10)
BLOCK_US = 1_000_000
CALM, ALL_OPEN, ONE = np.zeros(10), np.ones(10, bool), np.ones(10)


def quoting(seed: int = 3) -> Quoting:
    return Quoting(TEN, np.random.default_rng(seed))


def test_as_many_ticks_arrive_as_are_asked_for():
    makers = quoting()
    counts = []
    for _ in range(200):
        makers.advance(1.0, CALM, ONE, 50_000)
        counts.append(len(makers.arrivals(500.0, ALL_OPEN, ONE, CALM, BLOCK_US)[0]))

    assert np.mean(counts) == pytest.approx(500, rel=0.05)


def test_only_what_trades_ticks_and_takes_the_others_share():
    makers = quoting()
    makers.advance(1.0, CALM, ONE, 50_000)
    trading = np.arange(10) == 4

    index, at_us = makers.arrivals(500.0, trading, ONE, CALM, BLOCK_US)

    assert set(index) == {4}
    assert len(index) == pytest.approx(500, rel=0.25)
    assert at_us.min() >= 0
    assert at_us.max() < BLOCK_US


def test_where_nothing_trades_nothing_ticks():
    index, at_us = quoting().arrivals(500.0, ~ALL_OPEN, ONE, CALM, BLOCK_US)

    assert len(index) == len(at_us) == 0


def test_the_weightiest_instrument_ticks_most_over_time():
    makers = quoting()
    seen = np.zeros(10)
    for _ in range(500):
        makers.advance(1.0, CALM, ONE, 50_000)
        seen += np.bincount(makers.arrivals(200.0, ALL_OPEN, ONE, CALM, BLOCK_US)[0], minlength=10)

    weights = np.array([instrument.tick_weight for instrument in TEN])
    assert seen.argmax() == weights.argmax()
    assert np.corrcoef(seen, weights)[0, 1] > 0.9


def test_quotes_lie_around_the_mid_a_point_apart_at_least():
    makers = quoting()
    makers.advance(1.0, CALM, ONE, 50_000)
    index = np.repeat(np.arange(10), 1_000)
    mid = np.repeat(np.linspace(1_000.0, 2_000.0, 10), 1_000)

    bid, ask = makers.around(index, mid)

    assert np.all(ask - bid >= 1)
    middles = ((bid + ask) / 2 - mid).reshape(10, 1_000).mean(axis=1)
    assert np.all(np.abs(middles) < 0.01 * makers.spread + 0.2)


def test_a_price_of_next_to_nothing_is_still_a_price():
    bid, ask = quoting().around(np.zeros(50, np.intp), np.full(50, 0.01))

    assert np.all(bid >= 1)
    assert np.all(ask > bid)


def test_a_burst_makes_quotes_wide_and_late():
    makers, calm = quoting(), quoting()
    makers.advance(1.0, np.full(10, HOT + 1.0), ONE, 50_000)
    calm.advance(1.0, CALM, ONE, 50_000)

    assert makers.hot.all()
    assert not calm.hot.any()
    assert np.all(makers.spread > 1.5 * calm.spread)
    assert makers.lag_steps.min() >= 3
    assert makers.lag_steps.max() <= 8
    assert calm.lag_steps.max() <= 2


def test_fx_widens_fivefold_at_the_rollover_and_more_at_the_week_open():
    timetables = Timetables(("fx", "us_shares"))

    timetables.read(2 * 1_440 + 12 * 60)
    assert widening(timetables, 2 * 1_440 + 12 * 60)[0] == pytest.approx(1.0, abs=0.01)
    timetables.read(2 * 1_440 + 22 * 60)
    assert widening(timetables, 2 * 1_440 + 22 * 60)[0] == pytest.approx(5.0, abs=0.01)
    timetables.read(6 * 1_440 + 22 * 60)
    assert widening(timetables, 6 * 1_440 + 22 * 60)[0] == pytest.approx(10.0, abs=0.01)


def test_shares_widen_at_both_ends_of_their_session():
    timetables = Timetables(("us_shares",))
    wide = []
    for minute in (870, 1_000, 1_259):
        timetables.read(minute)
        wide.append(float(widening(timetables, minute)[0]))

    assert wide == pytest.approx([3.5, 1.0, 1.72], abs=0.02)
