"""An LP's quotes as depth by symbol: subscribes at each logon, keeps the book of each symbol. A session's handler.

Books begin empty at each logon and end with the session: a price of before a drop is none. What the depth is used for
is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal

import structlog

from dealerdesk.bridges.fix.numbers import MemoryNumbers
from dealerdesk.bridges.fix.session import FixSession
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.tags import MsgType, RejectReason, Tag
from dealerdesk.bridges.fix.wire import Fields, Received, Record

BID, ASK = "0", "1"
DELETE = "2"

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Level:
    """So much at that price, in the LP's amount."""

    price: Decimal
    size: Decimal


@dataclass(frozen=True, slots=True)
class Depth:
    """A symbol's book, best price first. Empty on both sides: the LP gives no price now."""

    symbol: str
    bids: tuple[Level, ...]
    asks: tuple[Level, ...]
    time_us: int

    @property
    def bid(self) -> Decimal | None:
        return self.bids[0].price if self.bids else None

    @property
    def ask(self) -> Decimal | None:
        return self.asks[0].price if self.asks else None


@dataclass(frozen=True, slots=True)
class QuotesRefused:
    """The LP gives no quotes for a symbol; the text is its own."""

    symbol: str
    text: str


@dataclass(slots=True)
class _Book:
    """Entries by the LP's id, or by price where it gives none."""

    time_us: int = 0
    entries: dict[tuple[str, str], Level] = field(default_factory=dict)

    def depth(self, symbol: str) -> Depth:
        bids = [level for (kind, _), level in self.entries.items() if kind == BID]
        asks = [level for (kind, _), level in self.entries.items() if kind == ASK]
        return Depth(
            symbol, tuple(sorted(bids, key=_price, reverse=True)), tuple(sorted(asks, key=_price)), self.time_us
        )


class MarketData:
    """Quotes of some symbols over one session of its own. News: Depth, QuotesRefused."""

    def __init__(self, terms: SessionTerms, symbols: Iterable[str]) -> None:
        if not terms.reset_at_logon:
            raise ValueError("a quotes session begins anew at each logon")
        self.session = FixSession(terms, MemoryNumbers(), self)
        self._books = {symbol: _Book() for symbol in symbols}
        self._asked: dict[str, str] = {}

    def depth(self, symbol: str) -> Depth:
        """The book of a subscribed symbol; KeyError for any other."""
        return self._books[symbol].depth(symbol)

    # -- what the session calls ---------------------------------------------------------------------------------

    def joined(self, now_us: int) -> None:
        self._asked = {f"{now_us}-{number}": symbol for number, symbol in enumerate(self._books)}
        for request_id, symbol in self._asked.items():
            self.session.send(MsgType.QUOTES_REQUEST, _request(request_id, symbol), now_us)

    def lost(self) -> None:
        for symbol, book in self._books.items():
            if book.entries:
                book.entries.clear()
                self.session.tell(book.depth(symbol))

    def refused(self, seq: int, text: str, now_us: int) -> None:
        log.warning("the LP refused a message on the quotes session", seq=seq, text=text, at_us=now_us)

    def take(self, message: Received, now_us: int) -> bool:
        match message.type:
            case MsgType.QUOTES_SNAPSHOT:
                self._snapshot(message, now_us)
            case MsgType.QUOTES_INCREMENT:
                self._increment(message, now_us)
            case MsgType.QUOTES_REJECT:
                symbol = self._asked.get(message.text(Tag.MD_REQ_ID), "")
                text = message.text_or(Tag.TEXT) or f"reason {message.text_or(Tag.MD_REQ_REJ_REASON, 'not told')}"
                self.session.tell(QuotesRefused(symbol, text))
            case MsgType.BUSINESS_REJECT:
                self.refused(message.integer(Tag.REF_SEQ_NUM), message.text_or(Tag.TEXT), now_us)
            case _:
                return False
        return True

    # -- books --------------------------------------------------------------------------------------------------

    def _snapshot(self, message: Received, now_us: int) -> None:
        symbol = self._symbol(message, message, "")
        entries = dict(_entry(record) for record in message.entries(Tag.ENTRIES_MD) if _is_price(record))
        self._books[symbol] = _Book(now_us, entries)
        self.session.tell(self._books[symbol].depth(symbol))

    def _increment(self, message: Received, now_us: int) -> None:
        # all of it is read before any of it is taken in: a message that cannot be read changes nothing
        changes: list[tuple[str, tuple[str, str], Level | None]] = []
        symbol = ""
        for record in message.entries(Tag.ENTRIES_MD):
            symbol = self._symbol(message, record, symbol)
            if record.text(Tag.MD_UPDATE_ACTION) == DELETE:
                changes.append((symbol, self._deleted(symbol, record), None))
            elif _is_price(record):
                changes.append((symbol, *_entry(record)))
        for changed, key, level in changes:
            entries = self._books[changed].entries
            if level is None:
                entries.pop(key, None)
            else:
                entries[key] = level
            self._books[changed].time_us = now_us
        for changed in dict.fromkeys(change[0] for change in changes):
            self.session.tell(self._books[changed].depth(changed))

    def _deleted(self, symbol: str, record: Record) -> tuple[str, str]:
        """The entry that is to go; an LP that gives ids need not say which side it was on."""
        kind, entry_id = record.text_or(Tag.MD_ENTRY_TYPE), record.text_or(Tag.MD_ENTRY_ID)
        if not entry_id:
            return record.text(Tag.MD_ENTRY_TYPE), _price_key(record)
        known = [key for key in self._books[symbol].entries if key[1] == entry_id and kind in ("", key[0])]
        return known[0] if known else (kind, entry_id)

    def _symbol(self, message: Received, record: Record, before: str) -> str:
        """Entries that name no symbol are those of the entry before, or of what was asked for."""
        asked = self._asked.get(message.text_or(Tag.MD_REQ_ID), "")
        symbol = record.text_or(Tag.SYMBOL) or before or asked
        if symbol not in self._books:
            message.fault(RejectReason.VALUE, Tag.SYMBOL, f"{symbol!r} was not asked for")
        return symbol


def _request(request_id: str, symbol: str) -> Fields:
    """MarketDataRequest (V): all depth, incremental, both sides."""
    return [
        (Tag.MD_REQ_ID, request_id),
        (Tag.SUBSCRIPTION, "1"),
        (Tag.MARKET_DEPTH, "0"),
        (Tag.MD_UPDATE_TYPE, "1"),
        (Tag.ENTRIES_MD_TYPES, [[(Tag.MD_ENTRY_TYPE, BID)], [(Tag.MD_ENTRY_TYPE, ASK)]]),
        (Tag.ENTRIES_RELATED_SYM, [[(Tag.SYMBOL, symbol)]]),
    ]


def _is_price(record: Record) -> bool:
    """Whether an entry is a bid or an offer; trades and session prices are not kept."""
    return record.text(Tag.MD_ENTRY_TYPE) in (BID, ASK)


def _entry(record: Record) -> tuple[tuple[str, str], Level]:
    size = record.number_or(Tag.MD_ENTRY_SIZE, Decimal(0))
    key = record.text(Tag.MD_ENTRY_TYPE), record.text_or(Tag.MD_ENTRY_ID) or _price_key(record)
    return key, Level(record.number(Tag.MD_ENTRY_PRICE), size)


def _price_key(record: Record) -> str:
    """A price as a key: 1.10 and 1.1 are one."""
    return f"{record.number(Tag.MD_ENTRY_PRICE).normalize():f}"


def _price(level: Level) -> Decimal:
    return level.price
