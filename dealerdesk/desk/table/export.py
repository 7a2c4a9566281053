"""A table's rows as tab-separated text, CSV and XLSX: what the person sees, numbers as numbers. Draws nothing.

`take` copies what is to be written, so that a large file can be written away from the screen's thread. Text from
outside never becomes a formula: CSV puts an apostrophe before it, XLSX writes it as a string.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from dealerdesk.clock import from_us
from dealerdesk.desk import numbers
from dealerdesk.desk.table.column import Column, Kind
from dealerdesk.desk.table.rows import Coded, Index, Rows

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
XLSX_ROWS_MAX = 1_048_575
_UNROUNDED = (Kind.INTEGER, Kind.TIME, Kind.AGE, Kind.BAR)


@dataclass(frozen=True, slots=True)
class Export:
    """A copy of columns and their values: words as text, figures as numbers, times as microseconds, None for none."""

    name: str
    columns: tuple[Column, ...]
    values: tuple[list[Any], ...]
    decimals: tuple[list[int] | None, ...]

    @property
    def headings(self) -> list[str]:
        return [_heading(column) for column in self.columns]

    def lines(self) -> Iterator[tuple[Any, ...]]:
        return zip(*self.values, strict=True)


def take(name: str, rows: Rows, columns: Sequence[Column], at: Index) -> Export:
    """Copies the columns at the source rows `at`, figures rounded to the decimals they are shown with."""
    values, decimals = [], []
    for column in columns:
        places = _decimals(rows, column, at)
        values.append(_taken(rows, column, at, places))
        decimals.append(places)
    return Export(name, tuple(columns), tuple(values), tuple(decimals))


def tab_separated(export: Export) -> str:
    """The rows as text for a spreadsheet's clipboard, headings first, with plain decimal points and minuses."""
    lines = [export.headings]
    lines += [[_cell(v, c) for v, c in zip(row, export.columns, strict=True)] for row in export.lines()]
    return "\n".join("\t".join(line) for line in lines) + "\n"


def harmless(text: str) -> str:
    """Text from outside as no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(export: Export, path: Path) -> None:
    """Writes UTF-8 CSV that spreadsheets recognise; raises OSError where the file cannot be written."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(export.headings)
        for row in export.lines():
            writer.writerow([_cell(v, c) for v, c in zip(row, export.columns, strict=True)])


def write_xlsx(export: Export, path: Path) -> None:
    """Writes one sheet with a frozen, filterable heading row; raises OSError where the file cannot be written,
    ValueError when there are more rows than a sheet holds."""
    # only who exports to XLSX pays for importing its writer
    from xlsxwriter import Workbook
    from xlsxwriter.exceptions import XlsxWriterException

    if export.values and len(export.values[0]) > XLSX_ROWS_MAX:
        raise ValueError(f"{len(export.values[0])} rows are more than a sheet holds ({XLSX_ROWS_MAX}): export as CSV")
    book = Workbook(str(path), {"constant_memory": False, "strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet(export.name[:31])
    bold = book.add_format({"bold": True})
    formats: dict[str, Any] = {}
    for place, (column, values, decimals) in enumerate(
        zip(export.columns, export.values, export.decimals, strict=True)
    ):
        sheet.write_string(0, place, _heading(column), bold)
        sheet.set_column(place, place, max(column.width, len(column.heading)) + 2)
        for row, value in enumerate(values, start=1):
            if value is None:
                continue
            shape = _number_format(column, decimals[row - 1] if decimals else column.decimals)
            if shape not in formats:
                formats[shape] = book.add_format({"num_format": shape})
            _write(sheet, row, place, column, value, formats[shape])
    if export.columns:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(1, len(export.values[0])), len(export.columns) - 1)
    try:
        book.close()
    except XlsxWriterException as error:
        raise OSError(f"{path}: {error}") from error


def _write(sheet: Any, row: int, place: int, column: Column, value: Any, shape: Any) -> None:
    if column.kind.is_words:
        sheet.write_string(row, place, value)
    elif column.kind is Kind.TIME:
        sheet.write_datetime(row, place, from_us(value).replace(tzinfo=None), shape)
    else:
        sheet.write_number(row, place, value, shape)


def _number_format(column: Column, decimals: int) -> str:
    match column.kind:
        case Kind.TEXT | Kind.BOOK:
            return "@"
        case Kind.TIME:
            return "yyyy-mm-dd hh:mm:ss"
        case Kind.INTEGER | Kind.AGE:
            return "0"
        case Kind.BAR:
            return "0%"
        case _:
            return "#,##0" + ("." + "0" * decimals if decimals else "")


def _heading(column: Column) -> str:
    match column.kind:
        case Kind.AGE:
            return f"{column.title} ms"
        case Kind.TIME:
            return f"{column.title} UTC"
        case Kind.PERCENT:
            return f"{column.title} %"
        case _:
            return column.heading


def _cell(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if column.kind.is_words:
        return harmless(str(value))
    if column.kind is Kind.TIME:
        return from_us(value).isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00")
    return str(value)


def _decimals(rows: Rows, column: Column, at: Index) -> list[int] | None:
    if not column.decimals_key:
        return None
    places = rows.column(column.decimals_key)
    return places[at].tolist() if isinstance(places, np.ndarray) else None


def _taken(rows: Rows, column: Column, at: Index, places: list[int] | None) -> list[Any]:
    values = rows.column(column.key)
    if isinstance(values, Coded):
        return [numbers.plain(values.text(row)) for row in at.tolist()]
    if not isinstance(values, np.ndarray):
        return [numbers.plain(values[row]) for row in at.tolist()]
    taken: list[Any] = values[at].tolist()
    if column.kind is Kind.TIME:
        return [value if value > 0 else None for value in taken]
    if column.kind is Kind.AGE:
        return [value if value >= 0 else None for value in taken]
    if column.kind in _UNROUNDED or column.compact:
        return [value if isfinite(value) else None for value in taken]
    digits = places or [column.decimals] * len(taken)
    return [round(v, d) if isfinite(v) else None for v, d in zip(taken, digits, strict=True)]
