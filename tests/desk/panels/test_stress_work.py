"""Stress tests are computed elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QObject

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress_work import OBSERVATIONS_MAX, StressWork
from dealerdesk.live.scenarios import Kind, Scenario
from dealerdesk.live.shocks import Shock, Shocks, Target

from .small_broker import FakeLibrary

MINUTE_US = 60_000_000
FALL = Scenario("fall", Kind.OWN, Shocks((Shock(Target.INSTRUMENT, "EURUSD", -10.0),)))
RISE = Scenario("rise", Kind.OWN, Shocks((Shock(Target.INSTRUMENT, "EURUSD", 10.0),)))


async def at_once(work: Callable[..., Any], *given: Any) -> Any:
    return work(*given)


@pytest.fixture
def owner() -> QObject:
    return QObject()


def test_all_scenarios_of_a_run_are_of_one_moment_and_the_first_has_the_curve(desk: Desk, owner: QObject) -> None:
    work, heard = StressWork(desk, owner, at_once), []
    work.found.connect(lambda: heard.append("found"))
    work.curve_found.connect(lambda: heard.append("curve"))
    work.start([FALL, RISE], True)

    (first, fall), (second, rise) = work.results
    assert (first, second) == (FALL, RISE)
    assert fall.book is rise.book
    assert heard == ["found", "curve"]
    assert work.curve is not None
    assert work.curve.after[-1] == pytest.approx(fall.given.books.company_after.sum())
    assert not work.is_running


def test_it_is_computed_in_another_thread_unless_told_otherwise(desk: Desk, owner: QObject) -> None:
    taken_on: list[Any] = []
    work = StressWork(replace(desk, run=taken_on.append), owner)
    work.start([FALL], True)
    assert work.results == ()

    asyncio.run(taken_on[0])
    assert [scenario for scenario, _ in work.results] == [FALL]
    assert work.curve is not None


def test_while_one_runs_only_the_newest_request_is_next(desk: Desk, owner: QObject) -> None:
    asked: list[float] = []

    async def slow(work: Callable[..., Any], *given: Any) -> Any:
        if work.__name__ == "run":
            asked.append(given[1].moves[0].percent)
            if len(asked) == 1:
                made.start([FALL], True)
                made.start([RISE], True)
        return work(*given)

    made = StressWork(desk, owner, slow)
    made.start([FALL], True)
    assert asked == [-10.0, 10.0]
    assert [scenario for scenario, _ in made.results] == [RISE]


def test_value_at_risk_rests_on_the_recorded_prices_of_what_is_held(
    desk: Desk, owner: QObject, library: FakeLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def read(_query: Any, server: str, symbol: str, moments: list[int]) -> list[float | None]:
        asked.append((server, symbol))
        assert len(moments) == OBSERVATIONS_MAX + 1
        recorded = 200 if symbol == "EURUSD" else 0
        prices = (1.1 + 0.001 * (number % 7) for number in range(recorded))
        return [*([None] * (len(moments) - recorded)), *prices]

    monkeypatch.setattr(library, "read", read)
    work = StressWork(desk, owner, at_once)
    work.start_risk(MINUTE_US)

    assert asked == [("MT5", "EURUSD"), ("MT5", "XAUUSD")]
    assert work.risk is not None
    assert work.risk.observations == 199
    assert work.risk.left_out == ("XAUUSD",)
    assert work.risk.total.var[0] > 0
    assert np.isnan(work.risk.total.var[1])
    assert not work.is_reading
