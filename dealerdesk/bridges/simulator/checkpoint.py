"""A simulated server on disk: the whole of it now and then, and which world it belongs to.

A checkpoint is written beside the old one and takes its place in one move, so a crash leaves one or the other whole.
The world says for which configuration the folder was begun and at which moment of the wall clock, so that a restarted
simulation knows how far it should be. Both are only read back by the program that wrote them.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Sequence
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from operator import attrgetter
from pathlib import Path
from zlib import crc32

import msgspec

from dealerdesk import __version__
from dealerdesk.bridges.record_file import sync_folder
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.config import SimulatorConfig

CHECKPOINT = "checkpoint"
WORLD = "world.json"
MAGIC = b"DDSIM01\n"
_MARK_BYTES = 16
_CRC_BYTES = 4
_HEAD_BYTES = len(MAGIC) + _MARK_BYTES + _CRC_BYTES


class CheckpointError(Exception):
    """A checkpoint that cannot be used; the text says why."""


class World(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The simulation in a folder: its configuration's fingerprint, the wall clock's µs at which its first step began,
    and the ids of commands that were logged there before it and do not belong to it."""

    fingerprint: str
    wall_us: int
    ignored_commands: tuple[str, ...] = ()


def fingerprint(config: SimulatorConfig) -> str:
    """What the course of the simulation depends on, as a short text."""
    told = (
        config.platform,
        config.seed,
        config.start_us,
        config.accounts,
        config.positions,
        config.symbols,
        config.ticks_per_second,
        config.ticks_file,
    )
    return blake2b(msgspec.json.encode(told), digest_size=12).hexdigest()


def read_world(folder: Path) -> World | None:
    """The folder's world; None when there is none that can be read."""
    try:
        return msgspec.json.decode((folder / WORLD).read_bytes(), type=World)
    except (FileNotFoundError, msgspec.DecodeError):
        return None


def write_world(folder: Path, world: World) -> None:
    """Puts the world on disk."""
    _replace(folder / WORLD, (msgspec.json.encode(world),))


def freeze(brokerage: Brokerage) -> bytes:
    """The brokerage as bytes; costs some ten milliseconds for each ten thousand accounts."""
    return pickle.dumps(brokerage, protocol=pickle.HIGHEST_PROTOCOL)


def write_checkpoint(folder: Path, frozen: bytes) -> None:
    """Puts a frozen brokerage on disk, in the place of the last one."""
    _replace(folder / CHECKPOINT, (_head(frozen), frozen))


def read_checkpoint(folder: Path) -> Brokerage | None:
    """The brokerage as it was last frozen; None without a checkpoint; CheckpointError for one that cannot be used."""
    try:
        data = (folder / CHECKPOINT).read_bytes()
    except FileNotFoundError:
        return None
    frozen = data[_HEAD_BYTES:]
    if data[:_HEAD_BYTES] != _head(frozen):
        raise CheckpointError(f"{folder / CHECKPOINT}: damaged, or written by another version of the program")
    try:
        brokerage = pickle.loads(frozen)
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, TypeError, ValueError) as error:
        raise CheckpointError(f"{folder / CHECKPOINT}: {error}") from error
    if not isinstance(brokerage, Brokerage):
        raise CheckpointError(f"{folder / CHECKPOINT}: holds no brokerage")
    return brokerage


def remove_checkpoint(folder: Path) -> None:
    """Takes the checkpoint away, so that the next start begins at the first step."""
    (folder / CHECKPOINT).unlink(missing_ok=True)


def _head(frozen: bytes) -> bytes:
    return MAGIC + _program() + crc32(frozen).to_bytes(_CRC_BYTES, "little")


@cache
def _program() -> bytes:
    """What this program is: a server frozen by other code may lack what this code expects of it."""
    code = blake2b(__version__.encode(), digest_size=_MARK_BYTES)
    for source in sorted(files(__package__).iterdir(), key=attrgetter("name")):
        if source.name.endswith(".py"):
            code.update(source.read_bytes())
    return code.digest()


def _replace(path: Path, parts: Sequence[bytes]) -> None:
    fresh = path.with_name(path.name + ".new")
    with fresh.open("wb") as file:
        file.writelines(parts)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)
    sync_folder(path.parent)
