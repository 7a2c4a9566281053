"""A FIX 4.4 session as its initiator, without I/O: bytes and moments in, bytes and news out.

It holds the order of messages: logon, heartbeats, sequence numbers, gaps, resends, logout. What application messages
mean is its handler's. Everything that one message causes (its number, the handler's writes, the numbers of what is sent
in answer) happens in one transaction of `Numbers`; bytes and news leave only after it has been kept.

Nothing of ours is ever sent twice: a ResendRequest is answered with a gap fill over all that was asked for. An order
that the LP has missed is thereby known to be missed, and is answered for by a status request, see `order_desk.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, Protocol

import structlog

from dealerdesk.bridges.fix.numbers import Numbers, day_of
from dealerdesk.bridges.fix.session_terms import (
    SessionTerms,
    foreign,
    logon_fields,
    not_spoken_fields,
    reject_fields,
)
from dealerdesk.bridges.fix.tags import MsgType, RejectReason, Tag
from dealerdesk.bridges.fix.wire import FieldError, Fields, GarbledError, Received, decode, encode, new_framer
from dealerdesk.clock import SECOND_US

LOGON_TIMEOUT_US = 10 * SECOND_US
LOGOUT_TIMEOUT_US = 5 * SECOND_US
RESEND_PATIENCE_US = 10 * SECOND_US
# of the heartbeat interval: when to ask whether the LP is there, and when to give it up
ASK_AFTER, DEAD_AFTER = 1.2, 2.4

log = structlog.get_logger(__name__)


class SessionState(StrEnum):
    """How far a session has come."""

    DOWN = "down"
    LOGGING_ON = "logging on"
    UP = "up"
    LOGGING_OUT = "logging out"


class Handler(Protocol):
    """What application messages mean. Called within the session's transaction."""

    def joined(self, now_us: int) -> None:
        """The LP has accepted the logon, or has skipped messages for good: what is open must be asked for."""
        ...

    def take(self, message: Received, now_us: int) -> bool:
        """An application message in sequence; False when its type means nothing here. FieldError when it cannot be
        read: then nothing may have been written yet."""
        ...

    def refused(self, seq: int, text: str, now_us: int) -> None:
        """The LP's session refused our message `seq`."""
        ...

    def lost(self) -> None:
        """The connection is gone: what is under way is unknown."""
        ...


class FixSession:
    """One session. `why` is the reason of its last end, `garbled` the messages that were none."""

    def __init__(self, terms: SessionTerms, numbers: Numbers, handler: Handler) -> None:
        self.state = SessionState.DOWN
        self.why = ""
        self.garbled = 0
        self.last_in_us = 0
        self._gap_end: int | None = None
        self._terms = terms
        self._numbers = numbers
        self._handler = handler
        self._outgoing: list[bytes] = []
        self._news: list[Any] = []
        self._staged: tuple[list[bytes], list[Any]] | None = None
        self._reset_demanded = False
        self._begin(0)

    # -- what the connection calls ------------------------------------------------------------------------------

    def connected(self, now_us: int) -> None:
        """A new connection stands: log on."""
        day = self._day(now_us)
        with self.work():
            self._begin(now_us)
            self.state = SessionState.LOGGING_ON
            reset = self._terms.reset_at_logon or self._reset_demanded
            if reset or self._numbers.day != day:
                self._numbers.reset(day)
            self._send(MsgType.LOGON, logon_fields(self._terms, reset=reset), now_us)

    def received(self, data: bytes, now_us: int) -> None:
        """Bytes of the LP's have come."""
        for raw in self._framer.feed(data):
            if self.state is SessionState.DOWN:
                return
            try:
                message = decode(raw)
            except GarbledError as error:
                # not counted: the gap that it leaves is found at the next message
                self.garbled += 1
                log.warning("garbled message", error=str(error), lp=self._terms.parties.target)
                continue
            with self.work():
                self.last_in_us = now_us
                self._asked_alive = False
                self._take(message, now_us)

    def tick(self, now_us: int) -> None:
        """Time has passed; call this at least once a second."""
        with self.work():
            match self.state:
                case SessionState.LOGGING_ON if now_us - self._since_us > LOGON_TIMEOUT_US:
                    self._end("no answer to the logon")
                case SessionState.LOGGING_OUT if now_us - self._since_us > LOGOUT_TIMEOUT_US:
                    self._end(self.why)
                case SessionState.UP:
                    self._keep_alive(now_us)

    def disconnected(self, why: str) -> None:
        """The connection broke."""
        if self.state is not SessionState.DOWN:
            with self.work():
                self._end(why)

    def log_out(self, why: str, now_us: int) -> None:
        """Ends the session in order; it is down when the LP has answered or has not in time."""
        if self.state is SessionState.UP:
            with self.work():
                self._log_out(why, now_us)

    def outgoing(self) -> list[bytes]:
        """The messages to be written to the connection, in order; they are handed out once."""
        taken, self._outgoing = self._outgoing, []
        return taken

    def news(self) -> list[Any]:
        """What handlers had to tell, in order; handed out once."""
        taken, self._news = self._news, []
        return taken

    # -- what the handler calls ---------------------------------------------------------------------------------

    @contextmanager
    def work(self) -> Iterator[None]:
        """A transaction around numbers, orders, bytes and news; one within another is part of it."""
        if self._staged is not None:
            yield
            return
        outgoing: list[bytes] = []
        news: list[Any] = []
        self._staged = outgoing, news
        try:
            with self._numbers.transaction():
                yield
        finally:
            self._staged = None
        self._outgoing += outgoing
        self._news += news

    def send(self, kind: MsgType, fields: Fields, now_us: int) -> int:
        """Sends an application message within `work`; returns its sequence number. RuntimeError when not logged on."""
        if self.state is not SessionState.UP:
            raise RuntimeError(f"not logged on: {self.state}")
        return self._send(kind, fields, now_us)

    def tell(self, news: object) -> None:
        """Hands news on, once the transaction is kept."""
        if self._staged is None:
            raise RuntimeError("news outside of a transaction")
        self._staged[1].append(news)

    # -- an incoming message ------------------------------------------------------------------------------------

    def _take(self, message: Received, now_us: int) -> None:
        fault = foreign(message, self._terms.parties, now_us)
        if fault:
            self._end(fault)
            return
        if message.type == MsgType.LOGOUT:
            self._logged_out(message, now_us)
        elif self.state is SessionState.LOGGING_ON and message.type != MsgType.LOGON:
            self._end(f"the LP answered the logon with a message of type {message.type}")
        elif message.type == MsgType.SEQUENCE_RESET and not message.flag(Tag.GAP_FILL):
            self._reset_by_lp(message, now_us)
        elif self._demands_reset(message):
            self._reset_demanded = True
            self._end("the LP begins its sequence numbers anew: the next logon does too")
        elif message.seq < self._numbers.next_in:
            self._too_low(message, now_us)
        elif message.seq > self._numbers.next_in:
            self._too_high(message, now_us)
        else:
            self._in_sequence(message, now_us)

    def _in_sequence(self, message: Received, now_us: int) -> None:
        self._numbers.next_in += 1
        try:
            self._do(message, now_us)
        except FieldError as error:
            log.warning("unreadable message", type=message.type, seq=message.seq, error=str(error))
            self._reject(message, error, now_us)
        self._look_at_gap()

    def _do(self, message: Received, now_us: int) -> None:
        match message.type:
            case MsgType.LOGON:
                self._logged_on(now_us)
            case MsgType.HEARTBEAT:
                pass
            case MsgType.TEST_REQUEST:
                self._send(MsgType.HEARTBEAT, [(Tag.TEST_REQ_ID, message.echo(Tag.TEST_REQ_ID))], now_us)
            case MsgType.RESEND_REQUEST:
                self._fill_gap(message, now_us)
            case MsgType.REJECT:
                text = message.text_or(Tag.TEXT) or f"reason {message.text_or(Tag.SESSION_REJECT_REASON, 'not told')}"
                self._handler.refused(message.integer(Tag.REF_SEQ_NUM), text, now_us)
            case MsgType.SEQUENCE_RESET:
                self._skip(message)
            case _:
                if not self._handler.take(message, now_us):
                    self._not_spoken(message, now_us)

    def _too_low(self, message: Received, now_us: int) -> None:
        if message.poss_dup:
            return  # its effect was kept together with its number
        self._log_out(f"MsgSeqNum too low, expecting {self._numbers.next_in} but received {message.seq}", now_us)
        self._end(self.why)

    def _too_high(self, message: Received, now_us: int) -> None:
        """Messages are missing. This one is dropped too, since the LP will say it again after them; only what ends or
        begins the session, and the LP's own request, cannot wait."""
        match message.type:
            case MsgType.LOGON:
                self._logged_on(now_us)
            case MsgType.RESEND_REQUEST:
                try:
                    self._fill_gap(message, now_us)
                except FieldError as error:
                    self._reject(message, error, now_us)
        if self._gap_end is None:
            self._ask_again(message.seq, now_us)
        self._gap_end = max(self._gap_end or 0, message.seq)

    def _ask_again(self, seen: int, now_us: int) -> None:
        log.warning("messages missing", lp=self._terms.parties.target, expected=self._numbers.next_in, came=seen)
        self._asked_again_us = now_us
        fields = [(Tag.BEGIN_SEQ_NO, str(self._numbers.next_in)), (Tag.END_SEQ_NO, "0")]
        self._send(MsgType.RESEND_REQUEST, fields, now_us)

    def _look_at_gap(self) -> None:
        if self._gap_end is not None and self._numbers.next_in > self._gap_end:
            self._gap_end = None

    def _fill_gap(self, message: Received, now_us: int) -> None:
        """Answers a ResendRequest: nothing of ours may be done twice, so its whole range is declared void."""
        first, last = message.integer(Tag.BEGIN_SEQ_NO), message.integer(Tag.END_SEQ_NO)
        if not 0 < first < self._numbers.next_out or (last and last < first):
            message.fault(RejectReason.VALUE, Tag.BEGIN_SEQ_NO, f"{first} to {last} were not all sent")
        after = self._numbers.next_out if not last else min(last + 1, self._numbers.next_out)
        fields = [(Tag.GAP_FILL, "Y"), (Tag.NEW_SEQ_NO, str(after))]
        raw = encode(self._terms.parties, first, MsgType.SEQUENCE_RESET, fields, now_us, poss_dup=True)
        self._stage(raw, now_us)

    def _skip(self, message: Received) -> None:
        new = message.integer(Tag.NEW_SEQ_NO)
        if new <= message.seq:
            message.fault(RejectReason.VALUE, Tag.NEW_SEQ_NO, f"a gap fill from {message.seq} to {new}")
        self._numbers.next_in = new

    def _reset_by_lp(self, message: Received, now_us: int) -> None:
        """The LP gives up what lies before its new number: what was in there must be asked for."""
        try:
            new = message.integer(Tag.NEW_SEQ_NO)
            if new < self._numbers.next_in:
                message.fault(RejectReason.VALUE, Tag.NEW_SEQ_NO, f"{new} is below {self._numbers.next_in}")
        except FieldError as error:
            self._reject(message, error, now_us)
            return
        skipped = new > self._numbers.next_in
        self._numbers.next_in = new
        self._look_at_gap()
        if skipped:
            self._handler.joined(now_us)

    def _demands_reset(self, message: Received) -> bool:
        if message.type != MsgType.LOGON or not message.flag(Tag.RESET_SEQ_NUM):
            return False
        asked = self._terms.reset_at_logon or self._reset_demanded
        return not (asked and self.state is SessionState.LOGGING_ON)

    def _logged_on(self, now_us: int) -> None:
        if self.state is not SessionState.LOGGING_ON:
            return
        self.state = SessionState.UP
        self.why = ""
        self._reset_demanded = False
        self._handler.joined(now_us)

    def _logged_out(self, message: Received, now_us: int) -> None:
        if message.seq == self._numbers.next_in:
            self._numbers.next_in += 1
        text = message.text_or(Tag.TEXT)
        if self.state is not SessionState.LOGGING_OUT:
            self.why = f"the LP logged out: {text}" if text else "the LP logged out"
            self._send(MsgType.LOGOUT, [], now_us)
        self._end(self.why)

    def _not_spoken(self, message: Received, now_us: int) -> None:
        log.warning("message type not spoken", type=message.type, lp=self._terms.parties.target)
        self._send(MsgType.BUSINESS_REJECT, not_spoken_fields(message), now_us)

    def _reject(self, message: Received, error: FieldError, now_us: int) -> None:
        self._send(MsgType.REJECT, reject_fields(message, error), now_us)

    # -- time, beginning and end --------------------------------------------------------------------------------

    def _keep_alive(self, now_us: int) -> None:
        interval_us = self._terms.heartbeat_s * SECOND_US
        silent_us = now_us - self.last_in_us
        if self._numbers.day != self._day(now_us) and not self._terms.reset_at_logon:
            self._log_out("end of the LP's day", now_us)
        elif silent_us > DEAD_AFTER * interval_us:
            self._end(f"nothing came for {silent_us // SECOND_US} s")
        elif silent_us > ASK_AFTER * interval_us and not self._asked_alive:
            self._asked_alive = True
            self._send(MsgType.TEST_REQUEST, [(Tag.TEST_REQ_ID, str(now_us))], now_us)
        elif now_us - self._last_out_us >= interval_us:
            self._send(MsgType.HEARTBEAT, [], now_us)
        if self._gap_end is not None and now_us - self._asked_again_us > RESEND_PATIENCE_US:
            self._ask_again(self._gap_end, now_us)

    def _begin(self, now_us: int) -> None:
        self._framer = new_framer()
        self._since_us = self._last_out_us = now_us
        self.last_in_us = now_us
        self._asked_alive = False
        self._gap_end = None
        self._asked_again_us = 0

    def _log_out(self, why: str, now_us: int) -> None:
        self.why = why
        self.state = SessionState.LOGGING_OUT
        self._since_us = now_us
        self._send(MsgType.LOGOUT, [(Tag.TEXT, why)], now_us)

    def _end(self, why: str) -> None:
        log.info("session down", lp=self._terms.parties.target, why=why)
        self.state = SessionState.DOWN
        self.why = why
        self._handler.lost()

    def _day(self, now_us: int) -> str:
        return day_of(now_us, self._terms.zone, self._terms.day_ends_at)

    def _send(self, kind: MsgType, fields: Fields, now_us: int) -> int:
        seq = self._numbers.next_out
        raw = encode(self._terms.parties, seq, kind, fields, now_us)
        self._numbers.next_out = seq + 1
        self._stage(raw, now_us)
        return seq

    def _stage(self, raw: bytes, now_us: int) -> None:
        if self._staged is None:
            raise RuntimeError("a message outside of a transaction")
        self._last_out_us = now_us
        self._staged[0].append(raw)
