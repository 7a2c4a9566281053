"""The margin watch's columns: what is costly is renewed a few times a second, what is told of positions at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from dealerdesk.bridges.protocol import Delta, Gone, RowSet
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.identity import labels_of
from dealerdesk.desk.panels.margin_rows import WATCHED_EVERY_US, MarginRows, crossing_rows
from dealerdesk.live.frame import compute
from dealerdesk.live.margin_calls import Crossing, Standing
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, quote


def rows_of(desk: Desk) -> MarginRows:
    return MarginRows(desk.state, compute(desk.state, NOW_US), labels_of(desk.state), dict, {})


def value(rows: MarginRows, column: str, login: int = 201, server: str = "cTrader") -> Any:
    row = rows.row_of((server, login))
    assert row is not None
    return rows.column(column)[row]  # type: ignore[index]


def test_distances_are_renewed_a_few_times_a_second(desk: Desk, state: LiveState) -> None:
    rows = rows_of(desk)
    before = value(rows, "to_stop_out")
    quote(state, "cTrader", {0: (109_990, 110_000)}, NOW_US)
    rows.take(compute(state, NOW_US + WATCHED_EVERY_US - 1))
    assert value(rows, "to_stop_out") == before

    rows.take(compute(state, NOW_US + WATCHED_EVERY_US))
    assert value(rows, "to_stop_out") != before


def test_a_position_that_is_gone_is_not_named_any_more(desk: Desk, state: LiveState) -> None:
    rows = rows_of(desk)
    assert value(rows, "first") == "buy 1.00 EURUSD.c #1"
    assert value(rows, "first_result") == value(rows, "first_result")
    state.apply("cTrader", Delta(seq=1, version=1, time_us=NOW_US, row=Gone(RowSet.POSITION, 1)))
    rows.take(compute(state, NOW_US + 1))

    assert value(rows, "first") == ""
    assert math.isnan(value(rows, "first_result"))


def test_accounts_without_margin_are_not_listed(desk: Desk, state: LiveState) -> None:
    rows = rows_of(desk)
    alive = rows.alive()
    assert alive is not None
    assert int(np.count_nonzero(alive)) == 3

    state.apply("cTrader", Delta(seq=1, version=1, time_us=NOW_US, row=Gone(RowSet.POSITION, 1)))
    rows.take(compute(state, NOW_US + 1))
    alive = rows.alive()
    assert alive is not None
    assert int(np.count_nonzero(alive)) == 2


def test_the_newest_crossing_stands_first() -> None:
    rows = crossing_rows(
        [
            Crossing(1, "MT5", 101, Standing.FINE, Standing.CALLED, 99.0),
            Crossing(2, "MT5", 101, Standing.CALLED, Standing.STOPPED_OUT, 49.0),
        ]
    )

    assert list(rows.column("after")) == ["stop-out level", "margin call"]  # type: ignore[arg-type]
    assert rows.key(0) == ("MT5", 101, 2, 0)
