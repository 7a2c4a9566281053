"""Cyclic garbage is collected in the Qt thread alone."""

from __future__ import annotations

import gc
import linecache
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from dealerdesk.desk.garbage import MIDDLE_EVERY, Collector, forget_sources


class Knot:
    """Something that only the cyclic collector frees, and that knows in which thread it ended."""

    def __init__(self, ended_in: list[str]) -> None:
        self.me = self
        self._finalizer = weakref.finalize(self, lambda: ended_in.append(threading.current_thread().name))


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[Collector]:
    made = Collector()
    made.start()
    yield made
    made.stop()
    assert gc.isenabled()


def allocate_much() -> None:
    kept = [[number] for number in range(50_000)]
    assert len(kept) == 50_000


def test_a_thread_that_allocates_much_collects_nothing(collector: Collector) -> None:
    ended_in: list[str] = []
    Knot(ended_in)
    thread = threading.Thread(target=allocate_much, name="database")
    thread.start()
    thread.join()
    assert ended_in == []

    for _ in range(MIDDLE_EVERY):
        collector.look()
    assert ended_in == ["MainThread"]
    assert collector.spent_ms.count >= 1


def test_when_there_is_little_nothing_is_spent(collector: Collector) -> None:
    gc.collect()
    collector.look()

    assert collector.spent_ms.count == 0


def test_the_text_of_imported_modules_is_given_back() -> None:
    assert linecache.getlines(__file__) != []
    assert __file__ in linecache.cache

    forget_sources()

    assert linecache.cache == {}
