"""Starts one desk and ends it: window first, then what works behind it, then an orderly way out.

`run` blocks until the person leaves. It knows no protocol and computes nothing. Who the person is was found out before
(`door`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

import structlog
from PySide6.QtCore import QEvent

from dealerdesk.clock import now_us
from dealerdesk.config import CannotStartError
from dealerdesk.desk import theme
from dealerdesk.desk.application import make_application, run_until_done
from dealerdesk.desk.ending import LeaveLater, told_to_end
from dealerdesk.desk.garbage import Collector, forget_sources
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.measures import Measures, process_started_s
from dealerdesk.desk.panels import PANELS
from dealerdesk.desk.settings import Preferences, PreferencesError, UserFiles, load_preferences, save_preferences
from dealerdesk.desk.theme import THEMES, Tone
from dealerdesk.desk.window import DeskWindow

if TYPE_CHECKING:
    from ssl import SSLContext

    from dealerdesk.bridges.listener import ConnectionStatus
    from dealerdesk.clock import Clock
    from dealerdesk.config import Credentials, Endpoint
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.feed import Counts
    from dealerdesk.desk.station import Station
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.state import LiveState

log = structlog.get_logger()
GIVE_UP_S = 120.0
HUB_WAITS_S = 5.0
SETTLE_TIMEOUT_S = 30.0
FAREWELL_S = 4.0
"""How long the words that say why the desk ends stand there."""
SIGN_IN_AGAIN = 3
STILLS_AFTER_S = 15.0
"""How long the desk runs before its stills are taken when nobody said for how long: the session has a line by then."""


@dataclass(frozen=True, slots=True)
class DeskReport:
    """A run as the desk saw it, at its end. `read` runs a query on the database, blocking."""

    measures: dict[str, object]
    counts: Counts
    statuses: dict[str, ConnectionStatus]
    state: LiveState
    frame: Frame
    read: Callable[..., Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What a desk is started with.

    `start_bridges` (each step), `start_hub`, `pause_bridges` and `stop_children` block and are called in a thread; so
    does `until`, which returns when this desk must end, with the words that say why (none if it ended by itself).
    `seconds` count from the first complete picture, for which an unattended run waits `give_up_s`; then the bridges are
    paused, so that desk and tables can come to stand at the same place. `report` is called in the Qt thread at the end,
    while state and clients still stand.
    """

    access: Access
    credentials: Credentials
    files: UserFiles
    start_bridges: Callable[[], Iterator[Endpoint]] | None = None
    start_hub: Callable[[tuple[Endpoint, ...]], None] | None = None
    pause_bridges: Callable[[], None] | None = None
    stop_children: Callable[[], None] | None = None
    until: Callable[[], str] | None = None
    headless: bool = False
    seconds: float | None = None
    give_up_s: float = GIVE_UP_S
    screenshots: Path | None = None
    report: Callable[[DeskReport], None] | None = None
    started_s: float = field(default_factory=process_started_s)
    ssl: SSLContext | None = None
    clock: Clock = now_us


def run(launch: Launch) -> int:
    """Opens the window and returns when it was closed and everything has ended: 0, or 1 for a bug or no figures, or
    SIGN_IN_AGAIN when somebody wants to sign in.

    Raises CannotStartError, after an orderly end, when a child that the desk needs did not start.
    """
    if launch.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    leaving = LeaveLater()
    with told_to_end(leaving):
        return _run(launch, leaving)


def _run(launch: Launch, leaving: LeaveLater) -> int:
    app = make_application()
    preferences, trouble = _preferences(launch.files)
    theme.apply(app, THEMES[preferences.theme])
    profile, session = launch.access.profile, launch.access.session
    settings = launch.files.window_settings()
    window = DeskWindow(profile, session.name, session.role, PANELS, settings, launch.clock)
    window.open(preferences.workspace)
    if trouble:
        window.notify(trouble, Tone.ATTENTION)
    forget_sources()
    collector = Collector(window)
    collector.start()
    attendance = Attendance(launch, window, preferences)
    try:
        leaving.by(attendance.leave)
        run_until_done(app, attendance.whole())
    finally:
        collector.stop()
        settings.sync()
    # deleted here, with all its panels and timers, and not in whatever order the interpreter ends in
    window.deleteLater()
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    if attendance.reason is not None:
        raise attendance.reason
    if attendance.again:
        return SIGN_IN_AGAIN
    return 1 if attendance.failed else 0


def _preferences(files: UserFiles) -> tuple[Preferences, str]:
    try:
        return load_preferences(files), ""
    except PreferencesError as error:
        return Preferences(), f"Your preferences were not read, the defaults stand: {error}"


class Attendance:
    """One person's time at the desk, from the first paint to the last child's end."""

    def __init__(self, launch: Launch, window: DeskWindow, preferences: Preferences) -> None:
        self.failed = False
        self.again = False
        self.reason: CannotStartError | None = None
        self._launch = launch
        self._window = window
        self._preferences = preferences
        self._measures = Measures()
        self._steady: dict[str, object] | None = None
        self._closed = asyncio.Event()
        self._painted = asyncio.Event()
        self._started = asyncio.Event()
        self._complete = asyncio.Event()
        self._jobs = Jobs(window.notify)
        window.closed.connect(self._closed.set)
        window.theme_changed.connect(self._keep_theme)
        window.workspace_changed.connect(self._keep_workspace)
        window.sign_out_asked.connect(self._sign_out)

    def leave(self) -> None:
        """Ends the person's time, as closing the window does."""
        self._closed.set()

    async def whole(self) -> None:
        """Runs it all; the stages of the end come in the order in which each needs the next."""
        self._window.on_painted = self._on_first_paint
        hook, sys.excepthook = sys.excepthook, self._on_unexpected
        try:
            await self._painted.wait()
            async with self._jobs:
                station = self._furnish()
                self._jobs.run(self._start_or_leave(station))
                if self._launch.until is not None:
                    self._jobs.run(self._end_after(self._launch.until))
                if self._launch.seconds is not None or self._launch.screenshots is not None:
                    self._jobs.run(self._drive(station))
                await self._closed.wait()
                # first the screen stands still, then the report sees state and database whole,
                # then clients and watchers end (leaving the block), then the database, then the children
                station.stop()
                self._report(station)
            await self._sign_off(station)
            await station.library.close()
            if self._launch.stop_children is not None:
                await asyncio.to_thread(self._launch.stop_children)
        finally:
            sys.excepthook = hook
            self.failed = self.failed or self._jobs.bugs > 0

    def _furnish(self) -> Station:
        # imported now: the window stands and has painted
        from dealerdesk.desk.station import REFUSALS, Setting, Station

        launch = self._launch
        self._jobs.refusals = REFUSALS
        setting = Setting(
            access=launch.access,
            credentials=launch.credentials,
            preferences=self._preferences,
            window_settings=launch.files.window_settings(),
            clock=launch.clock,
            measures=self._measures,
            ssl=launch.ssl,
            started_s=launch.started_s,
        )
        station = Station(setting, self._window, self._jobs)
        station.complete.connect(self._complete.set)
        station.sound_chosen.connect(self._keep_sound)
        self._furnish_lock(station)
        return station

    def _furnish_lock(self, station: Station) -> None:
        from dealerdesk.desk.idle_lock import IdleWatch, Lock, minutes_until_lock

        launch = self._launch
        is_attended = launch.seconds is None and launch.screenshots is None
        minutes = minutes_until_lock(self._preferences, launch.access.profile.live) if is_attended else 0
        watch = IdleWatch(minutes, launch.clock, station)
        lock = Lock(self._window, launch.access, station.library, watch, self._jobs.run, station)
        lock.left.connect(self._leave)
        self._window.lock_asked.connect(lock.lock)

    async def _end_after(self, until: Callable[[], str]) -> None:
        why = await asyncio.to_thread(until)
        self._window.notify(f"{why}.", Tone.ATTENTION)
        await asyncio.sleep(FAREWELL_S)
        self._window.close()

    def _sign_out(self) -> None:
        self._leave(True)

    def _leave(self, again: bool) -> None:
        self.again = again
        self._window.close()

    async def _sign_off(self, station: Station) -> None:
        try:
            await station.library.sign_out()
        except OSError as error:
            log.warning("the end of the session is not on record", error=str(error))

    async def _start_or_leave(self, station: Station) -> None:
        try:
            await self._start(station)
        except CannotStartError as reason:
            # without its bridges or its hub a desk would stand there empty: it ends, and says why where it was started
            self.reason = reason
            self._window.close()

    async def _start(self, station: Station) -> None:
        launch = self._launch
        endpoints = launch.access.profile.endpoints
        if launch.start_bridges is not None:
            endpoints = await self._connect_each(station, launch.start_bridges)
        else:
            for endpoint in endpoints:
                station.connect_bridge(endpoint)
        station.all_connected()
        self._measures.bridges_s = time.perf_counter() - launch.started_s
        if launch.start_hub is not None:
            # the person's first figures come first: the hub reads the same snapshots on the same processors
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._complete.wait(), HUB_WAITS_S)
            await asyncio.to_thread(launch.start_hub, endpoints)
        self._jobs.run(station.library.watch())
        self._started.set()

    async def _connect_each(
        self, station: Station, start_bridges: Callable[[], Iterator[Endpoint]]
    ) -> tuple[Endpoint, ...]:
        """Connects each bridge as soon as it listens."""
        starting = await asyncio.to_thread(start_bridges)
        endpoints: list[Endpoint] = []
        while (endpoint := await asyncio.to_thread(next, starting, None)) is not None:
            station.connect_bridge(endpoint)
            endpoints.append(endpoint)
        return tuple(endpoints)

    async def _drive(self, station: Station) -> None:
        """What an unattended run does: waits for the picture, counts its seconds, takes its stills, leaves."""
        try:
            async with asyncio.timeout(self._launch.give_up_s):
                await self._started.wait()
                await self._complete.wait()
                await station.library.opened.wait()
        except TimeoutError:
            log.error("the desk did not come up", seconds=self._launch.give_up_s)  # noqa: TRY400 - the words say it all
            self.failed = True
            self._window.close()
            return
        self._measures.begin()
        await asyncio.sleep(STILLS_AFTER_S if self._launch.seconds is None else self._launch.seconds)
        self._steady = self._measures.summary()
        if self._launch.screenshots is not None:
            from dealerdesk.desk.shots import take_all

            await take_all(station, self._window, self._launch.screenshots)
        if self._launch.pause_bridges is not None:
            await asyncio.to_thread(self._launch.pause_bridges)
            await self._settle(station)
        self._window.close()

    async def _settle(self, station: Station) -> None:
        try:
            async with asyncio.timeout(SETTLE_TIMEOUT_S):
                await station.settle()
        except TimeoutError:
            log.warning("desk and tables did not come to stand at the same place", seconds=SETTLE_TIMEOUT_S)

    def _report(self, station: Station) -> None:
        if self._launch.report is None or not self._started.is_set():
            return
        frame = station.beat.recompute()
        self._launch.report(
            DeskReport(
                measures=self._steady or self._measures.summary(),
                counts=station.feed.counts,
                statuses=dict(station.statuses()),
                state=station.state,
                frame=frame,
                read=station.library.read_now,
            )
        )

    def _on_first_paint(self, _spent_ms: float) -> None:
        self._measures.window_s = time.perf_counter() - self._launch.started_s
        self._window.on_painted = None
        self._painted.set()

    def _on_unexpected(self, kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._window.close()
            return
        self._jobs.report_bug(error)

    def _keep_theme(self, name: str) -> None:
        self._keep(theme=name)

    def _keep_workspace(self, name: str) -> None:
        self._keep(workspace=name)

    def _keep_sound(self, on: bool) -> None:
        self._keep(sound=on)

    def _keep(self, **changes: Any) -> None:
        self._preferences = replace(self._preferences, **changes)
        try:
            save_preferences(self._launch.files, self._preferences)
        except OSError as error:
            self._window.notify(f"Your preferences could not be kept: {error}", Tone.ATTENTION)
