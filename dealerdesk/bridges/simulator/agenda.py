"""What clients have made up their minds to do later: a queue by time. It does nothing itself."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from enum import IntEnum


class Plan(IntEnum):
    """CLOSE the position `number`; TRADE once more (or for the first time) on a symbol and side."""

    CLOSE = 0
    TRADE = 1


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One plan; entries of one moment keep the order in which they were made."""

    due_us: int
    serial: int
    plan: Plan
    account: int
    number: int = 0
    symbol: int = 0
    side: int = 0


@dataclass(slots=True)
class Agenda:
    """The plans of all clients of a server."""

    _entries: list[Entry] = field(default_factory=list)
    _serial: int = 0

    def __len__(self) -> int:
        return len(self._entries)

    def close(self, due_us: int, account: int, position: int) -> None:
        """The client means to close its position at `due_us`."""
        self._put(due_us, Plan.CLOSE, account, number=position)

    def trade(self, due_us: int, account: int, symbol: int, side: int) -> None:
        """The client means to trade `symbol` at `due_us`."""
        self._put(due_us, Plan.TRADE, account, symbol=symbol, side=side)

    def due(self, now_us: int) -> list[Entry]:
        """Takes what is due, earliest first."""
        taken = []
        while self._entries and self._entries[0].due_us <= now_us:
            taken.append(heapq.heappop(self._entries))
        return taken

    def _put(self, due_us: int, plan: Plan, account: int, number: int = 0, symbol: int = 0, side: int = 0) -> None:
        self._serial += 1
        heapq.heappush(self._entries, Entry(due_us, self._serial, plan, account, number, symbol, side))
