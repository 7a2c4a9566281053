from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from office import EPOCH, NOW_US, SERVER
from recorded_books import expected_books, recorded_books
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine, event

from dealerdesk.bridges.protocol import Delta, ResumePoint, SnapshotBegin, SnapshotChunk, SnapshotEnd
from dealerdesk.hub import recorder as recorder_module
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.hub.recorder import Recorder
from dealerdesk.store.engine import DatabaseUnavailable, writing
from dealerdesk.store.recording import RECORDED_SETS


def play(engine: Engine, scene: Callable[[Recorder], Awaitable[None]]) -> None:
    """Runs `scene` beside a recorder at work, then lets the recorder finish."""

    async def run() -> None:
        with DatabaseThread(engine, "recording") as database:
            recorder = Recorder(SERVER, database, lambda: NOW_US)
            await recorder.make_ready()
            async with asyncio.TaskGroup() as group:
                working = group.create_task(recorder.run())
                await scene(recorder)
                recorder.stop()
                await working

    asyncio.run(run())


def send_snapshot(recorder: Recorder, broker: ScriptedBroker, epoch: str = EPOCH) -> None:
    taken = broker.snapshot(RECORDED_SETS)
    recorder.snapshot_begin(SERVER, SnapshotBegin(epoch, taken.as_of, taken.rows))
    for row_set, rows, versions in taken.chunks:
        recorder.snapshot_chunk(SERVER, SnapshotChunk(row_set, list(rows), list(versions)))
    recorder.snapshot_end(SERVER, SnapshotEnd(taken.as_of, taken.digests))


def steps(broker: ScriptedBroker, count: int) -> list[Delta]:
    return [broker.step() for _ in range(count)]


def test_a_snapshot_and_deltas_are_recorded_in_order(engine: Engine) -> None:
    broker = ScriptedBroker(seed=1)

    async def scene(recorder: Recorder) -> None:
        assert recorder.resume_point(SERVER) is None
        send_snapshot(recorder, broker)
        for _ in range(20):
            recorder.deltas(SERVER, EPOCH, steps(broker, 30))
        assert recorder.resume_point(SERVER) == ResumePoint(EPOCH, 600)

    play(engine, scene)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_a_restarted_recorder_goes_on_from_the_recorded_point(engine: Engine) -> None:
    broker = ScriptedBroker(seed=2)

    async def first(recorder: Recorder) -> None:
        send_snapshot(recorder, broker)
        recorder.deltas(SERVER, EPOCH, steps(broker, 10))

    async def second(recorder: Recorder) -> None:
        assert recorder.recorded == recorder.resume_point(SERVER) == ResumePoint(EPOCH, 10)
        recorder.deltas(SERVER, EPOCH, steps(broker, 10))

    play(engine, first)
    play(engine, second)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_a_snapshot_that_broke_off_is_forgotten(engine: Engine) -> None:
    broker = ScriptedBroker(seed=3)

    async def scene(recorder: Recorder) -> None:
        taken = broker.snapshot(RECORDED_SETS)
        recorder.snapshot_begin(SERVER, SnapshotBegin("other", 5, taken.rows))
        assert recorder.resume_point(SERVER) is None
        recorder.snapshot_end(SERVER, SnapshotEnd(5, {}))
        assert recorder.received is None
        send_snapshot(recorder, broker)

    play(engine, scene)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_while_the_database_is_away_nothing_is_lost_and_the_trouble_is_told(engine: Engine) -> None:
    broker = ScriptedBroker(seed=4)

    async def scene(recorder: Recorder) -> None:
        send_snapshot(recorder, broker)
        await recorder.make_ready()
        troubled = asyncio.Event()
        loop = asyncio.get_running_loop()
        troubles: list[str] = []

        def fail_twice(*_args: object) -> None:
            troubles.append(recorder.trouble)
            loop.call_soon_threadsafe(troubled.set)
            if len(troubles) <= 2:
                raise DatabaseUnavailable("gone fishing")

        event.listen(engine, "begin", fail_twice)
        recorder.deltas(SERVER, EPOCH, steps(broker, 10))
        async with asyncio.timeout(20):
            await troubled.wait()
        await recorder.make_ready()
        assert troubles[:3] == ["", "gone fishing", "gone fishing"]
        event.remove(engine, "begin", fail_twice)

    play(engine, scene)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_when_too_much_waits_the_bridge_is_left_until_it_is_written(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    broker = ScriptedBroker(seed=5)
    monkeypatch.setattr(recorder_module, "WAITING_DELTAS_MAX", 100)
    locked, release = threading.Event(), threading.Event()

    def hold_the_rows() -> None:
        with writing(engine) as connection:
            lock = "UPDATE streams SET epoch = epoch"
            connection.exec_driver_sql(lock)
            locked.set()
            release.wait(20)

    async def scene(recorder: Recorder) -> None:
        send_snapshot(recorder, broker)
        await recorder.make_ready()
        holder = threading.Thread(target=hold_the_rows)
        holder.start()
        await asyncio.to_thread(locked.wait, 20)
        for _ in range(10):
            assert not recorder.hang_up.is_set()
            recorder.deltas(SERVER, EPOCH, steps(broker, 10))
        assert recorder.hang_up.is_set()
        assert recorder.waiting == 100
        release.set()
        await recorder.make_ready()
        assert not recorder.hang_up.is_set()
        assert (recorder.waiting, recorder.recorded) == (0, ResumePoint(EPOCH, 100))
        holder.join()

    play(engine, scene)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_a_stream_that_does_not_go_on_from_the_record_is_joined_anew(engine: Engine) -> None:
    broker = ScriptedBroker(seed=6)

    async def scene(recorder: Recorder) -> None:
        send_snapshot(recorder, broker)
        recorder.deltas(SERVER, EPOCH, steps(broker, 10))
        await recorder.make_ready()
        with writing(engine) as connection:
            # somebody has restored an older state of the database under the running hub
            connection.exec_driver_sql("UPDATE streams SET sequence = 4")
        later = steps(broker, 10)
        recorder.deltas(SERVER, EPOCH, later)
        await recorder.hang_up.wait()
        recorder.deltas(SERVER, EPOCH, steps(broker, 1))
        await recorder.make_ready()
        assert recorder.resume_point(SERVER) == ResumePoint(EPOCH, 4)
        send_snapshot(recorder, broker)

    play(engine, scene)

    assert recorded_books(engine, SERVER, EPOCH) == expected_books(broker)


def test_deltas_without_a_snapshot_of_their_journal_are_a_bug(engine: Engine) -> None:
    async def scene(recorder: Recorder) -> None:
        with pytest.raises(ValueError, match="without its snapshot"):
            recorder.deltas(SERVER, EPOCH, steps(ScriptedBroker(seed=7), 1))

    play(engine, scene)
