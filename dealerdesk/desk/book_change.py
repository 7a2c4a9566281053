"""The words and rules of moving an account to another book, before anybody is asked. No widgets, no database.

Whether a person may ask, and who must approve, is decided in `commands`; here is only what can be said from the live
state: where the account is, what would change, and what is still missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.desk import numbers
from dealerdesk.live.tables import BOOKS
from dealerdesk.trading import Book

if TYPE_CHECKING:
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.state import LiveState

FULLY_COVERED = {Book.A: 100, Book.B: 0}
BOOK_WORDS = {Book.A: "passed on to the LP", Book.B: "kept", Book.C: "passed on in part"}


@dataclass(frozen=True, slots=True)
class Standing:
    """An account as the dealer sees it now. `net_usd` is the client's, positive is bought."""

    server: str
    login: int
    name: str
    book: Book
    covered_percent: int
    version: int
    positions: int
    net_usd: float


def standing(state: LiveState, frame: Frame, server: str, login: int) -> Standing | None:
    """Where the account stands; None for one that the live state does not hold."""
    accounts = state.accounts
    slot = accounts.slot(server, login)
    if slot is None:
        return None
    return Standing(
        server=server,
        login=login,
        name=accounts.name[slot],
        book=BOOKS[int(accounts.book[slot])],
        covered_percent=int(accounts.covered_percent[slot]),
        version=int(accounts.routing_version[slot]),
        positions=int(accounts.positions[slot]),
        net_usd=float(frame.net_usd[slot]) if slot < frame.count else float("nan"),
    )


def body(login: int, book: Book, covered_percent: int) -> SetBook:
    """The command's body; in A all is covered and in B nothing, whatever was typed for C."""
    return SetBook(login=login, book=book, covered_percent=FULLY_COVERED.get(book, covered_percent))


def missing(now: Standing, wanted: SetBook | None, reason: str) -> str:
    """What still keeps the request from being asked, as a sentence; empty when nothing does."""
    if wanted is None:
        return "Choose a book: A, B or C."
    if is_as_wanted(now, wanted):
        return f"The account is in book {book_words(now.book, now.covered_percent)} already."
    if not reason.strip():
        return "Write the reason."
    return ""


def is_as_wanted(now: Standing, wanted: SetBook) -> bool:
    """Whether the account is in that book already."""
    return (wanted.book, wanted.covered_percent) == (now.book, now.covered_percent)


def book_words(book: Book, covered_percent: int) -> str:
    """A book as people say it: "A", "B", "C with 40 % covered"."""
    return f"C with {covered_percent} % covered" if book is Book.C else book.value


def consequence(now: Standing, wanted: SetBook) -> str:
    """What would be different afterwards, in one or two sentences."""
    change = f"{book_words(now.book, now.covered_percent)} → {book_words(wanted.book, wanted.covered_percent)}"
    if not now.positions:
        return f"{change}. No open positions: only what the client opens from then on is {BOOK_WORDS[wanted.book]}."
    positions = numbers.counted(now.positions, "open positions")
    before = -now.net_usd * (100 - now.covered_percent) / 100
    after = -now.net_usd * (100 - wanted.covered_percent) / 100
    return (
        f"{change}. {positions}, net {numbers.compact(now.net_usd)} USD: "
        f"our uncovered share goes from {numbers.compact(before)} to {numbers.compact(after)} USD."
    )
