from __future__ import annotations

import asyncio

import pytest
from dispatch_desk import Desk, play
from office import EPOCH, NOW_US, SERVER, TO_A, Office
from sqlalchemy import Engine, insert

from dealerdesk.bridges.protocol import Ack, ChangeBalance, Command, Error, ErrorCode, Stage
from dealerdesk.clock import MINUTE_US
from dealerdesk.commands import audit, dispatch, queries
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.records import CommandState
from dealerdesk.hub.database import DatabaseThread
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import commands
from dealerdesk.trading import BalanceKind, Book, Routing


def test_an_approved_command_is_sent_done_read_back_and_confirmed(office: Office) -> None:
    record = office.approved(expected_version=0)

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        assert desk.state(record).state is CommandState.DISPATCHED
        (sent,) = desk.bridge.sent
        assert (sent.id, sent.body, sent.actor, sent.expected_version) == (record.id, TO_A, "dana", 0)

        ack = desk.execute(sent)
        await desk.answer(ack)
        assert desk.state(record).state is CommandState.DISPATCHED, "the stream has not shown it yet"

        desk.record_stream()
        await desk.dispatcher.turn()
        settled = desk.state(record)
        assert settled.state is CommandState.CONFIRMED
        assert (settled.stage, settled.ticket, settled.result) == ("done", "77", "Book A read back")

    play(office, scene)
    with reading(office.engine) as connection:
        actions = [entry.action for entry in audit.history_of(connection, record.id)]
        assert audit.verify_leaves(connection) == []
    assert actions == ["command requested", "command approved", "command dispatched", "command confirmed"]


def test_who_approved_is_told_to_the_bridge(office: Office) -> None:
    office.needs_supervisor()
    record = office.approve("carol", office.request("dana"))

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        assert desk.bridge.sent[0].approvals == ("carol",)
        assert desk.bridge.sent[0].id == record.id

    play(office, scene)


def test_what_waits_for_approval_is_never_sent(office: Office) -> None:
    office.needs_supervisor()
    record = office.request("dana")

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        await desk.dispatcher.turn()
        assert desk.bridge.sent == []
        assert desk.state(record).state is CommandState.REQUESTED

    play(office, scene)


def test_a_command_is_marked_dispatched_before_it_is_sent(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        seen = []

        async def send(command: Command) -> None:
            seen.append(desk.state(record).state)

        desk.bridge.send = send  # type: ignore[method-assign]
        desk.connect()
        await desk.dispatcher.turn()
        assert seen == [CommandState.DISPATCHED]

    play(office, scene)


def test_a_rejection_fails_the_command_with_the_bridges_words(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(
            Ack(id=record.id, stage=Stage.REJECTED, time_us=1, code="version", text="the row has changed")
        )
        failed = desk.state(record)
        assert (failed.state, failed.code, failed.result) == (CommandState.FAILED, "version", "the row has changed")

    play(office, scene)


def test_the_bridge_saying_unknown_leaves_it_to_a_person(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(Ack(id=record.id, stage=Stage.UNKNOWN, time_us=1, text="the platform did not answer"))
        desk.connect()
        await desk.dispatcher.turn()
        assert desk.state(record).state is CommandState.UNKNOWN
        assert len(desk.bridge.sent) == 1
        assert desk.bridge.asked == []

    play(office, scene)


@pytest.mark.parametrize(
    ("code", "state"), [(ErrorCode.FORBIDDEN, CommandState.FAILED), (ErrorCode.CONFLICT, CommandState.UNKNOWN)]
)
def test_a_refusal_by_the_bridge_settles_the_command(office: Office, code: ErrorCode, state: CommandState) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(Error(code, "no", fatal=False, id=record.id))
        assert (desk.state(record).state, desk.state(record).result) == (state, "no")

    play(office, scene)


def test_done_without_the_book_shown_is_not_confirmed(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        still_b = Routing(login=1001, book=Book.B, covered_percent=0)
        await desk.answer(Ack(id=record.id, stage=Stage.DONE, time_us=1, row=still_b, version=0))
        settled = desk.state(record)
        assert settled.state is CommandState.UNKNOWN
        assert settled.result == "The bridge says done, but shows book B for 1001"

    play(office, scene)


def test_a_later_change_by_somebody_else_does_not_undo_the_confirmation(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        ack = desk.execute(desk.bridge.sent[0])
        desk.published.append(desk.office.broker.change(Routing(login=1001, book=Book.C, covered_percent=30)))
        desk.record_stream()
        await desk.answer(ack)
        assert desk.state(record).state is CommandState.CONFIRMED

    play(office, scene)


def test_with_the_bridge_down_an_approved_command_waits_and_then_expires(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        await desk.dispatcher.turn()
        assert desk.state(record).state is CommandState.APPROVED
        office.now_us += 5 * MINUTE_US
        desk.connect()
        await desk.dispatcher.turn()
        expired = desk.state(record)
        assert (expired.state, expired.result) == (CommandState.EXPIRED, "It could not be sent to the server in time")
        assert desk.bridge.sent == []

    play(office, scene)


def test_killed_after_dispatch_before_send_still_confirms_once(office: Office) -> None:
    record = office.approved()
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        assert desk.bridge.asked == [record.id]
        assert desk.bridge.sent == [], "asked first, never sent blindly"

        await desk.answer(Ack(id=record.id, stage=Stage.ABSENT, time_us=1))
        assert [command.id for command in desk.bridge.sent] == [record.id]
        assert desk.state(record).sends == 2

        ack = desk.execute(desk.bridge.sent[0])
        desk.record_stream()
        await desk.answer(ack)
        assert desk.state(record).state is CommandState.CONFIRMED

    play(office, scene)


def test_killed_after_the_bridge_did_it_confirms_without_sending_again(office: Office) -> None:
    record = office.approved()
    with writing(office.engine) as connection:
        marked = dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
    assert marked is not None

    async def scene(desk: Desk) -> None:
        ack = desk.execute(Command(id=record.id, body=TO_A, actor="dana", deadline_us=0))
        desk.record_stream()
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(ack)
        assert desk.bridge.sent == []
        assert desk.state(record).state is CommandState.CONFIRMED

    play(office, scene)


def test_a_send_that_breaks_is_asked_about_after_the_next_connection(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        desk.bridge.is_broken = True
        await desk.dispatcher.turn()
        assert desk.state(record).state is CommandState.DISPATCHED
        desk.dispatcher.disconnected(SERVER)
        await desk.dispatcher.turn()
        assert desk.bridge.asked == []
        desk.bridge.is_broken = False
        desk.connect()
        await desk.dispatcher.turn()
        await desk.dispatcher.turn()
        assert desk.bridge.asked == [record.id], "once a connection"

    play(office, scene)


def test_an_answer_that_does_not_come_is_asked_for_every_five_seconds(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        for seconds in (4, 1, 4, 1):
            office.now_us += seconds * 1_000_000
            await desk.dispatcher.turn()
        assert desk.bridge.asked == [record.id] * 2
        assert len(desk.bridge.sent) == 1

    play(office, scene)


def test_a_bridge_that_lost_its_journal_leaves_the_command_unknown(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        desk.connect(epoch="e2")
        await desk.dispatcher.turn()
        await desk.answer(Ack(id=record.id, stage=Stage.ABSENT, time_us=1))
        assert desk.state(record).state is CommandState.UNKNOWN
        assert "lost its journal" in desk.state(record).result
        assert len(desk.bridge.sent) == 1

    play(office, scene)


def test_a_command_that_never_arrived_is_not_sent_after_its_deadline(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        desk.bridge.is_broken = True
        await desk.dispatcher.turn()
        office.now_us += 10 * MINUTE_US
        desk.bridge.is_broken = False
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(Ack(id=record.id, stage=Stage.ABSENT, time_us=1))
        assert (desk.state(record).state, desk.bridge.sent) == (CommandState.FAILED, [])

    play(office, scene)


def test_money_whose_outcome_is_not_known_is_never_sent_again(office: Office) -> None:
    money_id = _dispatched_deposit(office.engine)

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        assert desk.bridge.asked == [money_id]
        await desk.answer(Ack(id=money_id, stage=Stage.ABSENT, time_us=1))
        await desk.dispatcher.turn()
        assert desk.bridge.sent == []
        with reading(office.engine) as connection:
            settled = queries.command(connection, money_id)
        assert settled is not None
        assert settled.state is CommandState.UNKNOWN

    play(office, scene)


def test_an_answer_about_a_settled_command_changes_nothing(office: Office) -> None:
    record = office.approved()

    async def scene(desk: Desk) -> None:
        desk.connect()
        await desk.dispatcher.turn()
        await desk.answer(Ack(id=record.id, stage=Stage.REJECTED, time_us=1, text="no"))
        before = desk.state(record)
        for stage in (Stage.DONE, Stage.UNKNOWN, Stage.ABSENT, Stage.RECEIVED):
            await desk.answer(Ack(id=record.id, stage=stage, time_us=2, text="late"))
        assert desk.state(record) == before

    play(office, scene)


def test_it_works_at_its_own_pace_until_stopped(office: Office) -> None:
    async def run() -> None:
        with DatabaseThread(office.engine, "commands") as database:
            desk = Desk(office, database)
            desk.connect()
            async with asyncio.TaskGroup() as group:
                running = group.create_task(desk.dispatcher.run())
                record = await asyncio.to_thread(office.approved)
                async with asyncio.timeout(10):
                    await desk.bridge.has_sent.wait()
                desk.dispatcher.stop()
                await running
        assert desk.bridge.sent[0].id == record.id

    asyncio.run(run())


def _dispatched_deposit(engine: Engine) -> str:
    """A balance operation on its way, as a later kind of command will put it there."""
    body = ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=50_000)
    fixed = {"kind": "change_balance", "server": SERVER, "login": 1001, "payload": canonical(body)}
    words = dict.fromkeys(("comment", "stage", "code", "result", "ticket"), "")
    times = {"requested_us": NOW_US, "changed_us": NOW_US, "expires_us": NOW_US + 10**12}
    terms = {"payload_hash": "h", "title": "Deposit", "reason": "r", "requested_by": "ben", "approvals_needed": 0}
    values = fixed | words | times | terms | {"needs": "[]", "sends": 0, "state": "requested", "id": "money-0001"}
    moves = [
        {"state": "approved", "deadline_us": NOW_US + 10**12},
        {"state": "dispatched", "dispatched_us": NOW_US, "dispatch_epoch": EPOCH, "sends": 1},
    ]
    with writing(engine) as connection:
        connection.execute(insert(commands).values(**values))
        for move in moves:
            connection.execute(commands.update().where(commands.c.id == "money-0001").values(**move))
    return "money-0001"
