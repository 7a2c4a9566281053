"""The bridge protocol's messages, typed once; the JSON Schema and docs/bridge-protocol.md are written from them.

Control messages are JSON text frames, one object each, told apart by `type`; the rows in them are in `rows.py`. Quotes
travel in binary frames, see `quotes.py`. No I/O here, and no rules about order: those are in `client_session.py` and
`server_session.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import msgspec

from dealerdesk.bridges.figures import impossible_figure
from dealerdesk.bridges.rows import RECORD_SETS as RECORD_SETS
from dealerdesk.bridges.rows import Delta as Delta
from dealerdesk.bridges.rows import Gone as Gone
from dealerdesk.bridges.rows import Row as Row
from dealerdesk.bridges.rows import RowSet as RowSet
from dealerdesk.bridges.rows import row_key as row_key
from dealerdesk.bridges.rows import row_set as row_set
from dealerdesk.trading import BalanceKind, Book, Platform

VERSION = 1
FRAME_BYTES_MAX = 1 << 20
CHUNK_ROWS_MAX = 500
DELTAS_PER_FRAME_MAX = 500
PING_EVERY_S = 5
DEAD_AFTER_PINGS = 3
REPLAY_TIMEOUT_S = 5
HELD_DELTAS_MAX = 20_000
DIGEST_EVERY_S = 60


# -- opening a connection ---------------------------------------------------------------------------------------


class Role(StrEnum):
    """What a key may do: desks read, dealers also answer requests, the hub alone sends commands."""

    DESK = "desk"
    DEALER = "dealer"
    HUB = "hub"


class Challenge(msgspec.Struct, frozen=True, tag_field="type", tag="challenge"):
    """First frame of the bridge: who it is, and a nonce to prove the client's key with."""

    version: int
    bridge: str
    platform: Platform
    epoch: str
    nonce: str
    time_us: int


class ResumePoint(msgspec.Struct, frozen=True):
    epoch: str
    seq: int


class Hello(msgspec.Struct, frozen=True, tag_field="type", tag="hello"):
    """Answer to the challenge. `mac` = HMAC-SHA256(key, bridge | epoch | nonce | client nonce | client | role | term),
    hex. `term` is that of a hub's lease, 0 for every other role."""

    version: int
    client: str
    role: Role
    nonce: str
    mac: str
    sets: tuple[RowSet, ...]
    quotes: bool = True
    resume: ResumePoint | None = None
    frame_bytes_max: int = FRAME_BYTES_MAX
    term: int = 0


class Joined(StrEnum):
    RESUMED = "resumed"
    SNAPSHOT = "snapshot"


class Welcome(msgspec.Struct, frozen=True, tag_field="type", tag="welcome"):
    """The bridge accepts the key and proves that it holds it too (`mac` over the client's nonce)."""

    mac: str
    epoch: str
    seq: int
    joined: Joined
    journal_first_seq: int
    clock_offset_s: int
    frame_bytes_max: int
    capabilities: tuple[str, ...]


# -- the lossless stream ----------------------------------------------------------------------------------------


class Digest(msgspec.Struct, frozen=True):
    """What one set amounts to: row count, Σ volume (1e-8 lot), Σ money (minor units), Σ hash(key, version) mod 2^64."""

    rows: int
    volume: int
    money: int
    hash: str


class SnapshotBegin(msgspec.Struct, frozen=True, tag_field="type", tag="snapshot_begin"):
    epoch: str
    as_of: int
    rows: dict[RowSet, int]
    reason: str = ""


class SnapshotChunk(msgspec.Struct, frozen=True, tag_field="type", tag="snapshot_chunk"):
    set: RowSet
    rows: list[Row]
    versions: list[int]


class SnapshotEnd(msgspec.Struct, frozen=True, tag_field="type", tag="snapshot_end"):
    as_of: int
    digests: dict[RowSet, Digest]


class Deltas(msgspec.Struct, frozen=True, tag_field="type", tag="deltas"):
    epoch: str
    items: list[Delta]


class Replay(msgspec.Struct, frozen=True, tag_field="type", tag="replay"):
    """A client asks for everything from `from_seq` on once more."""

    from_seq: int


class Resync(msgspec.Struct, frozen=True, tag_field="type", tag="resync"):
    """To the bridge: please send these sets anew. To a client: you fell behind, a snapshot follows."""

    reason: str
    sets: tuple[RowSet, ...] = ()


class Digests(msgspec.Struct, frozen=True, tag_field="type", tag="digests"):
    seq: int
    digests: dict[RowSet, Digest]


class Stale(msgspec.Struct, frozen=True, tag_field="type", tag="stale"):
    """The platform is down although the bridge is up; nothing after `since_us` is known."""

    since_us: int
    reason: str


class Fresh(msgspec.Struct, frozen=True, tag_field="type", tag="fresh"):
    time_us: int


class Ping(msgspec.Struct, frozen=True, tag_field="type", tag="ping"):
    id: int
    time_us: int


class Pong(msgspec.Struct, frozen=True, tag_field="type", tag="pong"):
    """`seq` is the last one journaled, so that silence and loss can be told apart. `clock_us` is the clock of the
    bridge's own machine, 0 when it is not told; the trading server's may be another."""

    id: int
    time_us: int
    seq: int
    server_time_us: int
    journal_bytes: int
    clock_us: int = 0


# -- commands ---------------------------------------------------------------------------------------------------


class SetBook(msgspec.Struct, frozen=True, tag_field="kind", tag="set_book"):
    login: int
    book: Book
    covered_percent: int


class SetGroup(msgspec.Struct, frozen=True, tag_field="kind", tag="set_group"):
    login: int
    group: str


class SetLeverage(msgspec.Struct, frozen=True, tag_field="kind", tag="set_leverage"):
    login: int
    leverage: int


class ChangeBalance(msgspec.Struct, frozen=True, tag_field="kind", tag="change_balance"):
    """`amount` in minor units of the account's currency; negative takes money out."""

    login: int
    operation: BalanceKind
    amount: int
    reference: str = ""


class OpenAccount(msgspec.Struct, frozen=True, tag_field="kind", tag="open_account"):
    client_id: int
    name: str
    country: str
    group: str
    leverage: int


class ClosePosition(msgspec.Struct, frozen=True, tag_field="kind", tag="close_position"):
    """`volume` 0 closes all of it."""

    position_id: int
    volume: int = 0


class AnswerVerb(StrEnum):
    CONFIRM = "confirm"
    REQUOTE = "requote"
    REJECT = "reject"
    CLAIM = "claim"
    RELEASE = "release"


class AnswerRequest(msgspec.Struct, frozen=True, tag_field="kind", tag="answer_request"):
    """A dealer's answer; `price` is a decimal string, empty for the market's."""

    request_id: int
    verb: AnswerVerb
    price: str = ""
    reason: str = ""


CommandBody = SetBook | SetGroup | SetLeverage | ChangeBalance | OpenAccount | ClosePosition | AnswerRequest


class Command(msgspec.Struct, frozen=True, tag_field="type", tag="command"):
    """Something to be done on the platform, once. The id is made by whoever asks; the same id with the same body is
    answered from the journal, with another body it is a conflict."""

    id: str
    body: CommandBody
    actor: str
    deadline_us: int
    expected_version: int | None = None
    approvals: tuple[str, ...] = ()
    dry_run: bool = False


class Stage(StrEnum):
    RECEIVED = "received"
    SENT = "sent"
    DONE = "done"
    REJECTED = "rejected"
    UNKNOWN = "unknown"
    ABSENT = "absent"


FINAL_STAGES = frozenset({Stage.DONE, Stage.REJECTED, Stage.UNKNOWN})


class Ack(msgspec.Struct, frozen=True, tag_field="type", tag="ack"):
    """How far a command has come. `row` is what the bridge read back from the platform afterwards.

    ABSENT answers a query: this bridge's journal does not hold the id, so it was never sent to the platform.
    """

    id: str
    stage: Stage
    time_us: int
    code: str = ""
    platform_code: str = ""
    text: str = ""
    ticket: str = ""
    row: Row | None = None
    version: int | None = None


class CommandQuery(msgspec.Struct, frozen=True, tag_field="type", tag="command_query"):
    id: str


# -- trouble ----------------------------------------------------------------------------------------------------


class ErrorCode(StrEnum):
    MALFORMED = "malformed"
    UNEXPECTED = "unexpected"
    OVERSIZED = "oversized"
    VERSION = "version"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    SLOW = "slow"
    REPLACED = "replaced"


CLOSE_CODES = {
    ErrorCode.MALFORMED: 4400,
    ErrorCode.UNAUTHENTICATED: 4401,
    ErrorCode.FORBIDDEN: 4403,
    ErrorCode.UNEXPECTED: 4409,
    ErrorCode.OVERSIZED: 4413,
    ErrorCode.VERSION: 4426,
    ErrorCode.CONFLICT: 4410,
    ErrorCode.SLOW: 4429,
    ErrorCode.REPLACED: 4412,
}


class Error(msgspec.Struct, frozen=True, tag_field="type", tag="error"):
    code: ErrorCode
    text: str
    fatal: bool
    id: str = ""


FromBridge = (
    Challenge
    | Welcome
    | SnapshotBegin
    | SnapshotChunk
    | SnapshotEnd
    | Deltas
    | Resync
    | Digests
    | Stale
    | Fresh
    | Ping
    | Pong
    | Ack
    | Error
)
ToBridge = Hello | Replay | Resync | Ping | Pong | Command | CommandQuery | Error


class ProtocolError(Exception):
    """A frame that breaks the protocol; `code` says how, the text names the field and what was expected."""

    def __init__(self, code: ErrorCode, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()
_from_bridge: msgspec.json.Decoder[FromBridge] = msgspec.json.Decoder(FromBridge)
_to_bridge: msgspec.json.Decoder[ToBridge] = msgspec.json.Decoder(ToBridge)
_delta: msgspec.json.Decoder[Delta] = msgspec.json.Decoder(Delta)


def encode(message: FromBridge | ToBridge) -> bytes:
    """A control message as the bytes of its text frame."""
    return _encoder.encode(message)


def encode_delta(delta: Delta) -> bytes:
    """One delta as its element of a `deltas` frame, and as the journal keeps it."""
    return _encoder.encode(delta)


def decode_delta(data: bytes) -> Delta:
    """The delta that `encode_delta` wrote; raises ProtocolError for anything else."""
    return _decode(_delta, data)


def decode_from_bridge(frame: bytes | str) -> FromBridge:
    """A bridge's control frame; raises ProtocolError for anything that is not one."""
    return _decode(_from_bridge, frame)


def decode_to_bridge(frame: bytes | str) -> ToBridge:
    """A client's control frame; raises ProtocolError for anything that is not one."""
    return _decode(_to_bridge, frame)


def _decode(decoder: msgspec.json.Decoder[Message], frame: bytes | str) -> Message:
    if len(frame) > FRAME_BYTES_MAX:
        raise ProtocolError(ErrorCode.OVERSIZED, f"frame of {len(frame)} bytes, at most {FRAME_BYTES_MAX}")
    try:
        data = frame.encode() if isinstance(frame, str) else frame
        message = decoder.decode(data)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ProtocolError(ErrorCode.MALFORMED, str(error)) from error
    fault = impossible_figure(data, message)
    if fault is not None:
        raise ProtocolError(ErrorCode.MALFORMED, fault)
    return message
