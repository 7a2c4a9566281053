"""What the desk reads from the database: deals, balance operations, staff, the hub's state, and figures for a report.

Changes nothing. Lists are bounded; times in µs UTC, money in minor units, volumes in 1e-8 lot, the client's signs.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Table, case, func, select

from dealerdesk.bridges.protocol import ResumePoint
from dealerdesk.instruments import Symbol
from dealerdesk.store.rows import from_table
from dealerdesk.store.schema import accounts, balance_operations, deals, positions, staff, streams, symbols
from dealerdesk.store.schema import hub_status as hub_status_table
from dealerdesk.trading import BalanceOperation, Deal, Side

Record = TypeVar("Record", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A person who signs in here; `role` is one of `commands.records.Role`."""

    id: str
    name: str
    role: str
    active: bool


@dataclass(frozen=True, slots=True)
class HubStatus:
    """What the hub last said of one bridge; it says so each second, so an old `beat_us` means that no hub runs."""

    server: str
    state: str
    epoch: str
    sequence: int
    queued: int
    started_us: int
    beat_us: int
    error: str


@dataclass(frozen=True, slots=True)
class OpenPosition:
    """A position with its account's currency: what its floating profit is computed from."""

    server: str
    login: int
    currency: str
    symbol: str
    side: Side
    volume: int
    open_price: Decimal
    swap: int
    commission: int


@dataclass(frozen=True, slots=True)
class FinalFigures:
    """Figures recomputed from the tables alone; `recorded` says at which point of each stream they hold.

    `net_volume`: (server, symbol) → Σ sign × volume; `balances`: currency → (Σ balance, Σ credit).
    """

    recorded: dict[str, ResumePoint]
    net_volume: dict[tuple[str, str], int]
    balances: dict[str, tuple[int, int]]
    positions: list[OpenPosition]
    symbols: dict[tuple[str, str], Symbol]


def deals_of(
    connection: Connection, server: str, login: int, limit: int = 500, before_us: int | None = None
) -> list[Deal]:
    """An account's deals, newest first; `before_us` goes on where a page ended."""
    return _page(connection, Deal, deals, deals.c.dealt_us, server, login, limit, before_us)


def balance_operations_of(
    connection: Connection, server: str, login: int, limit: int = 500, before_us: int | None = None
) -> list[BalanceOperation]:
    """An account's balance operations, newest first; `before_us` goes on where a page ended."""
    table = balance_operations
    return _page(connection, BalanceOperation, table, table.c.booked_us, server, login, limit, before_us)


def staff_members(connection: Connection) -> list[StaffMember]:
    """All staff by name."""
    return [_staff_member(row) for row in connection.execute(select(staff).order_by(staff.c.name))]


def staff_member(connection: Connection, staff_id: str) -> StaffMember | None:
    """One person, or None."""
    row = connection.execute(select(staff).where(staff.c.id == staff_id)).first()
    return _staff_member(row) if row else None


def hub_status(connection: Connection) -> list[HubStatus]:
    """What the hub last said of each bridge."""
    table = hub_status_table
    return [HubStatus(**row._mapping) for row in connection.execute(select(table).order_by(table.c.server))]


def recorded(connection: Connection) -> dict[str, ResumePoint]:
    """Server → how far its stream is recorded."""
    return {row.server: ResumePoint(row.epoch, row.sequence) for row in connection.execute(select(streams))}


def final_figures(connection: Connection) -> FinalFigures:
    """The figures of all servers as the tables have them in this transaction."""
    return FinalFigures(
        recorded=recorded(connection),
        net_volume=_net_volume(connection),
        balances=_balances(connection),
        positions=_open_positions(connection),
        symbols=_symbols(connection),
    )


def _page(
    connection: Connection,
    record: type[Record],
    table: Table,
    time: ColumnElement[int],
    server: str,
    login: int,
    limit: int,
    before_us: int | None,
) -> list[Record]:
    query = select(table).where(table.c.server == server, table.c.login == login)
    if before_us is not None:
        query = query.where(time < before_us)
    rows = connection.execute(query.order_by(time.desc(), table.c.id.desc()).limit(limit))
    return [from_table(record, row) for row in rows]


def _staff_member(row: Row[Any]) -> StaffMember:
    return StaffMember(row.id, row.name, row.role, row.active)


def _net_volume(connection: Connection) -> dict[tuple[str, str], int]:
    signed = case((positions.c.side == Side.BUY.value, positions.c.volume), else_=-positions.c.volume)
    query = select(positions.c.server, positions.c.symbol, func.sum(signed)).group_by(
        positions.c.server, positions.c.symbol
    )
    return {(server, symbol): int(volume) for server, symbol, volume in connection.execute(query)}


def _balances(connection: Connection) -> dict[str, tuple[int, int]]:
    query = select(accounts.c.currency, func.sum(accounts.c.balance), func.sum(accounts.c.credit)).group_by(
        accounts.c.currency
    )
    return {currency: (int(balance), int(credit)) for currency, balance, credit in connection.execute(query)}


def _open_positions(connection: Connection) -> list[OpenPosition]:
    of_account = (accounts.c.server == positions.c.server) & (accounts.c.login == positions.c.login)
    columns = (positions.c[name] for name in ("symbol", "side", "volume", "open_price", "swap", "commission"))
    query = select(positions.c.server, positions.c.login, accounts.c.currency, *columns).join_from(
        positions, accounts, of_account
    )
    return [
        OpenPosition(server, login, currency, symbol, Side(side), *rest)
        for server, login, currency, symbol, side, *rest in connection.execute(query)
    ]


def _symbols(connection: Connection) -> dict[tuple[str, str], Symbol]:
    return {(row.server, row.name): from_table(Symbol, row) for row in connection.execute(select(symbols))}
