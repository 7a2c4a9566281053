from __future__ import annotations

import asyncio
import random
import threading

import pytest

from dealerdesk.desk import line as line_module
from dealerdesk.desk.line import Line, retry_pause_s


def test_work_is_done_in_the_order_in_which_it_was_asked() -> None:
    async def play() -> list[int]:
        line, done = Line(), list[int]()
        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(line.do(lambda number=number: done.append(number)))
        line.close()
        return done

    assert asyncio.run(play()) == [0, 1, 2, 3, 4]


def test_what_the_work_raises_comes_out() -> None:
    async def play() -> None:
        line = Line()
        with pytest.raises(ZeroDivisionError):
            await line.do(lambda: 1 // 0)
        assert line.busy_s == 0.0
        line.close()

    asyncio.run(play())


def test_silence_is_told_once_for_each_work_that_waits_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "SILENT_S", 0.02)
    monkeypatch.setattr(line_module, "LOOK_EVERY_S", 0.005)

    async def play() -> int:
        line, cut, told = Line(), threading.Event(), 0

        def on_silence() -> None:
            nonlocal told
            told += 1
            cut.set()

        async with asyncio.TaskGroup() as group:
            watching = group.create_task(line.watch(on_silence))
            await line.do(cut.wait)
            cut.clear()
            await line.do(cut.wait)
            await line.do(int)
            watching.cancel()
        line.close()
        return told

    assert asyncio.run(play()) == 2


def test_a_desk_tries_again_after_half_a_second_to_eight_and_not_with_all_the_others() -> None:
    chance = random.Random(1)
    first = [retry_pause_s(1, chance) for _ in range(200)]
    late = [retry_pause_s(9, chance) for _ in range(200)]

    assert min(first) >= 0.5
    assert max(first) <= 1.0
    assert min(late) >= 0.5
    assert 7.0 < max(late) <= 8.0
    assert len(set(late)) == 200
