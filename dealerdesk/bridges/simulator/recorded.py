"""Recorded ticks in place of a simulated path: reads csv[.gz] files of `ts_ms,bid[,ask]`. No market, no clock.

The file's first tick falls on the simulation's start; after its last tick it begins again, one usual gap later, so
that a desk never runs dry (the price then jumps back to where it began). A row that is not a tick is named in a
warning and left out.
"""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from pathlib import Path
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.clock import SECOND_US

Column = NDArray[np.int64]
ROWS_MAX = 5_000_000
WARNINGS_MAX = 20
PRICE = re.compile(r"[0-9]{1,9}(\.[0-9]{1,12})?")
SHOWN_MAX = 60
MILLISECONDS_DIGITS_MAX = 15


class RecordingError(ValueError):
    """A file that cannot be replayed at all; the text names it and says what was expected."""


@dataclass(frozen=True)
class Recording:
    """Ticks of one instrument as columns: µs since the first, bid and ask in points, the ask above the bid."""

    instrument: str
    file: str
    time_us: Column
    bid: Column
    ask: Column

    def __len__(self) -> int:
        return len(self.time_us)

    @cached_property
    def length_us(self) -> int:
        """After this long it begins again: from the first to the last tick and one usual gap, at least a second."""
        gap_us = int(np.median(np.diff(self.time_us))) if len(self) > 1 else 0
        return max(int(self.time_us[-1]) + gap_us, SECOND_US)

    def between(self, from_us: int, to_us: int) -> tuple[Column, Column, Column]:
        """Times, bids and asks from `from_us` inclusive to `to_us` exclusive, in µs since the simulation's start."""
        length_us = self.length_us
        parts: list[tuple[Column, Column, Column]] = []
        for turn in range(from_us // length_us, (to_us - 1) // length_us + 1):
            low, high = np.searchsorted(self.time_us, (from_us - turn * length_us, to_us - turn * length_us))
            parts.append((self.time_us[low:high] + turn * length_us, self.bid[low:high], self.ask[low:high]))
        times, bids, asks = (np.concatenate(column) for column in zip(*parts, strict=True))
        return times, bids, asks

    def mid_points(self, since_start_us: Column) -> NDArray[np.float64]:
        """The last mid in points at each moment since the simulation's start."""
        place = np.searchsorted(self.time_us, since_start_us % self.length_us, side="right") - 1
        mids: NDArray[np.float64] = (self.bid[place] + self.ask[place]) / 2
        return mids


def load(path: Path, instruments: Sequence[Instrument]) -> tuple[Recording, tuple[str, ...]]:
    """The recording in a file and one sentence for each row left out (the first 20, then their number).

    The instrument is what the file's name begins with (EURUSD_ticks_2019-01-01.csv.gz). Bids without asks get the
    instrument's usual spread. Raises RecordingError for a file that holds no tick of a known instrument.
    """
    instrument = _instrument_of(path, instruments)
    reading = _Reading(path, instrument)
    try:
        with _opened(path) as file:
            reading.read(file)
    except OSError as error:
        raise RecordingError(f"{path}: expected a readable csv or csv.gz file: {error}") from error
    return reading.recording(), reading.warnings()


def _opened(path: Path) -> TextIO:
    # a byte that is no text becomes a character that is no figure: one row is lost, not the file
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8", errors="replace")
    return path.open(encoding="utf-8", errors="replace")


def _instrument_of(path: Path, instruments: Sequence[Instrument]) -> Instrument:
    name = re.split(r"[_.]", path.name)[0].upper()
    found = next((instrument for instrument in instruments if instrument.name == name), None)
    if found is None:
        raise RecordingError(
            f"{path}: expected a name that begins with an instrument in use, like EURUSD_…, got {name!r}"
        )
    return found


class _RowError(ValueError):
    """What is wrong with a row: the field, what was expected and what stood there."""


class _Reading:
    """One file being read: its good ticks so far, and what was wrong with the others."""

    def __init__(self, path: Path, instrument: Instrument) -> None:
        self._path = path
        self._instrument = instrument
        self._columns: list[str] = []
        self._ticks: list[tuple[int, int, int]] = []
        self._warnings: list[str] = []
        self._bad_rows = 0

    def read(self, lines: Iterable[str]) -> None:
        """Takes the header and all rows; of a file that breaks off, those before the break."""
        number = 0
        try:
            for number, line in enumerate(lines, start=1):
                self._line(number, line.rstrip("\r\n").split(","))
        except (EOFError, zlib.error) as error:
            self._warn(number + 1, f"expected more of the compressed file: {error}")

    def _line(self, number: int, row: list[str]) -> None:
        if number == 1:
            self._header(row)
            return
        if number > ROWS_MAX:
            raise RecordingError(f"{self._path}: expected at most {ROWS_MAX} rows")
        try:
            self._ticks.append(self._tick(row))
        except _RowError as error:
            self._warn(number, str(error))

    def recording(self) -> Recording:
        """All good ticks; RecordingError if there is none."""
        if not self._ticks:
            reason = f"; {self._warnings[0]}" if self._warnings else ""
            raise RecordingError(f"{self._path}: expected at least one tick, found none{reason}")
        times_ms, bid, ask = np.array(self._ticks, np.int64).T
        return Recording(
            self._instrument.name, str(self._path), (times_ms - times_ms[0]) * 1_000, bid.copy(), ask.copy()
        )

    def warnings(self) -> tuple[str, ...]:
        """The first sentences, and how many more there were."""
        more = self._bad_rows - len(self._warnings)
        return (*self._warnings, *([f"{self._path}: {more} more rows left out"] if more else []))

    def _header(self, row: list[str]) -> None:
        if row[:2] != ["ts_ms", "bid"] or row[2:] not in ([], ["ask"]):
            raise RecordingError(
                f"{self._path}: line 1: expected the columns ts_ms,bid or ts_ms,bid,ask, got {str(row)[:SHOWN_MAX]}"
            )
        self._columns = row

    def _tick(self, row: list[str]) -> tuple[int, int, int]:
        if len(row) != len(self._columns):
            raise _RowError(f"expected {len(self._columns)} fields, got {len(row)}")
        time_ms = _whole("ts_ms", row[0])
        if self._ticks and time_ms < self._ticks[-1][0]:
            raise _RowError(f"ts_ms: expected {self._ticks[-1][0]} or later, got {time_ms}")
        bid = self._points("bid", row[1])
        if len(row) == 2:
            return time_ms, bid, bid + self._instrument.typical_spread_points
        ask = self._points("ask", row[2])
        if ask < bid:
            raise _RowError(f"ask: expected the bid {row[1]} or more, got {row[2]!r}")
        # a locked quote is real in recordings; the platforms' quotes are a point apart at least
        return time_ms, bid, max(ask, bid + 1)

    def _points(self, field: str, text: str) -> int:
        if not PRICE.fullmatch(text):
            raise _RowError(f"{field}: expected a price like 1.08215, got {text[:SHOWN_MAX]!r}")
        points = int(Decimal(text).scaleb(self._instrument.digits).to_integral_value(ROUND_HALF_UP))
        if points < 1:
            raise _RowError(f"{field}: expected at least {self._instrument.tick_size}, got {text!r}")
        return points

    def _warn(self, line: int, text: str) -> None:
        self._bad_rows += 1
        if len(self._warnings) < WARNINGS_MAX:
            self._warnings.append(f"{self._path}: line {line}: {text}")


def _whole(field: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MILLISECONDS_DIGITS_MAX):
        raise _RowError(f"{field}: expected whole milliseconds since 1970, got {text[:SHOWN_MAX]!r}")
    return int(text)
