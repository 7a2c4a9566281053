"""A desk on the small broker, for the tests of every panel."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from dealerdesk.config import Endpoint, Profile
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.inbox import InboxWatch
from dealerdesk.desk.panel import Panel
from dealerdesk.desk.selection import Selection
from dealerdesk.desk.settings import Preferences
from dealerdesk.desk.theme import DARK, apply
from dealerdesk.live.frame import Frame, compute
from dealerdesk.live.history import History
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Platform

from .small_broker import CTRADER_ROWS, MT5_ROWS, NOW_US, FakeLibrary, Memory, Spoken, load, quote, run_now, status


@pytest.fixture
def state() -> LiveState:
    """The small broker."""
    made = LiveState()
    load(made, "MT5", MT5_ROWS)
    load(made, "cTrader", CTRADER_ROWS)
    quote(made, "MT5", {0: (110_000, 110_010), 1: (200_000, 200_050)}, NOW_US - 100_000)
    quote(made, "cTrader", {0: (110_000, 110_010)}, NOW_US - 50_000)
    return made


@pytest.fixture
def spoken() -> Spoken:
    return Spoken()


@pytest.fixture
def library(spoken: Spoken) -> FakeLibrary:
    made = FakeLibrary()
    made.clock = spoken.clock
    return made


@pytest.fixture
def desk(qtbot: QtBot, qapp: Any, state: LiveState, spoken: Spoken, library: FakeLibrary) -> Desk:
    """A desk of dana, a head dealer, on the small broker."""
    apply(qapp, DARK)
    endpoints = (
        Endpoint("MT5", Platform.MT5, "ws://localhost:1"),
        Endpoint("cTrader", Platform.CTRADER, "ws://localhost:2"),
    )
    profile = Profile(name="demo", database_url="sqlite://", endpoints=endpoints, staff="dana", role="head_dealer")

    def frame() -> Frame:
        return compute(state, spoken.now_us)

    made = SimpleNamespace(status=status("MT5")), SimpleNamespace(status=status("cTrader"))
    return Desk(
        state=state,
        frame=frame,
        clock=spoken.clock,
        selection=Selection(),
        clients={"MT5": made[0], "cTrader": made[1]},  # type: ignore[dict-item]
        library=library,  # type: ignore[arg-type]
        inbox=InboxWatch(library, spoken.clock, run_now),  # type: ignore[arg-type]
        profile=profile,
        who="dana",
        role="head_dealer",
        memory=Memory(),
        preferences=Preferences,
        sampler=History(state),
        open_panel=spoken.opened.append,
        set_book=spoken.set_book,
        refusal=spoken.refusal,
        why=spoken.derivations.append,
        run=run_now,
        notify=spoken.notify,
    )


ShowPanel = Callable[..., Any]


@pytest.fixture
def show(qtbot: QtBot, desk: Desk) -> ShowPanel:
    """Makes a panel on the desk (or on another one), shows it so wide and high, and gives it one beat."""

    def make(panel_class: type[Panel], width: int = 900, height: int = 500, on: Desk | None = None) -> Panel:
        panel = panel_class(on or desk)
        qtbot.addWidget(panel)
        panel.resize(width, height)
        panel.show()
        panel.activateWindow()
        # keys reach a panel's shortcuts only while its window is the active one
        qtbot.waitUntil(panel.isActiveWindow)
        panel.refocus()
        panel.beat(desk.frame())
        return panel

    return make
