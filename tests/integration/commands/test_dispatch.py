from __future__ import annotations

import pytest
from office import EPOCH, NOW_US, SERVER, Office
from scripted_broker import book_ack

from dealerdesk.bridges.protocol import Ack, Command, ResumePoint, Stage
from dealerdesk.clock import MINUTE_US
from dealerdesk.commands import dispatch, queries
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import record_deltas
from dealerdesk.trading import Book, Routing


def sent(office: Office) -> CommandRecord:
    """A command that has just been marked dispatched."""
    record = office.approved()
    with writing(office.engine) as connection:
        marked = dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
    assert marked is not None
    return marked


def note(office: Office, ack: Ack) -> CommandRecord | None:
    with writing(office.engine) as connection:
        return dispatch.note_ack(connection, ack, office.now_us)


def done(office: Office, record: CommandRecord) -> CommandRecord | None:
    with writing(office.engine) as connection:
        return dispatch.settle_done(connection, record.id, office.now_us)


def test_marking_says_when_and_on_which_journal_and_happens_once(office: Office) -> None:
    record = sent(office)

    assert (record.state, record.dispatched_us, record.dispatch_epoch, record.sends) == (
        CommandState.DISPATCHED,
        office.now_us,
        EPOCH,
        1,
    )
    with writing(office.engine) as connection:
        assert dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us) is None
        assert dispatch.mark_dispatched(connection, "no-such-command", EPOCH, office.now_us) is None


def test_what_is_too_late_is_not_marked_but_expires(office: Office) -> None:
    record = office.approved()
    office.now_us += 5 * MINUTE_US

    with writing(office.engine) as connection:
        assert dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us) is None
        assert dispatch.waiting_work(connection, office.now_us).has_overdue
        assert dispatch.expire_overdue(connection, office.now_us) == 1
        assert not dispatch.waiting_work(connection, office.now_us).has_overdue


def test_waiting_work_names_what_is_to_send_and_what_is_to_settle(office: Office) -> None:
    settling = sent(office)
    with reading(office.engine) as connection:
        work = dispatch.waiting_work(connection, office.now_us)

    assert ([], [settling.id], False) == (work.approved, [record.id for record in work.dispatched], work.has_overdue)


@pytest.mark.parametrize("stage", [Stage.RECEIVED, Stage.SENT])
def test_an_answer_on_the_way_is_kept_and_settles_nothing(office: Office, stage: Stage) -> None:
    record = sent(office)

    noted = note(office, Ack(id=record.id, stage=stage, time_us=1, text="on its way", ticket="5"))

    assert noted is not None
    assert (noted.state, noted.stage, noted.result, noted.ticket) == (
        CommandState.DISPATCHED,
        stage.value,
        "on its way",
        "5",
    )
    assert done(office, record) is None


def test_done_waits_for_the_recorded_row_and_then_confirms(office: Office) -> None:
    record = sent(office)
    deltas, ack = book_ack(office.broker, Command(id=record.id, body=record.body, actor="dana", deadline_us=0))
    note(office, ack)
    assert done(office, record) is None

    with writing(office.engine) as connection:
        record_deltas(connection, SERVER, ResumePoint(EPOCH, 0), deltas, NOW_US)

    confirmed = done(office, record)
    assert confirmed is not None
    assert (confirmed.state, confirmed.read_version) == (CommandState.CONFIRMED, 1)
    assert done(office, record) is None


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (None, "The bridge says done, but does not show the account's book"),
        (Routing(login=1001, book=Book.C, covered_percent=9), "The bridge says done, but shows book C for 1001"),
        (Routing(login=1002, book=Book.A, covered_percent=100), "The bridge says done, but shows book A for 1002"),
        (Routing(login=1001, book=Book.A, covered_percent=100), "The bridge says done, but the stream shows book B"),
    ],
)
def test_what_does_not_show_what_was_asked_is_never_confirmed(office: Office, row: Routing | None, words: str) -> None:
    record = sent(office)
    note(office, Ack(id=record.id, stage=Stage.DONE, time_us=1, row=row, version=0))

    settled = done(office, record)

    assert settled is not None
    assert (settled.state, settled.result) == (CommandState.UNKNOWN, words)


def test_after_a_lost_journal_only_the_recorded_book_counts(office: Office) -> None:
    record = office.approved()
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, "an older journal", office.now_us)
    shown = Routing(login=1001, book=Book.A, covered_percent=100)
    note(office, Ack(id=record.id, stage=Stage.DONE, time_us=1, row=shown, version=900))
    office.broker.change(shown)
    with writing(office.engine) as connection:
        connection.exec_driver_sql("UPDATE routing SET book = 'A', covered_percent = 100 WHERE login = 1001")

    confirmed = done(office, record)

    assert confirmed is not None
    assert confirmed.state is CommandState.CONFIRMED


def test_sending_again_is_counted_and_told(office: Office) -> None:
    record = sent(office)

    with writing(office.engine) as connection:
        dispatch.mark_sent_again(connection, record.id, office.now_us)
        again = queries.command(connection, record.id)

    assert again is not None
    assert (again.sends, again.state) == (2, CommandState.DISPATCHED)


def test_nothing_is_noted_of_a_command_that_is_not_on_its_way(office: Office) -> None:
    record = office.approved()

    assert note(office, Ack(id=record.id, stage=Stage.DONE, time_us=1)) is None
    assert note(office, Ack(id="no-such-command", stage=Stage.DONE, time_us=1)) is None
    with writing(office.engine) as connection:
        dispatch.mark_sent_again(connection, record.id, office.now_us)
        assert dispatch.settle_by_id(connection, record.id, CommandState.FAILED, "x", office.now_us) is None
        assert queries.command(connection, record.id) == record
