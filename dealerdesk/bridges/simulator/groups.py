"""Account groups as the three platforms name them, and their terms. No accounts.

MT4's group says the book ("real-B-USD"), MT5's is a path ("real\\retail\\EUR"), cTrader's is plain text ("Retail EUR").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.trading import Accounting, Book, Group, Platform

COMMISSION_PER_LOT = {
    "USD": "3.5",
    "EUR": "3",
    "GBP": "2.75",
    "CHF": "3",
    "JPY": "500",
    "AUD": "5",
    "CAD": "4.8",
    "NZD": "6",
    "SGD": "4.7",
    "ZAR": "60",
    "PLN": "13",
    "SEK": "34",
}
"""What a raw-spread account pays per lot and side, in its own currency."""


@dataclass(frozen=True, slots=True)
class GroupTerms:
    """A group's row and what the server does with its accounts.

    `kind` tells retail from raw-spread and netting groups; `book` is the one that an MT4 group stands for; large
    orders of a `dealt` group wait for a dealer.
    """

    group: Group
    kind: str
    book: Book | None
    dealt: bool


def groups_of(platform: Platform, currencies: Sequence[str]) -> tuple[GroupTerms, ...]:
    """All groups of a server whose accounts may be in `currencies`."""
    return tuple(terms for currency in currencies for terms in _OF[platform](currency))


def _mt4(currency: str) -> Iterable[GroupTerms]:
    for book in Book:
        yield _terms(f"real-{book}-{currency}", currency, "retail", book, dealt=True)
        yield _terms(f"ecn-{book}-{currency}", currency, "raw", book)


def _mt5(currency: str) -> Iterable[GroupTerms]:
    yield _terms(f"real\\retail\\{currency}", currency, "retail", dealt=True)
    yield _terms(f"real\\raw\\{currency}", currency, "raw")
    yield _terms(f"real\\netting\\{currency}", currency, "netting")


def _ctrader(currency: str) -> Iterable[GroupTerms]:
    yield _terms(f"Retail {currency}", currency, "retail", dealt=True)
    yield _terms(f"Raw {currency}", currency, "raw")


_OF = {Platform.MT4: _mt4, Platform.MT5: _mt5, Platform.CTRADER: _ctrader}


def _terms(name: str, currency: str, kind: str, book: Book | None = None, dealt: bool = False) -> GroupTerms:
    raw = kind == "raw"
    group = Group(
        name=name,
        currency=currency,
        accounting=Accounting.NETTING if kind == "netting" else Accounting.HEDGING,
        margin_call_percent=Decimal(80 if raw else 100),
        stop_out_percent=Decimal(30 if raw else 50),
        commission_per_lot=Decimal(COMMISSION_PER_LOT.get(currency, "3.5")) if raw else Decimal(0),
    )
    return GroupTerms(group, kind, book, dealt)
