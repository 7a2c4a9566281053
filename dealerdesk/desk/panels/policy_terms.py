"""A policy's rule as a person types it and reads it: each condition a line of text, exact amounts, roles in words.

Pure text; what a rule means is said in `commands.policy_rule`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from dealerdesk.commands.bodies import Rating, Rule
from dealerdesk.commands.policy_rule import UNRATED
from dealerdesk.commands.roles import Role
from dealerdesk.desk import numbers
from dealerdesk.money import currency
from dealerdesk.trading import Book

TERMS = ("servers", "groups", "to_books", "open_lots_min", "leverage_min", "amounts_min", "daily_totals_min", "risks")
"""The conditions, by the names of the rule's fields."""
RISKS = (*(rating.value for rating in Rating), UNRATED)
MINUTE_S = 60
_AMOUNT = re.compile(r"([A-Za-z]{3,5})\s*([\d\s.]+)")


class TermError(ValueError):
    """What was typed is no condition; the message says what would be."""


def read_rule(typed: Mapping[str, str], *, deviates: bool, approvals: int) -> Rule:
    """The rule that the fields say; raises TermError."""
    escalates = typed.get("escalate_roles", "").strip()
    after = typed.get("escalate_after", "").strip()
    if bool(escalates) != bool(after):
        raise TermError("Say both after how many minutes it escalates and to whom")
    roles = _roles(typed.get("roles", ""))
    if not roles:
        raise TermError("Say who approves: such as supervisor, or supervisor or payments")
    lots, leverage = typed.get("open_lots_min", "").strip(), typed.get("leverage_min", "").strip()
    return Rule(
        servers=_parts(typed.get("servers", "")),
        groups=_parts(typed.get("groups", "")),
        to_books=tuple(map(_book, _parts(typed.get("to_books", "")))),
        open_lots_min=_number(lots, "open lots") if lots else None,
        leverage_min=_whole(leverage, "leverage") if leverage else None,
        amounts_min=_amounts(typed.get("amounts_min", "")),
        daily_totals_min=_amounts(typed.get("daily_totals_min", "")),
        risks=tuple(map(_risk, _parts(typed.get("risks", "")))),
        deviates_from_advice=deviates,
        approvals=approvals,
        roles=roles,
        escalate_after_s=_whole(after, "minutes") * MINUTE_S if after else None,
        escalate_roles=_roles(escalates),
    )


def terms_of(rule: Rule) -> dict[str, str]:
    """The fields that `read_rule` would read as this rule."""
    return {
        "servers": ", ".join(rule.servers),
        "groups": ", ".join(rule.groups),
        "to_books": ", ".join(book.value for book in rule.to_books),
        "open_lots_min": f"{rule.open_lots_min:f}" if rule.open_lots_min is not None else "",
        "leverage_min": str(rule.leverage_min) if rule.leverage_min is not None else "",
        "amounts_min": _amount_terms(rule.amounts_min),
        "daily_totals_min": _amount_terms(rule.daily_totals_min),
        "risks": ", ".join(rule.risks),
        "roles": " or ".join(role.words for role in rule.roles),
        "escalate_after": str(rule.escalate_after_s // MINUTE_S) if rule.escalate_after_s is not None else "",
        "escalate_roles": " or ".join(role.words for role in rule.escalate_roles),
    }


def _parts(typed: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in typed.split(",") if part.strip())


def _roles(typed: str) -> tuple[Role, ...]:
    names = [" ".join(part.split()) for part in re.split(r",|\bor\b", typed.casefold()) if part.strip()]
    return tuple(dict.fromkeys(_role(name) for name in names))


def _role(name: str) -> Role:
    """A role by its words, or by its department alone: «payments officer», «payments»."""
    found = next((role for role in Role if name in (role.words, role.value.replace("_", " "))), None)
    if found is None:
        raise TermError(f"{name} is no role: {', '.join(role.words for role in Role)}")
    return found


def _book(typed: str) -> Book:
    try:
        return Book(typed.upper())
    except ValueError as error:
        raise TermError(f"{typed} is no book: A, B or C") from error


def _risk(typed: str) -> str:
    if typed.casefold() not in RISKS:
        raise TermError(f"{typed} is no rating: {', '.join(RISKS)}")
    return typed.casefold()


def _number(typed: str, what: str) -> Decimal:
    try:
        value = Decimal(re.sub(r"\s", "", typed))
    except InvalidOperation as error:
        raise TermError(f"{typed} is no number of {what}") from error
    if not value.is_finite() or value < 0:
        raise TermError(f"{typed} is no number of {what}")
    return value


def _whole(typed: str, what: str) -> int:
    value = _number(typed, what)
    if value != value.to_integral_value() or value <= 0:
        raise TermError(f"{typed} is no whole number for {what}")
    return int(value)


def _amounts(typed: str) -> dict[str, int] | None:
    """«USD 10 000, EUR 9 500.50» as currency → minor units."""
    found: dict[str, int] = {}
    for part in _parts(typed):
        match = _AMOUNT.fullmatch(part)
        if match is None:
            raise TermError(f"{part} is no amount: write USD 10000, EUR 10000")
        try:
            unit = currency(match.group(1).upper())
        except ValueError as error:
            raise TermError(str(error)) from error
        minor = _number(match.group(2), unit.code).scaleb(unit.exponent)
        if minor != minor.to_integral_value():
            raise TermError(f"{part} has more decimals than {unit.code}")
        found[unit.code] = int(minor)
    return found or None


def _amount_terms(least: Mapping[str, int] | None) -> str:
    return ", ".join(_amount_term(code, minor) for code, minor in (least or {}).items())


def _amount_term(code: str, minor: int) -> str:
    exponent = currency(code).exponent
    return f"{code} {numbers.fixed(Decimal(minor).scaleb(-exponent), exponent)}"
