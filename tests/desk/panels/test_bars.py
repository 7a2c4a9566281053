from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.bars import BarsPanel, bars
from dealerdesk.live.exposure import Dimension, exposure
from dealerdesk.live.frame import compute

from .small_broker import NOW_US


def test_the_largest_exposure_is_the_first_bar_whatever_its_sign(desk: Desk) -> None:
    found = exposure(desk.state, desk.frame(), Dimension.INSTRUMENT)
    made = bars(found, np.array([False, True]))

    assert [bar.label for bar in made] == ["EURUSD", "XAUUSD"]
    assert [bar.value for bar in made] == pytest.approx([220_010, -200_025])
    assert [bar.text for bar in made] == ["+220.0 k", "−200.0 k"]
    assert [bar.stale for bar in made] == [False, True]


def test_it_follows_the_dimension_in_view(show: Any, desk: Desk) -> None:
    panel = show(BarsPanel)
    assert panel.header.facts.text() == "by instrument · +20.0 k USD in all · clients’ side"

    desk.selection.select_exposure(Dimension.SERVER, "MT5")
    assert panel.header.facts.text() == "by server · +20.0 k USD in all · clients’ side"


def test_choosing_a_bar_chooses_the_exposure(show: Any, desk: Desk) -> None:
    panel = show(BarsPanel)
    panel.chart.selected.emit("XAUUSD")

    assert desk.selection.exposure == (Dimension.INSTRUMENT, "XAUUSD")


def test_a_stale_server_is_named_in_amber(show: Any, desk: Desk) -> None:
    desk.state.set_stale("cTrader", NOW_US)
    panel = show(BarsPanel)

    assert panel.header.facts.text() == "cTrader as of 10:00:00"


def test_it_is_drawn_four_times_a_second_and_at_once_for_a_person(
    show: Any, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(BarsPanel)
    handed: list[int] = []
    monkeypatch.setattr(panel.chart, "set_bars", lambda made: handed.append(len(made)))
    panel.beat(compute(desk.state, NOW_US + 100_000))
    assert handed == []

    panel.beat(compute(desk.state, NOW_US + 250_000))
    assert handed == [2]
    desk.selection.select_exposure(Dimension.BOOK, "B")
    assert handed == [2, 3]
