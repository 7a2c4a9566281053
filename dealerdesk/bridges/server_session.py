"""The bridge's end of one connection: frames in, requests out, and the next frame to send whenever the line is free.

Nothing is queued for a client but answers: its place in the lossless stream is a cursor into the journal, so a slow
client costs no memory, a replay is the cursor set back, and one too far behind is sent a snapshot instead. No I/O.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Protocol

from msgspec.structs import replace

from dealerdesk.bridges.handshake import NONCE_HEX_MIN, bridge_proof, client_proof, matches
from dealerdesk.bridges.protocol import (
    CLOSE_CODES,
    DEAD_AFTER_PINGS,
    DELTAS_PER_FRAME_MAX,
    FRAME_BYTES_MAX,
    PING_EVERY_S,
    VERSION,
    Ack,
    AnswerRequest,
    Challenge,
    Command,
    CommandQuery,
    Digest,
    Digests,
    Error,
    ErrorCode,
    Fresh,
    Hello,
    Joined,
    Ping,
    Pong,
    ProtocolError,
    Replay,
    ResumePoint,
    Resync,
    Role,
    RowSet,
    Stale,
    ToBridge,
    Welcome,
    decode_to_bridge,
    encode,
)
from dealerdesk.bridges.snapshot_frames import deltas_frame, nameless, snapshot_frames
from dealerdesk.bridges.source import BridgeSource, Snapshot
from dealerdesk.clock import Clock
from dealerdesk.trading import Platform

HELLO_TIMEOUT_S = 10.0
SILENCE_MAX_S = float(PING_EVERY_S * DEAD_AFTER_PINGS)
OUTBOX_MAX = 1_000
FRAME_BYTES_MIN = 128 << 10
DELTA_ROOM_BYTES = 256
CAPABILITIES = ("commands", "quotes")
NO_KEY = bytes(32)
TAKEN_OVER = "another hub has taken over"


class StreamLog(Protocol):
    """What a session reads of the journal."""

    last_seq: int
    synced_seq: int

    @property
    def epoch(self) -> str: ...
    @property
    def first_seq(self) -> int: ...
    @property
    def size_bytes(self) -> int: ...
    def read(self, from_seq: int, count_max: int, bytes_max: int) -> list[bytes]: ...


class Terms(Protocol):
    """The greatest term of a hub that came; `admit` says whether one may work, and raises OSError."""

    newest: int

    def admit(self, term: int) -> bool: ...


@dataclass(frozen=True, slots=True)
class ClientKey:
    """A key that the bridge accepts, and the role it opens."""

    role: Role
    key: bytes


@dataclass(frozen=True, slots=True)
class Bridge:
    """What all sessions of one bridge share."""

    name: str
    platform: Platform
    clock_offset_s: int
    source: BridgeSource
    log: StreamLog
    keys: Mapping[str, ClientKey]
    clock: Clock
    lag_deltas_max: int
    terms: Terms


class Phase(Enum):
    GREETING = auto()
    OPEN = auto()
    CLOSED = auto()


Request = Hello | Command | CommandQuery


class ServerSession:
    """One connection. Times in seconds of a monotonic clock; `nonce` is this connection's own."""

    def __init__(self, bridge: Bridge, nonce: str, now_s: float) -> None:
        self.phase = Phase.GREETING
        self.closing: tuple[int, str] | None = None
        self.client = ""
        self.role = Role.DESK
        self.next_seq = 0
        self.snapshots_sent = 0
        self.wants_quotes = False
        self._bridge = bridge
        self._outbox: deque[bytes] = deque()
        self._challenge = Challenge(VERSION, bridge.name, bridge.platform, bridge.log.epoch, nonce, bridge.clock())
        self._resumed = False
        self._term = 0
        self._heard_s = now_s
        self._sets: tuple[RowSet, ...] = ()
        self._frame_bytes = FRAME_BYTES_MAX
        self._wanted: tuple[str, frozenset[RowSet]] | None = None
        self._snapshot: Snapshot | None = None
        self._reason = ""
        self._frames: Iterator[bytes] | None = None
        self._digests: Digests | None = None
        self._say(self._challenge)

    @property
    def has_joined(self) -> bool:
        """Whether the client has been sent all that was there when it came."""
        return self.phase is Phase.OPEN and (self.snapshots_sent > 0 or self._resumed)

    @property
    def may_have_quotes(self) -> bool:
        """Whether quotes may go out: prices need not wait for the end of a long first snapshot."""
        return self.phase is Phase.OPEN and (self.has_joined or self._frames is not None)

    @property
    def _sees_names(self) -> bool:
        """Clients' names are for the hub, which records them; people read them from the database, as their role may."""
        return self.role is Role.HUB

    def receive(self, frame: bytes, now_s: float) -> Sequence[Request]:
        """Takes one frame; returns what the server must see to: who has joined, a command, a query."""
        if self.phase is Phase.CLOSED:
            return ()
        self._heard_s = now_s
        try:
            return self._take(decode_to_bridge(frame))
        except ProtocolError as error:
            self.fail(error.code, error.text)
            return ()

    def tick(self, now_s: float) -> None:
        """Gives up a client that has gone silent."""
        limit_s = HELLO_TIMEOUT_S if self.phase is Phase.GREETING else SILENCE_MAX_S
        if self.phase is not Phase.CLOSED and now_s - self._heard_s >= limit_s:
            self.fail(ErrorCode.UNEXPECTED, f"nothing heard for {limit_s:.0f} s")

    def say(self, message: Ack | Error | Stale | Fresh) -> None:
        """Sends news that are not of the lossless stream; nothing to one who has not joined."""
        if self.phase is Phase.OPEN:
            self._say(message if self._sees_names else _without_name(message))

    def compare(self, seq: int, digests: Mapping[RowSet, Digest]) -> None:
        """Sends these digests when the client has been sent exactly the deltas up to `seq`."""
        if self.phase is Phase.OPEN and self._wanted is None and self._snapshot is None:
            self._digests = Digests(seq, {s: digest for s, digest in digests.items() if s in self._sets})

    def next_frame(self) -> bytes | None:
        """The next frame to send; None when there is nothing now. Answers first, then the lossless stream in order."""
        if self._outbox:
            return self._outbox.popleft()
        if self.phase is not Phase.OPEN:
            return None
        if self._frames is None:
            self._notice_lag()
            self._take_snapshot()
            if self._outbox:
                return self._outbox.popleft()
        if self._frames is not None:
            return self._snapshot_frame(self._frames)
        if self._digests is not None and self._digests.seq + 1 == self.next_seq:
            frame, self._digests = encode(self._digests), None
            return frame
        return self._deltas_frame()

    def fall_behind(self, reason: str) -> None:
        """Sends a whole snapshot instead of what the client has not had yet."""
        self._say(Resync(reason))
        self._want(reason, ())

    def fail(self, code: ErrorCode, text: str) -> None:
        """Ends the session; the error still goes out."""
        self._outbox.clear()
        self._outbox.append(encode(Error(code, text, fatal=True)))
        self.closing = (CLOSE_CODES[code], text)
        self.phase = Phase.CLOSED

    def _take(self, message: ToBridge) -> Sequence[Request]:
        if isinstance(message, Error):
            if message.fatal:
                self.closing = (CLOSE_CODES[message.code], message.text)
                self.phase = Phase.CLOSED
            return ()
        if self.phase is Phase.GREETING:
            if not isinstance(message, Hello):
                raise ProtocolError(ErrorCode.UNEXPECTED, "a hello comes first")
            self._greet(message)
            return (message,)
        return self._take_open(message)

    def _take_open(self, message: ToBridge) -> Sequence[Request]:
        if self.role is Role.HUB and self._term < self._bridge.terms.newest:
            raise ProtocolError(ErrorCode.REPLACED, TAKEN_OVER)
        match message:
            case Ping():
                log = self._bridge.log
                now_us = self._bridge.source.time_us()
                self._say(
                    Pong(message.id, message.time_us, log.synced_seq, now_us, log.size_bytes, self._bridge.clock())
                )
            case Pong():
                pass
            case Replay():
                self._replay(message.from_seq)
            case Resync():
                self._want(message.reason, message.sets)
            case Command() | CommandQuery():
                if self._may(message):
                    return (message,)
                self._say(Error(ErrorCode.FORBIDDEN, f"a {self.role} key may not do this", fatal=False, id=message.id))
            case _:
                raise ProtocolError(ErrorCode.UNEXPECTED, "a second hello")
        return ()

    def _greet(self, hello: Hello) -> None:
        if hello.version != VERSION:
            raise ProtocolError(ErrorCode.VERSION, f"this bridge speaks version {VERSION}, not {hello.version}")
        if len(hello.nonce) < NONCE_HEX_MIN or hello.frame_bytes_max < FRAME_BYTES_MIN:
            raise ProtocolError(ErrorCode.MALFORMED, f"hello: nonce too short, or frames below {FRAME_BYTES_MIN} bytes")
        known = self._bridge.keys.get(hello.client)
        # an unknown name is checked against a key that nobody has, so that it takes as long as a wrong key
        proof = client_proof(known.key if known else NO_KEY, self._challenge, hello)
        if not matches(proof, hello.mac) or known is None or known.role is not hello.role:
            raise ProtocolError(ErrorCode.UNAUTHENTICATED, "name, role and key do not go together")
        self.client, self.role = hello.client, hello.role
        self.wants_quotes = hello.quotes
        self._sets = hello.sets
        self._frame_bytes = min(hello.frame_bytes_max, FRAME_BYTES_MAX)
        if self.role is Role.HUB:
            self._admit(hello.term)
        self._join(hello, known.key)

    def _admit(self, term: int) -> None:
        """Lets a hub in unless a newer one was here; from then on the connections of older ones are worth nothing."""
        try:
            is_newest = self._bridge.terms.admit(term)
        except OSError as error:
            raise ProtocolError(ErrorCode.UNEXPECTED, f"the bridge cannot write the hub's term: {error}") from error
        if not is_newest:
            raise ProtocolError(ErrorCode.REPLACED, TAKEN_OVER)
        self._term = term

    def _join(self, hello: Hello, key: bytes) -> None:
        log = self._bridge.log
        self._resumed = hello.resume is not None and self._can_resume(hello.resume)
        self.next_seq = hello.resume.seq + 1 if hello.resume and self._resumed else log.synced_seq + 1
        self.phase = Phase.OPEN
        self._say(
            Welcome(
                mac=bridge_proof(key, self._challenge, hello),
                epoch=log.epoch,
                seq=log.synced_seq,
                joined=Joined.RESUMED if self._resumed else Joined.SNAPSHOT,
                journal_first_seq=log.first_seq,
                clock_offset_s=self._bridge.clock_offset_s,
                frame_bytes_max=FRAME_BYTES_MAX,
                capabilities=CAPABILITIES,
            )
        )
        if not self._resumed:
            self._wanted = ("joined", frozenset(self._sets))

    def _can_resume(self, point: ResumePoint) -> bool:
        log = self._bridge.log
        is_held = log.first_seq - 1 <= point.seq <= log.synced_seq
        return point.epoch == log.epoch and is_held and log.last_seq - point.seq <= self._bridge.lag_deltas_max

    def _may(self, message: Command | CommandQuery) -> bool:
        if self.role is Role.HUB:
            return True
        if isinstance(message, CommandQuery):
            return self.role is Role.DEALER
        # an answer counts as that of the key it came with: what it says of who gave it must not be another's name
        is_own_answer = isinstance(message.body, AnswerRequest) and message.actor == self.client
        return self.role is Role.DEALER and is_own_answer

    def _replay(self, from_seq: int) -> None:
        if self._wanted is not None or self._snapshot is not None:
            return
        if self._bridge.log.first_seq <= from_seq <= self.next_seq:
            self.next_seq = from_seq
            self._digests = None
        else:
            self.fall_behind(f"delta {from_seq} is not in the journal")

    def _want(self, reason: str, sets: Sequence[RowSet]) -> None:
        asked = frozenset(sets) or frozenset(self._sets)
        if not asked <= frozenset(self._sets):
            raise ProtocolError(ErrorCode.UNEXPECTED, "resync: sets that the hello did not name")
        if self._wanted is not None:
            asked |= self._wanted[1]
        self._wanted = (reason, asked)
        self._digests = None

    def _notice_lag(self) -> None:
        log = self._bridge.log
        if self._wanted is not None or self._snapshot is not None:
            return
        if self.next_seq < log.first_seq or log.last_seq - self.next_seq > self._bridge.lag_deltas_max:
            self.fall_behind(f"{log.last_seq - self.next_seq + 1} deltas behind")

    def _take_snapshot(self) -> None:
        """Asks the platform for the snapshot that is wanted; its frames begin when all it contains is on disk."""
        if self._snapshot is None and self._wanted is not None:
            self._reason, sets = self._wanted
            self._snapshot = self._bridge.source.snapshot(sets)
            self._wanted = None
        snapshot = self._snapshot
        if snapshot is None:
            return
        is_whole = frozenset(snapshot.rows) == frozenset(self._sets)
        if self._bridge.log.synced_seq >= snapshot.as_of and (is_whole or self.next_seq == snapshot.as_of + 1):
            self._frames = snapshot_frames(
                snapshot, self._bridge.log.epoch, self._reason, self._frame_bytes, names=self._sees_names
            )
            self.next_seq = snapshot.as_of + 1
            self._digests = None

    def _snapshot_frame(self, frames: Iterator[bytes]) -> bytes | None:
        frame = next(frames, None)
        if frame is not None:
            return frame
        self._frames = None
        self._snapshot = None
        self.snapshots_sent += 1
        return self.next_frame()

    def _deltas_frame(self) -> bytes | None:
        log = self._bridge.log
        until = log.synced_seq
        if self._snapshot is not None:
            if frozenset(self._snapshot.rows) == frozenset(self._sets):
                return None
            until = min(until, self._snapshot.as_of)
        if self._digests is not None:
            until = min(until, self._digests.seq)
        if self.next_seq > until:
            return None
        count_max = min(DELTAS_PER_FRAME_MAX, until - self.next_seq + 1)
        items = log.read(self.next_seq, count_max, self._frame_bytes - DELTA_ROOM_BYTES)
        self.next_seq += len(items)
        return deltas_frame(log.epoch, items, names=self._sees_names)

    def _say(self, message: Challenge | Welcome | Ack | Error | Stale | Fresh | Pong | Resync) -> None:
        if len(self._outbox) >= OUTBOX_MAX:
            self.fail(ErrorCode.SLOW, f"{OUTBOX_MAX} answers are waiting")
            return
        self._outbox.append(encode(message))


def _without_name(message: Ack | Error | Stale | Fresh) -> Ack | Error | Stale | Fresh:
    if not isinstance(message, Ack) or message.row is None:
        return message
    return replace(message, row=nameless(message.row))
