"""The live engine is a function of its stream: replayed it is the same, and it does not matter when a desk joined."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.snapshots import Snapshots
from dealerdesk.config import SimulatorConfig
from dealerdesk.live.exposure import Dimension, View, exposure
from dealerdesk.live.frame import Frame, compute
from dealerdesk.live.state import LiveState
from dealerdesk.live.why import why_equity
from dealerdesk.trading import Platform

# a quarter of an hour before the day ends, so that the stream holds a rollover with its swaps and day-end rows
START_US = 1_763_502_300_000_000
STEPS = 24_000
SETS = tuple(row_set for row_set in RowSet if row_set not in {RowSet.DEAL, RowSet.BALANCE_OPERATION})
Recorded = tuple[list[Delta], QuoteBatch]


def brokerage(folder: Path, platform: Platform) -> Brokerage:
    return Brokerage(
        SimulatorConfig(
            server="S",
            platform=platform,
            journal_dir=str(folder),
            keys={},
            start_us=START_US,
            seed=11,
            accounts=400,
            positions=2_000,
            symbols=40,
            ticks_per_second=60.0,
        )
    )


def join(state: LiveState, server: Brokerage) -> None:
    """The snapshot as the server stands now, and its prices."""
    state.begin_snapshot("S", SETS)
    for _, rows, versions in Snapshots(server.state).take(SETS, server.seq).chunks:
        state.load("S", rows, versions)
    state.end_snapshot("S", server.seq)
    prices = server.state.prices
    index = np.arange(len(prices.bid), dtype=np.uint32)
    zero = np.zeros(len(index), np.uint32)
    batch = QuoteBatch(server.time_us, index, zero + 1, zero, prices.bid.copy(), prices.ask.copy())
    state.apply_quotes("S", batch, server.time_us)


def play(state: LiveState, recorded: list[Recorded]) -> None:
    for deltas, quotes in recorded:
        state.apply_many("S", deltas)
        state.apply_quotes("S", quotes, quotes.base_us)


@pytest.fixture(scope="module", params=[Platform.MT4, Platform.MT5, Platform.CTRADER], ids=str)
def day(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Brokerage, list[Recorded], LiveState]:
    """A server after its day, the stream it said, and a desk that heard all of it."""
    platform: Platform = request.param
    server = brokerage(tmp_path_factory.mktemp("day"), platform)
    followed = LiveState()
    join(followed, server)
    recorded: list[Recorded] = []
    for _ in range(STEPS):
        deltas, ticks = server.step()
        zero = np.zeros(len(ticks), np.uint32)
        quotes = QuoteBatch(ticks.start_us, ticks.index, zero + 1, ticks.offset_us, ticks.bid, ticks.ask)
        if deltas or len(ticks):
            recorded.append((deltas, quotes))
    play(followed, recorded)
    return server, recorded, followed


def by_login(state: LiveState, frame: Frame) -> dict[int, tuple[float, float, float]]:
    accounts = state.accounts
    alive = np.flatnonzero(accounts.alive[: frame.count])
    return {
        int(accounts.login[slot]): (frame.equity[slot], frame.margin[slot], frame.session_pnl[slot]) for slot in alive
    }


def test_the_stream_holds_trades_a_rollover_and_moving_prices(
    day: tuple[Brokerage, list[Recorded], LiveState],
) -> None:
    _, recorded, _ = day
    kinds = {type(delta.row).__name__ for deltas, _ in recorded for delta in deltas}

    assert {"Deal", "Position", "Account", "DayEnd", "SessionResult", "QuoteSample"} <= kinds


def test_a_desk_that_joins_late_shows_what_one_shows_that_heard_it_all(
    day: tuple[Brokerage, list[Recorded], LiveState],
) -> None:
    server, _, followed = day
    late = LiveState()
    join(late, server)

    before, after = (compute(state, server.time_us) for state in (followed, late))

    heard, joined = by_login(followed, before), by_login(late, after)
    assert heard.keys() == joined.keys()
    for login, figures in joined.items():
        assert heard[login] == pytest.approx(figures, rel=1e-9, abs=1e-6, nan_ok=True), login
    one, other = (exposure(s, f, Dimension.SYMBOL, View.CLIENTS) for s, f in ((followed, before), (late, after)))
    volumes = dict(zip(other.keys, other.net_lots, strict=True))
    assert all(volumes.get(key, 0.0) == lots for key, lots in zip(one.keys, one.net_lots, strict=True))


def test_the_same_stream_gives_the_same_figures_bit_for_bit(
    day: tuple[Brokerage, list[Recorded], LiveState], tmp_path: Path
) -> None:
    server, recorded, followed = day
    again = LiveState()
    join(again, brokerage(tmp_path, server.state.dialect.platform))
    play(again, recorded)

    first, second = (compute(state, server.time_us) for state in (followed, again))

    assert np.array_equal(first.equity, second.equity, equal_nan=True)
    assert np.array_equal(first.margin, second.margin, equal_nan=True)


def test_after_the_day_an_equity_can_still_say_why(day: tuple[Brokerage, list[Recorded], LiveState]) -> None:
    server, _, followed = day
    frame = compute(followed, server.time_us)
    busiest = int(np.argmax(followed.accounts.positions[: frame.count]))

    derivation = why_equity(followed, frame, busiest)

    assert derivation.total() == derivation.value
    assert derivation.value == pytest.approx(Decimal(float(frame.equity[busiest])), abs=Decimal("0.01"))
