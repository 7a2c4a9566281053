"""Small tables with known figures, for the tests of the table kit."""

from __future__ import annotations

from typing import Any

import numpy as np

from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone

SYMBOLS = ("EURUSD", "XAUUSD", "GBPUSD", "US500")
COLUMNS = (
    Column("symbol", "Symbol", Kind.TEXT, 8, frozen=True),
    Column("net", "Net", Kind.SIGNED, 7, unit="lots", total=True),
    Column("book", "Book", Kind.BOOK, 4, priority=2),
    Column("level", "Level", Kind.PERCENT, 5, decimals=0, tone_key="level_tone", priority=3),
    Column("used", "Limit used", Kind.BAR, 8, priority=4),
    Column("age", "Age", Kind.AGE, 6, priority=5),
)


class KeptInHand:
    """A memory that lives as long as the test."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {}

    def load(self, name: str) -> dict[str, Any] | None:
        return self.records.get(name)

    def save(self, name: str, record: Any) -> None:
        self.records[name] = dict(record)


class SetClock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def exposure(**changed: Any) -> ColumnRows:
    """Four symbols: net +36.77, −195.27, +227.62, 0; books A, B, B, C; levels 150, 58, NaN, 84."""
    columns: dict[str, Any] = {
        "symbol": Coded(np.arange(4), SYMBOLS),
        "net": np.array([36.77, -195.27, 227.62, 0.0]),
        "book": ["A", "B", "B", "C"],
        "level": np.array([150.0, 58.0, np.nan, 84.0]),
        "level_tone": np.array([0, Tone.ALARM, 0, Tone.ATTENTION], dtype=np.int8),
        "used": np.array([0.09, -0.97, 1.4, np.nan]),
        "age": np.array([110.0, 1800.0, 74.0, -1.0]),
    }
    columns.update(changed)
    return ColumnRows(columns, keys=SYMBOLS)
