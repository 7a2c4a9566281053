"""Figures as the screen shows them: sign before colour, thin spaces between thousands, fixed decimals.

Takes values, gives text; knows nothing of widgets. A value that is not there (None, NaN, infinite) reads "—", and a
figure that rounds to nought carries no sign. The minus is U+2212, the space between thousands U+2009.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache
from math import isfinite

from dealerdesk.clock import DAY_US, SECOND_US, from_us
from dealerdesk.money import Money

NONE = "—"
MINUS = "\u2212"
THIN = "\u2009"
LOT_EXPONENT = 8

Number = int | float | Decimal
_TYPOGRAPHIC = str.maketrans({",": THIN, "-": MINUS})
_LARGE = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))
_AGES = ((1_000.0, 1.0, "ms", 0), (10_000.0, 1e3, "s", 1), (120_000.0, 1e3, "s", 0), (7_200_000.0, 6e4, "min", 0))
_HOUR_MS, _DAY_MS = 3_600_000.0, 86_400_000.0
_SPOKEN = re.compile(r"(?<![\w.-])(\d{4,})(?=(?:\.\d+)? (?:[A-Z]{3}\b|lots?\b|or more need|minor units))")
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def fixed(value: Number | None, decimals: int = 2) -> str:
    """A figure with its minus where it has one: 63 532.17, −4.00."""
    if value is None or not isfinite(value):
        return NONE
    text = f"{value:,.{decimals}f}"
    if text[0] == "-" and not text.strip("-0.,"):
        text = text[1:]
    return text.translate(_TYPOGRAPHIC)


def signed(value: Number | None, decimals: int = 2) -> str:
    """A figure that always says its sign, save nought: +36.77, −3 240, 0.00."""
    if value is None or not isfinite(value):
        return NONE
    text = f"{value:+,.{decimals}f}"
    if not text.strip("+-0.,"):
        text = text[1:]
    return text.translate(_TYPOGRAPHIC)


def integer(value: Number | None) -> str:
    """A whole number: 45 112."""
    return fixed(value, 0)


def price(value: Number | None, decimals: int) -> str:
    """A price with its instrument's decimals."""
    return fixed(value, decimals)


def percent(value: float | None, decimals: int = 0) -> str:
    """Percent given in percent: 58.0 → 58%."""
    text = fixed(value, decimals)
    return text if text == NONE else f"{text}%"


def share(value: float | None) -> str:
    """The size of a signed share of a limit: −0.57 → 57%."""
    return percent(None if value is None else abs(value) * 100.0)


def compact(value: Number | None, decimals: int = 1, with_sign: bool = True) -> str:
    """A large figure in thousands, millions or billions, the unit written out: +4.1 M, −61.4 M, +85."""
    if value is None or not isfinite(value):
        return NONE
    shape = signed if with_sign else fixed
    number = float(value)
    for size, unit in _LARGE:
        # 999 960 would round to 1000.0 k: the next unit begins where rounding reaches it
        if abs(number) >= size * (1 - 0.5 * 10.0 ** (-decimals) / 1000):
            return f"{shape(number / size, decimals)} {unit}"
    return shape(number, 0)


def lots(volume: int, with_sign: bool = False) -> str:
    """A volume of 1e-8 lots as lots with two decimals, more only where it has them: 0.10, +12.50, 0.001."""
    exact = Decimal(volume).scaleb(-LOT_EXPONENT).normalize()
    exponent = exact.as_tuple().exponent
    decimals = max(2, -exponent if isinstance(exponent, int) else 2)
    return signed(exact, decimals) if with_sign else fixed(exact, decimals)


def money(amount: Money, with_sign: bool = False) -> str:
    """An exact amount with its currency's decimals and code: 1 250.00 EUR."""
    shape = signed if with_sign else fixed
    return f"{shape(amount.amount, amount.currency.exponent)} {amount.currency.code}"


def age(milliseconds: float | None) -> str:
    """How old a thing is: 110 ms, 1.8 s, 45 s, 12 min, 5 h, 4 d; negative ages are not known."""
    if milliseconds is None or not milliseconds >= 0 or not isfinite(milliseconds):
        return NONE
    for limit, size, unit, decimals in _AGES:
        if milliseconds < limit:
            return f"{milliseconds / size:.{decimals}f} {unit}"
    if milliseconds < 2 * _DAY_MS:
        return f"{milliseconds / _HOUR_MS:.0f} h"
    return f"{milliseconds / _DAY_MS:.0f} d"


def clock_time(us: int) -> str:
    """The time of day in UTC of microseconds since 1970: 16:42:07; nought and less are no time."""
    if us <= 0:
        return NONE
    minutes, seconds = divmod(int(us) % DAY_US // SECOND_US, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d}"


def moment(us: int) -> str:
    """The day and time in UTC: 12 Mar 16:42:07."""
    return NONE if us <= 0 else f"{_day_and_month(int(us) // DAY_US)} {clock_time(us)}"


def day(us: int) -> str:
    """The day in UTC: 12 Mar 2026."""
    return NONE if us <= 0 else f"{_day_and_month(int(us) // DAY_US)} {from_us(int(us)).year}"


@lru_cache(maxsize=1024)
def _day_and_month(days: int) -> str:
    date = from_us(days * DAY_US)
    return f"{date.day} {MONTHS[date.month - 1]}"


def counted(count: int, things: str) -> str:
    """So many things, named by their plural: 1 command, 210 symbols."""
    return f"{integer(count)} {things.removesuffix('s') if count == 1 else things}"


def spoken(sentence: str) -> str:
    """A sentence with its amounts and lots grouped as the tables have them: «Correction of 25 000.00 USD». Figures that
    are no amount, such as an account's number, stay as they are."""
    return _SPOKEN.sub(_grouped, sentence)


def _grouped(figure: re.Match[str]) -> str:
    return f"{int(figure.group(1)):,}".replace(",", THIN)


def account(server: str, login: int) -> str:
    """An account as it is called everywhere, in tables, titles and the palette: MT5 703311."""
    return f"{server} {login}"


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """Text from outside as one harmless line: control and direction characters become spaces or go."""
    if text.isascii() and text.isprintable():
        return text
    kept = (" " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in text)
    return "".join(c for c in kept if unicodedata.category(c) != "Cf").strip()
