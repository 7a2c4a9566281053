from __future__ import annotations

from typing import Any

import pytest

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.session import SessionPanel, label_of
from dealerdesk.live.exposure import Dimension
from dealerdesk.live.frame import compute

from .small_broker import NOW_US, quote


@pytest.fixture
def sampled(desk: Desk) -> Desk:
    """A desk with two samples, gold a dollar higher at the second."""
    desk.sampler.sample(desk.state, compute(desk.state, NOW_US))
    quote(desk.state, "MT5", {1: (200_100, 200_150)}, NOW_US)
    desk.sampler.sample(desk.state, compute(desk.state, NOW_US + 5_000_000))
    return desk


def drawn(panel: SessionPanel, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[float]]:
    """What the panel hands to its chart."""
    handed: dict[str, list[float]] = {}

    def take(key: str, _x: Any, y: Any) -> None:
        handed[key] = y.tolist()

    monkeypatch.setattr(panel.chart, "set_data", take)
    return handed


def test_everything_is_shown_until_something_is_chosen(show: Any, sampled: Desk) -> None:
    panel = show(SessionPanel)

    assert panel.header.title.text() == "All · exposure and P&L, session"
    assert panel.header.facts.text() == "USD · clients’ side"


def test_it_follows_the_exposure_in_view_from_the_clients_side(
    show: Any, sampled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = show(SessionPanel)
    handed = drawn(panel, monkeypatch)
    sampled.selection.select_exposure(Dimension.INSTRUMENT, "EURUSD")

    assert panel.header.title.text() == "EURUSD · exposure and P&L, session"
    assert handed["net"] == pytest.approx([220_010, 220_010], rel=1e-6)
    # 2.00 in B and 60 % of 1.00 in C
    assert handed["kept"] == pytest.approx([286_013, 286_013], rel=1e-6)


def test_the_sellers_of_gold_lose_when_it_rises(show: Any, sampled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = show(SessionPanel)
    handed = drawn(panel, monkeypatch)
    sampled.selection.select_exposure(Dimension.SYMBOL, ("MT5", "XAUUSD"))

    assert panel.header.title.text() == "XAUUSD · exposure and P&L, session"
    assert handed["session"][1] - handed["session"][0] == pytest.approx(-100.0)


def test_nothing_is_drawn_twice(show: Any, sampled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = show(SessionPanel)
    handed = drawn(panel, monkeypatch)
    panel.beat(sampled.frame())
    assert handed == {}

    sampled.sampler.sample(sampled.state, compute(sampled.state, NOW_US + 10_000_000))
    panel.beat(sampled.frame())
    assert len(handed["net"]) == 3


def test_before_the_first_sample_it_is_empty(show: Any) -> None:
    assert show(SessionPanel).header.title.text() == "All · exposure and P&L, session"


def test_what_is_not_sampled_shows_everything(show: Any, sampled: Desk) -> None:
    panel = show(SessionPanel)
    sampled.selection.select_exposure(Dimension.CLIENT, 1)

    assert panel.header.title.text() == "All · exposure and P&L, session"


@pytest.mark.parametrize(
    ("dimension", "key", "words"),
    [(Dimension.BOOK, "B", "Book B"), (Dimension.ASSET_CLASS, "fx", "Fx"), (Dimension.SERVER, "MT5", "MT5")],
)
def test_a_row_is_called_by_what_it_is(dimension: Dimension, key: str, words: str) -> None:
    assert label_of(dimension, key) == words
