"""A derivation as columns and as text: its terms, what each was computed from, its roundings. Holds no widgets.

The figures stay the exact decimals they are: the text carries every digit, the table as many as its terms have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import Decimal

import numpy as np

from dealerdesk.desk.numbers import NONE, fixed, moment, plain, signed
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.table.rows import Values
from dealerdesk.formulas.derivation import Derivation, Input, Rounding, Source, Term

AMOUNT_DECIMALS_MAX = 4
"""So many decimals of a term are shown in the table; the text carries all of them."""
INPUT_DECIMALS_MAX = 8
INPUT_COLUMNS_MAX = 8
COMMON_SHARE = 3
"""A kind of input that one term in three has is worth a column."""
SHOWN = "shown"
"""The rounding from the exact figure to the one on the screen."""
SIGNED_FIGURES = ("net exposure", "floating", "session", "free margin", "p&l", "realised")
"""How figures begin that say their sign wherever they stand."""

INPUT_COLUMNS = (
    Column("label", "From", width=18, frozen=True),
    Column("value", "Value", Kind.NUMBER, width=14, priority=1, decimals_key="decimals"),
    Column("unit", "Unit", width=8, priority=1),
    Column("time", "At", Kind.TIME, width=14, priority=1, dates=True),
    Column("source", "Source", width=28, priority=2),
)


def decimals_in(values: Sequence[Decimal], most: int) -> int:
    """As many decimals as the most exact of these figures has, up to `most`."""
    return min(most, max((decimals_of(value) for value in values), default=0))


def decimals_of(value: Decimal) -> int:
    """How many decimals a figure has, trailing noughts aside."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def exactly(value: Decimal, with_sign: bool = False) -> str:
    """A figure with all the decimals it has."""
    decimals = decimals_of(value)
    return signed(value, decimals) if with_sign else fixed(value, decimals)


def as_shown(derivation: Derivation) -> str:
    """The figure as the screen rounds it, with its unit."""
    rounded = next((each.rounded for each in derivation.roundings if each.label == SHOWN), None)
    if rounded is None:
        return f"{exactly(derivation.value)} {derivation.unit}"
    exponent = rounded.as_tuple().exponent
    decimals = max(0, -exponent) if isinstance(exponent, int) else 0
    write = signed if derivation.figure.casefold().startswith(SIGNED_FIGURES) else fixed
    return f"{write(rounded, decimals)} {derivation.unit}"


def term_columns(derivation: Derivation) -> tuple[Column, ...]:
    """The columns of the terms' table: the term, its amount, then one column for each kind of input."""
    figures = [term.value for term in derivation.terms] or [part.value for part in derivation.parts]
    first = Column("term", "Term" if derivation.terms else "Part", width=20, frozen=True)
    decimals = decimals_in([*figures, derivation.value], AMOUNT_DECIMALS_MAX)
    kind = Kind.SIGNED if derivation.terms else Kind.NUMBER
    # parts are in units of their own, which stand beside their names
    unit = derivation.unit if derivation.terms else ""
    amount = Column("amount", "Amount", kind, 12, 1, decimals=decimals, unit=unit, total=bool(derivation.terms))
    labels = input_labels(derivation.terms)
    inputs = [
        Column(
            f"input {label}",
            label.capitalize(),
            Kind.NUMBER,
            width=8,
            priority=2 + place,
            decimals_key=f"decimals {label}",
        )
        for place, label in enumerate(labels)
    ]
    time = Column("time", "Newest price", Kind.TIME, width=9, priority=3)
    return (first, amount, *inputs, time) if derivation.terms else (first, amount)


def term_rows(derivation: Derivation) -> ColumnRows:
    """The rows of the terms' table; a key is the term's place. A ratio's rows are its parts."""
    if not derivation.terms:
        return ColumnRows(
            {
                "term": [f"{plain(part.figure)} ({part.unit})" for part in derivation.parts],
                "amount": np.array([float(part.value) for part in derivation.parts], dtype=np.float64),
            },
            list(range(len(derivation.parts))),
        )
    columns: dict[str, Values] = {
        "term": [plain(term.label) for term in derivation.terms],
        "amount": np.array([float(term.value) for term in derivation.terms], dtype=np.float64),
        "time": np.array([newest_us(term) for term in derivation.terms], dtype=np.int64),
    }
    for label in input_labels(derivation.terms):
        found = [named(term.inputs, label) for term in derivation.terms]
        columns[f"input {label}"] = np.array([np.nan if i is None else float(i.value) for i in found])
        decimals = [0 if i is None else decimals_in([i.value], INPUT_DECIMALS_MAX) for i in found]
        columns[f"decimals {label}"] = np.array(decimals, dtype=np.int8)
    return ColumnRows(columns, list(range(len(derivation.terms))))


def input_rows(inputs: Sequence[Input], roundings: Sequence[Rounding]) -> ColumnRows:
    """What a term or a whole figure was computed from; each rounding as the figure before and after it."""
    read = [*inputs]
    for rounding in roundings:
        read += [
            Input(f"{rounding.label}, before rounding", rounding.unrounded, "", Source("computed")),
            Input(rounding.label, rounding.rounded, "", Source("rounded half away from zero")),
        ]
    return ColumnRows(
        {
            "label": [plain(each.label) for each in read],
            "value": np.array([float(each.value) for each in read], dtype=np.float64),
            "decimals": np.array([decimals_in([each.value], INPUT_DECIMALS_MAX) for each in read], dtype=np.int8),
            "unit": [plain(each.unit) for each in read],
            "time": np.array([each.source.time_us for each in read], dtype=np.int64),
            "source": [plain(each.source.id) for each in read],
        }
    )


def rounding_words(rounding: Rounding) -> str:
    """A rounding as before and after."""
    return f"{exactly(rounding.unrounded)} → {exactly(rounding.rounded)}"


def input_labels(terms: Sequence[Term]) -> list[str]:
    """The kinds of inputs that many terms share, in the order they first come: those become columns."""
    seen: Counter[str] = Counter()
    for term in terms:
        seen.update({kind_of(each): None for each in term.inputs}.keys())
    return [label for label, times in seen.items() if times * COMMON_SHARE >= len(terms)][:INPUT_COLUMNS_MAX]


def kind_of(each: Input) -> str:
    """What an input is, whichever symbol's: «bid EURUSD» is a price as «ask XAUUSD» is."""
    first = each.label.partition(" ")[0]
    return {"bid": "price now", "ask": "price now", "mid": "mid"}.get(first, each.label)


def named(inputs: Sequence[Input], label: str) -> Input | None:
    """The first input of a kind."""
    return next((each for each in inputs if kind_of(each) == label), None)


def newest_us(term: Term) -> int:
    """The time of the newest input of a term, 0 where none has one."""
    return max((each.source.time_us for each in term.inputs), default=0)


def derivation_text(derivation: Derivation) -> str:
    """The whole derivation as plain text, every digit in it, parts indented."""
    return "\n".join(_lines(derivation, ""))


def _lines(derivation: Derivation, indent: str) -> Iterator[str]:
    yield f"{indent}{plain(derivation.figure)} = {exactly(derivation.value)} {derivation.unit}"
    if derivation.formula:
        yield f"{indent}  {plain(derivation.formula)}"
    for each in derivation.inputs:
        yield f"{indent}  {_input_words(each)}"
    for term in derivation.terms:
        yield f"{indent}  {exactly(term.value, with_sign=True)} {term.unit}  {plain(term.label)}"
        if term.formula:
            yield f"{indent}      {plain(term.formula)}"
        for each in term.inputs:
            yield f"{indent}      {_input_words(each)}"
    for rounding in derivation.roundings:
        yield f"{indent}  rounded, {plain(rounding.label)}: {rounding_words(rounding)}"
    for part in derivation.parts:
        yield from _lines(part, indent + "  ")
    if derivation.note:
        yield f"{indent}  {plain(derivation.note)}"


def _input_words(each: Input) -> str:
    at = moment(each.source.time_us)
    when = f" at {at} UTC" if at != NONE else ""
    return f"{plain(each.label)} {exactly(each.value)} {plain(each.unit)} from {plain(each.source.id)}{when}"
