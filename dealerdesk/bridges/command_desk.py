"""Takes commands in at a bridge: each logged before it is executed, each executed once, each answered to who asked.

Who may send what was decided in the session; how a command is executed is the platform adapter's.
"""

from __future__ import annotations

from typing import Protocol

import structlog

from dealerdesk.bridges.command_log import CommandLog, Receipt
from dealerdesk.bridges.protocol import FINAL_STAGES, Ack, Command, CommandQuery, Error, ErrorCode, Stage
from dealerdesk.bridges.record_file import SyncFailedError
from dealerdesk.bridges.source import BridgeSource, Report
from dealerdesk.clock import Clock

log = structlog.get_logger(__name__)


class Asker(Protocol):
    """A client that can be answered."""

    def say(self, message: Ack | Error) -> None: ...


class CommandDesk:
    """Commands of all clients of one bridge; `report` is what an adapter calls, and ends in `answer`."""

    def __init__(self, source: BridgeSource, commands: CommandLog, clock: Clock, report: Report) -> None:
        self._source = source
        self._commands = commands
        self._clock = clock
        self._report = report
        self._askers: dict[str, Asker] = {}

    def command(self, asker: Asker, command: Command) -> None:
        """A command has come. A SyncFailedError is the end of the bridge: the log cannot be trusted any more."""
        match self._commands.recognise(command):
            case Receipt.CONFLICT:
                asker.say(Error(ErrorCode.CONFLICT, "this id stands for another command", fatal=False, id=command.id))
            case Receipt.KNOWN:
                self.query(asker, CommandQuery(command.id))
            case Receipt.NEW:
                self._begin(asker, command)

    def query(self, asker: Asker, query: CommandQuery) -> None:
        """Answers how far a command has come, and goes on doing so."""
        ack = self._commands.state(query.id, self._clock())
        if ack.stage is not Stage.ABSENT and ack.stage not in FINAL_STAGES:
            self._askers[query.id] = asker
        asker.say(ack)

    def answer(self, ack: Ack) -> None:
        """Writes an answer down, then sends it; what is no news is dropped."""
        if not self._commands.answer(ack):
            return
        asker = self._askers.get(ack.id)
        if asker is not None:
            asker.say(ack)
        if ack.stage in FINAL_STAGES:
            self._askers.pop(ack.id, None)

    def forget(self, asker: Asker) -> None:
        """A client has gone; it can still query when it comes back."""
        for command_id in [key for key, value in self._askers.items() if value is asker]:
            del self._askers[command_id]

    def _begin(self, asker: Asker, command: Command) -> None:
        now_us = self._clock()
        if command.deadline_us < now_us:
            asker.say(_refusal(command, now_us, "expired", "the deadline passed before the bridge had the command"))
            return
        at = self._source.mark()
        try:
            self._commands.receive(command, at, now_us)
        except SyncFailedError:
            raise
        except OSError:
            log.exception("command not logged", command=command.id)
            asker.say(_refusal(command, now_us, "journal", "the bridge cannot write its command log"))
            return
        self._askers[command.id] = asker
        asker.say(self._commands.state(command.id, now_us))
        self._source.execute(command, at, self._report)


def _refusal(command: Command, now_us: int, code: str, text: str) -> Ack:
    return Ack(id=command.id, stage=Stage.REJECTED, time_us=now_us, code=code, text=text)
