"""Typed filters: what a person types under a heading, as a condition over a whole column.

Words: contains (`gold`), alternatives (`gold|oil`), exactly (`=GOLD`), not (`!gold`); books `A,C`.
Figures: `>100`, `<=0`, `=5`, `!=0`, `10..20`, `..20`, a bare figure means equal as typed; `k`, `M`, `bn`, `%` and
spaces are understood. Ages take `ms`, `s`, `min`, `h`, `d`. Times of day `14:30`, with days also `2026-03-12`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US, SECOND_US, to_us
from dealerdesk.desk.numbers import THIN
from dealerdesk.desk.table.column import Column, Kind
from dealerdesk.desk.table.rows import Mask

Figures = npt.NDArray[Any]
Condition = Callable[[Figures], Mask]
WordCondition = Callable[[str], bool]


class Typed(NamedTuple):
    """What was typed: from `low` to `high` (a day, a minute, one figure); equal to it is what lies within `slack`."""

    low: float
    high: float
    slack: float = 0.0


_SPACES = re.compile(r"[\s\u2009\u202f\u00a0]")
_COMPARISON = re.compile(r"(>=|<=|!=|=|>|<|≥|≤|≠)?(.+)", re.DOTALL)
_FIGURE = re.compile(r"([+-]?)(\d+(?:\.(\d*))?|\.(\d+))(k|m|bn|b|%)?", re.IGNORECASE)
_AGE = re.compile(r"(\d+(?:\.\d*)?)(ms|s|min|m|h|d)?")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_SIZES = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9, "%": 1.0, "": 1.0}
_AGE_MS = {"ms": 1.0, "s": 1e3, "min": 6e4, "m": 6e4, "h": 3.6e6, "d": 8.64e7, "": 1.0}


class FilterError(ValueError):
    """What was typed is no filter for its column; the message says what would be."""


def word_condition(column: Column, text: str) -> WordCondition:
    """The condition on a word column, without regard to case."""
    typed = _folded(text.strip())
    if column.kind is Kind.BOOK:
        wanted = {part.strip() for part in re.split(r"[,|\s]", typed) if part.strip()}
        return lambda word: word.casefold() in wanted
    if typed.startswith("!"):
        unwanted = typed[1:].strip()
        return lambda word: unwanted not in _folded(word)
    parts = [part.strip() for part in typed.split("|") if part.strip()]
    exact = {part[1:].strip() for part in parts if part.startswith("=")}
    within = [part for part in parts if not part.startswith("=")]
    return lambda word: (folded := _folded(word)) in exact or any(part in folded for part in within)


def _folded(word: str) -> str:
    """Without regard to case and to the thin spaces in figures: who types 25000 finds 25 000."""
    return word.casefold().replace(THIN, "")


def figure_condition(column: Column, text: str) -> Condition:
    """The condition on a column of figures; raises FilterError for what it cannot read. NaN meets no condition."""
    typed = _SPACES.sub("", text).replace("−", "-")
    read, prepare = _reader(column, typed)
    if ".." in typed:
        low, _, high = typed.partition("..")
        least = read(low).low if low else -np.inf
        greatest = read(high).high if high else np.inf
        if least > greatest:
            raise FilterError(f"{column.title}: {low} is more than {high}")
        return lambda values: _between(prepare(values), least, greatest)
    match = _COMPARISON.fullmatch(typed)
    if match is None:
        raise FilterError(f"{column.title}: type a figure, a comparison such as >100, or a range such as 10..20")
    sign, wanted = match.group(1) or "=", read(match.group(2))
    return lambda values: _compare(prepare(values), sign, wanted)


def _between(values: Figures, least: float, greatest: float) -> Mask:
    return np.asarray((values >= least) & (values <= greatest), dtype=np.bool_)


def _compare(values: Figures, sign: str, wanted: Typed) -> Mask:
    low, high, slack = wanted
    match sign:
        case ">":
            met = values > high
        case "<":
            met = values < low
        case ">=" | "≥":
            met = values >= low
        case "<=" | "≤":
            met = values <= high
        case "!=" | "≠":
            met = ~_between(values, low - slack, high + slack) & ~np.isnan(values)
        case _:
            met = _between(values, low - slack, high + slack)
    return np.asarray(met, dtype=np.bool_)


def _reader(column: Column, typed: str) -> tuple[Callable[[str], Typed], Callable[[Figures], Figures]]:
    """How this column's figures are typed, and how its values are made comparable with them."""
    match column.kind:
        case Kind.AGE:
            return _age, _as_floats
        case Kind.TIME:
            return (_date, _as_floats) if _DATE.search(typed) else (_time_of_day, _seconds_of_day)
        case Kind.BAR:
            return _figure, _percent_size
        case _:
            return _figure, _as_floats


def _as_floats(values: Figures) -> Figures:
    return np.asarray(values, dtype=np.float64)


def _percent_size(values: Figures) -> Figures:
    return np.asarray(np.abs(_as_floats(values)) * 100.0)


def _seconds_of_day(values: Figures) -> Figures:
    return np.where(values > 0, (values % DAY_US) // SECOND_US, np.nan)


def _figure(typed: str) -> Typed:
    match = _FIGURE.fullmatch(typed)
    if match is None:
        raise FilterError(f"{typed} is no figure: type 100, 2.5k, >100 or 10..20")
    sign, digits, after, only, unit = match.groups()
    size = _SIZES[(unit or "").lower()]
    value = float(digits) * size * (-1.0 if sign == "-" else 1.0)
    # a typed figure stands for everything that rounds to it at the decimals typed
    return Typed(value, value, 0.5 * 10.0 ** -len(after or only or "") * size)


def _age(typed: str) -> Typed:
    match = _AGE.fullmatch(typed.lower())
    if match is None:
        raise FilterError(f"{typed} is no age: type >500ms, <2s or 1min..5min")
    value = float(match.group(1)) * _AGE_MS[match.group(2) or ""]
    return Typed(value, value)


def _time_of_day(typed: str) -> Typed:
    match = _TIME.fullmatch(typed)
    if match is None:
        raise FilterError(f"{typed} is no time: type >14:30, 09:00..10:00 or a day such as 2026-03-12")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    start = (hours * HOUR_US + minutes * MINUTE_US + seconds * SECOND_US) // SECOND_US
    return Typed(float(start), float(start if match.group(3) else start + 59))


def _date(typed: str) -> Typed:
    try:
        start = to_us(datetime.strptime(typed, "%Y-%m-%d").replace(tzinfo=UTC))
    except ValueError as error:
        raise FilterError(f"{typed} is no day: type 2026-03-12 or 2026-03-01..2026-03-12") from error
    return Typed(float(start), float(start + DAY_US - 1))
