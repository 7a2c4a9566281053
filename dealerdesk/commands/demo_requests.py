"""What already waits for a decision when a demonstration opens: asked by three of its people, like any other request.

Nothing here passes a rule by, and nothing is decided here: that is left to who tries the demonstration.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, Row, func, select

from dealerdesk.bridges.protocol import ChangeBalance, SetBook
from dealerdesk.commands import requests
from dealerdesk.commands.amounts import lots
from dealerdesk.commands.bodies import AddStaff, Body
from dealerdesk.commands.records import new_command_id
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import accounts, commands, positions, routing
from dealerdesk.trading import BalanceKind, Book

LARGE_LOTS = 50
"""From so many open lots on a supervisor decides on the book."""
MISSING_CENTS = 2_500_000
"""What the correction puts right, in cents of a dollar: above the limit from which others decide."""
ORIGIN = "demonstration"

Wish = tuple[str, str, Body, str]
"""Who asks, on which server, for what, and why."""


def seed_requests(connection: Connection, now_us: int) -> int:
    """Asks for what the demonstration's people wait for, and returns how much; nothing once anything was asked for."""
    if connection.scalar(select(commands.c.id).limit(1)) is not None:
        return 0
    wishes = list(_wishes(connection))
    for place, (who, server, body, reason) in enumerate(wishes):
        requests.request(
            connection,
            who=who,
            server=server,
            body=body,
            reason=reason,
            # one after the other, so that the queue begins with the account that is looked at first
            now_us=now_us + place,
            command_id=new_command_id(),
            origin=ORIGIN,
        )
    return len(wishes)


def _wishes(connection: Connection) -> Iterator[Wish]:
    large = _largest_kept(connection)
    if large is not None and lots(int(large.volume)) >= LARGE_LOTS:
        yield "ana", large.server, SetBook(large.login, Book.A, 100), "Too large to keep while the news come out"
    paid = _fullest(connection)
    if paid is not None:
        body = ChangeBalance(paid.login, BalanceKind.CORRECTION, MISSING_CENTS, "BANK-20831")
        yield "otto", paid.server, body, "The bank's transfer was booked without its second half"
    newcomer = AddStaff(staff="mia", name="Mia Okafor", role=Role.DEALER)
    yield "adam", "", newcomer, "Starts on Monday at the evening desk"


def _largest_kept(connection: Connection) -> Row[str, int, int] | None:
    """The account with the most open volume of those that are not passed on."""
    volume = func.sum(positions.c.volume).label("volume")
    of_account = (positions.c.server == routing.c.server) & (positions.c.login == routing.c.login)
    query = (
        select(positions.c.server, positions.c.login, volume)
        .join_from(positions, routing, of_account)
        .where(routing.c.book == Book.B.value)
        .group_by(positions.c.server, positions.c.login)
        .order_by(volume.desc(), positions.c.server, positions.c.login)
    )
    return connection.execute(query.limit(1)).first()


def _fullest(connection: Connection) -> Row[str, int] | None:
    """The account with the highest balance in dollars."""
    query = (
        select(accounts.c.server, accounts.c.login)
        .where(accounts.c.currency == "USD", accounts.c.enabled)
        .order_by(accounts.c.balance.desc(), accounts.c.server, accounts.c.login)
    )
    return connection.execute(query.limit(1)).first()
