from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.bridges.protocol import Delta, Gone, RowSet
from dealerdesk.desk.panels import position_rows
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.panels.position_rows import POSITION_COLUMNS, PositionRows
from dealerdesk.desk.table import Coded
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Side

from .small_broker import NOW_US, position, quote, symbol

NONE_IN_VIEW = np.empty(0, dtype=np.intp)


@pytest.fixture
def rows(state: LiveState) -> PositionRows:
    frame = compute(state, NOW_US)
    made = PositionRows(state, frame, AccountLabels(state))
    made.take_in_view(frame, NONE_IN_VIEW)
    return made


def value(rows: PositionRows, key: str, position_key: tuple[str, int]) -> float:
    row, values = rows.row_of(position_key), rows.column(key)
    assert row is not None
    assert isinstance(values, np.ndarray)
    return float(values[row])


def text(rows: PositionRows, key: str, position_key: tuple[str, int]) -> str:
    row, values = rows.row_of(position_key), rows.column(key)
    assert row is not None
    assert isinstance(values, Coded)
    return values.text(row)


def test_a_bought_position_closes_at_the_bid_and_a_sold_one_at_the_ask(rows: PositionRows) -> None:
    assert value(rows, "price", ("MT5", 9001)) == pytest.approx(1.10000)
    assert value(rows, "price", ("MT5", 9003)) == pytest.approx(1.10010)
    assert value(rows, "floating", ("MT5", 9001)) == pytest.approx(2_000.0)
    assert value(rows, "floating", ("MT5", 9002)) == pytest.approx(-1_000.0)


def test_words_come_from_the_account_and_the_symbol(rows: PositionRows) -> None:
    key = ("MT5", 9003)

    assert text(rows, "symbol", key) == "EURUSD"
    assert text(rows, "account", key) == "MT5 102"
    assert text(rows, "side", key) == "sell"
    assert text(rows, "book", key) == "A"
    assert text(rows, "currency", key) == "EUR"
    assert text(rows, "client", key) == "Bo Berg"
    assert value(rows, "age", key) == 3_600_000.0


def test_the_foot_converts_each_accounts_currency(rows: PositionRows) -> None:
    at = np.arange(rows.count())

    # +2 000 −1 000 −100 USD, and +100 USD held in EUR, converted there and back at the same mid
    assert rows.total("floating", at) == pytest.approx(1_000.0)
    assert rows.total("lots", at) == pytest.approx(5.0)


def test_narrowing_to_some_slots_keeps_keys_and_rows_in_step(rows: PositionRows, state: LiveState) -> None:
    slot = state.positions.slot("MT5", 9002)
    assert slot is not None

    assert rows.narrow(np.array([slot]))
    assert not rows.narrow(np.array([slot]))
    assert rows.count() == 1
    assert rows.key(0) == ("MT5", 9002)
    assert rows.row_of(("MT5", 9001)) is None
    assert value(rows, "floating", ("MT5", 9002)) == pytest.approx(-1_000.0)


def test_of_many_rows_those_in_view_are_fresh_and_the_rest_in_their_turn(
    rows: PositionRows, state: LiveState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_rows, "SLICE_ROWS", 1)
    rows.column("floating")
    quote(state, "MT5", {0: (110_100, 110_110)}, NOW_US)
    in_view = np.array([rows.row_of(("MT5", 9001))])
    before = value(rows, "floating", ("MT5", 9003))

    rows.take_in_view(compute(state, NOW_US + 50_000), in_view)
    assert value(rows, "floating", ("MT5", 9001)) == pytest.approx(2_200.0)
    assert value(rows, "floating", ("MT5", 9003)) == before

    for beat in range(2, rows.count() + 1):
        rows.take_in_view(compute(state, NOW_US + beat * 50_000), in_view)
    assert value(rows, "floating", ("MT5", 9003)) < before


def test_a_position_opened_among_many_is_there_on_the_next_beat(
    rows: PositionRows, state: LiveState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(position_rows, "SLICE_ROWS", 1)
    monkeypatch.setattr(position_rows, "SPARE", 2.0)
    rows._renew()
    rows.column("lots")
    state.load("MT5", [position(9004, 101, "EURUSD", Side.BUY, "3.00", "1.1")], [1])

    rows.take_in_view(compute(state, NOW_US + 50_000), NONE_IN_VIEW)

    assert rows.count() == 5
    assert value(rows, "lots", ("MT5", 9004)) == 3.0


def test_a_frame_that_does_not_know_a_new_symbol_changes_nothing(rows: PositionRows, state: LiveState) -> None:
    frame = compute(state, NOW_US + 50_000)
    state.load("MT5", [symbol("GBPUSD", "GBPUSD", 2)], [1])
    state.load("MT5", [position(9004, 101, "GBPUSD", Side.BUY, "1.00", "1.3")], [1])

    rows.take_in_view(frame, NONE_IN_VIEW)

    assert rows.count() == 4
    assert rows.row_of(("MT5", 9004)) is None


def test_a_closed_position_is_grey_until_the_table_drops_it(rows: PositionRows, state: LiveState) -> None:
    row = rows.row_of(("MT5", 9001))
    state.apply("MT5", Delta(1, 1, NOW_US, Gone(RowSet.POSITION, 9001)))
    stale, alive = rows.stale(), rows.alive()
    assert stale is not None
    assert alive is not None

    assert stale[row]
    assert not alive[row]
    assert rows.row_of(("MT5", 9001)) is None


def test_positions_of_a_stale_server_are_grey(rows: PositionRows, state: LiveState) -> None:
    state.set_stale("cTrader", NOW_US)
    stale = rows.stale()
    assert stale is not None

    assert stale[rows.row_of(("cTrader", 1))]
    assert not stale[rows.row_of(("MT5", 9001))]


def test_every_declared_column_can_be_had(rows: PositionRows) -> None:
    for column in POSITION_COLUMNS:
        for key in filter(None, (column.key, column.decimals_key, column.tone_key)):
            rows.column(key)
    assert rows.total("commission", np.arange(4)) == 0.0
