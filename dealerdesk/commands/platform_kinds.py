"""The kinds of commands that a trading server carries out: who may ask, their sentences, and what makes no sense."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, Select, select

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.amounts import lots, money, plain
from dealerdesk.commands.kind import Executor, Kind
from dealerdesk.commands.personal import SEALED_NAME_CHARS_MAX, is_sealed
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import accounts, groups, positions, routing
from dealerdesk.trading import BalanceKind, Book

COVERED_PERCENT = {Book.A: (100, 100), Book.B: (0, 0), Book.C: (1, 99)}
"""How much of a client's risk each book passes on, least and most."""
LEVERAGE_MAX = 1_000
REFERENCE_CHARS_MAX = 64
ONE_WAY = {BalanceKind.DEPOSIT: 1, BalanceKind.WITHDRAWAL: -1}


def login_of(body: SetBook | SetGroup | SetLeverage | ChangeBalance) -> int:
    """The account that the body names."""
    return body.login


def client_of(body: OpenAccount) -> int:
    """The client that the body names."""
    return body.client_id


# -- sentences --------------------------------------------------------------------------------------------------


def set_book_title(server: str, body: SetBook, _currency: str) -> str:
    """«Set the book of MT5 1001 to A»."""
    share = f" ({body.covered_percent} % covered)" if body.book is Book.C else ""
    return f"Set the book of {server} {body.login} to {body.book.value}{share}"


def set_group_title(server: str, body: SetGroup, _currency: str) -> str:
    """«Move MT5 1001 to group real»."""
    return f"Move {server} {body.login} to group {body.group}"


def set_leverage_title(server: str, body: SetLeverage, _currency: str) -> str:
    """«Set the leverage of MT5 1001 to 1:200»."""
    return f"Set the leverage of {server} {body.login} to 1:{body.leverage}"


def change_balance_title(server: str, body: ChangeBalance, currency: str) -> str:
    """«Withdrawal of 100.00 USD from MT5 1001 (reference)»."""
    way = "to" if body.amount > 0 else "from"
    reference = f" ({body.reference})" if body.reference else ""
    amount = money(abs(body.amount), currency)
    return f"{body.operation.value.capitalize()} of {amount} {way} {server} {body.login}{reference}"


def open_account_title(server: str, body: OpenAccount, _currency: str) -> str:
    """«Open an account on MT5 for client 7 in group real, leverage 1:100»."""
    return f"Open an account on {server} for client {body.client_id} in group {body.group}, leverage 1:{body.leverage}"


def close_position_title(server: str, body: ClosePosition, _currency: str) -> str:
    """«Close 0.5 lots of position 77 on MT5»."""
    part = f"{plain(lots(body.volume))} lots of " if body.volume else ""
    return f"Close {part}position {body.position_id} on {server}"


# -- what makes no sense now ------------------------------------------------------------------------------------


def check_set_book(connection: Connection, server: str, body: SetBook, _who: str) -> None:
    """Refuses a share that the book does not have, an unknown account, and the book that it is in already."""
    least, most = COVERED_PERCENT[body.book]
    if not least <= body.covered_percent <= most:
        wanted = f"{least} %" if least == most else f"{least} to {most} %"
        raise Refused(f"Book {body.book.value} covers {wanted} of the client's risk, not {body.covered_percent} %")
    _account(connection, server, body.login)
    of_routing = (routing.c.server == server) & (routing.c.login == body.login)
    now = connection.execute(select(routing.c.book, routing.c.covered_percent).where(of_routing)).first()
    if now is not None and (now.book, now.covered_percent) == (body.book.value, body.covered_percent):
        raise Refused(f"{server} {body.login} is already in book {body.book.value}")


def check_set_group(connection: Connection, server: str, body: SetGroup, _who: str) -> None:
    """Refuses an unknown account or group, the group that it is in already, and one in another currency."""
    account = _account(connection, server, body.login)
    group = _group(connection, server, body.group)
    refuse_same_group(server, body, account.group_name)
    if group.currency != account.currency:
        raise Refused(f"Group {body.group} is in {group.currency}, {server} {body.login} is in {account.currency}")


def check_set_leverage(connection: Connection, server: str, body: SetLeverage, _who: str) -> None:
    """Refuses an unknown account, a leverage out of bounds, and the leverage that it has already."""
    account = _account(connection, server, body.login)
    refuse_leverage(body.leverage)
    refuse_same_leverage(server, body, account.leverage)


def check_change_balance(connection: Connection, server: str, body: ChangeBalance, _who: str) -> None:
    """Refuses an unknown account, no amount, and a deposit or withdrawal that goes the wrong way."""
    _account(connection, server, body.login)
    refuse_amount(body)


def check_open_account(connection: Connection, server: str, body: OpenAccount, _who: str) -> None:
    """Refuses an account without a client, or in an unknown group, or with a leverage out of bounds."""
    if body.client_id <= 0 or not is_sealed(body.name, SEALED_NAME_CHARS_MAX):
        raise Refused("A new account needs a client's number, and their name sealed under the client's key")
    _group(connection, server, body.group)
    refuse_leverage(body.leverage)


def check_close_position(connection: Connection, server: str, body: ClosePosition, _who: str) -> None:
    """Refuses a position that is not open, and more of it than there is."""
    where = (positions.c.server == server) & (positions.c.id == body.position_id)
    held = connection.scalar(select(positions.c.volume).where(where))
    if held is None:
        raise Refused(f"There is no open position {body.position_id} on {server}")
    refuse_volume(body, held)


# -- what makes no sense whatever is written in the database: the desk says it while one types ------------------


def refuse_same_group(server: str, body: SetGroup, now: str) -> None:
    """Refuses the group that the account is in."""
    if now == body.group:
        raise Refused(f"{server} {body.login} is already in group {body.group}")


def refuse_leverage(leverage: int) -> None:
    """Refuses a leverage that nobody gives."""
    if not 1 <= leverage <= LEVERAGE_MAX:
        raise Refused(f"Leverage 1:{leverage} is outside 1:1 to 1:{LEVERAGE_MAX}")


def refuse_same_leverage(server: str, body: SetLeverage, now: int) -> None:
    """Refuses the leverage that the account has."""
    if now == body.leverage:
        raise Refused(f"{server} {body.login} has leverage 1:{body.leverage} already")


def refuse_amount(body: ChangeBalance) -> None:
    """Refuses no amount, a deposit or withdrawal that goes the wrong way, and too long a reference."""
    if body.amount == 0:
        raise Refused("The amount is zero")
    if body.amount * ONE_WAY.get(body.operation, body.amount) < 0:
        raise Refused(f"A {body.operation.value} goes the other way")
    if len(body.reference) > REFERENCE_CHARS_MAX:
        raise Refused(f"The reference is longer than {REFERENCE_CHARS_MAX} characters")


def refuse_volume(body: ClosePosition, held: int) -> None:
    """Refuses more of a position than there is."""
    if not 0 <= body.volume <= held:
        raise Refused(f"Position {body.position_id} has {plain(lots(held))} lots, not {plain(lots(body.volume))}")


def _account(connection: Connection, server: str, login: int) -> Row[Any]:
    where = (accounts.c.server == server) & (accounts.c.login == login)
    query: Select[Any] = select(accounts.c.group_name, accounts.c.currency, accounts.c.leverage).where(where)
    row = connection.execute(query).first()
    if row is None:
        raise Refused(f"There is no account {server} {login}")
    return row


def _group(connection: Connection, server: str, name: str) -> Row[Any]:
    where = (groups.c.server == server) & (groups.c.name == name)
    row: Row[Any] | None = connection.execute(select(groups.c.currency).where(where)).first()
    if row is None:
        raise Refused(f"There is no group {name} on {server}")
    return row


# -- the kinds --------------------------------------------------------------------------------------------------


def _kind(name: str, body: type[Any], *may_request: Role, **more: Any) -> Kind:
    terms: dict[str, Any] = {
        "waits_us": 8 * HOUR_US,
        "dispatch_within_us": 5 * MINUTE_US,
        "executor": Executor.BRIDGE,
        "is_repeatable": False,
    }
    return Kind(name=name, body=body, may_request=frozenset(may_request), **(terms | more))


PLATFORM_KINDS = (
    _kind(
        "set_book",
        SetBook,
        Role.DEALER,
        Role.HEAD_DEALER,
        Role.SUPERVISOR,
        is_repeatable=True,
        title=set_book_title,
        check=check_set_book,
        login=login_of,
    ),
    _kind(
        "set_group",
        SetGroup,
        Role.HEAD_DEALER,
        Role.BACK_OFFICE,
        Role.SUPERVISOR,
        is_repeatable=True,
        title=set_group_title,
        check=check_set_group,
        login=login_of,
    ),
    _kind(
        "set_leverage",
        SetLeverage,
        Role.HEAD_DEALER,
        Role.BACK_OFFICE,
        Role.SUPERVISOR,
        is_repeatable=True,
        title=set_leverage_title,
        check=check_set_leverage,
        login=login_of,
    ),
    _kind(
        "change_balance",
        ChangeBalance,
        Role.BACK_OFFICE,
        Role.PAYMENTS,
        title=change_balance_title,
        check=check_change_balance,
        login=login_of,
    ),
    _kind(
        "open_account",
        OpenAccount,
        Role.BACK_OFFICE,
        title=open_account_title,
        check=check_open_account,
        client_id=client_of,
    ),
    _kind(
        "close_position",
        ClosePosition,
        Role.DEALER,
        Role.HEAD_DEALER,
        title=close_position_title,
        check=check_close_position,
    ),
)
