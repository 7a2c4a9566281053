"""An LP that says exactly what a test tells it to. It speaks by simplefix, which shares no code with what it tests."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import simplefix

from dealerdesk.bridges.fix.session import FixSession, SessionState
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.wire import Parties
from dealerdesk.clock import SECOND_US, to_us

NOON_US = to_us(datetime(2026, 11, 24, 12, tzinfo=UTC))
TERMS = SessionTerms(Parties("BROKER", "LP"))


class ScriptedLp:
    """The other end of one FixSession. `heard` are our messages as simplefix reads them, `raw` their bytes."""

    def __init__(self, session: FixSession) -> None:
        self.session = session
        self.seq = 1
        self.now_us = NOON_US
        self.heard: list[simplefix.FixMessage] = []
        self.raw: list[bytes] = []
        self.news: list[Any] = []

    def log_on(self, *pairs: tuple[int, object]) -> None:
        """Connects and accepts the logon."""
        self.session.connected(self.now_us)
        self.listen()
        self.say("A", (98, 0), (108, 30), *pairs)
        assert self.session.state is SessionState.UP, self.session.why

    def drop(self) -> None:
        """The connection breaks."""
        self.session.disconnected("dropped")
        self.listen()

    def say(self, kind: str, *pairs: tuple[int, object], seq: int | None = None, poss_dup: bool = False) -> None:
        """One message; its number is the LP's next unless `seq` says another."""
        self.session.received(self.message(kind, *pairs, seq=seq, poss_dup=poss_dup), self.now_us)
        self.listen()

    def message(self, kind: str, *pairs: tuple[int, object], seq: int | None = None, poss_dup: bool = False) -> bytes:
        """The bytes of a message that is not said yet."""
        message = simplefix.FixMessage()
        message.append_pair(8, "FIX.4.4", header=True)
        message.append_pair(35, kind.encode("latin-1"), header=True)
        message.append_pair(49, "LP", header=True)
        message.append_pair(56, "BROKER", header=True)
        message.append_pair(34, self.seq if seq is None else seq, header=True)
        message.append_utc_timestamp(52, datetime.fromtimestamp(self.now_us / 1e6, UTC).replace(tzinfo=None))
        if poss_dup:
            message.append_pair(43, "Y", header=True)
        for tag, value in pairs:
            message.append_pair(tag, value.encode("latin-1") if isinstance(value, str) else value)
        if seq is None:
            self.seq += 1
        return bytes(message.encode())

    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.now_us += int(seconds * SECOND_US)
        self.session.tick(self.now_us)
        self.listen()

    def listen(self) -> None:
        """Reads what has been sent to the LP, and what the handler has told."""
        parser = simplefix.FixParser()
        for raw in self.session.outgoing():
            parser.append_buffer(raw)
            message = parser.get_message()
            assert message is not None
            assert message.encode() == raw, "simplefix comes to another length, checksum or order of fields"
            self.heard.append(message)
            self.raw.append(raw)
        self.news += self.session.news()

    def kinds(self) -> list[str]:
        """The types of what was heard, in order."""
        return [text(message, 35) for message in self.heard]

    def last(self, kind: str) -> simplefix.FixMessage:
        """The newest message of a type."""
        return [message for message in self.heard if text(message, 35) == kind][-1]


def text(message: simplefix.FixMessage, tag: int) -> str:
    """A field's value; empty when it is not there."""
    value = message.get(tag)
    return "" if value is None else value.decode()
