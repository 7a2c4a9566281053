"""A bridge's server over real sockets: slow clients, commands, roles, and strangers who send nonsense."""

# ruff: noqa: SIM117 -- a client's `with` needs the port that the server's `with` opened; nested, it reads

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest
from bridge_over_sockets import connected, play, served, until
from platform_double import START_US, Mirror, PlatformDouble, account, position, routing, set_book
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import (
    AnswerRequest,
    AnswerVerb,
    Command,
    Error,
    ErrorCode,
    RowSet,
    Stage,
    decode_from_bridge,
)
from dealerdesk.clock import now_us
from dealerdesk.trading import Book


def populated() -> PlatformDouble:
    platform = PlatformDouble()
    platform.seed(*(account(i) for i in range(1, 1_300)), *(position(i) for i in range(1, 700)))
    return platform


def test_a_client_too_far_behind_is_sent_a_snapshot_instead(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated(), lag_deltas_max=100) as bridge:
            async with connected(bridge.server.port, mirror) as client:
                bridge.put(position(1, 5))
                await until(lambda: mirror.seq == 1)
                bridge.put(*(position(1 + i % 500, i) for i in range(1, 2_000)))
                await until(lambda: mirror.seq == 2_000)
                assert client.status.resyncs == 1
                assert mirror.snapshots == 2
                assert mirror.rows == bridge.platform.rows

    play(story)


def test_a_client_that_reads_nothing_holds_up_nobody(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, stuck = Mirror(), Mirror()
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, mirror), connected(bridge.server.port, stuck) as slow:
                await until(lambda: mirror.snapshots and stuck.snapshots)
                assert slow._socket is not None
                slow._socket.transport.pause_reading()
                for first in range(0, 60_000, 2_000):
                    bridge.put(*(position(i % 700 + 1, i + 1) for i in range(first, first + 2_000)))
                    await asyncio.sleep(0)
                await until(lambda: mirror.seq == 60_000)
                assert stuck.seq < 60_000
                slow._socket.transport.resume_reading()
                await until(lambda: stuck.seq == 60_000)
                assert stuck.rows == mirror.rows == bridge.platform.rows
                assert stuck.seqs == list(range(1, 60_001))

    play(story)


def test_a_command_is_executed_once_and_answered_in_stages(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots)
                await client.send(set_book("x"))
                await until(lambda: len(mirror.acks) == 3)
                assert [ack.stage for ack in mirror.acks] == [Stage.RECEIVED, Stage.SENT, Stage.DONE]
                await client.send(set_book("x"))
                await until(lambda: len(mirror.acks) == 4)
                assert mirror.acks[3] == mirror.acks[2]
                await client.send(set_book("x", book=Book.B))
                await until(lambda: mirror.errors)
                assert (mirror.errors[0].code, mirror.errors[0].id) == (ErrorCode.CONFLICT, "x")
                await client.query("never")
                await until(lambda: len(mirror.acks) == 5)
                assert mirror.acks[4].stage is Stage.ABSENT
                await client.send(set_book("late", deadline_us=1))
                await until(lambda: len(mirror.acks) == 6)
                assert (mirror.acks[5].stage, mirror.acks[5].code) == (Stage.REJECTED, "expired")
                assert bridge.platform.executed == [("x", 1)]

    play(story)


def test_an_answer_that_comes_later_reaches_a_client_that_reconnected_and_asked(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        platform = populated()
        platform.answers = False
        async with served(tmp_path, platform) as bridge:
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots)
                await client.send(set_book("x"))
                await until(lambda: len(mirror.acks) == 1)
            async with connected(bridge.server.port, mirror, "hub") as client:
                await until(lambda: mirror.snapshots == 2)
                await client.query("x")
                await until(lambda: len(mirror.acks) == 2)
                bridge.server.report(mirror.acks[0].__class__("x", Stage.DONE, START_US))
                await until(lambda: len(mirror.acks) == 3)
        assert [ack.stage for ack in mirror.acks] == [Stage.RECEIVED, Stage.RECEIVED, Stage.DONE]

    play(story)


def test_a_desk_key_may_not_command_and_a_dealers_only_answer_in_the_own_name(tmp_path: Path) -> None:
    async def story() -> None:
        desk, dealer = Mirror(), Mirror()
        answer = Command("a", AnswerRequest(1, AnswerVerb.CONFIRM), "dealer", 1 << 60)
        of_another = Command("o", AnswerRequest(1, AnswerVerb.CONFIRM), "anna", 1 << 60)
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, desk) as client:
                await until(lambda: desk.snapshots)
                await client.send(set_book("x"))
                await client.send(answer)
                await client.query("x")
                await until(lambda: len(desk.errors) == 3)
                assert {error.code for error in desk.errors} == {ErrorCode.FORBIDDEN}
                assert client.status.state is ConnectionState.LIVE
            async with connected(bridge.server.port, dealer, "dealer") as client:
                await until(lambda: dealer.snapshots)
                await client.send(set_book("y"))
                await client.send(of_another)
                await client.send(answer)
                await until(lambda: dealer.errors and len(dealer.acks) == 3)
                assert [error.id for error in dealer.errors] == ["y", "o"]
            assert [name for name, _ in bridge.platform.executed] == ["a"]

    play(story)


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"{", 4400),
        (b"[" * 100_000, 4400),
        (b"\xff\xfe", 4400),
        (b'{"type":"replay","from_seq":1}', 4409),
        (b'{"type":"hello","version":1}', 4400),
        (b"Q" * 5_000, 4400),
    ],
)
def test_a_stranger_who_sends_nonsense_is_told_and_closed(tmp_path: Path, frame: bytes, code: int) -> None:
    async def story() -> None:
        async with served(tmp_path, populated()) as bridge:
            async with connect(f"ws://127.0.0.1:{bridge.server.port}", compression=None) as socket:
                await socket.recv()
                await socket.send(frame)
                error = decode_from_bridge(await socket.recv())
                assert isinstance(error, Error)
                assert error.fatal
                with pytest.raises(ConnectionClosed) as closed:
                    await socket.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == code
            await until(lambda: not bridge.server.clients)

    play(story)


def test_a_frame_above_one_mebibyte_is_not_even_read(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path, populated()) as bridge:
            async with connect(f"ws://127.0.0.1:{bridge.server.port}", compression=None) as socket:
                await socket.recv()
                with suppress(ConnectionClosed):
                    await socket.send(b"{" * 1_100_000)
                with pytest.raises(ConnectionClosed) as closed:
                    await socket.recv()
                assert closed.value.rcvd is not None
                assert closed.value.rcvd.code == 1009

    play(story)


def test_a_page_in_a_browser_is_no_client(tmp_path: Path) -> None:
    async def story() -> None:
        async with served(tmp_path, populated()) as bridge:
            with pytest.raises(Exception, match="403"):
                async with connect(f"ws://127.0.0.1:{bridge.server.port}", origin="https://evil.example"):  # type: ignore[arg-type]
                    pass

    play(story)


def test_what_is_sent_is_on_disk_first(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge, connected(bridge.server.port, mirror):
            for i in range(1, 200):
                bridge.put(routing(i))
                await asyncio.sleep(0)
                assert mirror.seq <= bridge.journal.synced_seq
            await bridge.server.settle()
            assert bridge.journal.synced_seq == 199
            await until(lambda: mirror.seq == 199)
            assert len(mirror.rows[RowSet.ROUTING]) == 199

    play(story)


def test_a_hub_that_slept_past_its_lease_cannot_send_what_it_was_about_to(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, other = Mirror(), Mirror()
        async with served(tmp_path, populated()) as bridge:
            port = bridge.server.port
            async with connected(port, mirror, "hub", term=4) as older:
                await until(lambda: mirror.snapshots)
                async with connected(port, other, "hub", term=5) as newer:
                    await until(lambda: other.snapshots)
                    await older.send(set_book("late"))
                    await until(lambda: older.status.last_error)
                    await newer.send(set_book("now"))
                    await until(lambda: other.acks and other.acks[-1].stage is Stage.DONE)
                    assert [error.text for error in mirror.errors][:1] == ["another hub has taken over"]
                    assert older.status.state is ConnectionState.DEAD
                    await newer.query("late")
                    await until(lambda: other.acks[-1].id == "late")
                    assert other.acks[-1].stage is Stage.ABSENT
        assert [command for command, _at in bridge.platform.executed] == ["now"]

    play(story)


def test_a_bridge_that_was_restarted_still_knows_the_newest_hub(tmp_path: Path) -> None:
    async def story() -> None:
        mirror, late = Mirror(), Mirror()
        async with served(tmp_path, populated()) as bridge, connected(bridge.server.port, mirror, "hub", term=5):
            await until(lambda: mirror.snapshots)
        async with served(tmp_path, populated()) as bridge, connected(bridge.server.port, late, "hub", term=4):
            await until(lambda: late.errors)
            assert (late.errors[0].code, late.errors[0].fatal) == (ErrorCode.REPLACED, True)
            assert late.snapshots == 0

    play(story)


def test_a_client_learns_how_far_its_clock_is_from_the_bridges(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        async with served(tmp_path, populated()) as bridge:
            async with connected(bridge.server.port, mirror, clock=lambda: now_us() - 4_200_000) as client:
                await until(lambda: client.status.clock_gap)
                gap = client.status.clock_gap
                assert gap is not None
                assert gap.is_worth_saying
                assert -4_200_000 - 1_000 <= gap.sure_us <= -2_000_000

    play(story)
