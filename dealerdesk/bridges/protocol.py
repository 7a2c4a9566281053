"""The bridge protocol's messages, typed once; the JSON Schema and docs/bridge-protocol.md are written from them.

Control messages are JSON text frames, one object each, told apart by `type`. Rows (positions, accounts, deals …) are
JSON arrays whose first element names their set. Money is integer minor units, volume integer 1e-8 lot, price a decimal
string, time integer microseconds UTC; no floats. Quotes travel in binary frames, see `quotes.py`. No I/O here, and no
rules about order: those are in `session.py`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeVar

import msgspec

from dealerdesk.instruments import Symbol
from dealerdesk.trading import (
    Account,
    BalanceKind,
    BalanceOperation,
    Book,
    Client,
    DayEnd,
    Deal,
    Group,
    Order,
    Platform,
    Position,
    QuoteSample,
    Request,
    Routing,
    SessionResult,
)

VERSION = 1
FRAME_BYTES_MAX = 1 << 20
CHUNK_ROWS_MAX = 500
DELTAS_PER_FRAME_MAX = 500
PING_EVERY_S = 5
DEAD_AFTER_PINGS = 3
REPLAY_TIMEOUT_S = 5
HELD_DELTAS_MAX = 20_000
DIGEST_EVERY_S = 60


class RowSet(StrEnum):
    """The sets a bridge publishes. State sets mirror what is; record sets only grow."""

    SYMBOL = "symbol"
    GROUP = "group"
    CLIENT = "client"
    ACCOUNT = "account"
    ROUTING = "routing"
    POSITION = "position"
    ORDER = "order"
    REQUEST = "request"
    DEAL = "deal"
    BALANCE_OPERATION = "balance_operation"
    QUOTE_SAMPLE = "quote_sample"
    DAY_END = "day_end"
    SESSION_RESULT = "session_result"


RECORD_SETS = frozenset({RowSet.DEAL, RowSet.BALANCE_OPERATION, RowSet.QUOTE_SAMPLE, RowSet.DAY_END})


class Gone(msgspec.Struct, frozen=True, array_like=True, tag="gone"):
    """The row with `key` has left a state set."""

    set: RowSet
    key: int | str


Row = (
    Symbol
    | Group
    | Client
    | Account
    | Routing
    | Position
    | Order
    | Request
    | Deal
    | BalanceOperation
    | QuoteSample
    | DayEnd
    | SessionResult
)


class Delta(msgspec.Struct, frozen=True, array_like=True):
    """One change of one row, with its own number in the lossless stream; `version` is the row's, and only grows."""

    seq: int
    version: int
    time_us: int
    row: Row | Gone


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
    """Answer to the challenge. `mac` = HMAC-SHA256(key, bridge | epoch | nonce | client nonce | client | role), hex."""

    version: int
    client: str
    role: Role
    nonce: str
    mac: str
    sets: tuple[RowSet, ...]
    quotes: bool = True
    resume: ResumePoint | None = None
    frame_bytes_max: int = FRAME_BYTES_MAX


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
    """`seq` is the last one journaled, so that silence and loss can be told apart."""

    id: int
    time_us: int
    seq: int
    server_time_us: int
    journal_bytes: int


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


CLOSE_CODES = {
    ErrorCode.MALFORMED: 4400,
    ErrorCode.UNAUTHENTICATED: 4401,
    ErrorCode.FORBIDDEN: 4403,
    ErrorCode.UNEXPECTED: 4409,
    ErrorCode.OVERSIZED: 4413,
    ErrorCode.VERSION: 4426,
    ErrorCode.CONFLICT: 4410,
    ErrorCode.SLOW: 4429,
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


def row_set(row: Row | Gone) -> RowSet:
    """The set a row belongs to."""
    if isinstance(row, Gone):
        return row.set
    return _SET_OF[type(row)]


def row_key(row: Row | Gone) -> int | str:
    """The key of a row within its set on its server; composite keys are joined by a slash."""
    match row:
        case Gone():
            return row.key
        case Symbol() | Group():
            return row.name
        case Account() | Routing():
            return row.login
        case QuoteSample():
            return f"{row.symbol}/{row.minute_us}"
        case DayEnd():
            return f"{row.login}/{row.day}"
        case SessionResult():
            return f"{row.login}/{row.symbol}"
        case _:
            return row.id


_SET_OF: dict[type, RowSet] = {
    Symbol: RowSet.SYMBOL,
    Group: RowSet.GROUP,
    Client: RowSet.CLIENT,
    Account: RowSet.ACCOUNT,
    Routing: RowSet.ROUTING,
    Position: RowSet.POSITION,
    Order: RowSet.ORDER,
    Request: RowSet.REQUEST,
    Deal: RowSet.DEAL,
    BalanceOperation: RowSet.BALANCE_OPERATION,
    QuoteSample: RowSet.QUOTE_SAMPLE,
    DayEnd: RowSet.DAY_END,
    SessionResult: RowSet.SESSION_RESULT,
}

Message = TypeVar("Message")

_encoder = msgspec.json.Encoder()
_from_bridge: msgspec.json.Decoder[FromBridge] = msgspec.json.Decoder(FromBridge)
_to_bridge: msgspec.json.Decoder[ToBridge] = msgspec.json.Decoder(ToBridge)


def encode(message: FromBridge | ToBridge) -> bytes:
    """A control message as the bytes of its text frame."""
    return _encoder.encode(message)


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
        return decoder.decode(frame)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise ProtocolError(ErrorCode.MALFORMED, str(error)) from error
