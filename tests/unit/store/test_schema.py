from __future__ import annotations

import pytest
from sqlalchemy import Float, Numeric

from dealerdesk.bridges.protocol import RECORD_SETS, Row, RowSet
from dealerdesk.store import schema
from dealerdesk.store.recorded import STATE_SETS, TABLE_OF
from dealerdesk.store.rows import ORIGIN

RENAMED = {"group": "group_name", "index": "quote_index"}


def test_every_row_set_but_session_results_has_a_table() -> None:
    assert set(RowSet) - set(TABLE_OF) == {RowSet.SESSION_RESULT}
    assert set(STATE_SETS) == set(TABLE_OF) - RECORD_SETS


@pytest.mark.parametrize("record", [record for record in Row.__args__ if record.__name__ != "SessionResult"])
def test_a_tables_columns_are_its_records_fields_in_their_order(record: type) -> None:
    table = TABLE_OF[RowSet(record.__struct_config__.tag)]  # type: ignore[attr-defined]

    names = [RENAMED.get(name, name) for name in record.__struct_fields__]  # type: ignore[attr-defined]

    assert [column.name for column in table.columns][:ORIGIN] == ["server", "epoch", "sequence"]
    assert [column.name for column in table.columns][ORIGIN:] == names


def test_every_recorded_row_is_found_by_its_server_and_key() -> None:
    assert all(next(iter(table.primary_key)).name == "server" for table in TABLE_OF.values())


def test_no_column_anywhere_is_a_float() -> None:
    for table in schema.metadata.tables.values():
        for column in table.columns:
            assert not isinstance(column.type, Float) or isinstance(column.type, Numeric), f"{table.name}.{column.name}"


def test_every_table_can_be_had_by_name() -> None:
    assert {table.name for table in schema.metadata.tables.values()} <= set(schema.__all__)
