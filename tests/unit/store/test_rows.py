from __future__ import annotations

from decimal import Decimal

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.store.rows import from_table, key_column, table_rows
from dealerdesk.trading import Book, DealReason, Position, Routing, Side

POSITION = Position(
    id=7, login=1001, symbol="EURUSD", side=Side.SELL, volume=150_000_000, open_price=Decimal("1.10000"), opened_us=5
)


def test_a_row_becomes_plain_values_behind_its_origin() -> None:
    (values,) = table_rows(RowSet.POSITION, "MT5", "e1", [POSITION], [42])

    assert values[:4] == ("MT5", "e1", 42, 7)
    assert values == (
        "MT5",
        "e1",
        42,
        7,
        1001,
        "EURUSD",
        "sell",
        150_000_000,
        "1.10000",
        5,
        None,
        None,
        0,
        0,
        "client",
        "",
    )
    assert {type(value) for value in values} == {str, int, type(None)}


def test_a_table_row_becomes_the_record_again() -> None:
    stored = (
        "MT5",
        "e1",
        42,
        7,
        1001,
        "EURUSD",
        "sell",
        150_000_000,
        Decimal("1.10000"),
        5,
        None,
        None,
        0,
        0,
        "client",
        "",
    )

    record = from_table(Position, stored)

    assert record == POSITION
    assert record.reason is DealReason.CLIENT


def test_rows_of_one_set_keep_their_order_and_versions() -> None:
    rows = [Routing(login=login, book=Book.C, covered_percent=30) for login in (3, 1, 2)]

    found = table_rows(RowSet.ROUTING, "MT4", "e", rows, [30, 10, 20])

    assert [(values[2], values[3]) for values in found] == [(30, 3), (10, 1), (20, 2)]


def test_a_state_sets_key_is_the_second_column_of_its_primary_key() -> None:
    assert key_column(RowSet.POSITION) == "id"
    assert key_column(RowSet.ROUTING) == "login"
    assert key_column(RowSet.SYMBOL) == "name"
