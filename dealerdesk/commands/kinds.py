"""The kinds of commands that can be asked for: who may, how long it waits, its sentence, and what must be so before.

A new kind is one more row in `KINDS`. What needs approval is said by policies (`policy.py`), not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from dealerdesk.bridges.protocol import CommandBody, SetBook
from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import accounts, routing
from dealerdesk.trading import Book

COVERED_PERCENT = {Book.A: (100, 100), Book.B: (0, 0), Book.C: (1, 99)}
"""How much of a client's risk each book passes on, least and most."""


@dataclass(frozen=True, slots=True)
class Kind:
    """`prepare` refuses what makes no sense now, and returns the sentence that people read; `is_repeatable` says that
    doing it twice is doing it once, so that it may be sent again when the bridge surely has not got it."""

    name: str
    body: type[Any]
    may_request: frozenset[Role]
    waits_us: int
    dispatch_within_us: int
    is_repeatable: bool
    login: Callable[[Any], int | None]
    prepare: Callable[[Connection, str, Any], str]


def kind_of(body: CommandBody) -> Kind:
    """The kind of a body; raises Refused for one that cannot be asked for."""
    kind = KINDS.get(type(body))
    if kind is None:
        raise Refused(f"«{kind_name(body).replace('_', ' ')}» cannot be asked for here")
    return kind


def kind_name(body: CommandBody) -> str:
    """The protocol's name of a body's kind, such as set_book."""
    return str(msgspec.to_builtins(body)["kind"])


def is_repeatable(body: CommandBody) -> bool:
    """Whether the command may be sent again when the bridge says that it never got it."""
    kind = KINDS.get(type(body))
    return kind is not None and kind.is_repeatable


def set_book_title(server: str, body: SetBook, before: str) -> str:
    """«Set the book of MT5 1001 from B to A»."""
    share = f" ({body.covered_percent} % covered)" if body.book is Book.C else ""
    return f"Set the book of {server} {body.login} from {before} to {body.book.value}{share}"


def _prepare_set_book(connection: Connection, server: str, body: SetBook) -> str:
    least, most = COVERED_PERCENT[body.book]
    if not least <= body.covered_percent <= most:
        wanted = f"{least} %" if least == most else f"{least} to {most} %"
        raise Refused(f"Book {body.book.value} covers {wanted} of the client's risk, not {body.covered_percent} %")
    of_account = (accounts.c.server == server) & (accounts.c.login == body.login)
    if connection.execute(select(accounts.c.login).where(of_account)).first() is None:
        raise Refused(f"There is no account {server} {body.login}")
    of_routing = (routing.c.server == server) & (routing.c.login == body.login)
    now = connection.execute(select(routing.c.book, routing.c.covered_percent).where(of_routing)).first()
    if now is not None and (now.book, now.covered_percent) == (body.book.value, body.covered_percent):
        raise Refused(f"{server} {body.login} is already in book {body.book.value}")
    return set_book_title(server, body, now.book if now is not None else "no book")


def _login_of_set_book(body: SetBook) -> int:
    return body.login


KINDS: dict[type[Any], Kind] = {
    SetBook: Kind(
        name="set_book",
        body=SetBook,
        may_request=frozenset({Role.DEALER, Role.HEAD_DEALER, Role.SUPERVISOR}),
        waits_us=8 * HOUR_US,
        dispatch_within_us=5 * MINUTE_US,
        is_repeatable=True,
        login=_login_of_set_book,
        prepare=_prepare_set_book,
    ),
}
