from __future__ import annotations

import numpy as np

from dealerdesk.desk.panels.beat_rows import BeatRows, sum_known
from dealerdesk.desk.table.rows import Values
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US


class Counted(BeatRows):
    """Counts how often a column is computed."""

    asked = 0

    def figure(self, key: str) -> Values:
        self.asked += 1
        return np.array([1.0, np.nan, 2.0])


def test_a_column_is_computed_once_a_frame_however_often_it_is_asked_for(state: LiveState) -> None:
    rows = Counted(state, compute(state, NOW_US))

    rows.column("a")
    rows.column("a")
    assert rows.asked == 1
    rows.take(compute(state, NOW_US + 1))
    rows.column("a")
    assert rows.asked == 2


def test_a_total_leaves_out_what_is_not_known(state: LiveState) -> None:
    assert Counted(state, compute(state, NOW_US)).total("a", np.arange(3)) == 3.0
    assert sum_known(np.array([1.5, 2.5])) == 4.0
    assert sum_known(np.array([])) == 0.0


def test_the_rows_of_a_stale_server_are_known_by_its_code(state: LiveState) -> None:
    rows = Counted(state, compute(state, NOW_US))
    assert not rows.any_stale()

    state.set_stale("cTrader", NOW_US)

    assert rows.any_stale()
    assert rows.server_stale().tolist() == [False, True]
