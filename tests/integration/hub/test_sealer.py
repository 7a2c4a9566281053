"""The sealer keeps its pace, hurries for approvals, and hands its seals on to files elsewhere."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
import pytest
from sealed_log import KEY, PUBLIC, SealedLog
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from structlog.testing import capture_logs

from dealerdesk.commands import audit, checkpoints, sealing
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.seals import SealError
from dealerdesk.config import Credentials, HubConfig
from dealerdesk.hub import sealer as sealer_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.sealer import Sealer
from dealerdesk.store.engine import reading, writing

NOW_US = 1_700_000_000_000_000


def write(engine: Engine, number: int, action: str = "tested") -> None:
    entry = Entry(id=f"entry-{number}", at_us=NOW_US, actor="dana", action=action, subject="s")
    with writing(engine) as connection:
        audit.write(connection, entry)


def sizes(engine: Engine) -> list[int]:
    with reading(engine) as connection:
        return [sealed.tree_size for sealed in sealing.seals_after(connection, 0)]


def play(engine: Engine, scene: Callable[[Sealer], Awaitable[None]], *paths: Path, key: str = KEY) -> None:
    async def run() -> None:
        with DatabaseThread(engine, "sealing") as database:
            await scene(Sealer(database, lambda: NOW_US, key, paths))

    asyncio.run(run())


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not is_so():  # noqa: ASYNC110 -- another thread's commit sets no event
            await asyncio.sleep(0.01)


def test_it_seals_on_its_beat_and_once_more_at_its_end(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealer_module, "LOOK_EVERY_S", 0.01)
    write(engine, 1)

    async def scene(sealer: Sealer) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(sealer.run())
            await until(lambda: sizes(engine) == [1])
            write(engine, 2)
            await until(lambda: sizes(engine) == [1, 2])
            monkeypatch.setattr(sealer_module, "LOOKS_PER_SEAL", 10**9)
            write(engine, 3)
            sealer.stop()

    play(engine, scene)

    assert sizes(engine)[-1] == 3


def test_it_does_not_wait_for_its_beat_when_a_command_was_approved(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealer_module, "LOOK_EVERY_S", 0.01)
    monkeypatch.setattr(sealer_module, "LOOKS_PER_SEAL", 10**9)
    write(engine, 1)

    async def scene(sealer: Sealer) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(sealer.run())
            await until(lambda: sizes(engine) == [1])
            write(engine, 2)
            write(engine, 3, action="command approved")
            await until(lambda: sizes(engine) == [1, 3])
            sealer.stop()

    play(engine, scene)

    assert sizes(engine) == [1, 3]


def test_a_second_sealer_loses_and_carries_on(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    honest = sealing.seal
    losses = iter([IntegrityError("INSERT", {}, Exception("number taken"))])

    def lose_once(*arguments: object) -> object:
        for loss in losses:
            raise loss
        return honest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(sealing, "seal", lose_once)
    write(engine, 1)

    async def scene(sealer: Sealer) -> None:
        await sealer.seal()
        assert sizes(engine) == []
        await sealer.seal()

    play(engine, scene)

    assert sizes(engine) == [1]


def test_what_another_sealer_sealed_meanwhile_is_gone_on_from(engine: Engine) -> None:
    async def scene(sealer: Sealer) -> None:
        write(engine, 1)
        await sealer.seal()
        write(engine, 2)
        with writing(engine) as connection:
            sealing.seal(connection, KEY, NOW_US)
        write(engine, 3)
        await sealer.seal()

    play(engine, scene)

    assert sizes(engine) == [1, 2, 3]


def test_a_long_log_is_sealed_whole_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "SEALED_AT_ONCE_MAX", 2)
    monkeypatch.setattr(sealer_module, "SEALED_AT_ONCE_MAX", 2)
    for number in range(5):
        write(engine, number)

    async def scene(sealer: Sealer) -> None:
        await sealer.seal()

    play(engine, scene)

    assert sizes(engine) == [2, 4, 5]


def test_each_seal_goes_to_every_file(engine: Engine, tmp_path: Path) -> None:
    here, elsewhere = tmp_path / "here.jsonl", tmp_path / "mounted" / "elsewhere.jsonl"

    async def scene(sealer: Sealer) -> None:
        write(engine, 1)
        await sealer.seal()
        write(engine, 2)
        await sealer.seal()
        await sealer.seal()

    play(engine, scene, here, elsewhere)

    assert [point.tree_size for point in checkpoints.read_file(here, [PUBLIC])] == [1, 2]
    assert here.read_bytes() == elsewhere.read_bytes()


def test_a_sealer_that_starts_again_adds_what_its_file_lacks(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"

    async def scene(sealer: Sealer) -> None:
        await sealer.seal()

    for number in range(3):
        write(engine, number)
        # the second one dies before it hands its seal on
        play(engine, scene, *([path] if number != 1 else []))

    assert [point.tree_size for point in checkpoints.read_file(path, [PUBLIC])] == [1, 2, 3]


def test_a_file_that_cannot_be_written_is_tried_again_and_said_once(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    path.mkdir()

    async def scene(sealer: Sealer) -> None:
        write(engine, 1)
        await sealer.seal()
        write(engine, 2)
        await sealer.seal()
        path.rmdir()
        await sealer.seal()

    with capture_logs() as logs:
        play(engine, scene, path)

    assert [point.tree_size for point in checkpoints.read_file(path, [PUBLIC])] == [1, 2]
    assert [line["event"] for line in logs if line["log_level"] == "warning"] == [
        "a checkpoint could not be written, trying again"
    ]


def test_a_log_that_is_not_the_one_sealed_before_is_said_aloud(engine: Engine, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    checkpoints.append(path, SealedLog().seals)

    async def scene(sealer: Sealer) -> None:
        write(engine, 1)
        await sealer.seal()

    with capture_logs() as logs:
        play(engine, scene, path)

    (error,) = [line for line in logs if line["log_level"] == "error"]
    assert error["event"].startswith("the audit log is not the one that was sealed before")
    assert error["seal"] == 3
    assert [point.tree_size for point in checkpoints.read_file(path, [])] == [4, 8, 12, 1]


def test_without_a_key_nothing_is_sealed_and_the_log_says_so(engine: Engine) -> None:
    write(engine, 1)

    async def scene(sealer: Sealer) -> None:
        await sealer.run()

    with capture_logs() as logs:
        play(engine, scene, key="")

    assert sizes(engine) == []
    assert "not sealed" in logs[0]["event"]


def test_a_wrong_key_is_refused_at_the_start(engine: Engine) -> None:
    async def scene(_sealer: Sealer) -> None: ...

    with pytest.raises(SealError, match="expected a signing key"):
        play(engine, scene, key="secret")


def test_a_hubs_configuration_says_where_checkpoints_go(engine: Engine, tmp_path: Path) -> None:
    config = HubConfig(
        database_url="",
        endpoints=(),
        credentials=Credentials("hub", "hub", "00"),
        seal_key=KEY,
        checkpoints=str(tmp_path / "one"),
        checkpoints_copy=str(tmp_path / "two"),
    )
    write(engine, 1)

    async def run() -> None:
        with DatabaseThread(engine, "sealing") as database:
            await Sealer.of(config, database, lambda: NOW_US).seal()

    asyncio.run(run())

    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes() != b""


def test_the_hub_seals_while_it_runs_and_hands_its_seals_on(engine: Engine, database_url: str, tmp_path: Path) -> None:
    path = tmp_path / "checkpoints.jsonl"
    config = HubConfig(
        database_url=database_url,
        endpoints=(),
        credentials=Credentials("hub", "hub", "00" * 32),
        seal_key=KEY,
        checkpoints=str(path),
    )
    write(engine, 1)
    hub = subprocess.Popen(
        [sys.executable, "-m", "dealerdesk", "hub"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with hub:
        assert hub.stdin is not None
        assert hub.stdout is not None
        hub.stdin.write(msgspec.json.encode(config) + b"\n")
        hub.stdin.flush()
        while b"recording" not in hub.stdout.readline():
            assert hub.poll() is None
        asyncio.run(until(path.exists))
        write(engine, 2)
        hub.stdin.close()
        hub.wait(30)

    assert hub.returncode == 0
    with reading(engine) as connection:
        entries = [entry for _, entry, _ in sealing.sealed_entries(connection, sizes(engine)[-1])]
    assert any('"id":"entry-2"' in entry for entry in entries)
    assert checkpoints.read_file(path, [PUBLIC])[-1].tree_size == len(entries)
