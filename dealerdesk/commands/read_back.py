"""Whether a platform shows what was asked: by the bridge's own word, and by the recorded stream. Changes nothing.

The bridge hands back the row as the platform has it; the recorded tables must come to show the same. A later change of
the row by somebody else does not count against it: this one had been there before.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, Table, select

from dealerdesk.bridges.protocol import (
    ChangeBalance,
    ClosePosition,
    OpenAccount,
    SetBook,
    SetGroup,
    SetLeverage,
)
from dealerdesk.bridges.protocol import Row as BridgeRow
from dealerdesk.commands.amounts import lots, money, plain
from dealerdesk.commands.records import CommandRecord
from dealerdesk.store.schema import accounts, balance_operations, deals, routing
from dealerdesk.trading import Account, BalanceOperation, Deal, Entry, Routing

NOTHING_KNOWN = "no way to read this back is known: look at the platform"
_rows: msgspec.json.Decoder[BridgeRow] = msgspec.json.Decoder(BridgeRow)


class Sight(StrEnum):
    """What reading back says: the platform shows what was asked, something else, or the hub has not recorded it yet."""

    SHOWN = "shown"
    DIFFERENT = "different"
    NOT_YET = "not yet"


class Answer(msgspec.Struct, frozen=True):
    """The verdict, and the sentence that goes with it."""

    sight: Sight
    words: str = ""


NOT_YET = Answer(Sight.NOT_YET)


def read_back(connection: Connection, record: CommandRecord) -> Answer:
    """Whether the platform shows what was asked."""
    shown = _rows.decode(record.read_back) if record.read_back is not None else None
    match record.body:
        case SetBook() as body:
            return _book(connection, record, body, shown)
        case SetGroup() as body:
            return _account(connection, record, body.login, shown, {"group_name": body.group}, f"Group {body.group}")
        case SetLeverage() as body:
            asked = {"leverage": body.leverage}
            return _account(connection, record, body.login, shown, asked, f"Leverage 1:{body.leverage}")
        case OpenAccount() as body:
            return _opened(connection, record, body, shown)
        case ChangeBalance() as body:
            return _booked(connection, record, body, shown)
        case ClosePosition() as body:
            return _closed(connection, record, body, shown)
        case _:
            return Answer(Sight.DIFFERENT, NOTHING_KNOWN)


def _book(connection: Connection, record: CommandRecord, body: SetBook, shown: BridgeRow | None) -> Answer:
    if not isinstance(shown, Routing):
        return _not_shown("the account's book")
    asked = {"book": body.book.value, "covered_percent": body.covered_percent}
    if shown.login != body.login or asked != {"book": shown.book.value, "covered_percent": shown.covered_percent}:
        return _shows(f"book {shown.book.value} for {shown.login}")
    where = {"login": body.login}
    return _compare(connection, record, routing, where, asked, f"Book {body.book.value}")


def _account(
    connection: Connection,
    record: CommandRecord,
    login: int,
    shown: BridgeRow | None,
    asked: Mapping[str, Any],
    words: str,
) -> Answer:
    if not isinstance(shown, Account):
        return _not_shown("the account")
    has = {"group_name": shown.group, "leverage": shown.leverage, "client_id": shown.client_id}
    if shown.login != login or any(has[name] != value for name, value in asked.items()):
        return _shows(f"group {shown.group} and leverage 1:{shown.leverage} for {shown.login}")
    return _compare(connection, record, accounts, {"login": login}, asked, words)


def _opened(connection: Connection, record: CommandRecord, body: OpenAccount, shown: BridgeRow | None) -> Answer:
    login = shown.login if isinstance(shown, Account) else 0
    asked = {"group_name": body.group, "leverage": body.leverage, "client_id": body.client_id}
    return _account(connection, record, login, shown, asked, f"Account {login}")


def _booked(connection: Connection, record: CommandRecord, body: ChangeBalance, shown: BridgeRow | None) -> Answer:
    if not isinstance(shown, BalanceOperation):
        return _not_shown("what was booked")
    amount = money(shown.amount, record.currency)
    if (shown.login, shown.kind, shown.amount) != (body.login, body.operation, body.amount):
        return _shows(f"a {shown.kind.value} of {amount} for {shown.login}")
    if record.id not in shown.comment:
        return _shows(f"operation {shown.id}, which does not name this command")
    asked = {"login": body.login, "kind": body.operation.value, "amount": body.amount, "comment": shown.comment}
    return _compare(connection, record, balance_operations, {"id": shown.id}, asked, f"Operation {shown.id}")


def _closed(connection: Connection, record: CommandRecord, body: ClosePosition, shown: BridgeRow | None) -> Answer:
    if not isinstance(shown, Deal):
        return _not_shown("the closing deal")
    wanted = body.volume or shown.volume
    if (shown.position_id, shown.entry, shown.volume) != (body.position_id, Entry.OUT, wanted):
        volume = plain(lots(shown.volume))
        return _shows(f"a deal of {volume} lots {shown.entry.value} of position {shown.position_id}")
    if record.id not in shown.comment:
        return _shows(f"deal {shown.id}, which does not name this command")
    asked = {"position_id": body.position_id, "entry": Entry.OUT.value, "volume": wanted, "comment": shown.comment}
    return _compare(connection, record, deals, {"id": shown.id}, asked, f"Deal {shown.id}")


def _compare(
    connection: Connection,
    record: CommandRecord,
    table: Table,
    where: Mapping[str, int],
    asked: Mapping[str, Any],
    words: str,
) -> Answer:
    """Holds the recorded row against what was asked, as far as the stream is recorded."""
    conditions = (table.c[name] == value for name, value in where.items())
    row = connection.execute(select(table).where(table.c.server == record.server, *conditions)).first()
    if row is None:
        return NOT_YET
    if _is_older(record, row):
        return NOT_YET
    differs = next((name for name, value in asked.items() if row._mapping[name] != value), None)
    # a later sequence is a later change: this one had been there before it
    if differs is not None and not _is_later(record, row):
        found = f"{_field(differs)} {row._mapping[differs]}"
        return Answer(Sight.DIFFERENT, f"The bridge says done, but the stream shows {found}")
    return Answer(Sight.SHOWN, f"{words} read back")


def _is_older(record: CommandRecord, row: Row[Any]) -> bool:
    """Whether the recorded row has not come to the version that the bridge read back."""
    return row.epoch == record.dispatch_epoch and record.read_version is not None and row.sequence < record.read_version


def _is_later(record: CommandRecord, row: Row[Any]) -> bool:
    return row.epoch == record.dispatch_epoch and record.read_version is not None and row.sequence > record.read_version


def _field(column: str) -> str:
    return column.removesuffix("_name").replace("_", " ")


def _not_shown(what: str) -> Answer:
    return Answer(Sight.DIFFERENT, f"The bridge says done, but does not show {what}")


def _shows(what: str) -> Answer:
    return Answer(Sight.DIFFERENT, f"The bridge says done, but shows {what}")
