"""Reads what policies look at: the account, its client, what is open, what was asked today, what was advised.

One function, so that a request, its preview and the database's own procedure see the same. Changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import msgspec
from sqlalchemy import Connection, func, select

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetLeverage
from dealerdesk.clock import DAY_US
from dealerdesk.commands.amounts import lots
from dealerdesk.commands.bodies import Body, SettleUnknown
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.policy_rule import UNRATED, Facts
from dealerdesk.commands.records import CommandState
from dealerdesk.store.schema import accounts, advice, client_ratings, commands, groups, positions

CAME_TO_NOTHING = (CommandState.REFUSED, CommandState.EXPIRED, CommandState.WITHDRAWN, CommandState.FAILED)


@dataclass(frozen=True, slots=True)
class _Place:
    login: int | None = None
    group: str = ""
    client_id: int | None = None
    currency: str = ""


def facts(connection: Connection, server: str, body: Body, now_us: int) -> Facts:
    """What is known about a request for `body` on `server` that is made now."""
    place = _place(connection, server, body)
    amount = body.amount if isinstance(body, ChangeBalance) else None
    total = None
    if amount is not None:
        total = abs(amount) + _asked_today(connection, place, now_us)
    advised = advised_body(connection, server, body)
    return Facts(
        server=server,
        login=place.login,
        group=place.group,
        client_id=place.client_id,
        to_book=body.book if isinstance(body, SetBook) else None,
        open_lots=open_lots(connection, server, place.login) if place.login is not None else Decimal(0),
        leverage=body.leverage if isinstance(body, SetLeverage | OpenAccount) else None,
        amount=amount,
        currency=place.currency,
        daily_total=total,
        risk=_risk(connection, place.client_id),
        deviates=advised is not None and advised != canonical(body),
    )


def open_lots(connection: Connection, server: str, login: int) -> Decimal:
    """The account's open volume in lots, both sides added up."""
    of_account = (positions.c.server == server) & (positions.c.login == login)
    volume = connection.scalar(select(func.coalesce(func.sum(positions.c.volume), 0)).where(of_account))
    return lots(int(volume or 0))


def advised_body(connection: Connection, server: str, body: Body) -> str | None:
    """The body (canonical JSON) that was advised for the account, of this kind; None for no advice."""
    kind = kind_of(body)
    where = (advice.c.server == server) & (advice.c.login == kind.login(body)) & (advice.c.kind == kind.name)
    return connection.scalar(select(advice.c.payload).where(where))


def _place(connection: Connection, server: str, body: Body) -> _Place:
    """Where it happens: the account with its group, client and currency, as far as there is one."""
    match body:
        case OpenAccount():
            where = (groups.c.server == server) & (groups.c.name == body.group)
            currency = connection.scalar(select(groups.c.currency).where(where))
            return _Place(None, body.group, body.client_id, currency or "")
        case SettleUnknown():
            query = select(commands.c.login, commands.c.group_name, commands.c.client_id)
            row = connection.execute(query.where(commands.c.id == body.command_id)).first()
            return _Place(row.login, row.group_name, row.client_id) if row else _Place()
        case ClosePosition():
            where = (positions.c.server == server) & (positions.c.id == body.position_id)
            return _account(connection, server, connection.scalar(select(positions.c.login).where(where)))
        case _:
            kind = kind_of(body)
            login = kind.login(body)
            if login is None:
                return _Place(client_id=kind.client_id(body))
            return _account(connection, server, login)


def _account(connection: Connection, server: str, login: int | None) -> _Place:
    if login is None:
        return _Place()
    columns = (accounts.c.group_name, accounts.c.client_id, accounts.c.currency)
    row = connection.execute(
        select(*columns).where((accounts.c.server == server) & (accounts.c.login == login))
    ).first()
    return _Place(login, row.group_name, row.client_id, row.currency) if row else _Place(login)


def _asked_today(connection: Connection, place: _Place, now_us: int) -> int:
    """Σ |amount| of the balance operations asked for this client in this currency since midnight UTC."""
    if place.client_id is None:
        return 0
    of_account = (accounts.c.server == commands.c.server) & (accounts.c.login == commands.c.login)
    query = select(commands.c.payload).join_from(commands, accounts, of_account)
    today = (
        commands.c.client_id == place.client_id,
        commands.c.requested_us >= now_us - now_us % DAY_US,
        commands.c.kind == "change_balance",
        commands.c.state.not_in([state.value for state in CAME_TO_NOTHING]),
        accounts.c.currency == place.currency,
    )
    payloads = connection.scalars(query.where(*today))
    return sum(abs(msgspec.json.decode(payload, type=ChangeBalance).amount) for payload in payloads)


def _risk(connection: Connection, client_id: int | None) -> str:
    if client_id is None:
        return ""
    rating = connection.scalar(select(client_ratings.c.rating).where(client_ratings.c.client_id == client_id))
    return rating or UNRATED
