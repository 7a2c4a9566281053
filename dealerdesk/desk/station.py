"""Puts the working parts of one desk together behind its window: live state, clients, beat, library, and their end.

Imported when the window has painted: what is imported here takes longer than a person should wait for a window.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isnan
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal

from dealerdesk.bridges.client import BridgeClient
from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import ResumePoint, RowSet
from dealerdesk.clock import SECOND_US
from dealerdesk.commands.records import Refused
from dealerdesk.desk import numbers
from dealerdesk.desk.beat import Beat, Drawer
from dealerdesk.desk.call_watch import CallWatch
from dealerdesk.desk.chime import Chime
from dealerdesk.desk.day import Day
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.doorbell import Doorbell, approvals_lights
from dealerdesk.desk.feed import Feed
from dealerdesk.desk.garbage import keep_what_is_loaded
from dealerdesk.desk.inbox import InboxWatch
from dealerdesk.desk.library import Library
from dealerdesk.desk.names import Names
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.password_strip import PasswordStrip
from dealerdesk.desk.selection import Selection
from dealerdesk.desk.set_book import SetBookStrip
from dealerdesk.desk.settings import Preferences, WindowMemory
from dealerdesk.desk.settings_record import SettingsRecord
from dealerdesk.desk.statusbar import Light, bridge_light, clock_lights, database_light, feed_age_ms, hub_light
from dealerdesk.desk.strips import Strips
from dealerdesk.live.history import History
from dealerdesk.live.state import LiveState

if TYPE_CHECKING:
    from ssl import SSLContext

    from PySide6.QtCore import QSettings

    from dealerdesk.bridges.listener import ConnectionStatus
    from dealerdesk.clock import Clock
    from dealerdesk.clock_gap import ClockGap
    from dealerdesk.config import Credentials, Endpoint, Profile
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.jobs import Jobs
    from dealerdesk.desk.measures import Measures
    from dealerdesk.desk.window import DeskWindow
    from dealerdesk.live.frame import Frame

STATUS_MS = 250
SETTLE_LOOK_S = 0.5
REFUSALS: tuple[type[Exception], ...] = (Refused,)
SETS = (
    RowSet.SYMBOL,
    RowSet.GROUP,
    RowSet.CLIENT,
    RowSet.ACCOUNT,
    RowSet.ROUTING,
    RowSet.POSITION,
    RowSet.ORDER,
    RowSet.REQUEST,
    RowSet.SESSION_RESULT,
)
"""What the live state mirrors. Deals and money movements are read from the database."""
UNREACHABLE = {
    ConnectionState.CONNECTING: "{server} is not connected yet: nothing can be asked of it.",
    ConnectionState.JOINING: "{server} is still loading: wait until its figures are complete.",
    ConnectionState.STALE: "The platform behind {server} is down: its figures are old and nothing can be asked of it.",
    ConnectionState.DEAD: "{server} does not answer since {since}: its figures are old and nothing can be asked of it.",
}


@dataclass(slots=True)
class Setting:
    """What a station is given: who, where, by which clock, and the parts that stood before it."""

    access: Access
    credentials: Credentials
    preferences: Preferences
    window_settings: QSettings
    clock: Clock
    measures: Measures
    ssl: SSLContext | None = None
    started_s: float = field(default_factory=time.perf_counter)

    @property
    def profile(self) -> Profile:
        """The profile one is signed in to."""
        return self.access.profile

    @property
    def who(self) -> str:
        """The id of the member of staff who is signed in."""
        return self.access.session.staff

    @property
    def role(self) -> str:
        """The role in which they are signed in."""
        return self.access.session.role


class Station(QObject):
    """The working parts. `complete` comes once, when every bridge's snapshot is in the live state."""

    complete = Signal()
    sound_chosen = Signal(bool)

    def __init__(self, setting: Setting, window: DeskWindow, jobs: Jobs) -> None:
        super().__init__(window)
        self.setting = setting
        self.state = LiveState()
        self.sampler = History(self.state, currency=setting.preferences.currency)
        self.clients: dict[str, BridgeClient] = {}
        self._resume: dict[str, Callable[[], ResumePoint | None]] = {}
        self.feed = Feed(self.state, self._resume, self._on_live)
        self.library = Library(setting.access, setting.clock, self)
        self.inbox = InboxWatch(self.library, setting.clock, jobs.run, self)
        self.selection = Selection(self)
        self._window = window
        self._jobs = jobs
        self._preferences = setting.preferences
        self._are_known = self._is_complete = False
        self._day = Day(
            self.state, self._statuses, self.inbox.waiting, setting.preferences.currency, window.tiles.show_tiles
        )
        self.beat = Beat(
            self.state,
            self.feed,
            setting.clock,
            setting.measures,
            self.sampler,
            self._drawers,
            self._is_whole,
            setting.preferences.frame_every_ms / 1000,
            parent=self,
        )
        self.desk = self._desk()
        self._calls = CallWatch(self.state, self.desk.calls)
        self._names = Names(self.state, self.library, setting.role, jobs.run, self)
        self._names.given.connect(window.refresh_search)
        self._furnish()

    def _furnish(self) -> None:
        strip = SetBookStrip(
            self._window, self.state, self._frame, self.library, self.refusal, self._jobs.run, self.inbox.name
        )
        self._window.docks.panel_made.connect(self._on_panel_made)
        self._window.on_painted = self._on_painted
        self._window.furnish(self.desk, strip)
        self._strips = Strips(self._window, self.desk)
        profile = self.setting.profile.name
        self._password = PasswordStrip(self._window, self.library, profile, self._jobs.run, self._window.notify)
        self._window.password_asked.connect(self._password.open)
        self._status_timer = QTimer(self)
        self._status_timer.timeout.connect(self.show_status)
        self._status_timer.start(STATUS_MS)
        self.library.light_changed.connect(self.show_status)
        self._window.sound_toggled.connect(self._toggle_sound)
        memory = WindowMemory(self.setting.window_settings)
        self._on_record = SettingsRecord(self.library, memory, self.preferences, self._jobs.run)
        self._on_record.look()
        self._doorbell = Doorbell(self.inbox, self._window, Chime(self.setting.clock), self.preferences, self)
        self.beat.start()

    def _desk(self) -> Desk:
        window, setting = self._window, self.setting
        return Desk(
            state=self.state,
            frame=self._frame,
            clock=setting.clock,
            selection=self.selection,
            clients=self.clients,
            library=self.library,
            inbox=self.inbox,
            profile=setting.profile,
            who=setting.who,
            role=setting.role,
            memory=WindowMemory(setting.window_settings),
            preferences=self.preferences,
            sampler=self.sampler,
            open_panel=window.open_panel,
            set_book=window.open_set_book,
            refusal=self.refusal,
            why=window.explain,
            run=self._jobs.run,
            notify=window.notify,
        )

    # -- bridges ------------------------------------------------------------------------------------------------

    def connect_bridge(self, endpoint: Endpoint) -> None:
        """Starts a client for the endpoint."""
        setting = self.setting
        client = BridgeClient(endpoint, setting.credentials, SETS, self.feed, clock=setting.clock, ssl=setting.ssl)
        self.clients[endpoint.server] = client
        self._resume[endpoint.server] = _position_of(client)
        self._jobs.run(client.run())

    def all_connected(self) -> None:
        """No more bridges will come: from now on the picture can be complete."""
        self._are_known = True
        self._look_if_complete()

    def refusal(self, server: str) -> str:
        """The sentence why nothing may be asked of a server now; empty when it may."""
        client = self.clients.get(server)
        if client is None:
            return f"{server} is not connected yet: nothing can be asked of it."
        state = client.status.state
        if state is ConnectionState.LIVE and self.state.stale_since(server) is None:
            return ""
        words = UNREACHABLE.get(state, UNREACHABLE[ConnectionState.STALE])
        return words.format(server=server, since=numbers.clock_time(client.status.since_us))

    def _on_live(self, server: str) -> None:
        self._window.notify(f"{server} is live.")
        self._look_if_complete()

    def _is_whole(self) -> bool:
        return self._are_known and all(self.state.ready(server) for server in self.clients)

    def _look_if_complete(self) -> None:
        if self._is_complete or not self.clients or not self._is_whole():
            return
        self._is_complete = True
        self.setting.measures.complete_s = time.perf_counter() - self.setting.started_s
        self._window.refresh_search()
        keep_what_is_loaded()
        self.complete.emit()

    # -- the beat -----------------------------------------------------------------------------------------------

    def _frame(self) -> Frame:
        frame = self.beat.frame
        is_behind = frame.count < self.state.accounts.count or len(frame.bid) < self.state.symbols.count
        return self.beat.recompute() if is_behind else frame

    def _drawers(self) -> list[Drawer]:
        return [self._day, self._calls, *self._window.docks.panels_in_view()]

    def _on_panel_made(self, panel: Panel) -> None:
        panel.shown.connect(self._draw_shown)
        self.beat.draw_now(panel)

    def _draw_shown(self) -> None:
        panel = self.sender()
        if isinstance(panel, Panel):
            self.beat.draw_now(panel)

    def _on_painted(self, spent_ms: float) -> None:
        if isnan(self.setting.measures.first_exposure_s):
            self._note_firsts()
        self.beat.painted(spent_ms)

    def _note_firsts(self) -> None:
        measures, now_s = self.setting.measures, time.perf_counter() - self.setting.started_s
        if isnan(measures.first_figure_s) and self.beat.shows_prices:
            measures.first_figure_s = now_s
        if self.beat.shows_prices and any(self.state.ready(server) for server in self.clients):
            measures.first_exposure_s = now_s

    # -- the status line ----------------------------------------------------------------------------------------

    def lights(self) -> tuple[Light, ...]:
        """A light per bridge, then database and hub."""
        now_us = self.setting.clock()
        bridges = [bridge_light(status, feed_age_ms(self.state, status.server, now_us)) for status in self._statuses()]
        hub = self.library.hub
        return (
            *bridges,
            database_light(self.library.light),
            hub_light(self.library.hub_alive, bool(hub), (status.error or "" for status in hub)),
            *approvals_lights(self.inbox.waiting()),
            *clock_lights(self._clock_gaps()),
        )

    def _clock_gaps(self) -> dict[str, ClockGap | None]:
        """Whose clock → the gap between it and this machine's."""
        return {"the database": self.library.clock_gap, **{s.server: s.clock_gap for s in self._statuses()}}

    def show_status(self) -> None:
        """Brings the status line up to the moment."""
        if self.library.opened.is_set():
            self.inbox.tick()
        self._window.status.show_facts(self.lights(), self._rates(), self.setting.clock())

    def _rates(self) -> str:
        now_us = self.setting.clock()
        statuses = self._statuses()
        ticks = sum(status.quotes_per_s for status in statuses)
        deltas = sum(status.deltas_per_s for status in statuses)
        account = self.selection.account
        server = account[0] if account is not None else next(iter(self.clients), "")
        parts = [
            f"{numbers.integer(ticks)} ticks/s",
            f"{numbers.integer(deltas)} changes/s",
            f"frame {numbers.fixed(self.beat.round_ms, 0)} ms",
        ]
        if server in self.clients:
            offset_us = self.clients[server].status.clock_offset_s * SECOND_US
            parts.append(f"{server} {numbers.clock_time(now_us + offset_us)}")
        return " · ".join((*parts, f"{numbers.clock_time(now_us)} UTC"))

    # -- preferences and the end --------------------------------------------------------------------------------

    def preferences(self) -> Preferences:
        """What the person prefers now."""
        return self._preferences

    def _toggle_sound(self) -> None:
        on = self.prefer(sound=not self._preferences.sound).sound
        self._window.notify(f"Sound is {'on' if on else 'off'}.")
        self.sound_chosen.emit(on)
        self._on_record.look()

    def prefer(self, **changes: Any) -> Preferences:
        """Changes preferences for the rest of this run and returns them."""
        self._preferences = replace(self._preferences, **changes)
        return self._preferences

    async def settle(self) -> None:
        """Waits until the paused bridges' streams are whole in the live state and in the tables, at the same place."""
        before: dict[str, ResumePoint | None] = {}
        while True:
            await asyncio.sleep(SETTLE_LOOK_S)
            here = {server: client.position for server, client in self.clients.items()}
            recorded = await self.library.recorded()
            if here == before and not self.feed.backlog and all(recorded.get(s) == at for s, at in here.items()):
                return
            before = here

    def stop(self) -> None:
        """First stage of the end: nothing moves on the screen any more."""
        self.beat.stop()
        self._status_timer.stop()
        self._window.on_painted = None

    def statuses(self) -> Mapping[str, ConnectionStatus]:
        """Each bridge's connection by server."""
        return {server: client.status for server, client in self.clients.items()}

    def _statuses(self) -> list[ConnectionStatus]:
        return [client.status for client in self.clients.values()]


def _position_of(client: BridgeClient) -> Callable[[], ResumePoint | None]:
    def position() -> ResumePoint | None:
        return client.position

    return position
