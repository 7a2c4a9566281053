"""Each kind of command for a trading server, from the asking to what the platform shows and the tables say."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from dispatch_desk import Desk
from office import NOW_US, Office
from sqlalchemy import select

from dealerdesk.bridges.protocol import (
    ChangeBalance,
    ClosePosition,
    CommandBody,
    Delta,
    OpenAccount,
    ResumePoint,
    SetBook,
    SetGroup,
    SetLeverage,
    Stage,
)
from dealerdesk.bridges.simulator.bridge_source import SimulatedSource
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.commands import openings, queries
from dealerdesk.commands.personal import key_of
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.config import SimulatorConfig
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import RECORDED_SETS, SnapshotRows, record_deltas, record_snapshot
from dealerdesk.store.schema import accounts, balance_operations, clients, deals, groups, positions
from dealerdesk.trading import BalanceKind, Book, Platform

SERVER, EPOCH = "SIM", "s1"


class Platformed:
    """A simulated server whose stream is recorded beside the office's own, step by step."""

    def __init__(self, office: Office, platform: Platform) -> None:
        self.office = office
        config = SimulatorConfig(
            server=SERVER,
            platform=platform,
            journal_dir="",
            keys={},
            start_us=NOW_US + 12 * 3_600_000_000,  # a Wednesday's noon: the market is open
            accounts=30,
            positions=60,
            symbols=8,
        )
        self.brokerage = Brokerage(config)
        self.brokerage.step()
        taken = SimulatedSource(self.brokerage, {}).snapshot(RECORDED_SETS)
        whole = SnapshotRows(EPOCH, taken.as_of, frozenset(RECORDED_SETS))
        for row_set, rows, versions in taken.chunks:
            whole.add(row_set, rows, versions)
        self.point = ResumePoint(EPOCH, taken.as_of)
        with writing(office.engine) as connection:
            record_snapshot(connection, SERVER, whole, NOW_US)

    def record(self, deltas: Sequence[Delta]) -> None:
        with writing(self.office.engine) as connection:
            self.point = record_deltas(connection, SERVER, self.point, deltas, NOW_US)

    def first(self, table, **where):  # type: ignore[no-untyped-def]
        """The first recorded row of the server with these values."""
        conditions = [table.c[name] == value for name, value in where.items()]
        with reading(self.office.engine) as connection:
            return connection.execute(
                select(table).where(table.c.server == SERVER, *conditions).order_by(*table.primary_key).limit(1)
            ).one()

    def carry_out(self, record: CommandRecord) -> CommandRecord:
        """The command as it stands after the platform did it and its stream was recorded."""

        async def play() -> None:
            with DatabaseThread(self.office.engine, "commands") as database:
                desk = Desk(self.office, database)
                desk.dispatcher.connected(SERVER, desk.bridge, EPOCH)
                await desk.dispatcher.turn()
                deltas, _ticks = self.brokerage.step(desk.bridge.sent)
                (ack,) = self.brokerage.last_acks
                assert ack.stage is Stage.DONE, ack
                desk.dispatcher.answer(SERVER, ack)
                await desk.dispatcher.turn()
                with reading(self.office.engine) as connection:
                    waiting = queries.command(connection, record.id)
                assert waiting is not None
                assert waiting.state is CommandState.DISPATCHED, "its stream is not recorded yet"
                self.record(deltas)
                await desk.dispatcher.turn()

        asyncio.run(play())
        with reading(self.office.engine) as connection:
            settled = queries.command(connection, record.id)
        assert settled is not None
        return settled


@pytest.fixture(params=list(Platform))
def place(office: Office, request: pytest.FixtureRequest) -> Platformed:
    return Platformed(office, request.param)


def asked(place: Platformed, who: str, body: CommandBody) -> CommandRecord:
    """The command, approved by whoever it takes."""
    record = place.office.request(who, body, server=SERVER)
    for decider in ("carol", "ben", "cleo"):
        roles = {role for need in record.needs for role in need.roles}
        own = {"carol": Role.SUPERVISOR, "ben": Role.PAYMENTS, "cleo": Role.COMPLIANCE}[decider]
        if record.state is CommandState.REQUESTED and own in roles and decider != who:
            record = place.office.approve(decider, record)
    assert record.state is CommandState.APPROVED
    return record


def test_a_change_of_book_is_done_and_read_back(place: Platformed) -> None:
    login = place.first(accounts).login
    book = next(book for book in (Book.A, Book.B) if place_book(place, login) is not book)
    body = SetBook(login=login, book=book, covered_percent=100 if book is Book.A else 0)

    settled = place.carry_out(asked(place, "dana", body))

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, f"Book {book.value} read back")


def place_book(place: Platformed, login: int) -> Book:
    with reading(place.office.engine) as connection:
        sql = f"SELECT book FROM routing WHERE server = '{SERVER}' AND login = {login}"
        return Book(connection.exec_driver_sql(sql).scalar())


def test_a_change_of_group_is_done_and_read_back(place: Platformed) -> None:
    account = place.first(accounts)
    held = {row.login for row in all_positions(place)}
    with reading(place.office.engine) as connection:
        rows = connection.execute(select(accounts).where(accounts.c.server == SERVER)).all()
        known = connection.execute(select(groups).where(groups.c.server == SERVER)).all()
    accounting = {row.name: row.accounting for row in known}
    account, group = next(
        (row, to.name)
        for row in rows
        for to in known
        if to.currency == row.currency
        and to.name != row.group_name
        and (row.login not in held or to.accounting == accounting[row.group_name])
    )

    settled = place.carry_out(asked(place, "otto", SetGroup(login=account.login, group=group)))

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, f"Group {group} read back")
    assert place.first(accounts, login=account.login).group_name == group


def all_positions(place: Platformed):  # type: ignore[no-untyped-def]
    with reading(place.office.engine) as connection:
        return connection.execute(select(positions).where(positions.c.server == SERVER)).all()


def test_a_change_of_leverage_is_done_and_read_back(place: Platformed) -> None:
    account = place.first(accounts)
    leverage = 500 if account.leverage != 500 else 400

    settled = place.carry_out(asked(place, "otto", SetLeverage(login=account.login, leverage=leverage)))

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, f"Leverage 1:{leverage} read back")
    assert place.first(accounts, login=account.login).leverage == leverage


def test_money_is_booked_once_under_the_commands_id(place: Platformed) -> None:
    account = place.first(accounts)
    body = ChangeBalance(login=account.login, operation=BalanceKind.DEPOSIT, amount=12_345, reference="wire 7")

    settled = place.carry_out(asked(place, "otto", body))

    booked = place.first(balance_operations, comment=settled.id)
    assert settled.state is CommandState.CONFIRMED, settled.result
    assert settled.result == f"Operation {booked.id} read back"
    assert (booked.login, booked.amount, booked.reference) == (account.login, 12_345, "wire 7")
    assert settled.ticket == str(booked.id)


def test_an_account_is_opened_and_its_number_told(place: Platformed) -> None:
    group = place.first(accounts).group_name
    named = OpenAccount(client_id=990_001, name="Maria Silva", country="PT", group=group, leverage=30)
    with writing(place.office.engine) as connection:
        body = openings.seal(key_of(connection, 990_001, NOW_US), named)

    settled = place.carry_out(asked(place, "otto", body))

    opened = place.first(accounts, client_id=990_001)
    assert (settled.state, settled.result) == (CommandState.CONFIRMED, f"Account {opened.login} read back")
    assert (opened.group_name, opened.leverage, settled.ticket) == (group, 30, str(opened.login))
    assert place.first(clients, id=990_001).name == "Maria Silva"


def test_a_position_is_closed_and_its_deal_read_back(place: Platformed) -> None:
    open_symbols = {
        facts.name
        for facts, is_open in zip(place.brokerage.state.symbols, place.brokerage.market.open, strict=True)
        if is_open
    }
    position = next(row for row in all_positions(place) if row.symbol in open_symbols)

    settled = place.carry_out(asked(place, "dana", ClosePosition(position_id=position.id)))

    deal = place.first(deals, position_id=position.id, entry="out")
    assert (settled.state, settled.result) == (CommandState.CONFIRMED, f"Deal {deal.id} read back")
    assert (settled.login, deal.volume) == (position.login, position.volume)
