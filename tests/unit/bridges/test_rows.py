"""Every row knows its set and its key."""

from __future__ import annotations

import pytest
from platform_double import account, deal, position, routing

from dealerdesk.bridges.rows import Gone, Row, RowSet, row_key, row_set
from dealerdesk.trading import DayEnd, SessionResult


@pytest.mark.parametrize(
    ("row", "expected_set", "expected_key"),
    [
        (account(1001), RowSet.ACCOUNT, 1001),
        (routing(1001), RowSet.ROUTING, 1001),
        (position(5), RowSet.POSITION, 5),
        (deal(9), RowSet.DEAL, 9),
        (
            SessionResult(login=1001, symbol="EURUSD", realised=1, start_floating=2),
            RowSet.SESSION_RESULT,
            "1001/EURUSD",
        ),
        (Gone(RowSet.ORDER, 4), RowSet.ORDER, 4),
        (
            DayEnd(login=1, day="2026-01-05", balance=1, credit=0, floating=0, margin=0, realised=0, deposits=0),
            RowSet.DAY_END,
            "1/2026-01-05",
        ),
    ],
)
def test_set_and_key_of_a_row(row: Row | Gone, expected_set: RowSet, expected_key: int | str) -> None:
    assert (row_set(row), row_key(row)) == (expected_set, expected_key)
