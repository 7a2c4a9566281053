"""What a bridge calls done is confirmed only when its own word and the recorded stream both show what was asked."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from office import EPOCH, NOW_US, SERVER, Office

from dealerdesk.bridges.protocol import (
    Ack,
    ChangeBalance,
    ClosePosition,
    CommandBody,
    OpenAccount,
    ResumePoint,
    Row,
    SetLeverage,
    Stage,
)
from dealerdesk.commands import dispatch
from dealerdesk.commands.openings import seal
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.instruments import LOT
from dealerdesk.store.engine import writing
from dealerdesk.store.recording import record_deltas
from dealerdesk.trading import Account, BalanceKind, BalanceOperation, Deal, Entry, Position, Side

LEVERAGE = SetLeverage(login=1001, leverage=50)
DEPOSIT = ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=500)
CLOSE = ClosePosition(position_id=7_001, volume=LOT)
OPEN = seal("00" * 32, OpenAccount(client_id=77, name="n", country="PT", group="retail", leverage=30))
ACCOUNT = Account(
    login=1001, client_id=1001, group="retail", currency="USD", leverage=50, balance=1, credit=0, opened_us=1
)
OPENED = msgspec.structs.replace(ACCOUNT, login=2001, client_id=77, leverage=30)
BOOKED = BalanceOperation(
    id=9_001, login=1001, kind=BalanceKind.DEPOSIT, amount=500, booked_us=1, comment="command-0001"
)
DEAL = Deal(
    id=9_002,
    position_id=7_001,
    order_id=1,
    login=1001,
    symbol="EURUSD",
    side=Side.SELL,
    entry=Entry.OUT,
    volume=LOT,
    price=Decimal("1.1"),
    dealt_us=1,
    comment="command-0001",
)
HELD = Position(
    id=7_001,
    login=1001,
    symbol="EURUSD",
    side=Side.BUY,
    volume=2 * LOT,
    open_price=Decimal("1.1"),
    opened_us=1,
)


def record_rows(office: Office, after: int, *rows: Row) -> int:
    """The broker changes these rows and the hub records it; returns how far the stream is."""
    deltas = [office.broker.change(row) for row in rows]
    with writing(office.engine) as connection:
        return record_deltas(connection, SERVER, ResumePoint(EPOCH, after), deltas, NOW_US).seq


def answered(office: Office, body: CommandBody, row: Row | None, *, recorded: Row | None = None) -> CommandRecord:
    """The command, as it stands after the bridge called it done and showed `row`, and the stream `recorded`."""
    start = record_rows(office, 0, HELD)
    who = "dana" if isinstance(body, ClosePosition) else "otto"
    record = office.request(who, body)
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
    if recorded is not None:
        start = record_rows(office, start, recorded)
    with writing(office.engine) as connection:
        done = Ack(id=record.id, stage=Stage.DONE, time_us=1, row=row, version=start)
        noted = dispatch.note_ack(connection, done, office.now_us)
        return dispatch.settle_done(connection, record.id, office.now_us) or noted  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("body", "row", "words"),
    [
        (LEVERAGE, ACCOUNT, "Leverage 1:50 read back"),
        (OPEN, OPENED, "Account 2001 read back"),
        (DEPOSIT, BOOKED, "Operation 9001 read back"),
        (CLOSE, DEAL, "Deal 9002 read back"),
    ],
)
def test_what_bridge_and_stream_both_show_is_confirmed(office: Office, body: CommandBody, row: Row, words: str) -> None:
    settled = answered(office, body, row, recorded=row)

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, words)


@pytest.mark.parametrize(("body", "row"), [(OPEN, OPENED), (DEPOSIT, BOOKED), (CLOSE, DEAL)])
def test_what_the_stream_does_not_show_yet_waits(office: Office, body: CommandBody, row: Row) -> None:
    assert answered(office, body, row).state is CommandState.DISPATCHED


@pytest.mark.parametrize(
    ("body", "row", "words"),
    [
        (LEVERAGE, None, "does not show the account"),
        (LEVERAGE, BOOKED, "does not show the account"),
        (LEVERAGE, msgspec.structs.replace(ACCOUNT, leverage=30), "shows group retail and leverage 1:30 for 1001"),
        (LEVERAGE, msgspec.structs.replace(ACCOUNT, login=1002), "shows group retail and leverage 1:50 for 1002"),
        (OPEN, msgspec.structs.replace(OPENED, client_id=78), "shows group retail and leverage 1:30 for 2001"),
        (DEPOSIT, ACCOUNT, "does not show what was booked"),
        (DEPOSIT, msgspec.structs.replace(BOOKED, amount=50), "shows a deposit of 0.50 USD for 1001"),
        (DEPOSIT, msgspec.structs.replace(BOOKED, comment="other"), "shows operation 9001, which does not name this"),
        (CLOSE, ACCOUNT, "does not show the closing deal"),
        (CLOSE, msgspec.structs.replace(DEAL, volume=2 * LOT), "shows a deal of 2 lots out of position 7001"),
        (CLOSE, msgspec.structs.replace(DEAL, entry=Entry.IN), "shows a deal of 1 lots in of position 7001"),
        (CLOSE, msgspec.structs.replace(DEAL, comment=""), "shows deal 9002, which does not name this command"),
    ],
)
def test_what_the_bridge_does_not_show_is_left_to_a_person(
    office: Office, body: CommandBody, row: Row | None, words: str
) -> None:
    settled = answered(office, body, row, recorded=row)

    assert settled.state is CommandState.UNKNOWN
    assert words in settled.result


def test_what_the_stream_shows_otherwise_is_left_to_a_person(office: Office) -> None:
    settled = answered(office, LEVERAGE, ACCOUNT, recorded=msgspec.structs.replace(ACCOUNT, leverage=100))

    assert settled.state is CommandState.UNKNOWN
    assert settled.result == "The bridge says done, but the stream shows leverage 100"


def test_a_later_change_by_somebody_else_does_not_count_against_it(office: Office) -> None:
    record = office.request("otto", LEVERAGE)
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
    first = record_rows(office, 0, ACCOUNT)
    record_rows(office, first, msgspec.structs.replace(ACCOUNT, leverage=100))

    with writing(office.engine) as connection:
        done = Ack(id=record.id, stage=Stage.DONE, time_us=1, row=ACCOUNT, version=first)
        dispatch.note_ack(connection, done, office.now_us)
        settled = dispatch.settle_done(connection, record.id, office.now_us)

    assert settled is not None
    assert settled.state is CommandState.CONFIRMED
