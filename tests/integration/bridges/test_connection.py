"""A line that goes silent, a disk that fails, too many clients: each is noticed and none hangs."""

# ruff: noqa: SIM117 -- a client's `with` needs the port that the server's `with` opened; nested, it reads

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from bridge_over_sockets import connected, play, served, until
from platform_double import START_US, Mirror, PlatformDouble, position, set_book

from dealerdesk.bridges import client as client_module
from dealerdesk.bridges import pulse, record_file
from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.bridges.record_file import SyncFailedError


def nothing() -> None:
    """A bridge that has nothing to say."""


def test_a_line_that_goes_silent_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "PING_EVERY_S", 0.05)
    monkeypatch.setattr(pulse, "REPEAT_AFTER_S", 0.05)
    monkeypatch.setattr(client_module, "PULSE_EVERY_S", 0.02)

    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                await until(lambda: client.status.state is ConnectionState.LIVE)
                await until(lambda: client.status.latency_ms is not None)
                for connection in bridge.server._connections:
                    monkeypatch.setattr(connection.session, "next_frame", nothing)
                await until(lambda: "three pings" in client.status.last_error)
                await until(lambda: len(mirror.welcomes) == 2)
        assert len(mirror.welcomes) >= 2

    play(story)


def test_a_disk_that_fails_ends_the_bridge_with_the_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    async def story() -> None:
        async with served(tmp_path, PlatformDouble()) as bridge:
            monkeypatch.setattr(record_file, "sync_file", fail)
            bridge.put(position(1))
            await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as failed:
        play(story)
    assert failed.group_contains(SyncFailedError, match="Input/output error")


def test_a_command_that_cannot_be_logged_is_not_executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots)

                def full(*_: object) -> int:
                    raise OSError(28, "No space left on device")

                monkeypatch.setattr(record_file.os, "pwrite", full)
                await client.send(set_book("x"))
                await until(lambda: mirror.acks)
                monkeypatch.undo()
                assert (mirror.acks[0].stage, mirror.acks[0].code) == (Stage.REJECTED, "journal")
                assert bridge.platform.executed == []
                await client.query("x")
                await until(lambda: len(mirror.acks) == 2)
                assert mirror.acks[1].stage is Stage.ABSENT

    play(story)


def test_a_command_log_that_cannot_sync_ends_the_bridge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots)
                monkeypatch.setattr(record_file, "sync_file", fail)
                await client.send(set_book("x"))
                await asyncio.Event().wait()

    with pytest.raises(ExceptionGroup) as failed:
        play(story)
    assert failed.group_contains(SyncFailedError)


def test_the_client_above_the_limit_is_turned_away(tmp_path: Path) -> None:
    async def story() -> None:
        first, second = Mirror(), Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            bridge.server._config = bridge.server._config.__class__(
                "MT4", bridge.server._config.platform, clients_max=1
            )
            async with connected(bridge.server.port, first):
                await until(lambda: first.snapshots)
                async with connected(bridge.server.port, second) as client:
                    await until(lambda: "1 clients are connected" in client.status.last_error)
                assert len(bridge.server.clients) == 1

    play(story)


def test_a_damaged_journal_sends_a_snapshot_instead_of_a_replay(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                bridge.put(position(1))
                await until(lambda: mirror.seq == 1)
                mirror.point = client.position
            bridge.put(*(position(i, i) for i in range(1, 20_000)))
            await bridge.server.settle()
            path = next((tmp_path / "journal").iterdir())
            with path.open("r+b") as raw:
                raw.seek(5_000)
                raw.write(b"damage")
            async with connected(bridge.server.port, mirror):
                await until(lambda: mirror.snapshots == 2)
                assert mirror.rows == bridge.platform.rows

    play(story)


def test_a_repeated_answer_is_sent_once(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, PlatformDouble()) as bridge:
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots)
                await client.send(set_book("x"))
                await until(lambda: len(mirror.acks) == 3)
                bridge.server.report(Ack("x", Stage.DONE, START_US))
                await client.query("x")
                await until(lambda: len(mirror.acks) == 4)
                assert [ack.stage for ack in mirror.acks[2:]] == [Stage.DONE, Stage.DONE]

    play(story)
