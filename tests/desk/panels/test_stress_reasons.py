"""Which figures of a stress test say why."""

from __future__ import annotations

import pytest

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress_reasons import account_reasons, company_reasons
from dealerdesk.desk.panels.stress_rows import COMPARE_COLUMNS, WORST_COLUMNS


def nothing() -> None:
    return None


def test_they_are_columns_that_there_are() -> None:
    assert set(account_reasons(nothing, nothing)) <= {column.key for column in WORST_COLUMNS}
    assert set(company_reasons(tuple)) <= {column.key for column in COMPARE_COLUMNS}


def test_before_anything_has_been_run_there_is_nothing_to_explain(desk: Desk) -> None:
    with pytest.raises(LookupError, match="nothing has been run yet"):
        account_reasons(nothing, nothing)["level"](desk.frame(), ("MT5", 101))
    with pytest.raises(LookupError, match="nothing has been run yet"):
        company_reasons(tuple)["after"](desk.frame(), ("mine", "as given"))
