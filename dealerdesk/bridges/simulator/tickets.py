"""Numbers that the three platforms give to positions, orders, deals and balance operations. Counters only, no rules.

MT4 has one counter: a trade is a ticket, its opening and closing are 2 × ticket and 2 × ticket + 1 where deals need
numbers of their own. MT5 counts orders and deals; a position has its opening order's number, and a balance operation
is a deal. cTrader counts each kind on its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dealerdesk.trading import Entry, Platform

_FIRST = {
    Platform.MT4: {"ticket": 10_000_001, "request": 1},
    Platform.MT5: {"order": 20_000_001, "deal": 40_000_001, "request": 1},
    Platform.CTRADER: {
        "position": 60_000_001,
        "order": 70_000_001,
        "deal": 80_000_001,
        "balance": 5_000_001,
        "request": 1,
    },
}


@dataclass(slots=True)
class Tickets:
    """The next number of each counter of a platform."""

    platform: Platform
    _next: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._next = dict(_FIRST[self.platform])

    def order(self) -> int:
        """A pending or market order."""
        return self.take("ticket" if self.platform is Platform.MT4 else "order")

    def position(self, order: int) -> int:
        """The position that `order` opens."""
        return self.take("position") if self.platform is Platform.CTRADER else order

    def closing_order(self, position: int) -> int:
        """The order that closes a position: on MT4 the ticket itself."""
        return position if self.platform is Platform.MT4 else self.take("order")

    def deal(self, position: int, entry: Entry) -> int:
        """The execution that opens or closes (part of) a position."""
        if self.platform is Platform.MT4:
            return 2 * position + (entry is Entry.OUT)
        return self.take("deal")

    def balance(self) -> int:
        """A balance operation."""
        return self.balance_block(1)

    def balance_block(self, count: int) -> int:
        """The first of `count` successive balance operations."""
        counter = {Platform.MT4: "ticket", Platform.MT5: "deal", Platform.CTRADER: "balance"}[self.platform]
        return self.take(counter, count)

    def request(self) -> int:
        """A dealing request."""
        return self.take("request")

    def take(self, counter: str, count: int = 1) -> int:
        """Takes `count` successive numbers and returns the first."""
        first = self._next[counter]
        self._next[counter] = first + count
        return first
