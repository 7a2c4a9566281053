from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.commands.records import CommandState
from dealerdesk.desk.panels.account_rows import (
    ACCOUNT_COLUMNS,
    AccountRows,
    decimals_of,
    in_currency,
    level_tones,
)
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.table import Coded
from dealerdesk.desk.table.cells import CellTexts
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, command


@pytest.fixture
def rows(state: LiveState) -> AccountRows:
    labels = AccountLabels(state)
    return AccountRows(state, compute(state, NOW_US), labels, lambda: {("MT5", 101): command()})


def row(rows: AccountRows, server: str, login: int) -> int:
    found = rows.row_of((server, login))
    assert found is not None
    return found


def figure(rows: AccountRows, key: str, server: str, login: int) -> float:
    values = rows.column(key)
    assert isinstance(values, np.ndarray)
    return float(values[row(rows, server, login)])


def test_equity_is_balance_and_floating_of_both_positions(rows: AccountRows) -> None:
    # buy 2.00 EURUSD 1.09000 → 1.10000 is +2 000, sell 1.00 XAUUSD 1990.50 → 2000.50 is −1 000
    assert figure(rows, "floating", "MT5", 101) == pytest.approx(1_000.0)
    assert figure(rows, "equity", "MT5", 101) == pytest.approx(11_000.0)
    assert figure(rows, "balance", "MT5", 101) == 10_000.0


def test_the_foot_adds_euros_and_dollars_up_in_dollars(rows: AccountRows) -> None:
    at = np.array([row(rows, "MT5", 101), row(rows, "MT5", 102)])

    # 10 000 USD + 5 000 EUR at a mid of 1.10005
    assert rows.total("balance", at) == pytest.approx(10_000 + 5_000 * 1.10005)


def test_the_tone_of_a_level_follows_its_own_call_and_stop_out() -> None:
    level, call, stop = np.array([101.0, 99.0, 74.0, np.nan]), np.full(4, 100.0), np.full(4, 50.0)

    assert level_tones(level, call, stop).tolist() == [Tone.NORMAL, Tone.ATTENTION, Tone.ALARM, Tone.NORMAL]


def test_the_account_near_its_stop_out_is_in_alarm_and_below_its_call(rows: AccountRows) -> None:
    # equity 100.00 on a margin of 1 000 EUR
    assert figure(rows, "level", "cTrader", 201) == pytest.approx(100 / 1_100.05 * 100)
    assert figure(rows, "level_tone", "cTrader", 201) == Tone.ALARM
    assert figure(rows, "to_call", "cTrader", 201) < 0


@pytest.mark.parametrize(
    ("asked", "text", "tone"),
    [
        (CommandState.REQUESTED, "B ●", Tone.ATTENTION),
        (CommandState.APPROVED, "B ○", Tone.NORMAL),
        (CommandState.DISPATCHED, "B ○", Tone.NORMAL),
        (CommandState.UNKNOWN, "B ◌", Tone.ATTENTION),
    ],
)
def test_a_book_that_waits_for_approval_has_an_amber_dot_and_is_hollow_until_read_back(
    state: LiveState, asked: CommandState, text: str, tone: Tone
) -> None:
    under_way = {("MT5", 101): command(state=asked)}
    rows = AccountRows(state, compute(state, NOW_US), AccountLabels(state), lambda: under_way)
    (book,) = (column for column in ACCOUNT_COLUMNS if column.key == "book")
    at = np.array([row(rows, "MT5", 101), row(rows, "MT5", 102)])

    (cells,) = CellTexts().cells(rows, [book], at)

    assert (cells.texts, cells.tones) == ([text, "A"], [tone, Tone.NORMAL])


def test_books_and_currencies_read_as_words(rows: AccountRows) -> None:
    book, currency = rows.column("book"), rows.column("currency")
    assert isinstance(book, Coded)
    assert isinstance(currency, Coded)

    assert [book.text(row(rows, "MT5", login)) for login in (101, 102)] == ["B", "A"]
    assert book.text(row(rows, "cTrader", 201)) == "C"
    assert currency.text(row(rows, "MT5", 102)) == "EUR"


def test_only_the_rows_of_a_stale_server_are_grey(rows: AccountRows, state: LiveState) -> None:
    assert rows.stale() is None
    state.set_stale("MT5", NOW_US)
    stale = rows.stale()
    assert stale is not None
    assert stale[row(rows, "MT5", 101)]
    assert not stale[row(rows, "cTrader", 201)]


def test_an_account_that_is_gone_has_no_row(rows: AccountRows) -> None:
    assert rows.row_of(("MT5", 999)) is None
    assert rows.row_of("nonsense") is None


def test_every_declared_column_can_be_had_with_the_decimals_of_its_currency(rows: AccountRows) -> None:
    for column in ACCOUNT_COLUMNS:
        for key in filter(None, (column.key, column.decimals_key, column.tone_key)):
            rows.column(key)
    assert decimals_of(np.array([0.01, 1.0, 0.0])).tolist() == [2, 0, 0]


def test_converted_columns_name_the_reporting_currency() -> None:
    units = {column.key: column.unit for column in in_currency(ACCOUNT_COLUMNS, "CHF")}

    assert units["session_reporting"] == "CHF"
    assert units["equity"] == ""


def test_accounts_of_a_loading_server_have_no_figures(rows: AccountRows, state: LiveState) -> None:
    assert rows.unknown() == 0
    state.begin_snapshot("cTrader", [RowSet.POSITION])
    rows.take(compute(state, NOW_US))
    assert rows.unknown() == 1
