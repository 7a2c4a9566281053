from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.table.export import XLSX_ROWS_MAX, Export, harmless, tab_separated, take, write_csv, write_xlsx
from table.samples import COLUMNS, exposure

NOON_US = 1_773_318_127_000_000


def taken(at: tuple[int, ...] = (1, 0, 2, 3)) -> Export:
    return take("exposure", exposure(), COLUMNS, np.array(at))


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_csv_holds_plain_numbers_in_the_order_shown(tmp_path: Path) -> None:
    write_csv(taken(), tmp_path / "out.csv")

    assert read(tmp_path / "out.csv") == [
        ["Symbol", "Net lots", "Book", "Level %", "Limit used", "Age ms"],
        ["XAUUSD", "-195.27", "B", "58.0", "-0.97", "1800.0"],
        ["EURUSD", "36.77", "A", "150.0", "0.09", "110.0"],
        ["GBPUSD", "227.62", "B", "", "1.4", "74.0"],
        ["US500", "0.0", "C", "84.0", "", ""],
    ]


@pytest.mark.parametrize("text", ['=HYPERLINK("x")', "+1", "-cmd", "@sum", "\tx"])
def test_text_from_outside_never_becomes_a_formula_in_csv(text: str, tmp_path: Path) -> None:
    assert harmless(text) == f"'{text}"
    rows = ColumnRows({"name": [text]})
    write_csv(take("t", rows, [Column("name", "Name")], np.array([0])), tmp_path / "t.csv")

    assert not read(tmp_path / "t.csv")[1][0].startswith(("=", "+", "-", "@"))


def test_xlsx_holds_numbers_as_numbers_and_text_as_text(tmp_path: Path) -> None:
    rows = ColumnRows(
        {"name": ["=1+1"], "net": np.array([-1234.567]), "at": np.array([NOON_US]), "id": np.array([703404])}
    )
    columns = [
        Column("name", "Name"),
        Column("net", "Net", Kind.SIGNED),
        Column("at", "At", Kind.TIME),
        Column("id", "Login", Kind.INTEGER),
    ]
    write_xlsx(take("accounts", rows, columns, np.array([0])), tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx").active

    assert sheet is not None
    assert [cell.value for cell in sheet[1]] == ["Name", "Net", "At UTC", "Login"]
    assert [cell.value for cell in sheet[2]] == ["=1+1", -1234.57, datetime(2026, 3, 12, 12, 22, 7), 703404]  # noqa: DTZ001
    assert [cell.data_type for cell in sheet[2]] == ["s", "n", "d", "n"]


def test_figures_are_rounded_to_the_decimals_shown_and_each_row_to_its_own() -> None:
    price = Column("bid", "Bid", Kind.PRICE, decimals_key="digits")
    rows = ColumnRows({"bid": np.array([1.082141, 191.4404]), "digits": np.array([5, 3])})

    assert take("q", rows, [price], np.array([0, 1])).values == ([1.08214, 191.44],)


def test_shrunk_figures_are_exported_whole() -> None:
    usd = Column("usd", "Net USD", Kind.SIGNED_MONEY, decimals=1, compact=True)

    assert take("x", ColumnRows({"usd": np.array([4_123_456.75])}), [usd], np.array([0])).values == ([4_123_456.75],)


def test_the_clipboard_takes_tabs_and_headings() -> None:
    lines = tab_separated(taken((0,))).splitlines()

    assert lines == ["Symbol\tNet lots\tBook\tLevel %\tLimit used\tAge ms", "EURUSD\t36.77\tA\t150.0\t0.09\t110.0"]


def test_what_is_not_known_is_an_empty_cell() -> None:
    at = Column("at", "At", Kind.TIME)

    assert take("x", ColumnRows({"at": np.array([0, NOON_US])}), [at], np.array([0, 1])).values == ([None, NOON_US],)
    assert "2026-03-12 12:22:07" in tab_separated(
        take("x", ColumnRows({"at": np.array([NOON_US])}), [at], np.array([0]))
    )


def test_a_copy_does_not_change_with_the_table() -> None:
    net = np.array([1.0])
    copy = take("x", ColumnRows({"net": net}), [Column("net", "Net", Kind.SIGNED)], np.array([0]))
    net[0] = 2.0

    assert copy.values == ([1.0],)


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"):
        write_xlsx(taken(), tmp_path / "nowhere" / "out.xlsx")
    with pytest.raises(OSError, match="nowhere"):
        write_csv(taken(), tmp_path / "nowhere" / "out.csv")


def test_more_rows_than_a_sheet_holds_are_refused_with_the_way_out(tmp_path: Path) -> None:
    too_many = Export("x", (Column("a", "A"),), ([""] * (XLSX_ROWS_MAX + 1),), (None,))

    with pytest.raises(ValueError, match="export as CSV"):
        write_xlsx(too_many, tmp_path / "out.xlsx")
