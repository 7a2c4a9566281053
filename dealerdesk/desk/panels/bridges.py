"""Bridges: how each trading server is connected, how fast its stream is, and how far the hub has recorded it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtWidgets import QWidget

from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus
from dealerdesk.clock import SECOND_US
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.numbers import clock_time, integer
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.panels.row_menu import RowMenu, Subject
from dealerdesk.desk.table import Column, ColumnRows, Kind, TableView
from dealerdesk.desk.table.rows import Values
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame

if TYPE_CHECKING:
    from dealerdesk.store.queries import HubStatus

DRAWN_EVERY_US = SECOND_US // 2
HUB_SILENT_US = 5 * SECOND_US

BRIDGE_COLUMNS = (
    Column("server", "Server", width=8, frozen=True),
    Column("state", "State", width=24, priority=1, tone_key="state_tone"),
    Column("latency", "Latency", Kind.NUMBER, width=6, priority=2, decimals=1, unit="ms"),
    Column("quotes", "Quotes", Kind.INTEGER, width=8, priority=2, unit="/s", total=True),
    Column("deltas", "Changes", Kind.INTEGER, width=8, priority=3, unit="/s", total=True),
    Column("frame_age", "Last frame", Kind.AGE, width=7, priority=1),
    Column("sequence", "Sequence", Kind.INTEGER, width=10, priority=2),
    Column("recorded", "Recorded", Kind.INTEGER, width=10, priority=2, tip="The hub has this sequence in the database"),
    Column("lag", "Lag", Kind.INTEGER, width=6, priority=2, tone_key="lag_tone", tip="Changes not recorded yet"),
    Column("hub", "Hub", width=14, priority=3, tone_key="hub_tone"),
    Column("gaps", "Gaps", Kind.INTEGER, width=5, priority=2, total=True),
    Column("resyncs", "Resyncs", Kind.INTEGER, width=5, priority=3, total=True),
    Column("reconnects", "Reconnects", Kind.INTEGER, width=5, priority=5, total=True),
    Column("refused", "Refused", Kind.INTEGER, width=5, priority=5, total=True, tip="Frames that broke the protocol"),
    Column("journal", "Journal", Kind.NUMBER, width=8, priority=4, decimals=1, unit="MB", total=True),
    Column("digests", "Digests", Kind.INTEGER, width=6, priority=6, total=True, tip="Checked and found equal"),
    Column("offset", "Clock", Kind.SIGNED, width=6, priority=4, decimals=1, unit="h", tip="Server's clock against UTC"),
    Column("epoch", "Epoch", width=10, priority=6),
    Column("error", "Last trouble", width=28, priority=4, tone_key="error_tone"),
)
TONES = {
    ConnectionState.LIVE: Tone.RUNNING,
    ConnectionState.JOINING: Tone.ATTENTION,
    ConnectionState.CONNECTING: Tone.ATTENTION,
    ConnectionState.STALE: Tone.ATTENTION,
    ConnectionState.DEAD: Tone.ALARM,
}


class BridgesPanel(Panel):
    """One row a bridge."""

    name = "bridges"
    title = "Bridges"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self.table = TableView("bridges", BRIDGE_COLUMNS, self, memory=desk.memory, title="bridges")
        self.table.set_empty_text("This profile names no bridge.", "Add one to the profile and start again.")
        self.body.addWidget(self.table)
        self.menu = RowMenu(desk, self.table, nothing)
        self._drawn_us = 0
        self._draw(desk.clock())

    def beat(self, _frame: Frame) -> None:
        now_us = self.desk.clock()
        if abs(now_us - self._drawn_us) >= DRAWN_EVERY_US:
            self._draw(now_us)

    def _draw(self, now_us: int) -> None:
        self._drawn_us = now_us
        statuses = [client.status for client in self.desk.clients.values()]
        hub = {status.server: status for status in self.desk.library.hub}
        keys = [status.server for status in statuses]
        self.table.show_rows(ColumnRows(bridge_columns(statuses, hub, now_us, self.desk.library.database_us()), keys))
        live = sum(status.state is ConnectionState.LIVE for status in statuses)
        rate = sum(status.quotes_per_s for status in statuses)
        tone = Tone.SECONDARY if live == len(statuses) else Tone.ATTENTION
        self.set_facts(f"{live} of {len(statuses)} live · {integer(rate)} quotes/s", tone)


def nothing(_key: object) -> Subject:
    """A bridge's row is about no account and no symbol."""
    return Subject()


def bridge_columns(
    statuses: Sequence[ConnectionStatus], hub: Mapping[str, HubStatus], now_us: int, database_us: int
) -> dict[str, Values]:
    """The columns of the bridges' table at `now_us`; by the clock that dates what the hub says it is `database_us`."""
    recorded = [recorded_sequence(status, hub.get(status.server)) for status in statuses]
    lag = [max(0, status.seq - seq) if seq >= 0 else 0 for status, seq in zip(statuses, recorded, strict=True)]
    return {
        "server": [status.server for status in statuses],
        "state": [state_words(status) for status in statuses],
        "state_tone": np.array([TONES[status.state] for status in statuses], dtype=np.int8),
        "latency": np.array([np.nan if s.latency_ms is None else s.latency_ms for s in statuses]),
        "quotes": np.array([status.quotes_per_s for status in statuses]),
        "deltas": np.array([status.deltas_per_s for status in statuses]),
        "frame_age": np.array([(now_us - s.last_frame_us) / 1e3 if s.last_frame_us else np.nan for s in statuses]),
        "sequence": np.array([status.seq for status in statuses]),
        "recorded": np.array([float(seq) if seq >= 0 else np.nan for seq in recorded]),
        "lag": np.array(lag),
        "lag_tone": np.array([Tone.ATTENTION if behind > LAG_MAX else Tone.NORMAL for behind in lag], dtype=np.int8),
        "hub": [hub_words(hub.get(status.server), database_us) for status in statuses],
        "hub_tone": np.array([hub_tone(hub.get(status.server), database_us) for status in statuses], dtype=np.int8),
        "gaps": np.array([status.gaps for status in statuses]),
        "resyncs": np.array([status.resyncs for status in statuses]),
        "reconnects": np.array([status.reconnects for status in statuses]),
        "refused": np.array([status.refused_frames for status in statuses]),
        "journal": np.array([status.journal_bytes / 1e6 for status in statuses]),
        "digests": np.array([status.digests_checked for status in statuses]),
        "offset": np.array([status.clock_offset_s / 3_600 for status in statuses]),
        "epoch": [status.epoch[:8] for status in statuses],
        "error": [status.last_error for status in statuses],
        "error_tone": np.full(len(statuses), Tone.SECONDARY, dtype=np.int8),
    }


LAG_MAX = 5_000
"""So many changes unrecorded are a second or two of a busy server."""


def state_words(status: ConnectionStatus) -> str:
    """The state of a connection as a person would say it."""
    since = clock_time(status.since_us)
    match status.state:
        case ConnectionState.LIVE:
            return f"live since {since}"
        case ConnectionState.CONNECTING:
            return f"connecting since {since}"
        case ConnectionState.JOINING:
            return f"loading since {since}"
        case ConnectionState.STALE:
            return f"platform down since {since}"
        case ConnectionState.DEAD:
            return f"no connection since {since}"


def recorded_sequence(status: ConnectionStatus, hub: HubStatus | None) -> int:
    """The sequence that is in the database, −1 where the hub records another epoch or nothing yet."""
    return hub.sequence if hub is not None and hub.epoch == status.epoch else -1


def hub_words(hub: HubStatus | None, now_us: int) -> str:
    """What the hub does with this server's stream."""
    if hub is None:
        return "not seen yet"
    if now_us - hub.beat_us > HUB_SILENT_US:
        return f"silent since {clock_time(hub.beat_us)}"
    return hub.error or hub.state


def hub_tone(hub: HubStatus | None, now_us: int) -> Tone:
    """Attention where nothing is being recorded."""
    recording = hub is not None and now_us - hub.beat_us <= HUB_SILENT_US and not hub.error
    return Tone.NORMAL if recording else Tone.ATTENTION
