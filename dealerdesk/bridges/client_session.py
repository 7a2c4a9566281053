"""A client's end of one connection to a bridge: frames in, events out, no I/O.

An event is a protocol message that now holds: deltas are contiguous, a snapshot's end means that it was whole, quotes
are newer than those before (and come while a first snapshot is still on its way). Frames to send lie in `outbox`;
`closing` says with which code the connection must be closed. The clock is handed in with every call, in seconds of a
monotonic clock.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum, auto

from msgspec.structs import replace

from dealerdesk.bridges.conflation import QuoteFilter
from dealerdesk.bridges.handshake import NONCE_HEX_MIN, bridge_proof, client_proof, matches
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.lossless import LosslessStream, StreamEvent
from dealerdesk.bridges.protocol import (
    CLOSE_CODES,
    FRAME_BYTES_MAX,
    VERSION,
    Ack,
    Challenge,
    Command,
    CommandQuery,
    Deltas,
    Digests,
    Error,
    ErrorCode,
    Fresh,
    FromBridge,
    Hello,
    Joined,
    Ping,
    Pong,
    ProtocolError,
    ResumePoint,
    Resync,
    Role,
    RowSet,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
    Stale,
    ToBridge,
    Welcome,
    decode_from_bridge,
    encode,
)
from dealerdesk.bridges.pulse import Pulse
from dealerdesk.bridges.quotes import MAGIC, QuoteBatch, decode_quotes
from dealerdesk.clock import SECOND_US
from dealerdesk.clock_gap import ClockGap

HANDSHAKE_TIMEOUT_S = 10.0

Event = StreamEvent | Welcome | QuoteBatch | Ack | Error | Stale | Fresh


class Phase(Enum):
    CHALLENGE = auto()
    WELCOME = auto()
    FLOWING = auto()
    CLOSED = auto()


class ClientSession:
    """One connection. `holdings` outlives it; `resume` is where the listener stands."""

    def __init__(
        self,
        server: str,
        hello: Hello,
        key: bytes,
        holdings: Holdings,
        now_s: float,
    ) -> None:
        self.server = server
        self.outbox: deque[bytes] = deque()
        self.closing: tuple[int, str] | None = None
        self.phase = Phase.CHALLENGE
        self.refused_frames = 0
        self.bridge_time_us = 0
        self.bridge_seq = 0
        self.journal_bytes = 0
        self.clock_offset_s = 0
        self.clock_gap: ClockGap | None = None
        self.stream: LosslessStream | None = None
        self.stale: Stale | None = None
        self.pulse = Pulse(now_s)
        self._hello = hello
        self._key = key
        self._holdings = holdings
        self._challenge: Challenge | None = None
        self._quotes = QuoteFilter()
        self._began_s = now_s

    @property
    def is_joined(self) -> bool:
        """Whether commands may be sent."""
        return self.phase is Phase.FLOWING

    @property
    def is_whole(self) -> bool:
        """Whether all that the bridge sent is applied."""
        return self.stream is not None and self.stream.is_whole

    def receive(self, frame: bytes, now_s: float) -> Sequence[Event]:
        """Takes one frame. Anything against the protocol ends the session with an error, never with an exception."""
        if self.phase is Phase.CLOSED:
            return ()
        try:
            if frame[:1] == MAGIC:
                return self._take_quotes(decode_quotes(frame))
            return self._take(decode_from_bridge(frame), now_s)
        except ProtocolError as error:
            self.refused_frames += 1
            self._fail(error.code, error.text)
            return ()

    def tick(self, now_s: float, time_us: int) -> None:
        """Sends pings, and gives up what has waited too long; call it about every half second."""
        if self.phase is Phase.CLOSED:
            return
        try:
            self._tick(now_s, time_us)
        except ProtocolError as error:
            self._fail(error.code, error.text)

    def say(self, message: Command | CommandQuery) -> None:
        """Puts a message into the outbox."""
        self._send(message)

    def _tick(self, now_s: float, time_us: int) -> None:
        if self.stream is None:
            if now_s - self._began_s >= HANDSHAKE_TIMEOUT_S:
                raise ProtocolError(ErrorCode.UNEXPECTED, "no welcome in time")
            return
        self.stream.tick(now_s)
        if self.pulse.is_dead(now_s):
            raise ProtocolError(ErrorCode.UNEXPECTED, "three pings without an answer")
        ping = self.pulse.due(now_s, time_us)
        if ping is not None:
            self._send(ping)

    def _take(self, message: FromBridge, now_s: float) -> Sequence[Event]:
        if isinstance(message, Error):
            return self._take_error(message)
        if self.stream is not None:
            return self._take_flowing(message, self.stream, now_s)
        if isinstance(message, Challenge) and self.phase is Phase.CHALLENGE:
            self._take_challenge(message)
            return ()
        if isinstance(message, Welcome) and self._challenge is not None:
            return self._take_welcome(message, self._challenge, now_s)
        raise ProtocolError(ErrorCode.UNEXPECTED, f"{_type(message)} during the handshake")

    def _take_flowing(self, message: FromBridge, stream: LosslessStream, now_s: float) -> Sequence[Event]:
        match message:
            case Deltas():
                return stream.deltas(message, now_s)
            case SnapshotChunk():
                return stream.snapshot_chunk(message, now_s)
            case SnapshotBegin():
                return stream.snapshot_begin(message, now_s)
            case SnapshotEnd():
                return stream.snapshot_end(message, now_s)
            case Digests():
                stream.digests(message, now_s)
            case Resync():
                stream.fell_behind(now_s)
            case Pong():
                self._take_pong(message, stream, now_s)
            case Ping():
                self._send(Pong(message.id, message.time_us, stream.seq, 0, 0))
            case Stale() | Fresh():
                self.stale = message if isinstance(message, Stale) else None
                return (message,)
            case Ack():
                return (message,)
            case _:
                raise ProtocolError(ErrorCode.UNEXPECTED, f"{_type(message)} after the welcome")
        return ()

    def _take_challenge(self, challenge: Challenge) -> None:
        if challenge.version != VERSION:
            raise ProtocolError(ErrorCode.VERSION, f"bridge speaks version {challenge.version}, not {VERSION}")
        if challenge.bridge != self.server:
            raise ProtocolError(ErrorCode.UNAUTHENTICATED, f"this is bridge {challenge.bridge!r}, not {self.server!r}")
        if len(challenge.nonce) < NONCE_HEX_MIN:
            raise ProtocolError(ErrorCode.MALFORMED, "challenge: nonce too short")
        self._challenge = challenge
        self._hello = replace(self._hello, mac=client_proof(self._key, challenge, self._hello))
        self.phase = Phase.WELCOME
        self._send(self._hello)

    def _take_welcome(self, welcome: Welcome, challenge: Challenge, now_s: float) -> Sequence[Event]:
        if not matches(bridge_proof(self._key, challenge, self._hello), welcome.mac):
            raise ProtocolError(ErrorCode.UNAUTHENTICATED, "the bridge does not hold our key")
        if welcome.epoch != challenge.epoch:
            raise ProtocolError(ErrorCode.UNEXPECTED, "welcome of another epoch than the challenge")
        resume = self._hello.resume
        stream = LosslessStream(welcome.epoch, self._hello.sets, self._holdings, self._send)
        if welcome.joined is Joined.SNAPSHOT:
            stream.await_snapshot(now_s)
        elif resume is None or resume.epoch != welcome.epoch:
            raise ProtocolError(ErrorCode.UNEXPECTED, "resumed without a resume point of this epoch")
        else:
            stream.resume(resume.seq, welcome.seq, now_s)
        self.stream = stream
        self.bridge_seq = welcome.seq
        self.clock_offset_s = welcome.clock_offset_s
        self.phase = Phase.FLOWING
        return (welcome,)

    def _take_pong(self, pong: Pong, stream: LosslessStream, now_s: float) -> None:
        if self.pulse.answered(pong, now_s):
            self.bridge_seq = pong.seq
            self.bridge_time_us = pong.server_time_us
            self.journal_bytes = pong.journal_bytes
            if pong.clock_us and self.pulse.latency_s is not None:
                answered_us = pong.time_us + int(self.pulse.latency_s * SECOND_US)
                self.clock_gap = ClockGap.seen(pong.time_us, pong.clock_us, answered_us)
            stream.heard(pong.seq)

    def _take_quotes(self, batch: QuoteBatch) -> Sequence[Event]:
        if self.phase is not Phase.FLOWING:
            raise ProtocolError(ErrorCode.UNEXPECTED, "quotes during the handshake")
        batch = self._quotes.current(batch)
        return (batch,) if len(batch) else ()

    def _take_error(self, error: Error) -> Sequence[Event]:
        if error.fatal:
            self.closing = (CLOSE_CODES[error.code], error.text)
            self.phase = Phase.CLOSED
        return (error,)

    def _send(self, message: ToBridge) -> None:
        self.outbox.append(encode(message))

    def _fail(self, code: ErrorCode, text: str) -> None:
        self._send(Error(code, text, fatal=True))
        self.closing = (CLOSE_CODES[code], text)
        self.phase = Phase.CLOSED


def new_hello(
    client: str, role: Role, nonce: str, sets: Sequence[RowSet], quotes: bool, resume: ResumePoint | None, term: int = 0
) -> Hello:
    """The hello that a session completes once it has the challenge."""
    return Hello(VERSION, client, role, nonce, "", tuple(sets), quotes, resume, FRAME_BYTES_MAX, term)


def _type(message: FromBridge) -> str:
    return str(message.__struct_config__.tag)
