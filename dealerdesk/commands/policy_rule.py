"""Whether a policy's rule applies to a request, and why, in words: a pure function of the rule and of the facts.

The facts are read in `policy_facts`; the database's own procedures say the same in the same words.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from dealerdesk.commands.amounts import money, plain
from dealerdesk.commands.bodies import Rule
from dealerdesk.trading import Book

ALWAYS = "always needs approval"
UNRATED = "unrated"


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What is known about a request when it is made; None or empty where there is no such thing.

    `open_lots` is the account's open volume, both sides added up, `amount` the balance operation's in minor units of
    `currency`, `daily_total` all that was asked for this client in that currency since midnight UTC, this one included,
    regardless of signs. `risk` is the client's rating, `unrated` where there is none.
    """

    server: str = ""
    login: int | None = None
    group: str = ""
    client_id: int | None = None
    to_book: Book | None = None
    open_lots: Decimal = Decimal(0)
    leverage: int | None = None
    amount: int | None = None
    currency: str = ""
    daily_total: int | None = None
    risk: str = ""
    deviates: bool = False


def applies(rule: Rule, facts: Facts) -> str | None:
    """Why the rule applies, in words, or None when one of its conditions does not hold."""
    reasons = []
    for reason in _conditions(rule, facts):
        if reason is None:
            return None
        reasons.append(reason)
    return " and ".join(reason for reason in reasons if reason) or ALWAYS


def _conditions(rule: Rule, facts: Facts) -> Iterator[str | None]:
    """One element a condition: None where it fails, else words for why it holds, empty for nothing to say."""
    yield None if rule.servers and facts.server not in rule.servers else ""
    yield None if rule.groups and facts.group not in rule.groups else ""
    yield _to_book(rule, facts)
    yield _open_lots(rule, facts)
    yield _leverage(rule, facts)
    yield _above(rule.amounts_min, facts.amount, facts.currency, "are asked for")
    yield _above(rule.daily_totals_min, facts.daily_total, facts.currency, "are asked for today in all")
    yield _risk(rule, facts)
    if rule.deviates_from_advice:
        yield "it is not what was advised" if facts.deviates else None


def _to_book(rule: Rule, facts: Facts) -> str | None:
    if not rule.to_books:
        return ""
    if facts.to_book is None or facts.to_book not in rule.to_books:
        return None
    return f"the account would move to book {facts.to_book.value}"


def _open_lots(rule: Rule, facts: Facts) -> str | None:
    if rule.open_lots_min is None:
        return ""
    if facts.open_lots < rule.open_lots_min:
        return None
    return f"{plain(facts.open_lots)} lots are open, {plain(rule.open_lots_min)} or more need approval"


def _leverage(rule: Rule, facts: Facts) -> str | None:
    if rule.leverage_min is None:
        return ""
    if facts.leverage is None or facts.leverage < rule.leverage_min:
        return None
    return f"leverage 1:{facts.leverage} is asked for, 1:{rule.leverage_min} or more needs approval"


def _above(limits: dict[str, int] | None, amount: int | None, currency: str, verb: str) -> str | None:
    if limits is None:
        return ""
    if amount is None:
        return None
    asked = f"{money(abs(amount), currency)} {verb}"
    limit = limits.get(currency)
    if limit is None:
        return f"{asked}, any amount of that currency needs approval"
    return f"{asked}, {money(limit, currency)} or more need approval" if abs(amount) >= limit else None


def _risk(rule: Rule, facts: Facts) -> str | None:
    if not rule.risks:
        return ""
    return f"the client is rated {facts.risk}" if facts.risk in rule.risks else None
