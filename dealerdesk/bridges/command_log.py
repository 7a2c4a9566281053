"""The bridge's memory of commands: each on disk before it is executed, and each answer before it is sent.

So a command that comes twice is executed once, an unknown id was never executed, and after a restart the adapter knows
what was received and not finished. Who may send what, and doing it, happen elsewhere.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

import msgspec

from dealerdesk.bridges.protocol import Ack, Command, Stage
from dealerdesk.bridges.record_file import RecordFile, sync_folder

FINISHED_KEPT = 20_000
IDENTITY = b"command log v1\0\0"

_RANK = {Stage.RECEIVED: 0, Stage.SENT: 1, Stage.UNKNOWN: 2, Stage.DONE: 3, Stage.REJECTED: 3}


class Receipt(StrEnum):
    """What a command is to the log: new (now on disk), known (same id, same body), or in conflict (other body)."""

    NEW = "new"
    KNOWN = "known"
    CONFLICT = "conflict"


class Logged(msgspec.Struct, tag="command"):
    """A command, the adapter's mark of when it is executed, and its newest answer."""

    command: Command
    at: int
    ack: Ack


class _Answer(msgspec.Struct, tag="answer"):
    ack: Ack


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Logged | _Answer] = msgspec.json.Decoder(Logged | _Answer)


class CommandLog:
    """Commands in order of receipt. Each write is on disk when its method returns."""

    def __init__(self, path: Path, file: RecordFile) -> None:
        self._path = path
        self._file = file
        self._commands: dict[str, Logged] = {}

    @classmethod
    def open(cls, path: Path) -> CommandLog:
        """The log at `path`, made if there is none; raises JournalCorruptError for damage that is no torn tail."""
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = RecordFile.open(path) if path.exists() else None
        if file is None:
            path.unlink(missing_ok=True)
            file = RecordFile.create(path, IDENTITY, 1)
        log = cls(path, file)
        for _number, data in file.entries(1):
            log._remember(_decoder.decode(data))
        log._compact()
        return log

    @property
    def folder(self) -> Path:
        """Where the log stands, and what else the bridge remembers of its commanders."""
        return self._path.parent

    def recognise(self, command: Command) -> Receipt:
        """What the command is to the log; writes nothing."""
        known = self._commands.get(command.id)
        if known is None:
            return Receipt.NEW
        return Receipt.KNOWN if _same(known.command, command) else Receipt.CONFLICT

    def receive(self, command: Command, at: int, time_us: int) -> Receipt:
        """A new command is written with its answer «received»; `at` comes back from `since` after a restart.

        An OSError leaves the log as it was; a SyncFailedError leaves unknown whether the command is in it.
        """
        receipt = self.recognise(command)
        if receipt is not Receipt.NEW:
            return receipt
        self._write(Logged(command, at, Ack(id=command.id, stage=Stage.RECEIVED, time_us=time_us)))
        self._compact()
        return Receipt.NEW

    def answer(self, ack: Ack) -> bool:
        """Writes how far a command has come; False, and nothing written, unless it came further than before.

        An unknown outcome may still become done or rejected when the platform has been looked through. KeyError for
        a command that was never received.
        """
        if _RANK.get(ack.stage, -1) <= _RANK[self._commands[ack.id].ack.stage]:
            return False
        self._write(_Answer(ack))
        return True

    def state(self, command_id: str, time_us: int) -> Ack:
        """The newest answer; ABSENT when the command was never received."""
        known = self._commands.get(command_id)
        return known.ack if known else Ack(id=command_id, stage=Stage.ABSENT, time_us=time_us)

    def since(self, at: int) -> list[Logged]:
        """All commands marked `at` or later, in order of receipt, finished or not."""
        return [logged for logged in self._commands.values() if logged.at >= at]

    def unfinished(self) -> list[Logged]:
        """Commands without a final answer, in order of receipt."""
        return [logged for logged in self._commands.values() if not _is_finished(logged)]

    def finished(self) -> list[Logged]:
        """Commands with a final answer, in order of receipt."""
        return [logged for logged in self._commands.values() if _is_finished(logged)]

    def close(self) -> None:
        self._file.close()

    def _write(self, entry: Logged | _Answer) -> None:
        self._file.append([_encoder.encode(entry)])
        self._file.sync()
        self._remember(entry)

    def _remember(self, entry: Logged | _Answer) -> None:
        if isinstance(entry, Logged):
            self._commands[entry.command.id] = entry
        else:
            self._commands[entry.ack.id].ack = entry.ack

    def _compact(self) -> None:
        """Forgets the oldest finished commands once there are twice as many commands as need be kept."""
        if len(self._commands) < 2 * FINISHED_KEPT:
            return
        for logged in self.finished()[:-FINISHED_KEPT]:
            del self._commands[logged.command.id]
        fresh = self._path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        file = RecordFile.create(fresh, IDENTITY, 1)
        file.append([_encoder.encode(logged) for logged in self._commands.values()])
        file.sync()
        self._file.close()
        fresh.replace(self._path)
        sync_folder(self._path.parent)
        file.path = self._path
        self._file = file


def _same(one: Command, other: Command) -> bool:
    return (one.body, one.expected_version, one.dry_run) == (other.body, other.expected_version, other.dry_run)


def _is_finished(logged: Logged) -> bool:
    return _RANK[logged.ack.stage] >= _RANK[Stage.UNKNOWN]
