"""What the database refuses by itself, tried with raw SQL past all the program's own rules."""

from __future__ import annotations

import pytest
from office import EPOCH, Office
from recorded_books import snapshot_of
from sqlalchemy.exc import IntegrityError

from dealerdesk.commands import dispatch
from dealerdesk.commands.records import CommandRecord
from dealerdesk.commands.roles import Role
from dealerdesk.store.decided import TRANSITIONS
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import record_snapshot


def refused(office: Office, sql: str) -> str:
    """The database's sentence on refusing `sql`."""
    with pytest.raises(IntegrityError) as error, writing(office.engine) as connection:
        connection.exec_driver_sql(sql)
    return str(error.value.orig)


@pytest.fixture
def waiting(office: Office) -> CommandRecord:
    """A request that waits for a supervisor."""
    office.needs_supervisor(roles=(Role.SUPERVISOR, Role.HEAD_DEALER))
    return office.request("dana")


def decision(record: CommandRecord, staff: str, payload_hash: str = "") -> str:
    seen = payload_hash or record.payload_hash
    return (
        "INSERT INTO decisions (command_id, staff, role, verdict, payload_hash, comment, decided_us)"
        f" VALUES ('{record.id}', '{staff}', 'supervisor', 'approve', '{seen}', '', 1)"
    )


def test_nobody_approves_their_own_request(office: Office, waiting: CommandRecord) -> None:
    assert "nobody decides their own request" in refused(office, decision(waiting, "dana"))


def test_nobody_approves_something_else_than_was_asked(office: Office, waiting: CommandRecord) -> None:
    assert "what is decided is not what was asked for" in refused(office, decision(waiting, "carol", "f" * 64))


def test_nobody_decides_what_is_decided_already(office: Office, waiting: CommandRecord) -> None:
    office.refuse("carol", waiting)

    assert "only a waiting request is decided" in refused(office, decision(waiting, "ana"))


def test_a_request_is_not_approved_without_its_approvals(office: Office, waiting: CommandRecord) -> None:
    sentence = refused(office, f"UPDATE commands SET state = 'approved' WHERE id = '{waiting.id}'")

    assert "the approvals that were asked for are not there" in sentence


CHANGES = (
    "payload = '{}'",
    "payload_hash = 'x'",
    "title = 'x'",
    "reason = 'x'",
    "server = 'MT4'",
    "login = 7",
    "login = NULL",
    "kind = 'change_balance'",
    "requested_by = 'ana'",
    "requested_us = 1",
    "expires_us = 99999999999999999",
    "expected_version = 1",
    "approvals_needed = 0",
    "needs = '[]'",
    "id = 'another-id'",
)


def test_what_was_asked_for_is_never_changed(office: Office, waiting: CommandRecord) -> None:
    for change in CHANGES:
        sentence = refused(office, f"UPDATE commands SET state = 'withdrawn', {change} WHERE id = '{waiting.id}'")
        assert "what was asked for is never changed" in sentence, change


STATES = sorted({state for pair in TRANSITIONS for state in pair})
REACHED_BY = {
    "requested": (),
    "approved": ("approved",),
    "refused": ("refused",),
    "expired": ("expired",),
    "withdrawn": ("withdrawn",),
    "dispatched": ("approved", "dispatched"),
    "confirmed": ("approved", "dispatched", "confirmed"),
    "failed": ("approved", "dispatched", "failed"),
    "unknown": ("approved", "dispatched", "unknown"),
}


@pytest.mark.parametrize("before", STATES)
def test_only_the_state_tables_own_moves_are_made(office: Office, waiting: CommandRecord, before: str) -> None:
    with writing(office.engine) as connection:
        connection.exec_driver_sql(decision(waiting, "carol"))
        for state in REACHED_BY[before]:
            connection.exec_driver_sql(f"UPDATE commands SET state = '{state}' WHERE id = '{waiting.id}'")

    illegal = [
        state for state in STATES if (before, state) not in TRANSITIONS and (before, state) != ("dispatched",) * 2
    ]
    for state in [*illegal, "invented"]:
        sentence = refused(office, f"UPDATE commands SET state = '{state}' WHERE id = '{waiting.id}'")
        assert "a command does not move that way" in sentence, (before, state)


def test_a_command_starts_as_a_request(office: Office, waiting: CommandRecord) -> None:
    columns = (
        "kind, server, login, payload, payload_hash, title, reason, requested_by, requested_us, expires_us,"
        " expected_version, approvals_needed, needs, changed_us, comment, sends, stage, code, result, ticket"
    )

    sentence = refused(
        office,
        f"INSERT INTO commands (id, state, {columns}) SELECT 'sneaked-in', 'approved', {columns} FROM commands",
    )

    assert "a command starts as a request" in sentence


PERMANENT = {
    "audit": "actor",
    "decisions": "comment",
    "command_transitions": "to_state",
    "deals": "comment",
    "balance_operations": "comment",
    "quote_samples": "ticks",
    "day_ends": "balance",
}


def test_what_is_permanent_is_never_changed_or_removed(office: Office, waiting: CommandRecord) -> None:
    office.approve("carol", waiting)
    for _ in range(100):
        office.broker.step()
    _record_all(office)

    for table, column in PERMANENT.items():
        for sql in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            assert f"{table} is never changed or removed" in refused(office, sql)


def test_nothing_permanent_is_emptied_at_once(office: Office, waiting: CommandRecord) -> None:
    if office.engine.dialect.name == "sqlite":
        assert "commands is never changed or removed" in refused(office, "DELETE FROM commands")
        return
    for table in ("audit", "decisions", "command_transitions", "commands", "deals", "day_ends"):
        assert "is never emptied" in refused(office, f"TRUNCATE {table} CASCADE"), table


def test_a_command_is_never_removed(office: Office, waiting: CommandRecord) -> None:
    assert "commands is never changed or removed" in refused(office, f"DELETE FROM commands WHERE id = '{waiting.id}'")


def test_nobody_adds_a_move_to_the_state_table(office: Office) -> None:
    sentence = refused(office, "INSERT INTO command_transitions (from_state, to_state) VALUES ('refused', 'approved')")

    assert "the state table is part of the program" in sentence


def test_the_state_table_says_what_the_program_says(office: Office) -> None:
    with reading(office.engine) as connection:
        rows = connection.exec_driver_sql("SELECT from_state, to_state FROM command_transitions").all()

    assert {tuple(row) for row in rows} == set(TRANSITIONS)


def test_a_dispatched_command_may_note_how_far_it_is(office: Office) -> None:
    record = office.approved()

    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
        connection.exec_driver_sql(f"UPDATE commands SET stage = 'received' WHERE id = '{record.id}'")

    with reading(office.engine) as connection:
        noted = connection.exec_driver_sql(f"SELECT state, stage FROM commands WHERE id = '{record.id}'").one()
    assert tuple(noted) == ("dispatched", "received")


def _record_all(office: Office) -> None:
    with writing(office.engine) as connection:
        record_snapshot(connection, "MT5", snapshot_of(office.broker, EPOCH), office.now_us)
