"""What an answer of `dealerdesk calc` is made of, and how a missing or impossible field is named. Computes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dealerdesk.formulas.steps import Result, Step


@dataclass(frozen=True, slots=True)
class Answer:
    """A value as JSON takes it, the steps to it, and what stands beside it."""

    value: Any
    steps: tuple[Step, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


def of_result(result: Result) -> Answer:
    """A formula's result as an answer."""
    return Answer(text(result.value), result.steps)


def text(amount: Decimal) -> str:
    """A number as the line says it: digits and a point, never an exponent."""
    return format(amount, "f")


def more_than_nothing(name: str, amount: Decimal) -> None:
    """Raises ValueError naming the field unless the amount is positive."""
    if amount <= 0:
        raise ValueError(f"{name}: expected more than 0, got {amount}")


def given(name: str, amount: Decimal | None, what: str = "a price") -> Decimal:
    """The amount; raises ValueError naming the field when it was not told."""
    if amount is None:
        raise ValueError(f"{name}: expected {what}, it is missing")
    return amount


def steps_as_json(steps: Iterable[Step]) -> Sequence[dict[str, str]]:
    """The steps with their numbers as strings; a step without a rate does not name one."""
    return [
        {"name": step.name, "value": text(step.value), "rounded": text(step.rounded)}
        | ({} if step.rate is None else {"rate": text(step.rate)})
        for step in steps
    ]
