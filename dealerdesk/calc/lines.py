"""Reads questions line by line and writes an answer for each, in the same order. Knows no formula.

A line that is no question, or cannot be answered, becomes an error that names the field and what was expected; the
others are answered all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal, DecimalException, localcontext
from enum import StrEnum
from typing import Any, TextIO, get_args, get_type_hints

import msgspec

from dealerdesk.calc.answer import steps_as_json
from dealerdesk.calc.answers import answer
from dealerdesk.calc.questions import KINDS, Asked

PRECISION = 28
EXPONENT_MAX = 18
_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(Asked)
_encoder = msgspec.json.Encoder()
_AT = re.compile(r"^(?P<what>.*?)(?: - at `\$(?P<path>.*)`)?$", re.DOTALL)
_MISSING = re.compile(r"^Object missing required field `(?P<field>[^`]+)`")


def answer_lines(lines: Iterable[str], out: TextIO) -> bool:
    """Answers every line that is not empty; whether all of them could be."""
    whole = True
    for line in lines:
        if line.strip():
            found = answer_line(line)
            whole = whole and "error" not in found
            out.write(_encoder.encode(found).decode() + "\n")
    return whole


def answer_line(line: str) -> dict[str, Any]:
    """The answer to one line, or its error, as JSON takes it."""
    try:
        question = _decoder.decode(line)
        _check_numbers(question, "")
        with localcontext() as context:
            context.prec = PRECISION
            found = answer(question)
            steps = steps_as_json(found.steps)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        return {"id": _read(line, "id"), "error": _told(str(error), _read(line, "kind"))}
    except DecimalException:
        return {"id": _read(line, "id"), "error": "question: expected numbers whose result can be written out"}
    except ValueError as error:
        return {"id": _read(line, "id"), "error": str(error)}
    return {"id": question.id, "value": found.value, **dict(found.beside), "steps": steps}


def _check_numbers(item: Any, path: str) -> None:
    """Raises ValueError naming the field for a number that is not finite, or is of no market's size."""
    if isinstance(item, Decimal):
        if not item.is_finite():
            raise ValueError(f"{path}: expected a decimal number, got {item}")
        if item and not -EXPONENT_MAX <= item.adjusted() <= EXPONENT_MAX:
            raise ValueError(f"{path}: expected a number between 1e-{EXPONENT_MAX} and 1e{EXPONENT_MAX}, got {item}")
    elif isinstance(item, msgspec.Struct):
        for field in msgspec.structs.fields(item):
            _check_numbers(getattr(item, field.name), f"{path}.{field.encode_name}" if path else field.encode_name)
    elif isinstance(item, list):
        for place, each in enumerate(item):
            _check_numbers(each, f"{path}[{place}]")
    elif isinstance(item, dict):
        for key, each in item.items():
            _check_numbers(each, f"{path}.{key}")


def _told(text: str, kind: Any) -> str:
    """msgspec's sentence as «field: what was expected»."""
    match = _AT.match(text)
    what, path = (match["what"], match["path"] or "") if match else (text, "")
    place = path.lstrip(".")
    if place == "kind" or what == "Object missing required field `kind`":
        return f"kind: expected one of {', '.join(KINDS)}"
    if missing := _MISSING.match(what):
        field = missing["field"]
        return f"{place}.{field}: expected, it is missing" if place else f"{field}: expected, it is missing"
    if what.startswith("Invalid enum value") and (choices := _choices(kind, place)):
        return f"{place}: expected one of {', '.join(choices)}"
    return f"{place}: {what[:1].lower()}{what[1:]}" if place else f"question: {what}"


def _choices(kind: Any, place: str) -> list[str]:
    """The words that may stand in a field, by its path in a question of that kind; empty where any text may."""
    found: Any = next((each for each in get_args(Asked) if each.__struct_config__.tag == kind), None)
    for name in re.findall(r"[a-z_]+", place):
        if not isinstance(found, type) or not issubclass(found, msgspec.Struct):
            return []
        inner = get_type_hints(found).get(name)
        # of a list or an optional field, what stands in it
        found = next((each for each in get_args(inner) if each is not type(None)), inner)
    return [each.value for each in found] if isinstance(found, type) and issubclass(found, StrEnum) else []


def _read(line: str, field: str) -> Any:
    """A field's text or number in a line that could not be read as a question, None if there is none."""
    try:
        read = msgspec.json.decode(line)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None
    found = read.get(field) if isinstance(read, dict) else None
    return found if isinstance(found, str | int) else None
