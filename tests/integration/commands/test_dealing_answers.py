"""A dealer's answer at a bridge is one entry, in whatever way and however often the hub hears of it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import msgspec
import pytest
from office import EPOCH, NOW_US, SERVER, Office, act_as
from recorded_books import snapshot_of
from sqlalchemy import select

from dealerdesk.bridges.protocol import Delta, Gone, ResumePoint, RowSet
from dealerdesk.commands import audit, dealing_answers
from dealerdesk.commands.audit import Entry
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import SnapshotRows, record_deltas, record_snapshot, stream_point
from dealerdesk.store.roles import HUB
from dealerdesk.store.schema import audit as audit_table
from dealerdesk.store.schema import requests
from dealerdesk.trading import Request, RequestState, Side

RAISED = Request(
    id=501,
    login=1001,
    symbol="EURUSD",
    side=Side.BUY,
    volume=250_000_000,
    price=Decimal("1.08500"),
    state=RequestState.WAITING,
    raised_us=NOW_US,
    deadline_us=NOW_US + 20_000_000,
)
CLAIMED = msgspec.structs.replace(RAISED, state=RequestState.CLAIMED, dealer="ana")
CONFIRMED = msgspec.structs.replace(CLAIMED, state=RequestState.ANSWERED, position_id=9_001)
REJECTED = msgspec.structs.replace(CLAIMED, state=RequestState.ANSWERED)


def stream(office: Office, *rows: Request | Gone) -> list[Delta]:
    """The broker's next deltas."""
    return [office.broker.change(row) for row in rows]


def hear(office: Office, deltas: list[Delta], now_us: int = NOW_US) -> None:
    """The hub records the deltas as it does, on PostgreSQL with its own rights."""
    with writing(office.engine) as connection:
        act_as(connection, HUB, NOW_US)
        after = ResumePoint(EPOCH, deltas[0].seq - 1)
        dealing_answers.note_in_deltas(connection, SERVER, EPOCH, deltas, now_us)
        record_deltas(connection, SERVER, after, deltas, now_us)


def see(office: Office, snapshot: SnapshotRows) -> None:
    """The hub records a snapshot as it does."""
    with writing(office.engine) as connection:
        act_as(connection, HUB, NOW_US)
        dealing_answers.note_in_snapshot(connection, SERVER, snapshot, NOW_US)
        record_snapshot(connection, SERVER, snapshot, NOW_US)


def told(office: Office) -> list[Entry]:
    """What is on record about the request."""
    with reading(office.engine) as connection:
        assert audit.verify_leaves(connection) == []
        return audit.history_of(connection, "MT5 request 501")


def told_actions(office: Office) -> list[str]:
    return [entry.action for entry in told(office)]


def test_a_confirmed_request_says_who_confirmed_it_and_at_what_price(office: Office) -> None:
    hear(office, stream(office, RAISED))
    hear(office, stream(office, CONFIRMED), NOW_US + 5)

    (entry,) = told(office)
    assert (entry.actor, entry.action, entry.at_us) == ("hub", "dealing request answered", NOW_US + 5)
    assert (entry.server, entry.login) == (SERVER, 1001)
    assert entry.before == {"dealer": "", "position_id": 0, "price": "1.08500", "state": "waiting"}
    assert entry.after == {
        "dealer": "ana",
        "position_id": 9001,
        "price": "1.08500",
        "request": 501,
        "side": "buy",
        "state": "answered",
        "symbol": "EURUSD",
        "volume": 250000000,
    }


def test_a_requote_shows_both_prices(office: Office) -> None:
    hear(office, stream(office, RAISED))
    hear(office, stream(office, msgspec.structs.replace(REJECTED, price=Decimal("1.08525"))))

    (entry,) = told(office)
    assert (entry.before["price"], entry.after["price"]) == ("1.08500", "1.08525")


def test_answers_that_one_batch_makes_undone_are_told_all_the_same(office: Office) -> None:
    gone = Gone(RowSet.REQUEST, 501)
    hear(office, stream(office, RAISED, CLAIMED, RAISED, CLAIMED, REJECTED, gone))

    assert told_actions(office) == [
        "dealing request claimed",
        "dealing request released",
        "dealing request claimed",
        "dealing request answered",
    ]
    assert {entry.after["dealer"] for entry in told(office)} == {"ana"}
    with reading(office.engine) as connection:
        assert connection.execute(select(requests)).all() == []


@pytest.mark.parametrize(
    "row",
    [
        RAISED,
        pytest.param(msgspec.structs.replace(RAISED, state=RequestState.ANSWERED, position_id=7), id="filled when due"),
        pytest.param(msgspec.structs.replace(RAISED, state=RequestState.EXPIRED), id="expired"),
    ],
)
def test_what_no_dealer_did_is_not_told(office: Office, row: Request) -> None:
    hear(office, stream(office, row))

    assert told(office) == []


def test_a_batch_that_is_heard_again_tells_nothing_again(office: Office) -> None:
    deltas = stream(office, RAISED, CLAIMED, RAISED, CLAIMED, CONFIRMED)
    hear(office, deltas[:3])
    hear(office, deltas)
    hear(office, deltas)

    assert told_actions(office) == [
        "dealing request claimed",
        "dealing request released",
        "dealing request claimed",
        "dealing request answered",
    ]


def test_a_snapshot_tells_what_was_not_heard_and_nothing_twice(office: Office) -> None:
    hear(office, stream(office, RAISED, CLAIMED))
    old = snapshot_of(office.broker, EPOCH)
    stream(office, CONFIRMED)
    see(office, snapshot_of(office.broker, EPOCH))
    see(office, snapshot_of(office.broker, EPOCH))
    see(office, old)

    assert told_actions(office) == ["dealing request claimed", "dealing request answered"]


def test_another_journal_that_shows_the_same_answer_does_not_make_it_two(office: Office) -> None:
    hear(office, stream(office, RAISED, CONFIRMED))
    see(office, replace(snapshot_of(office.broker, EPOCH), epoch="e2"))

    assert told_actions(office) == ["dealing request answered"]
    with reading(office.engine) as connection:
        point = stream_point(connection, SERVER)
    assert point is not None
    assert point.epoch == "e2"


def test_what_is_rolled_back_is_not_told(office: Office) -> None:
    deltas = stream(office, RAISED, CONFIRMED)
    with writing(office.engine) as connection:
        undone = connection.begin_nested()
        dealing_answers.note_in_deltas(connection, SERVER, EPOCH, deltas, NOW_US)
        undone.rollback()
    assert told(office) == []

    hear(office, deltas)
    assert told_actions(office) == ["dealing request answered"]


def test_an_entrys_id_follows_from_its_place_in_the_stream(office: Office) -> None:
    deltas = stream(office, RAISED, CONFIRMED)
    hear(office, deltas)

    with reading(office.engine) as connection:
        ids = connection.scalars(select(audit_table.c.entry_id).where(audit_table.c.subject == "MT5 request 501")).all()
    assert ids == [dealing_answers.entry_id(SERVER, EPOCH, deltas[1].version)]
    assert dealing_answers.entry_id("MT4", EPOCH, deltas[1].version) not in ids
