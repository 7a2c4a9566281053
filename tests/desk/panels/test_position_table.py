from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from dealerdesk.bridges.protocol import Delta
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.panels.position_table import PositionTableView
from dealerdesk.desk.panels.row_menu import Subject
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Side

from .small_broker import NOW_US, Spoken, position


@pytest.fixture
def positions(desk: Desk, outer: QWidget) -> PositionTableView:
    made = PositionTableView(desk, "p", AccountLabels(desk.state), outer)
    made.table.resize(900, 400)
    outer.resize(900, 400)
    outer.show()
    return made


def nothing_wanted() -> Any:
    return np.empty(0, dtype=np.intp)


def everything() -> Any:
    return None


def test_a_position_is_about_its_account_and_its_symbol(positions: PositionTableView) -> None:
    assert positions.subject(("MT5", 9003)) == Subject(("MT5", 102), ("MT5", "EURUSD"), position=9003)
    assert positions.subject(("MT5", 1)) == Subject()


def test_choosing_a_position_chooses_its_account_and_symbol(positions: PositionTableView, desk: Desk) -> None:
    positions.table.select_key(("MT5", 9002))

    assert desk.selection.account == ("MT5", 101)
    assert desk.selection.symbol == ("MT5", "XAUUSD")


def test_an_opened_position_shows_within_a_second(positions: PositionTableView, desk: Desk) -> None:
    positions.beat(desk.frame(), everything)
    desk.state.apply("MT5", Delta(1, 1, NOW_US, position(9009, 101, "EURUSD", Side.BUY, "1.00", "1.1")))
    positions.beat(compute(desk.state, NOW_US + 1_000_000), everything)

    assert positions.rows.row_of(("MT5", 9009)) is not None


def test_what_is_wanted_is_asked_again_after_forget(positions: PositionTableView, desk: Desk) -> None:
    positions.beat(desk.frame(), everything)
    positions.beat(desk.frame(), nothing_wanted)
    assert positions.table.counts() == (4, 4)

    positions.forget()
    positions.beat(desk.frame(), nothing_wanted)
    assert positions.table.counts() == (0, 0)


def test_why_on_a_profit_is_the_positions_own(positions: PositionTableView, spoken: Spoken) -> None:
    positions.table.why_asked.emit(("MT5", 9001), "floating")

    assert spoken.derivations[0].value == 2_000


def test_why_on_a_closed_position_is_a_sentence(positions: PositionTableView, spoken: Spoken) -> None:
    positions.menu.explain(("MT5", 1), "floating")

    assert spoken.notes[0][0] == "Not explained: this position is closed"


def test_positions_of_symbols_that_came_after_the_frame_before_are_shown(desk: Desk, outer: QWidget) -> None:
    full, empty = desk.frame(), compute(LiveState(), NOW_US)
    early = PositionTableView(replace(desk, frame=lambda: empty), "early", AccountLabels(desk.state), outer)
    early.rows.take(empty)
    # names came meanwhile: the frame is of the structure before them
    desk.state.version.structure += 1

    early.renew(full, lambda: np.array([0, 1], dtype=np.intp))
    assert early.table.counts() == (2, 2)
    assert early.rows.frame is full
