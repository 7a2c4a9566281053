"""What busy desks ask for: commands of every kind that make sense, or nearly, in the firm as its tables stand now."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.clock import HOUR_US
from dealerdesk.commands.bodies import (
    AddStaff,
    Body,
    ChangeRole,
    ContactField,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
)
from dealerdesk.commands.kinds import kind_of
from dealerdesk.commands.roles import Role
from dealerdesk.store.schema import accounts, groups, positions, routing, staff
from dealerdesk.trading import BalanceKind, Book

BATCH = 3
ROLES = (Role.DEALER, Role.BACK_OFFICE, Role.PAYMENTS, Role.AUDITOR)
SCOPES = ((Scope(),), (Scope("MT5"),), (Scope("MT5", "real\\retail\\USD"), Scope("MT4")))
NEW_CLIENTS = 900_000
"""New accounts are opened for clients of their own, so that each can be told from every other."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to ask for, with the ids under which it will be asked again. `late` is how far (µs) the
    clock of whoever asks is behind: it has expired by then."""

    number: int
    id: str
    who: str
    server: str
    members: tuple[tuple[str, Body], ...]
    expected_version: int | None = None
    is_batch: bool = False
    late_us: int = 0

    @property
    def reason(self) -> str:
        """Why, told apart from every other."""
        return f"wish {self.id}"


class Wishes:
    """One desk's wishes; `prefix` begins all names that it makes up."""

    def __init__(self, server: str, prefix: str, seed: int, now_us: Callable[[], int]) -> None:
        self._server = server
        self._prefix = prefix
        self._seed = seed
        self._now_us = now_us

    def who_asks(self, number: int) -> str:
        """The person whose turn it is."""
        return self._turn(number)[1]

    def wish(self, connection: Connection, number: int) -> Wish | None:
        """The wish of that number; None where the tables hold nothing that it could be about."""
        make, who = self._turn(number)
        chance = random.Random(f"{self._seed}/{self._prefix}/{number}")
        count = BATCH if make in (change_balance, set_leverage) and number % 7 == 0 else 1
        found = [(make(connection, self, chance, number * BATCH + part)) for part in range(count)]
        bodies = list(dict.fromkeys(body for body in found if body is not None))
        if not bodies:
            return None
        name = f"{self._prefix}-{number:08}"
        of_server = kind_of(bodies[0]).executor.value == "bridge"
        return Wish(
            number=number,
            id=name,
            who=who,
            server=self._server if of_server else "",
            members=tuple((f"{name}-{place}" if count > 1 else name, body) for place, body in enumerate(bodies)),
            expected_version=self._version(connection, bodies[0]) if chance.random() < 0.2 and count == 1 else None,
            is_batch=count > 1,
            late_us=90 * HOUR_US if chance.random() < 0.05 else 0,
        )

    def rows(self, connection: Connection, table: Any, *where: Any) -> Sequence[Row[Any]]:
        """The rows of this server."""
        order = table.primary_key.columns
        return connection.execute(select(table).where(table.c.server == self._server, *where).order_by(*order)).all()

    def people(self, connection: Connection) -> Sequence[Row[Any]]:
        """The members of staff whom desks took on, whichever of them."""
        query = select(staff).where(staff.c.id.like(f"{self._prefix[:-1]}%")).order_by(staff.c.id)
        return connection.execute(query).all()

    def name(self, number: int) -> str:
        """A new name."""
        return f"{self._prefix}{number}"

    @property
    def present_us(self) -> int:
        """The moment (µs)."""
        return self._now_us()

    def _turn(self, number: int) -> tuple[Make, str]:
        order = list(PLAN)
        random.Random(f"{self._seed}/{self._prefix}/{number // len(PLAN)}").shuffle(order)
        return order[number % len(PLAN)]

    def _version(self, connection: Connection, body: Body) -> int | None:
        if not isinstance(body, SetLeverage):
            return None
        (row,) = self.rows(connection, accounts, accounts.c.login == body.login)
        return int(row.sequence)


Make = Callable[[Connection, Wishes, random.Random, int], Body | None]


def set_book(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, routing))
    book, share = chance.choice([one for one in ((Book.A, 100), (Book.B, 0), (Book.C, 40)) if one[0] != row.book])
    return SetBook(login=row.login, book=book, covered_percent=share)


def set_group(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, accounts))
    others = [each for each in wishes.rows(connection, groups) if each.currency == row.currency]
    return SetGroup(login=row.login, group=chance.choice(others).name)


def set_leverage(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, accounts))
    return SetLeverage(login=row.login, leverage=chance.choice([n for n in (30, 50, 200, 400) if n != row.leverage]))


def change_balance(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, accounts))
    amount = chance.choice((1_500, 25_000, 90_000, 2_500_000, 10_000_000)) + number
    way = -1 if chance.random() < 0.3 else 1
    operation = BalanceKind.DEPOSIT if way > 0 else BalanceKind.WITHDRAWAL
    # ten million cents and no more is what the bridge books at once
    whole = 10_000_000 if amount > 10_000_000 else amount
    return ChangeBalance(login=row.login, operation=operation, amount=way * whole, reference=f"wire {number}")


def open_account(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    group = chance.choice(wishes.rows(connection, groups)).name
    desk = ord(wishes.name(number)[-len(str(number)) - 1]) * 100_000
    return OpenAccount(
        client_id=NEW_CLIENTS + desk + number, name=f"Nora Lang {number}", country="PT", group=group, leverage=50
    )


def close_position(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body | None:
    held = wishes.rows(connection, positions)
    return ClosePosition(position_id=chance.choice(held).id) if held else None


def add_staff(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    name = wishes.name(number)
    login = f"{name}_in" if chance.random() < 0.5 else ""
    return AddStaff(staff=name, name=f"Number {number}", role=Role.DEALER, scopes=SCOPES[0], login=login)


def change_role(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    known = wishes.people(connection)
    if not known:
        return add_staff(connection, wishes, chance, number)
    row = chance.choice(known)
    return ChangeRole(staff=row.id, role=chance.choice([role for role in ROLES if role.value != row.role]))


def set_scopes(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    known = wishes.people(connection)
    if not known:
        return add_staff(connection, wishes, chance, number)
    return SetScopes(staff=chance.choice(known).id, scopes=chance.choice(SCOPES))


def set_active(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    known = wishes.people(connection)
    if not known:
        return add_staff(connection, wishes, chance, number)
    row = chance.choice(known)
    return SetActive(staff=row.id, active=not row.active)


def make_login(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    known = wishes.people(connection)
    if not known:
        return add_staff(connection, wishes, chance, number)
    return MakeLogin(staff=chance.choice(known).id, login=f"{wishes.name(number)}_more")


def drop_login(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    known = wishes.people(connection)
    if not known:
        return add_staff(connection, wishes, chance, number)
    person = chance.choice(known).id
    return DropLogin(staff=person, login=f"{person}_in")


def set_policy(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    rule = Rule(open_lots_min=Decimal(chance.randrange(1, 90)), approvals=1, roles=(Role.SUPERVISOR,))
    return SetPolicy(policy=f"trial-{number % 3}", of_kind="set_group", rule=rule, note=f"trial {number}")


def cover_absence(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    begin = wishes.present_us + chance.randrange(HOUR_US)
    return CoverAbsence(absent="dana", cover="ana", from_us=begin, until_us=begin + HOUR_US)


def _token(said: str) -> str:
    """Shaped as what is sealed under a client's key."""
    return "dd1." + base64.urlsafe_b64encode(said.rjust(48).encode()).decode()


def rate_client(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, accounts))
    return RateClient(client_id=row.client_id, rating=chance.choice((Rating.LOW, Rating.MEDIUM, Rating.HIGH)))


def set_contact(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    row = chance.choice(wishes.rows(connection, accounts))
    return SetContact(client_id=row.client_id, field=ContactField.PHONE, token=_token(wishes.name(number)))


def erase_client(connection: Connection, wishes: Wishes, chance: random.Random, number: int) -> Body:
    return EraseClient(client_id=chance.choice(wishes.rows(connection, accounts)).client_id)


PLAN: tuple[tuple[Make, str], ...] = (
    *((set_book, who) for who in ("dana", "ana", "dana")),
    *((set_leverage, who) for who in ("dana", "otto", "otto")),
    *((change_balance, who) for who in ("otto", "ben", "otto", "ben", "otto")),
    *((set_group, who) for who in ("dana", "otto")),
    *((open_account, "otto"), (open_account, "otto"), (close_position, "dana"), (close_position, "ana")),
    *((make, "adam") for make in (add_staff, change_role, set_scopes, set_active, make_login, drop_login)),
    *((set_policy, "carol"), (cover_absence, "dana"), (rate_client, "cleo"), (set_contact, "otto")),
    (erase_client, "cleo"),
)
"""Every kind, with who asks for it; each desk goes through all of it in an order of its own, again and again."""
