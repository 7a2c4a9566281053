"""Refuses figures that no server has and no desk could hold: NaN, infinities, numbers beyond 64 bits, 1e999999.

JSON types do not say how large a number is, and a decimal string may spell NaN. Looking at every number of every row
would cost as much as decoding it, so the frame's bytes are searched first for anything that could spell such a figure,
and only then the message is walked.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import msgspec

INT64_MAX = (1 << 63) - 1
DIGITS_MAX = 38
MAGNITUDE_MAX = 18

_FOLD = bytes(
    ord("0") if chr(b).isdigit() or b >= 0x80 else b + 32 if ord("A") <= b <= ord("Z") else b for b in range(256)
)
_MARKS = (b"nan", b"inf", b"\\u", b"0" * 19)
_EXPONENT = b"0e"
"""Looked for in a frame whose capitals are folded, and whose digits (and non-ASCII bytes, maybe digits) are 0."""


def impossible_figure(frame: bytes, message: object) -> str | None:
    """What is wrong with a number in `message`, which was decoded from `frame`; None when nothing is."""
    folded = frame.translate(_FOLD)
    # decimals are in rows, which are arrays; an epoch before them may well hold a digit and an e
    has_exponent = folded.find(_EXPONENT, max(folded.find(b"["), 0)) >= 0
    if has_exponent or any(mark in folded for mark in _MARKS):
        return _walk(message)
    return None


def _walk(value: object) -> str | None:
    if isinstance(value, msgspec.Struct):
        return _first(getattr(value, name) for name in value.__struct_fields__)
    if isinstance(value, dict):
        return _first(value.values())
    if isinstance(value, list | tuple):
        return _first(value)
    if isinstance(value, Decimal):
        return None if _is_plain(value) else f"{str(value)[:40]} is no figure"
    return None


def _first(values: Iterable[object]) -> str | None:
    for value in values:
        if isinstance(value, int):
            if not -INT64_MAX <= value <= INT64_MAX:
                return "a number beyond 64 bits"
        elif not isinstance(value, str) and (fault := _walk(value)) is not None:
            return fault
    return None


def _is_plain(value: Decimal) -> bool:
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and abs(value.adjusted()) <= MAGNITUDE_MAX and -exponent <= DIGITS_MAX
