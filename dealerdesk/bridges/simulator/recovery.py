"""Brings a simulated server back to where its journal ends: checkpoint, the same steps again, the same commands again.

What the repeated steps say anew must be what the journal holds, delta for delta. If it is not, or if the journal is
damaged, a new epoch is begun, so that every client takes a snapshot instead of trusting a stream that has changed.
Steps that said nothing but answered a command are repeated as well: what was rejected there might be done in a step
that newer commands have come before.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import structlog

from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Command, Delta, encode_delta
from dealerdesk.bridges.record_file import JournalCorruptError
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.checkpoint import (
    CheckpointError,
    World,
    fingerprint,
    read_checkpoint,
    read_world,
    remove_checkpoint,
    write_world,
)
from dealerdesk.config import SimulatorConfig

JOURNAL = "journal"
COMMANDS = "commands.log"

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Recovered:
    """A server ready to go on: nothing it has said is missing from the journal.

    `pending` are commands that were received for steps still to come, by step.
    """

    world: World
    brokerage: Brokerage
    journal: Journal
    commands: CommandLog
    pending: dict[int, list[Command]]


def recover(config: SimulatorConfig, wall_us: int) -> Recovered:
    """Opens the folder of `config`, or begins it; `wall_us` is the wall clock's present moment."""
    folder = Path(config.journal_dir)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    commands = CommandLog.open(folder / COMMANDS)
    world = read_world(folder)
    if world is None or world.fingerprint != fingerprint(config):
        world = _begin(folder, config, commands, wall_us)
    brokerage = _last_checkpoint(folder) or Brokerage(config)
    journal = _open_journal(folder, brokerage.seq)
    pending = _commands_by_step(commands, world, brokerage.step_number)
    return _Repetition(folder, brokerage, journal, commands, pending, _last_answering(commands, world)).run(world)


def _begin(folder: Path, config: SimulatorConfig, commands: CommandLog, wall_us: int) -> World:
    """A new world in a folder that may hold an old one; old commands stay known but are not carried out again."""
    remove_checkpoint(folder)
    shutil.rmtree(folder / JOURNAL, ignore_errors=True)
    world = World(fingerprint(config), wall_us, tuple(logged.command.id for logged in commands.since(0)))
    write_world(folder, world)
    return world


def _last_checkpoint(folder: Path) -> Brokerage | None:
    try:
        return read_checkpoint(folder)
    except CheckpointError as error:
        log.warning("checkpoint not usable, all steps are repeated", error=str(error))
        return None


def _open_journal(folder: Path, seq: int) -> Journal:
    """The journal; a new one where there is none that leads up to delta `seq`."""
    try:
        journal = Journal.open(folder / JOURNAL, after=seq)
    except JournalCorruptError as error:
        return _new_epoch(folder, seq, str(error))
    if journal.last_seq < seq:
        journal.close()
        return _new_epoch(folder, seq, f"the journal ends at {journal.last_seq}, the checkpoint at {seq}")
    return journal


def _new_epoch(folder: Path, seq: int, reason: str) -> Journal:
    """Puts the journal aside and begins another behind delta `seq`."""
    aside = folder / f"{JOURNAL}.aside"
    shutil.rmtree(aside, ignore_errors=True)
    (folder / JOURNAL).rename(aside)
    journal = Journal.open(folder / JOURNAL, after=seq)
    log.error("new epoch: the journal cannot be continued", reason=reason, epoch=journal.epoch, kept=str(aside))
    return journal


def _commands_by_step(commands: CommandLog, world: World, step: int) -> dict[int, list[Command]]:
    ignored = frozenset(world.ignored_commands)
    pending: dict[int, list[Command]] = {}
    for logged in commands.since(step):
        if logged.command.id not in ignored:
            pending.setdefault(logged.at, []).append(logged.command)
    return pending


def _last_answering(commands: CommandLog, world: World) -> int:
    """The last step that answered a command for good; -1 when none has."""
    ignored = frozenset(world.ignored_commands)
    return max((logged.at for logged in commands.finished() if logged.command.id not in ignored), default=-1)


class _Repetition:
    """Steps a brokerage on until it has said everything that its journal holds and answered whom it had answered."""

    def __init__(
        self,
        folder: Path,
        brokerage: Brokerage,
        journal: Journal,
        commands: CommandLog,
        pending: dict[int, list[Command]],
        last_answering: int,
    ) -> None:
        self._folder = folder
        self._brokerage = brokerage
        self._journal = journal
        self._commands = commands
        self._pending = pending
        self._last_answering = last_answering
        self._end = journal.last_seq
        self._held = self._entries()

    def run(self, world: World) -> Recovered:
        """Repeats, compares, and continues the journal with what the last repeated step said beyond its end."""
        first = self._brokerage.step_number
        while self._brokerage.seq < self._end or self._brokerage.step_number <= self._last_answering:
            before = self._brokerage.seq
            deltas, _ticks = self._brokerage.step(self._pending.pop(self._brokerage.step_number, ()))
            for ack in self._brokerage.last_acks:
                self._commands.answer(ack)
            self._compare(deltas, before)
        repeated = self._brokerage.step_number - first
        log.info("server recovered", seq=self._brokerage.seq, steps_repeated=repeated, epoch=self._journal.epoch)
        return Recovered(world, self._brokerage, self._journal, self._commands, self._pending)

    def _compare(self, deltas: list[Delta], before: int) -> None:
        for place, delta in enumerate(deltas):
            if delta.seq > self._end:
                self._journal.append(deltas[place:])
                return
            if delta.seq >= self._journal.first_seq and not self._same(delta):
                self._give_up(deltas, before, delta.seq)
                return

    def _entries(self) -> Iterator[tuple[int, bytes]]:
        return self._journal.entries(max(self._brokerage.seq + 1, self._journal.first_seq))

    def _same(self, delta: Delta) -> bool:
        try:
            return next(self._held, None) == (delta.seq, encode_delta(delta))
        except JournalCorruptError:
            return False

    def _give_up(self, deltas: list[Delta], before: int, seq: int) -> None:
        self._journal.close()
        self._journal = _new_epoch(self._folder, before, f"delta {seq} came out differently")
        self._end = before
        self._journal.append(deltas)
