"""Why a figure is what it is: terms that add up to it, with their inputs, sources and times. Computes no figure.

A derivation that does not sum to its value cannot be made, so what the screen explains is what the screen shows.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Source:
    """Where an input comes from, as a person would look it up («MT5 position 1001»); `time_us` 0 means no time."""

    id: str
    time_us: int = 0


@dataclass(frozen=True, slots=True)
class Input:
    """A number that was read, not computed."""

    label: str
    value: Decimal
    unit: str
    source: Source


@dataclass(frozen=True, slots=True)
class Term:
    """One addend of the figure, in the figure's unit, with what it was computed from."""

    label: str
    value: Decimal
    unit: str
    inputs: tuple[Input, ...] = ()
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Rounding:
    """A place where a platform or the screen rounds."""

    label: str
    unrounded: Decimal
    rounded: Decimal


@dataclass(frozen=True, slots=True)
class Derivation:
    """A figure and its proof. A sum has `terms`; a ratio has none, but `parts` that are derivations themselves.

    Raises ValueError when the terms do not sum to the value, or when there is neither a term nor a part nor a note.
    """

    figure: str
    unit: str
    value: Decimal
    terms: tuple[Term, ...]
    formula: str
    inputs: tuple[Input, ...] = ()
    roundings: tuple[Rounding, ...] = ()
    parts: tuple[Derivation, ...] = ()
    note: str = ""

    def __post_init__(self) -> None:
        if self.terms and self.total() != self.value:
            raise ValueError(f"{self.figure}: the terms sum to {self.total()}, not to {self.value}")
        if not (self.terms or self.parts or self.note):
            raise ValueError(f"{self.figure}: nothing explains it")

    def total(self) -> Decimal:
        """The sum of the terms; the value itself for a ratio."""
        return sum_exactly(self.terms) if self.terms else self.value


def sum_exactly(terms: tuple[Term, ...]) -> Decimal:
    """The terms' sum in their order."""
    return sum((term.value for term in terms), Decimal(0))


def derive(figure: str, unit: str, terms: tuple[Term, ...], formula: str, *, note: str = "") -> Derivation:
    """The derivation of a sum; without terms its value is 0 and the note must say why."""
    return Derivation(figure, unit, sum_exactly(terms), terms, formula, note=note)
