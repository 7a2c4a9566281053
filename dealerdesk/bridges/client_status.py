"""Keeps a connection's status: counts what arrives, and turns it into a `ConnectionStatus` when one is asked for."""

from __future__ import annotations

from dealerdesk.bridges.client_session import ClientSession
from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus


class StatusBoard:
    """One client's figures, over all its connections. `deltas` and `quotes` count what was handed over."""

    def __init__(self, server: str, now_us: int) -> None:
        self.deltas = 0
        self.quotes = 0
        self._server = server
        self._state = ConnectionState.CONNECTING
        self._since_us = now_us
        self._told = self._state
        self._session: ClientSession | None = None
        self._last_frame_us = 0
        self._last_error = ""
        self._joined = 0
        self._past = (0, 0, 0, 0)
        self._measured: tuple[float, int, int] | None = None
        self._rates = (0.0, 0.0)

    def connected(self, session: ClientSession) -> None:
        self._session = session

    def received(self, session: ClientSession, now_us: int) -> None:
        """A frame has been taken."""
        self._last_frame_us = now_us
        if session.stream is None:
            return
        if self._state in (ConnectionState.CONNECTING, ConnectionState.DEAD):
            self._joined += 1
        if not session.is_whole:
            self._become(ConnectionState.JOINING, now_us)
        else:
            self._become(ConnectionState.STALE if session.stale else ConnectionState.LIVE, now_us)

    def failed(self, text: str) -> None:
        """Why the connection ended, or could not be made."""
        self._last_error = text

    def lost(self, now_us: int) -> None:
        """The connection is gone; its counts stay in the sums."""
        self._past = self._counts()
        self._session = None
        self._rates = (0.0, 0.0)
        self._measured = None
        if self._joined:
            self._become(ConnectionState.DEAD, now_us)

    def measure(self, session: ClientSession, now_s: float, now_us: int) -> None:
        """Takes the rates since the last call, and sees whether time alone changed the state."""
        if self._measured is not None and now_s > self._measured[0]:
            then_s, deltas, quotes = self._measured
            span_s = now_s - then_s
            self._rates = ((self.deltas - deltas) / span_s, (self.quotes - quotes) / span_s)
        self._measured = (now_s, self.deltas, self.quotes)
        if session.stream is not None and not session.is_whole:
            self._become(ConnectionState.JOINING, now_us)

    def has_changed(self) -> bool:
        """Whether the state is another than at the last call."""
        changed = self._told is not self._state
        self._told = self._state
        return changed

    @property
    def status(self) -> ConnectionStatus:
        session = self._session
        stream = session.stream if session else None
        latency_s = session.pulse.latency_s if session else None
        gaps, resyncs, refused, checked = self._counts()
        return ConnectionStatus(
            server=self._server,
            state=self._state,
            since_us=self._since_us,
            latency_ms=None if latency_s is None else latency_s * 1_000,
            epoch=stream.epoch if stream else "",
            seq=stream.seq if stream else 0,
            server_seq=session.bridge_seq if session else 0,
            server_time_us=session.bridge_time_us if session else 0,
            journal_bytes=session.journal_bytes if session else 0,
            clock_offset_s=session.clock_offset_s if session else 0,
            clock_gap=session.clock_gap if session else None,
            deltas=self.deltas,
            quotes=self.quotes,
            deltas_per_s=self._rates[0],
            quotes_per_s=self._rates[1],
            gaps=gaps,
            resyncs=resyncs,
            refused_frames=refused,
            digests_checked=checked,
            reconnects=max(0, self._joined - 1),
            last_frame_us=self._last_frame_us,
            last_error=self._last_error,
        )

    def _become(self, state: ConnectionState, now_us: int) -> None:
        if state is not self._state:
            self._state = state
            self._since_us = now_us

    def _counts(self) -> tuple[int, int, int, int]:
        session = self._session
        if session is None:
            return self._past
        gaps, resyncs, refused, checked = self._past
        stream = session.stream
        if stream is not None:
            gaps, resyncs, checked = gaps + stream.gaps, resyncs + stream.resyncs, checked + stream.digests_checked
        return gaps, resyncs, refused + session.refused_frames, checked
