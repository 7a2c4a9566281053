"""Seals the audit log each second, and at once when a command has been approved; hands each seal on to files elsewhere.

One sealer at a time is enough; a second one loses each race for the next number and seals nothing twice. A sealer that
dies leaves entries that the next one seals. Without a signing key nothing is sealed, and the log says so.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Self

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import IntegrityError

from dealerdesk.clock import Clock
from dealerdesk.commands import checkpoints, sealing
from dealerdesk.commands.sealing import EVERYWHERE, SEALED_AT_ONCE_MAX, Place, Sealed
from dealerdesk.commands.seals import SealError, public_key, read_statement
from dealerdesk.config import HubConfig
from dealerdesk.hub.database import DatabaseThread

LOOK_EVERY_S = 0.1
LOOKS_PER_SEAL = 10


@dataclass(frozen=True, slots=True)
class Turn:
    """The last seal as it stands now, where to look next, and whether this seal took all that one may."""

    last: Sealed | None
    beyond: Place
    is_full: bool


class CheckpointFile:
    """A file of seals outside the database, and how far it has come; `number` is None until it has been read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.number: int | None = None
        self.is_in_trouble = False


class Sealer:
    """`key` is the signing key in hex, empty for none; raises SealError for no key. Checkpoints go to `paths`."""

    def __init__(self, database: DatabaseThread, clock: Clock, key: str, paths: Sequence[Path] = ()) -> None:
        self._database = database
        self._clock = clock
        self._key = key
        self._files = [CheckpointFile(path) for path in paths]
        self._place = EVERYWHERE
        self._last: Sealed | None = None
        self._stopping = asyncio.Event()
        self._log = structlog.get_logger().bind(part="sealer", key=public_key(key) if key else "")

    @classmethod
    def of(cls, config: HubConfig, database: DatabaseThread, clock: Clock) -> Self:
        """The sealer that a hub's configuration asks for."""
        paths = [Path(path) for path in (config.checkpoints, config.checkpoints_copy) if path]
        return cls(database, clock, config.seal_key, paths)

    async def run(self) -> None:
        """Seals until `stop`, and once more then; without a key returns at once."""
        if not self._key:
            self._log.warning("the audit log is not sealed: the hub was given no key to sign with")
            return
        self._log.info("sealing")
        while not self._stopping.is_set():
            await self.seal()
            await self._wait()
        await self.seal()

    def stop(self) -> None:
        """Lets `run` return after a last seal."""
        self._stopping.set()

    async def seal(self) -> None:
        """Seals what can be sealed now, and brings the files up to the last seal."""
        more_waits = True
        while more_waits:
            more_waits = await self._seal_once()
        for file in self._files:
            await self._bring_up_to_date(file)

    async def _seal_once(self) -> bool:
        """Whether there may be more to seal at once."""
        try:
            turn = await self._database.write(self._turn)
        except IntegrityError:
            # somebody else has written this number meanwhile: what is left is looked for afresh
            self._log.info("another sealer was quicker")
            self._place = EVERYWHERE
            return False
        self._last = turn.last
        if not turn.is_full:
            self._place = turn.beyond
        return turn.is_full

    def _turn(self, connection: Connection) -> Turn:
        """One seal in a transaction, which may be tried again."""
        before = sealing.last_seal(connection)
        beyond = sealing.place_to_look(connection)
        # a database that was restored under our feet has other seals, or younger transactions with older numbers
        is_known = before == self._last and self._place <= beyond
        sealed = sealing.seal(connection, self._key, self._clock(), self._place if is_known else EVERYWHERE)
        if sealed is None:
            return Turn(before, beyond, is_full=False)
        count = sealed.tree_size - (before.tree_size if before else 0)
        return Turn(sealed, beyond, is_full=count == SEALED_AT_ONCE_MAX)

    async def _wait(self) -> None:
        """A second, or less when an approval can be sealed or the end has come."""
        for _ in range(LOOKS_PER_SEAL):
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), LOOK_EVERY_S)
                return
            if await self._database.read(partial(sealing.approval_waits, place=self._place)):
                return

    async def _bring_up_to_date(self, file: CheckpointFile) -> None:
        """Adds what the file has not got yet; what cannot be written is tried again with the next seal."""
        try:
            if self._last is None or file.number == self._last.number:
                return
            if file.number is None:
                file.number = await self._number_in(file, self._last)
            while seals := await self._database.read(partial(sealing.seals_after, number=file.number)):
                await asyncio.to_thread(checkpoints.append, file.path, [sealed.seal for sealed in seals])
                file.number = seals[-1].number
        except OSError as error:
            if not file.is_in_trouble:
                self._log.warning("a checkpoint could not be written, trying again", error=str(error))
            file.is_in_trouble = True
        else:
            file.is_in_trouble = False

    async def _number_in(self, file: CheckpointFile, last: Sealed) -> int:
        """The number of the file's last seal, or of the one before `last` when the file is of another history."""
        known = await asyncio.to_thread(checkpoints.last_checkpoint, file.path)
        if known is None:
            return 0
        try:
            number = read_statement(known.statement).number
        except SealError:
            number = 0
        standing = await self._database.read(partial(sealing.seals_after, number=number - 1, limit=1))
        if standing and standing[0].statement == known.statement:
            return number
        self._log.error(
            "the audit log is not the one that was sealed before: was the database restored, or rewritten?",
            checkpoints=str(file.path),
            seal=number,
        )
        return last.number - 1
