"""The visible cells of a table as text and tone, formatted column by column. Draws nothing.

A value once formatted is kept, so an unchanged figure costs one look-up; what is out of sight is never formatted.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from dealerdesk.desk import numbers
from dealerdesk.desk.table.column import Column, Kind
from dealerdesk.desk.table.rows import Coded, Index, Rows, Values
from dealerdesk.desk.theme import Tone

Format = Callable[[Any], str]
KEPT_TEXTS = 512
"""Several screens of a column: enough for what moves, and filled within minutes, so that memory comes to rest."""


@dataclass(slots=True)
class CellColumn:
    """The visible part of one column: a text and a tone a row, and where it has them bars' signed shares and which
    words are crossed out."""

    column: Column
    texts: list[str]
    tones: list[int]
    shares: list[float] | None = None
    struck: list[bool] | None = None


def format_of(column: Column, decimals: int) -> Format:
    """How a value of this column reads with so many decimals."""
    match column.kind:
        case Kind.TEXT | Kind.BOOK:
            return numbers.plain
        case Kind.INTEGER:
            return numbers.integer
        case Kind.PERCENT:
            return partial(numbers.percent, decimals=decimals)
        case Kind.TIME:
            return numbers.moment if column.dates else numbers.clock_time
        case Kind.AGE:
            return numbers.age
        case Kind.BAR:
            return numbers.share
        case _ if column.compact:
            return partial(numbers.compact, decimals=decimals, with_sign=column.kind.is_signed)
        case _:
            return partial(numbers.signed if column.kind.is_signed else numbers.fixed, decimals=decimals)


class CellTexts:
    """Formats the visible cells of one table."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], tuple[Format, dict[Any, str]]] = {}

    def cells(self, rows: Rows, columns: list[Column], at: Index, all_stale: bool = False) -> list[CellColumn]:
        """The cells of `columns` at the source rows `at`."""
        stale = rows.stale()
        greyed = [True] * len(at) if all_stale else None if stale is None else stale[at].tolist()
        return [self._column(rows, column, at, greyed) for column in columns]

    def text(self, rows: Rows, column: Column, row: int) -> str:
        """The text of one cell."""
        return self.cells(rows, [column], np.array([row]))[0].texts[0]

    def figure(self, column: Column, value: float) -> str:
        """A figure that stands in no row, such as a total, as this column writes it."""
        return format_of(column, column.decimals)(value)

    def _column(self, rows: Rows, column: Column, at: Index, greyed: list[bool] | None) -> CellColumn:
        taken = _taken(rows.column(column.key), at)
        texts = self._texts(rows, column, at, taken)
        if column.mark_key:
            marks = _taken(rows.column(column.mark_key), at)
            texts = [f"{text} {mark}" if mark else text for text, mark in zip(texts, marks, strict=True)]
        tones = self._tones(rows, column, at, texts)
        if greyed is not None:
            tones = [Tone.STALE if grey else tone for tone, grey in zip(tones, greyed, strict=True)]
        struck = np.asarray(rows.column(column.struck_key))[at].tolist() if column.struck_key else None
        return CellColumn(column, texts, tones, taken if column.kind is Kind.BAR else None, struck)

    def _texts(self, rows: Rows, column: Column, at: Index, values: list[Any]) -> list[str]:
        if not column.decimals_key:
            return self._formatted(column, column.decimals, values)
        decimals = rows.column(column.decimals_key)
        if not isinstance(decimals, np.ndarray):
            raise TypeError(f"{column.key}: the decimals of {column.decimals_key} are no array")
        pairs = zip(values, decimals[at].tolist(), strict=True)
        return [self._formatted(column, places, [value])[0] for value, places in pairs]

    def _formatted(self, column: Column, decimals: int, values: list[Any]) -> list[str]:
        kept = self._kept.get((column.key, decimals))
        if kept is None:
            kept = self._kept[column.key, decimals] = (format_of(column, decimals), {})
        shape, texts = kept
        if len(texts) > KEPT_TEXTS:
            texts.clear()
        made = []
        for value in values:
            text = texts.get(value)
            if text is None:
                text = shape(value)
                if value == value:  # a NaN is never found again, so it is not kept
                    texts[value] = text
            made.append(text)
        return made

    def _tones(self, rows: Rows, column: Column, at: Index, texts: list[str]) -> list[int]:
        own = _own_tones(column, texts)
        if not column.tone_key:
            return own
        said = rows.column(column.tone_key)
        if not isinstance(said, np.ndarray):
            raise TypeError(f"{column.key}: the tones of {column.tone_key} are no array")
        return [tone or default for tone, default in zip(said[at].tolist(), own, strict=True)]


def _taken(values: Values, at: Index) -> list[Any]:
    if isinstance(values, np.ndarray):
        return list(values[at].tolist())
    if isinstance(values, Coded):
        labels = values.labels
        return [labels[code] if code >= 0 else "" for code in values.codes[at].tolist()]
    return [values[row] for row in at.tolist()]


def _own_tones(column: Column, texts: list[str]) -> list[int]:
    if column.kind.is_signed:
        return [tone_of_sign(text) for text in texts]
    return [int(Tone.FAINT if column.kind is Kind.AGE else Tone.NORMAL)] * len(texts)


def tone_of_sign(text: str) -> int:
    """The tone of a figure by the sign it is written with."""
    if text[0] == "+":
        return int(Tone.POSITIVE)
    return int(Tone.NEGATIVE if text[0] == numbers.MINUS else Tone.NORMAL)


def cell_sentence(row_name: str, column: Column, text: str, position: int, shown: int, stale: bool) -> str:
    """The current cell in words: "XAUUSD: Net lots +195.27, row 2 of 24"."""
    said = "not known" if text == numbers.NONE else text or "empty"
    where = f"row {position + 1} of {shown}"
    return f"{row_name}: {column.heading} {said}, {where}{', stale' if stale else ''}"
