"""A bridge's client over real sockets: joining, resuming, losing the bridge, and being turned away."""

# ruff: noqa: SIM117 -- a client's `with` needs the port that the server's `with` opened; nested, it reads

from __future__ import annotations

from pathlib import Path

import pytest
from bridge_over_sockets import connected, play, served, until
from platform_double import START_US, Mirror, PlatformDouble, account, position, set_book

from dealerdesk.bridges.client import NotConnectedError
from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import (
    ErrorCode,
    Joined,
)


def populated() -> PlatformDouble:
    platform = PlatformDouble()
    platform.seed(*(account(i) for i in range(1, 1_300)), *(position(i) for i in range(1, 700)))
    return platform


def test_a_desk_joins_by_snapshot_and_follows_the_deltas(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated(), digest_every_s=0.05) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                await until(lambda: mirror.snapshots)
                for i in range(1, 51):
                    bridge.put(position(i, i), account(i, i), position(10_000 + i))
                await until(lambda: mirror.seq == 150 and client.status.digests_checked > 3)
                assert mirror.rows == bridge.platform.rows
                assert client.status.state is ConnectionState.LIVE
                assert (client.status.gaps, client.status.resyncs, mirror.snapshots) == (0, 0, 1)
                assert mirror.seqs == list(range(1, 151))
                assert client.position is not None
                assert client.position.seq == 150

    play(story)


def test_a_desk_that_comes_back_resumes_where_it_was(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                bridge.put(position(1, 5))
                await until(lambda: mirror.seq == 1)
                mirror.point = client.position
            bridge.put(position(2, 6), position(3, 7))
            async with connected(bridge.server.port, mirror) as client:
                await until(lambda: mirror.seq == 3)
                await until(lambda: client.status.state is ConnectionState.LIVE)
            assert [welcome.joined for welcome in mirror.welcomes] == [Joined.SNAPSHOT, Joined.RESUMED]
            assert mirror.seqs[-2:] == [2, 3]
            assert mirror.rows == bridge.platform.rows

    play(story)


def test_a_desk_with_the_point_of_another_journal_gets_a_snapshot(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, platform = Mirror(), populated()
        async with served(tmp_path / "one", platform) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                bridge.put(position(1, 5))
                await until(lambda: mirror.seq == 1)
                mirror.point = client.position
        fresh = populated()
        async with served(tmp_path / "two", fresh) as bridge, connected(bridge.server.port, mirror):
            await until(lambda: mirror.snapshots == 2)
            assert mirror.rows == fresh.rows

    play(story)


def test_a_client_survives_a_bridge_that_stops_and_comes_back(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, platform = Mirror(), populated()
        async with served(tmp_path, platform) as bridge:
            port = bridge.server.port
            bridge.put(position(1, 5))
            running = connected(port, mirror)
            client = await running.__aenter__()
            await until(lambda: mirror.seq == 1)
        await until(lambda: client.status.state is ConnectionState.DEAD)
        with pytest.raises(NotConnectedError):
            await client.send(set_book("too-early"))
        mirror.point = client.position
        async with served(tmp_path, platform, port=port) as bridge:
            bridge.put(position(2, 6))
            await until(lambda: mirror.seq == 2 and client.status.state is ConnectionState.LIVE)
            assert client.status.reconnects == 1
            assert mirror.rows == platform.rows
            await running.__aexit__(None, None, None)

    play(story)


def test_quotes_arrive_conflated_and_all_of_them_after_joining(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge:
            bridge.server.publish_quotes([0, 1, 2], [10, 20, 30], [11, 21, 31], START_US)
            async with connected(bridge.server.port, mirror):
                await until(lambda: len(mirror.quotes_by_index) == 3)
                for bid in range(100, 600):
                    bridge.server.publish_quotes([1], [bid], [bid + 1], START_US + bid)
                await until(lambda: mirror.quotes_by_index[1][0] == 599)
                assert mirror.quotes_by_index[0] == (10, 11, START_US)
                assert mirror.quotes_by_index[1] == (599, 600, START_US + 599)
                assert mirror.batches < 50

    play(story)


def test_a_wrong_key_is_turned_away(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, mirror, key=b"x" * 32) as client:
                await until(lambda: mirror.errors)
                assert mirror.errors[0].code is ErrorCode.UNAUTHENTICATED
                await until(lambda: "do not go together" in client.status.last_error)
                assert mirror.snapshots == 0
                assert client.status.state is ConnectionState.CONNECTING

    play(story)


def test_stale_and_fresh_reach_those_who_are_there_and_those_who_come(tmp_path: Path) -> None:
    async def story() -> None:
        first, second = Mirror(), Mirror()
        async with served(tmp_path, populated()) as bridge, connected(bridge.server.port, first) as client:
            await until(lambda: first.snapshots)
            bridge.server.stale(77, "the server does not answer")
            await until(lambda: client.status.state is ConnectionState.STALE)
            async with connected(bridge.server.port, second):
                await until(lambda: second.news)
            bridge.server.fresh()
            await until(lambda: client.status.state is ConnectionState.LIVE)
        assert first.news == ["stale 77 the server does not answer", "fresh"]
        assert second.news == ["stale 77 the server does not answer"]

    play(story)
