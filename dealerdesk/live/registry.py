"""What the live state consists of: tables, codes and what is known of each server. It only holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.live.engine import Engine
from dealerdesk.live.holdings import PositionTable
from dealerdesk.live.index import IntIndex
from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.live.rates import Router
from dealerdesk.live.tables import AccountTable, Codes, SymbolTable
from dealerdesk.trading import Accounting, Deal, Group, Order, Position, Request, Routing, SessionResult

Missing = tuple[str, int | str]
"""("login", 1001) or ("symbol", "EURUSD"): what a waiting row waits for."""
Unattached = Deal | SessionResult
MASK = "•••"
"""What stands where a name may not be seen."""


@dataclass(slots=True)
class Version:
    """Counters that only grow; whoever draws compares them with those it drew last."""

    structure: int = 0
    accounts: int = 0
    positions: int = 0
    quotes: int = 0


@dataclass(slots=True)
class GroupEntry:
    """A group; `record` is None while only accounts have named it."""

    server: str
    name: str
    currency: str = ""
    accounting: Accounting = Accounting.HEDGING
    margin_call_percent: float = float("nan")
    stop_out_percent: float = float("nan")
    record: Group | None = None


@dataclass(slots=True)
class ClientEntry:
    """A client with the slots of the accounts they hold on all servers."""

    id: int
    name: str = ""
    country: str = ""
    profile: str = ""
    registered_us: int = 0
    introducer: str = ""
    accounts: list[int] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The name; where it may not be seen or is not known yet, the client's number behind a mask."""
        return self.name or f"{MASK} {self.id}"


@dataclass(slots=True)
class Waiting:
    """Rows whose account or symbol has not arrived yet: kept, and attached when it does."""

    positions: dict[int, tuple[Position, int]] = field(default_factory=dict)
    others: list[Unattached] = field(default_factory=list)
    by_missing: dict[Missing, list[int]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.positions) + len(self.others)

    def keep(self, missing: Missing, row: Position, version: int) -> None:
        """Keeps a position until `missing` is there."""
        self.positions[row.id] = (row, version)
        self.by_missing.setdefault(missing, []).append(row.id)

    def release(self, missing: Missing) -> Iterator[tuple[Position, int]]:
        """The positions that waited for `missing`; they may turn out to wait for something else as well."""
        for position_id in self.by_missing.pop(missing, ()):
            found = self.positions.pop(position_id, None)
            if found is not None:
                yield found


@dataclass(slots=True)
class Server:
    """What is known of one trading server."""

    code: int
    name: str
    logins: dict[int, int]
    position_index: IntIndex
    symbols: dict[str, int] = field(default_factory=dict)
    groups: dict[str, int] = field(default_factory=dict)
    clients: set[int] = field(default_factory=set)
    orders: dict[int, Order] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    routing: dict[int, tuple[Routing, int]] = field(default_factory=dict)
    waiting: Waiting = field(default_factory=Waiting)
    quote_rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    loading: frozenset[RowSet] = frozenset()
    ready: bool = False
    seen: dict[RowSet, set[int | str]] = field(default_factory=dict)
    results: list[SessionResult] = field(default_factory=list)
    held: list[Delta] = field(default_factory=list)
    early_quotes: list[tuple[QuoteBatch, int]] = field(default_factory=list)
    stale_since_us: int | None = None
    clock_offset_s: int = 0
    as_of: int = 0

    @property
    def building(self) -> bool:
        """Whether positions are only written down for now and become cells at the end of the snapshot."""
        return RowSet.POSITION in self.loading


class Registry:
    """Tables of all servers, and the engine over them."""

    def __init__(self) -> None:
        self.accounts = AccountTable()
        self.positions = PositionTable()
        self.symbols = SymbolTable()
        self.engine = Engine(self.accounts, self.symbols)
        self.currency_codes: Codes[str] = Codes()
        self.instrument_codes: Codes[str] = Codes()
        self.groups: list[GroupEntry] = []
        self.clients: dict[int, ClientEntry] = {}
        self.names: dict[int, str] = {}
        """Clients' names as far as they are known here; bridges do not tell them to desks."""
        self.version = Version()
        self.router = Router(self.symbols, self.currency_codes, self._is_stale)
        self.server_list: list[Server] = []
        self._servers: dict[str, Server] = {}
        self.kept: dict[str, tuple[int, object]] = {}
        """Row numbers by dimension with the structure version they were made for."""

    def server(self, name: str) -> Server:
        """What is known of a server; a new entry at its first mention."""
        found = self._servers.get(name)
        if found is None:
            code = len(self.server_list)
            found = Server(code, name, self.accounts.logins(code), self.positions.index(code, name))
            self._servers[name] = found
            self.server_list.append(found)
        return found

    def known(self, name: str) -> Server | None:
        """What is known of a server, None before its first mention."""
        return self._servers.get(name)

    def unready_blocks(self) -> set[int]:
        """Blocks of account rows whose server has not finished its snapshot."""
        waiting = {server.code for server in self.server_list if not server.ready}
        if not waiting:
            return set()
        firsts = range(0, self.accounts.count, BLOCK_ROWS)
        return {first // BLOCK_ROWS for first in firsts if int(self.accounts.server[first]) in waiting}

    def _is_stale(self, server: int) -> bool:
        return self.server_list[server].stale_since_us is not None
