"""The one beat: computes when something changed, has panels draw in turn, measures."""

from __future__ import annotations

from collections.abc import Callable
from math import inf

import pytest
from pytestqt.qtbot import QtBot

from dealerdesk.desk.beat import ASSUMED_MS, DRAW_BUDGET_MS, Beat
from dealerdesk.desk.feed import Feed
from dealerdesk.desk.measures import Measures
from dealerdesk.live.frame import Frame
from dealerdesk.live.history import History
from dealerdesk.live.state import LiveState

from .conftest import NOW_US, quotes

FITTING = int(DRAW_BUDGET_MS // ASSUMED_MS)


class Counting:
    """A drawer that counts, and may cost or fail."""

    def __init__(self, name: str, deed: Callable[[], None] | None = None) -> None:
        self.name = name
        self.beats = 0
        self._deed = deed

    def beat(self, _frame: Frame) -> None:
        self.beats += 1
        if self._deed is not None:
            self._deed()


class Desk:
    """A beat with its parts; the clock stands unless a test moves it, and work may take all the time it needs."""

    def __init__(
        self, state: LiveState, drawers: list[Counting], work_share_max: float = inf, frame_every_s: float = 0.0
    ) -> None:
        self.now_us = NOW_US
        self.state = state
        self.feed = Feed(state, {}, lambda _server: None)
        self.measures = Measures()
        self.sampler = History(state)
        self.beat = Beat(
            state,
            self.feed,
            self.clock,
            self.measures,
            self.sampler,
            lambda: drawers,
            lambda: all(state.ready(server) for server in state.servers),
            frame_every_s,
            work_share_max,
        )

    def clock(self) -> int:
        return self.now_us

    def quote(self) -> None:
        self.feed.quotes("MT5", quotes(110_000, 110_010), self.now_us)


def test_a_quote_leads_to_one_frame_and_every_drawer_draws_it_once(state: LiveState, qtbot: QtBot) -> None:
    drawers = [Counting("exposure"), Counting("accounts")]
    desk = Desk(state, drawers)
    desk.beat.tick()
    frames = desk.beat.frames

    desk.quote()
    desk.beat.tick()
    desk.beat.tick()

    assert desk.beat.frames == frames + 1
    assert [drawer.beats for drawer in drawers] == [2, 2]


def test_when_nothing_changed_nothing_is_computed_or_drawn(state: LiveState, qtbot: QtBot) -> None:
    drawer = Counting("exposure")
    desk = Desk(state, [drawer])
    for _ in range(10):
        desk.beat.tick()

    assert desk.beat.frames == 1
    assert drawer.beats == 1


def test_drawers_take_turns_within_the_budget_and_none_is_left_out(state: LiveState, qtbot: QtBot) -> None:
    drawers = [Counting(f"panel {number}") for number in range(FITTING + 2)]
    desk = Desk(state, drawers)

    desk.beat.tick()
    assert [drawer.beats for drawer in drawers] == [1] * FITTING + [0, 0]
    desk.beat.painted(1.0)
    desk.beat.tick()
    assert [drawer.beats for drawer in drawers] == [1] * (FITTING + 2)


def test_a_round_is_spread_over_the_beats_until_the_next_so_that_each_beat_paints(
    state: LiveState, qtbot: QtBot
) -> None:
    drawers = [Counting(f"panel {number}") for number in range(4)]
    desk = Desk(state, drawers, frame_every_s=0.030)

    desk.beat.tick()
    assert [drawer.beats for drawer in drawers] == [1, 1, 0, 0]
    desk.beat.tick()
    assert [drawer.beats for drawer in drawers] == [1, 1, 1, 1]


def test_prices_count_as_shown_when_the_whole_round_is_drawn(state: LiveState, qtbot: QtBot) -> None:
    desk = Desk(state, [Counting("tiles"), Counting("quotes")], frame_every_s=0.030)
    assert not desk.beat.shows_prices

    desk.beat.tick()
    assert not desk.beat.shows_prices
    desk.beat.tick()
    assert desk.beat.shows_prices


def test_a_round_is_finished_before_the_next_frame_is_computed(state: LiveState, qtbot: QtBot) -> None:
    desk = Desk(state, [Counting(f"panel {number}") for number in range(FITTING + 1)])
    desk.beat.tick()
    desk.quote()
    desk.beat.tick()

    assert desk.beat.frames == 1
    desk.beat.tick()
    assert desk.beat.frames == 2


def test_a_dear_panel_gets_a_beat_of_its_own(state: LiveState, qtbot: QtBot) -> None:
    drawers = [Counting("dear"), Counting("cheap")]
    desk = Desk(state, drawers)
    for _ in range(40):
        desk.quote()
        desk.beat.tick()
        desk.beat.painted(60.0 if desk.beat._drawn and desk.beat._drawn[0][0] == "dear" else 0.1)

    assert desk.beat._cost_ms["dear"] > DRAW_BUDGET_MS
    while desk.beat._due:
        desk.beat.tick()
    before = drawers[1].beats
    desk.quote()
    desk.beat.tick()
    assert drawers[1].beats == before
    desk.beat.tick()
    assert drawers[1].beats == before + 1


def test_a_panel_that_fails_is_reported_and_holds_up_no_other(state: LiveState, qtbot: QtBot) -> None:
    def fail() -> None:
        raise ZeroDivisionError

    after = Counting("after")
    desk = Desk(state, [Counting("failing", fail), after])

    with pytest.raises(ZeroDivisionError):
        desk.beat.tick()
    desk.beat.tick()

    assert after.beats == 1


def test_tick_to_paint_runs_from_the_oldest_quote_to_the_end_of_painting(state: LiveState, qtbot: QtBot) -> None:
    desk = Desk(state, [Counting("quotes")])
    desk.beat.tick()
    desk.beat.painted(1.0)

    desk.quote()
    desk.now_us += 30_000
    desk.quote()
    desk.beat.tick()
    desk.now_us += 12_000
    desk.beat.painted(5.0)

    assert desk.measures.tick_to_paint_ms.last == 42.0


def test_when_the_last_drawer_had_nothing_to_paint_the_quote_was_seen_with_the_painting_before(
    state: LiveState, qtbot: QtBot
) -> None:
    desk = Desk(state, [Counting(f"panel {number}") for number in range(FITTING + 1)])
    desk.quote()
    desk.beat.tick()
    desk.now_us += 9_000
    desk.beat.painted(1.0)
    desk.now_us += 16_000
    desk.beat.tick()
    desk.now_us += 16_000
    desk.beat.tick()

    assert desk.measures.tick_to_paint_ms.last == 9.0


def test_while_drawers_are_still_due_the_quote_counts_as_unpainted(state: LiveState, qtbot: QtBot) -> None:
    desk = Desk(state, [Counting(f"panel {number}") for number in range(FITTING + 1)])
    desk.quote()
    desk.beat.tick()
    desk.beat.painted(1.0)
    assert desk.measures.tick_to_paint_ms.count == 0

    desk.beat.tick()
    desk.beat.painted(1.0)
    assert desk.measures.tick_to_paint_ms.count == 1


def test_the_session_is_sampled_only_when_every_server_is_loaded(state: LiveState, qtbot: QtBot) -> None:
    empty = LiveState()
    desk = Desk(empty, [])
    empty.set_clock_offset("MT5", 7_200)
    desk.beat.tick()
    assert desk.sampler.count == 0

    loaded = Desk(state, [])
    loaded.beat.tick()
    assert loaded.sampler.count == 1


def test_it_beats_by_itself_once_started_and_stops(state: LiveState, qtbot: QtBot) -> None:
    drawer = Counting("exposure")
    desk = Desk(state, [drawer])
    desk.beat.start()
    qtbot.waitUntil(lambda: desk.measures.interval_ms.count >= 5)
    desk.beat.stop()

    assert not desk.beat.is_running
    assert drawer.beats == 1


def test_where_drawing_takes_long_figures_come_more_slowly_instead_of_filling_all_time(
    state: LiveState, qtbot: QtBot
) -> None:
    desk = Desk(state, [Counting("dear")], work_share_max=0.5)
    desk.beat.tick()
    desk.beat.painted(60_000.0)

    desk.quote()
    desk.beat.tick()
    assert desk.beat.frames == 1
