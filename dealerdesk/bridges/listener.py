"""What a client of a bridge is told, and how its connection is seen. Types only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from dealerdesk.bridges.holdings import Held
from dealerdesk.bridges.protocol import (
    Ack,
    Delta,
    Error,
    ResumePoint,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    Welcome,
)
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.clock_gap import ClockGap


class ConnectionState(StrEnum):
    """Connecting: never joined yet. Joining: loading, or mending a gap. Live: everything known is applied.
    Stale: the platform behind the bridge is down. Dead: the connection is lost."""

    CONNECTING = "connecting"
    JOINING = "joining"
    LIVE = "live"
    STALE = "stale"
    DEAD = "dead"


@dataclass(frozen=True, slots=True)
class ConnectionStatus:
    """A connection as the Bridges panel shows it. Times in µs UTC of this machine, except `server_time_us`, which is
    the trading server's; `seq` is what was applied, `server_seq` what the bridge had at its last pong."""

    server: str
    state: ConnectionState = ConnectionState.CONNECTING
    since_us: int = 0
    latency_ms: float | None = None
    epoch: str = ""
    seq: int = 0
    server_seq: int = 0
    server_time_us: int = 0
    journal_bytes: int = 0
    clock_offset_s: int = 0
    clock_gap: ClockGap | None = None
    """Between this machine's clock and the bridge's; None before the first pong."""
    deltas: int = 0
    quotes: int = 0
    deltas_per_s: float = 0.0
    quotes_per_s: float = 0.0
    gaps: int = 0
    resyncs: int = 0
    refused_frames: int = 0
    digests_checked: int = 0
    reconnects: int = 0
    last_frame_us: int = 0
    last_error: str = ""


class Listener:
    """Override what is needed. Called in the client's loop, one call at a time, in the stream's order."""

    def resume_point(self, server: str) -> ResumePoint | None:  # noqa: ARG002 -- for those who override it
        """How far the listener's own state has come; asked at every connection. None asks for a snapshot."""
        return None

    def held(self, server: str) -> Iterable[Held] | None:  # noqa: ARG002 -- for those who override it
        """What the listener holds at its resume point, when it comes from a disk; without it, sets are not compared
        with the bridge's digests until the next snapshot."""
        return None

    def welcome(self, server: str, welcome: Welcome) -> None:
        """The bridge has accepted the connection."""

    def snapshot_begin(self, server: str, message: SnapshotBegin) -> None:
        """The sets in `message.rows` are about to be replaced. One that comes before the last one's end replaces it."""

    def snapshot_chunk(self, server: str, message: SnapshotChunk) -> None:
        """Rows of one set."""

    def snapshot_end(self, server: str, message: SnapshotEnd) -> None:
        """The snapshot came whole: counts and digests agree."""

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        """Changes in order, each once; never empty."""

    def quotes(self, server: str, batch: QuoteBatch, received_us: int) -> None:
        """The newest prices; symbols by the index in their rows."""

    def ack(self, server: str, ack: Ack) -> None:
        """How far a command has come."""

    def error(self, server: str, error: Error) -> None:
        """The bridge refused something; `error.id` is the command's, if it was one."""

    def stale(self, server: str, since_us: int, reason: str) -> None:
        """The platform is down, though the bridge is up."""

    def fresh(self, server: str, time_us: int) -> None:
        """The platform is back."""

    def status(self, server: str, status: ConnectionStatus) -> None:
        """On every change of state, and once a second."""
