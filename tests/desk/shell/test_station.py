"""The working parts behind a window, against a bridge served from a thread."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import Delta
from dealerdesk.clock import now_us
from dealerdesk.config import Profile
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.measures import Measures
from dealerdesk.desk.settings import Preferences, UserFiles
from dealerdesk.desk.station import Setting, Station
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.window import DeskWindow
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Side

from .bridge_double import DESK, BridgeThread
from .conftest import ROWS, RunInQt, access_of, position
from .plain_panels import ENTRIES, PlainPanel

Deed = Callable[[Station, DeskWindow], Awaitable[None]]


@pytest.fixture
def bridge(tmp_path: Path) -> Iterator[BridgeThread]:
    made = BridgeThread("MT5", ROWS, tmp_path)
    yield made
    made.stop()


@pytest.fixture
def attend(
    qtbot: QtBot, profile: Profile, files: UserFiles, bridge: BridgeThread, in_qt_loop: RunInQt
) -> Callable[[Deed], None]:
    """Does something at a desk that is connected to the bridge, then ends the desk."""

    async def whole(deed: Deed) -> None:
        window = DeskWindow(profile, "dana", "head_dealer", ENTRIES, files.window_settings(), now_us)
        qtbot.addWidget(window)
        window.open("")
        async with Jobs(window.notify) as jobs:
            setting = Setting(
                access=access_of(),
                credentials=DESK,
                preferences=Preferences(),
                window_settings=files.window_settings(),
                clock=now_us,
                measures=Measures(),
            )
            station = Station(setting, window, jobs)
            complete = asyncio.Event()
            station.complete.connect(complete.set)
            station.connect_bridge(bridge.start())
            station.all_connected()
            await complete.wait()
            await deed(station, window)
            station.stop()
        await station.library.close()
        assert jobs.bugs == 0
        window.close()

    def run(deed: Deed) -> None:
        in_qt_loop(whole(deed))

    return run


async def until(station: Station, is_so: Callable[[], bool]) -> None:
    """Waits beat by beat."""
    beaten = asyncio.Event()
    station.beat._timer.timeout.connect(beaten.set)
    while not is_so():
        beaten.clear()
        await beaten.wait()


def test_the_snapshot_is_loaded_and_quotes_reach_the_panels(
    attend: Callable[[Deed], None], bridge: BridgeThread
) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        bridge.send_quotes([0], [110_000], [110_010])
        await until(station, lambda: station.feed.counts.ticks_applied > 0)
        exposure = window.docks["exposure"].fill()
        assert isinstance(exposure, PlainPanel)
        await until(station, lambda: exposure.beats > 2)

        await until(station, lambda: station.beat.frame.totals("USD").accounts == 2)
        assert not station.refusal("MT5")
        assert station.lights()[0].tone in (Tone.RUNNING, Tone.ATTENTION)

    attend(deed)


def test_who_asks_for_figures_before_the_first_beat_gets_some_that_know_every_row(
    attend: Callable[[Deed], None],
) -> None:
    async def deed(station: Station, _window: DeskWindow) -> None:
        station.beat.frame = compute(LiveState(), now_us())

        frame = station._frame()

        assert (frame.count, len(frame.bid)) == (station.state.accounts.count, station.state.symbols.count)

    attend(deed)


def test_a_change_reaches_the_live_state(attend: Callable[[Deed], None], bridge: BridgeThread) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        bridge.send(Delta(1, 1, now_us(), position(77, 101, Side.BUY, 1, "1.10000")))
        await until(station, lambda: station.state.positions.slot("MT5", 77) is not None)
        assert station.feed.counts.deltas_applied == 1

    attend(deed)


def test_when_the_bridge_dies_its_figures_are_old_and_nothing_may_be_asked(
    attend: Callable[[Deed], None], bridge: BridgeThread
) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        await asyncio.to_thread(bridge.stop)
        await until(station, lambda: bool(station.refusal("MT5")))
        await until(station, lambda: station.state.stale_since("MT5") is not None)

        assert station.refusal("MT5").startswith("MT5 does not answer since")
        station.show_status()
        assert window.status.lights[0].tone is Tone.ALARM
        window.open_set_book("MT5", 101)
        assert window.status.said.startswith("MT5 does not answer since")

    attend(deed)


def test_a_server_nobody_connects_to_is_refused(attend: Callable[[Deed], None]) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        assert station.refusal("MT9") == "MT9 is not connected yet: nothing can be asked of it."

    attend(deed)


def test_the_status_line_has_both_clocks_and_the_rates(attend: Callable[[Deed], None]) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        station.show_status()
        right = window.status.right
        assert "ticks/s" in right
        assert "MT5 " in right
        assert right.endswith("UTC")

    attend(deed)


def test_the_palette_knows_the_accounts_once_they_are_loaded(attend: Callable[[Deed], None]) -> None:
    async def deed(station: Station, window: DeskWindow) -> None:
        def finds(typed: str) -> bool:
            window.palette_of_desk._search(typed)
            return any(found.kind == "account" for found in window.palette_of_desk.found())

        await until(station, lambda: finds("101"))
        # a head dealer sees no names, and finds nobody by one
        assert not finds("ada")

    attend(deed)
