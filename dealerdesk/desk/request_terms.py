"""What can be asked for of an account, its client or a position, and what a person types as a command's body.

No widgets, no database. What makes no sense is refused in the words of the rules that the command meets again where it
is received; here they are only told while one types.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, SetGroup, SetLeverage
from dealerdesk.commands.bodies import Body, ContactField, EraseClient, RateClient, Rating
from dealerdesk.commands.desk_checks import refuse_same_rating
from dealerdesk.commands.kind import Kind
from dealerdesk.commands.kinds import KINDS
from dealerdesk.commands.new_contacts import contact_value, stand_in
from dealerdesk.commands.platform_kinds import (
    ONE_WAY,
    refuse_amount,
    refuse_leverage,
    refuse_same_group,
    refuse_same_leverage,
    refuse_volume,
)
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk import numbers
from dealerdesk.instruments import LOT
from dealerdesk.money import DEFAULT_EXPONENT, EXPONENTS, Currency, Money
from dealerdesk.trading import ON_CREDIT, BalanceKind, Position

if TYPE_CHECKING:
    from dealerdesk.live.state import LiveState

TITLES = {
    "set_group": "Move to another group",
    "set_leverage": "Set the leverage",
    "change_balance": "Change the balance",
    "close_position": "Close a position",
    "rate_client": "Rate the client",
    "set_contact": "Set a contact",
    "erase_client": "Erase the client",
}
"""The kinds that the strip asks for; the others have forms of their own or are about nothing that a row stands for."""
AMOUNT = re.compile(r"([+-]?)(\d{1,15}(?:\.(\d{1,12}))?)", re.ASCII)
LEVERAGE = re.compile(r"(?:1:)?(\d{1,9})", re.ASCII)
LOTS = re.compile(r"\d{1,9}(?:\.\d{1,8})?", re.ASCII)
MINOR_DIGITS_MAX = 18
"""So many digits the database takes of a number."""


@dataclass(frozen=True, slots=True)
class About:
    """An account and its client as they are now. `rating` is empty while it is not known."""

    server: str
    login: int
    client_id: int
    group: str
    currency: Currency
    leverage: int
    balance: int
    credit: int
    rating: str = ""

    @property
    def account(self) -> str:
        """As it is called everywhere: MT5 1001."""
        return numbers.account(self.server, self.login)


@dataclass(frozen=True, slots=True)
class ContactWish:
    """A contact before it is sealed; it goes no further than to who seals it, and into no log."""

    client_id: int
    contact: ContactField
    value: str = field(repr=False)


Wish = SetGroup | SetLeverage | ChangeBalance | ClosePosition | RateClient | EraseClient | ContactWish


def offered(role: str) -> tuple[Kind, ...]:
    """The kinds that a role may ask for in the strip."""
    if role not in frozenset(Role):
        return ()
    return tuple(kind for kind in KINDS.values() if kind.name in TITLES and Role(role) in kind.may_request)


def nothing_offered(role: str) -> str:
    """The sentence for those who may ask for none of them."""
    who = Role(role).a_words if role in frozenset(Role) else "nobody"
    return f"{who.capitalize()} asks for no change of an account, a client or a position here."


def about(state: LiveState, server: str, login: int, rating: str = "") -> About:
    """The account as it is now; raises Refused for one that is not there."""
    slot = state.accounts.slot(server, login)
    if slot is None:
        raise Refused(f"There is no account {numbers.account(server, login)}.")
    accounts = state.accounts
    code = accounts.currency_code[slot]
    return About(
        server=server,
        login=login,
        client_id=int(accounts.client_id[slot]),
        group=accounts.group_name[slot],
        currency=Currency(code, EXPONENTS.get(code, DEFAULT_EXPONENT)),
        leverage=int(accounts.leverage[slot]),
        balance=int(accounts.balance[slot]),
        credit=int(accounts.credit[slot]),
        rating=rating,
    )


def other_groups(state: LiveState, of: About) -> list[str]:
    """The server's groups in the account's currency, but the one that it is in."""
    known = (g for g in state.groups if g.record is not None and g.server == of.server and g.name != of.group)
    return sorted(group.name for group in known if group.currency == of.currency.code)


def open_positions(state: LiveState, of: About) -> list[Position]:
    """The account's open positions, the oldest first."""
    account, table = state.accounts.slot(of.server, of.login), state.positions
    slots = table.living_slots()
    rows = [state.position_row(slot) for slot in slots[table.account[slots] == account].tolist()]
    return sorted(rows, key=_by_age)


def position_words(row: Position) -> str:
    """«EURUSD buy 2.00 lots · 77»."""
    return numbers.plain(f"{row.symbol} {row.side.value} {numbers.lots(row.volume)} lots · {row.id}")


# -- from what is typed to what is asked for --------------------------------------------------------------------


def group_wish(of: About, group: str | None) -> SetGroup:
    """Raises Refused when none is chosen, or the one that the account is in."""
    if not group:
        raise Refused("Choose a group.")
    body = SetGroup(login=of.login, group=group)
    refuse_same_group(of.server, body, of.group)
    return body


def leverage_wish(of: About, typed: str) -> SetLeverage:
    """«200» or «1:200»; raises Refused for what is none, out of bounds, or there already."""
    written = LEVERAGE.fullmatch("".join(typed.split()))
    if written is None:
        raise Refused("Type the leverage, such as 200 for 1:200.")
    body = SetLeverage(login=of.login, leverage=int(written[1]))
    refuse_leverage(body.leverage)
    refuse_same_leverage(of.server, body, of.leverage)
    return body


def balance_wish(of: About, operation: BalanceKind | None, typed: str, reference: str) -> ChangeBalance:
    """Exact to the last minor unit; a withdrawal takes out what is typed, and what goes either way follows its sign."""
    if operation is None:
        raise Refused("Choose what kind of operation it is.")
    sign, minor = _minor_units(typed, of.currency)
    if sign and operation in ONE_WAY:
        raise Refused(f"Type the amount without a sign: a {operation.value} has only one way to go.")
    amount = minor * ONE_WAY.get(operation, -1 if sign == "-" else 1)
    body = ChangeBalance(login=of.login, operation=operation, amount=amount, reference=reference.strip())
    refuse_amount(body)
    return body


def closing_wish(state: LiveState, of: About, position_id: int | None, typed: str) -> ClosePosition:
    """All of a position, or so many lots of it; raises Refused for one that is closed by now."""
    if position_id is None:
        raise Refused("Choose a position.")
    slot = state.positions.slot(of.server, position_id)
    if slot is None:
        raise Refused(f"Position {position_id} is not open any more.")
    body = ClosePosition(position_id=position_id, volume=_volume(typed))
    refuse_volume(body, int(state.positions.volume[slot]))
    return body


def rating_wish(of: About, rating: Rating | None) -> RateClient:
    """Raises Refused when none is chosen, or the one that the client has."""
    if rating is None:
        raise Refused("Choose a rating.")
    body = RateClient(client_id=of.client_id, rating=rating)
    refuse_same_rating(body, of.rating)
    return body


def contact_wish(of: About, contact: ContactField, typed: str) -> ContactWish:
    """Raises Refused for an empty value or too long a one."""
    return ContactWish(of.client_id, contact, contact_value(typed))


def erasing_wish(of: About, typed: str) -> EraseClient:
    """Raises Refused until the client's own number is typed."""
    if typed.strip() != str(of.client_id):
        raise Refused(f"Type the client's number, {of.client_id}, to say that you mean this one.")
    return EraseClient(client_id=of.client_id)


def body_to_weigh(wish: Wish) -> Body:
    """The body to ask with who must approve; a contact's value is no part of that."""
    return stand_in(wish.client_id, wish.contact) if isinstance(wish, ContactWish) else wish


# -- sentences --------------------------------------------------------------------------------------------------


def money_now(of: About) -> str:
    """«balance 10 000.00, credit 0.00 USD»."""
    unit = of.currency
    balance = numbers.fixed(Money(of.balance, unit).amount, unit.exponent)
    return f"balance {balance}, credit {numbers.money(Money(of.credit, unit))}"


def balance_change(of: About, body: ChangeBalance) -> str:
    """«Balance 10 000.00 → 10 250.00 USD (+250.00)»."""
    on_credit = body.operation in ON_CREDIT
    before = Money(of.credit if on_credit else of.balance, of.currency)
    moved = Money(body.amount, of.currency)
    figures = (
        numbers.fixed(before.amount, of.currency.exponent),
        numbers.money(before + moved),
        numbers.signed(moved.amount, of.currency.exponent),
    )
    return "{} {} → {} ({})".format("Credit" if on_credit else "Balance", *figures)


def closing_change(row: Position, body: ClosePosition) -> str:
    """«EURUSD buy 2.00 lots · 77: 0.50 lots closed, 1.50 lots stay open»."""
    left = row.volume - body.volume if body.volume else 0
    part = (
        f"{numbers.lots(body.volume)} lots closed, {numbers.lots(left)} lots stay open" if left else "all of it closed"
    )
    return f"{position_words(row)}: {part}"


def erasing_words(of: About) -> str:
    """What will be gone for good."""
    return (
        f"Gone for good: the name, address, email, phone, bank account and tax number of client {of.client_id}, in old"
        " commands and the audit log too. Accounts, trades and money stay, and what the trading server itself keeps."
    )


def _minor_units(typed: str, unit: Currency) -> tuple[str, int]:
    """The sign as typed, and the size in minor units."""
    written = AMOUNT.fullmatch("".join(typed.split()).replace(numbers.MINUS, "-"))
    if written is None:
        raise Refused(f"Type the amount in {unit}, with a point before its decimals and no comma.")
    if len(written[3] or "") > unit.exponent:
        raise Refused(f"{unit} has {numbers.counted(unit.exponent, 'decimals') if unit.exponent else 'no decimals'}.")
    minor = int(Decimal(written[2]).scaleb(unit.exponent))
    if len(str(minor)) > MINOR_DIGITS_MAX:
        raise Refused("That is more money than there is.")
    return written[1], minor


def _volume(typed: str) -> int:
    text = "".join(typed.split())
    if not text:
        return 0
    if LOTS.fullmatch(text) is None:
        raise Refused("Type how many lots, such as 0.50, or nothing to close all of it.")
    volume = int(Decimal(text) * LOT)
    if not volume:
        raise Refused("No lots close nothing: leave it empty to close all of it.")
    return volume


def _by_age(row: Position) -> tuple[int, int]:
    return row.opened_us, row.id
