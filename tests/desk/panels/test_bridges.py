from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.bridges import (
    BRIDGE_COLUMNS,
    BridgesPanel,
    bridge_columns,
    hub_tone,
    hub_words,
    recorded_sequence,
    state_words,
)
from dealerdesk.desk.theme import Tone
from dealerdesk.store.queries import HubStatus

from .small_broker import NOW_US, FakeLibrary, Spoken, status

HUB = HubStatus("MT5", "recording", "cafe0123456789", 990, 0, 0, NOW_US - 500_000, "")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ConnectionState.LIVE, "live since 09:59:00"),
        (ConnectionState.CONNECTING, "connecting since 09:59:00"),
        (ConnectionState.JOINING, "loading since 09:59:00"),
        (ConnectionState.STALE, "platform down since 09:59:00"),
        (ConnectionState.DEAD, "no connection since 09:59:00"),
    ],
)
def test_each_state_is_said_in_words_with_its_time(state: ConnectionState, words: str) -> None:
    assert state_words(status("MT5", state)) == words


def test_the_lag_is_what_the_hub_has_not_recorded() -> None:
    columns = bridge_columns([status("MT5"), status("cTrader")], {"MT5": HUB}, NOW_US, NOW_US)

    assert np.asarray(columns["lag"]).tolist() == [10, 0]
    assert np.asarray(columns["recorded"])[0] == 990
    assert np.isnan(np.asarray(columns["recorded"])[1])
    assert np.asarray(columns["frame_age"]).tolist() == [40.0, 40.0]


def test_what_was_recorded_of_another_epoch_is_not_this_streams() -> None:
    assert recorded_sequence(status("MT5"), HUB) == 990
    assert recorded_sequence(status("MT5", epoch="other"), HUB) == -1
    assert recorded_sequence(status("MT5"), None) == -1


def test_a_silent_hub_is_said_in_amber() -> None:
    assert hub_words(HUB, NOW_US) == "recording"
    assert hub_tone(HUB, NOW_US) == Tone.NORMAL
    assert hub_words(HUB, NOW_US + 60_000_000) == "silent since 09:59:59"
    assert hub_tone(HUB, NOW_US + 60_000_000) == Tone.ATTENTION
    assert hub_words(None, NOW_US) == "not seen yet"


def test_every_declared_column_can_be_had() -> None:
    columns = bridge_columns([status("MT5", latency_ms=None, last_frame_us=0)], {}, NOW_US, NOW_US)

    for column in BRIDGE_COLUMNS:
        for key in filter(None, (column.key, column.tone_key)):
            assert len(columns[key]) == 1  # type: ignore[arg-type]


def test_the_panel_shows_each_bridge_twice_a_second_at_most(
    show: Any, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    library.hub = (HUB,)
    panel = show(BridgesPanel)
    assert panel.table.counts() == (2, 2)
    assert panel.header.facts.text() == "2 of 2 live · 1\u2009400 quotes/s"

    desk.clients["cTrader"].status = status("cTrader", ConnectionState.DEAD, quotes_per_s=0.0)  # type: ignore[misc]
    panel.beat(desk.frame())
    assert panel.header.facts.text() == "2 of 2 live · 1\u2009400 quotes/s"

    spoken.now_us += 500_000
    panel.beat(desk.frame())
    assert panel.header.facts.text() == "1 of 2 live · 700 quotes/s"
    assert panel.header.facts.property("tone") == "attention"
    assert isinstance(desk.clients["cTrader"], SimpleNamespace)


@pytest.mark.parametrize("ahead_us", [600_000_000, -600_000_000], ids=["ten minutes fast", "ten minutes slow"])
def test_a_desk_on_a_wrong_clock_sees_by_the_databases_whether_the_hub_is_heard_of(
    show: Any, desk: Desk, library: FakeLibrary, spoken: Spoken, ahead_us: int
) -> None:
    spoken.now_us += ahead_us
    library.behind_us = ahead_us
    library.hub = (HUB,)
    panel = show(BridgesPanel)
    assert panel.table.contents.rows.column("hub")[0] == "recording"

    spoken.now_us += 6_000_000
    panel.beat(desk.frame())
    assert panel.table.contents.rows.column("hub")[0] == "silent since 09:59:59"
