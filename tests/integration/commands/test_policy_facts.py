"""What policies look at, as it stands in the tables at the moment of a request."""

from __future__ import annotations

from decimal import Decimal

import pytest
from office import NOW_US, SERVER, TO_A, Office
from sqlalchemy import insert, select

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetLeverage
from dealerdesk.clock import DAY_US
from dealerdesk.commands.bodies import Body, ChangeRole
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.policy_facts import advised_body, facts
from dealerdesk.commands.policy_rule import Facts
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import accounts, advice, client_ratings, positions
from dealerdesk.trading import BalanceKind, Book


def known(office: Office, body: Body, server: str = SERVER, at_us: int = NOW_US) -> Facts:
    with reading(office.engine) as connection:
        return facts(connection, server, body, at_us)


def account(office: Office, login: int = 1001) -> tuple[str, int, str]:
    """Group, client and currency."""
    columns = (accounts.c.group_name, accounts.c.client_id, accounts.c.currency)
    with reading(office.engine) as connection:
        where = (accounts.c.server == SERVER) & (accounts.c.login == login)
        return tuple(connection.execute(select(*columns).where(where)).one())  # type: ignore[return-value]


def deposit(amount: int, login: int = 1001) -> ChangeBalance:
    return ChangeBalance(login=login, operation=BalanceKind.DEPOSIT, amount=amount)


def test_an_account_is_known_with_its_group_client_and_currency(office: Office) -> None:
    group, client_id, currency = account(office)
    seen = known(office, TO_A)

    assert (seen.server, seen.login, seen.to_book) == ("MT5", 1001, Book.A)
    assert (seen.group, seen.client_id, seen.currency) == (group, client_id, currency)
    assert seen.open_lots > 0


def test_of_an_account_that_is_not_there_only_its_number_is_known(office: Office) -> None:
    seen = known(office, SetBook(login=999, book=Book.A, covered_percent=100))

    assert (seen.login, seen.group, seen.client_id, seen.open_lots, seen.risk) == (999, "", None, Decimal(0), "")


def test_a_position_that_is_to_be_closed_stands_for_its_account(office: Office) -> None:
    with reading(office.engine) as connection:
        of_account = (positions.c.server == SERVER) & (positions.c.login == 1001)
        position_id = connection.scalars(select(positions.c.id).where(of_account)).first()
    assert position_id is not None

    assert known(office, ClosePosition(position_id=position_id)).login == 1001
    assert known(office, ClosePosition(position_id=999_999_999)).login is None


def test_an_account_to_be_opened_has_its_groups_currency_and_no_number(office: Office) -> None:
    group, _, currency = account(office)
    body = OpenAccount(client_id=77, name="n", country="PL", group=group, leverage=200)
    seen = known(office, body)

    assert (seen.login, seen.group, seen.client_id, seen.currency, seen.leverage) == (None, group, 77, currency, 200)


def test_a_member_of_staff_is_no_account_and_no_client(office: Office) -> None:
    assert known(office, ChangeRole(staff="ana", role=Role.DEALER), server="") == Facts()


def test_leverage_is_what_is_asked_for(office: Office) -> None:
    assert known(office, SetLeverage(login=1001, leverage=400)).leverage == 400


def test_a_client_nobody_has_rated_is_unrated_and_a_rated_one_is_what_they_were_rated(office: Office) -> None:
    _, client_id, _ = account(office)
    assert known(office, TO_A).risk == "unrated"

    with writing(office.engine) as connection:
        row = {"client_id": client_id, "rating": "prohibited", "changed_us": NOW_US, "command_id": None}
        connection.execute(insert(client_ratings).values(**row))
    assert known(office, TO_A).risk == "prohibited"


def test_a_day_adds_up_what_was_asked_for_this_client_without_regard_to_signs(office: Office) -> None:
    office.request("otto", deposit(50_000))
    office.refuse("carol", office.request("otto", deposit(1_000_000)))
    withdrawal = ChangeBalance(login=1001, operation=BalanceKind.WITHDRAWAL, amount=-20_000)

    assert known(office, withdrawal).daily_total == 70_000
    assert known(office, TO_A).daily_total is None


def test_a_day_begins_at_midnight_utc(office: Office) -> None:
    office.request("otto", deposit(50_000))
    midnight_us = NOW_US - NOW_US % DAY_US + DAY_US

    assert known(office, deposit(1), at_us=midnight_us - 1).daily_total == 50_001
    assert known(office, deposit(1), at_us=midnight_us).daily_total == 1


@pytest.mark.parametrize(("book", "deviates"), [(Book.A, False), (Book.B, True)])
def test_it_deviates_when_there_is_advice_and_it_says_something_else(
    office: Office, book: Book, deviates: bool
) -> None:
    assert not known(office, TO_A).deviates
    with writing(office.engine) as connection:
        said = canonical(SetBook(login=1001, book=book, covered_percent=100))
        row = {"server": SERVER, "login": 1001, "kind": "set_book", "payload": said, "rule": "r", "made_us": 1}
        connection.execute(insert(advice).values(**row))
    with reading(office.engine) as connection:
        assert advised_body(connection, SERVER, TO_A) == said
        assert advised_body(connection, SERVER, SetLeverage(login=1001, leverage=1)) is None

    assert known(office, TO_A).deviates is deviates
