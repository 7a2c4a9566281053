"""What the database holds is written as the verifier reads it: all of it, or single entries with their proofs."""

from __future__ import annotations

import io

import pytest
from office import NOW_US, Office
from past_the_guards import past_the_guards
from postgres_server import PostgresServer
from sealed_log import KEY, PUBLIC
from sqlalchemy import Engine

from dealerdesk.commands import audit, audit_export, sealing
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_export import entries_about, export_cases, export_everything
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.checkpoints import Checkpoint
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.seals import read_statement
from dealerdesk.store.engine import open_engine, reading, writing


def write(engine: Engine, *numbers: int, subject: str = "s", client_id: int | None = None) -> None:
    with writing(engine) as connection:
        for number in numbers:
            entry = Entry(
                id=f"entry-{number}", at_us=NOW_US, actor="dana", action="tested", subject=subject, client_id=client_id
            )
            audit.write(connection, entry)


def seal(engine: Engine) -> Checkpoint:
    """Seals what was written; while another transaction of the cluster is under way, such as a vacuum's, that waits."""
    for _ in range(1_000):
        with writing(engine) as connection:
            sealed = sealing.seal(connection, KEY, NOW_US)
        if sealed is not None:
            break
    assert sealed is not None
    said = read_statement(sealed.statement)
    return Checkpoint(name=f"seal {said.number}", tree_size=said.tree_size, root_begins=said.root, statement=said)


def test_an_offices_whole_day_is_exported_and_verified(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request()
    first = seal(office.engine)
    office.approve("carol", asked)
    second = seal(office.engine)
    file = io.BytesIO()

    with reading(office.engine) as connection:
        written = export_everything(connection, file, NOW_US)
        history = [entry.action for entry in audit.history_of(connection, asked.id)]
    file.seek(0)
    report = verify(file, (PUBLIC,), (first, second))

    assert report.problems == []
    assert (written.seals, report.seals, report.checkpoints) == (2, 2, 2)
    assert written.entries == report.entries == second.tree_size
    assert {"command requested", "command approved"} <= set(history)


def test_what_is_not_sealed_yet_is_left_out(engine: Engine) -> None:
    write(engine, 1, 2)
    seal(engine)
    write(engine, 3)
    file = io.BytesIO()

    with reading(engine) as connection:
        assert export_everything(connection, file, NOW_US).entries == 2

    file.seek(0)
    assert verify(file, (PUBLIC,)).is_whole


def test_many_seals_are_read_in_pages(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    in_twos = sealing.seals_after
    monkeypatch.setattr(audit_export, "seals_after", lambda connection, number: in_twos(connection, number, 2))
    monkeypatch.setattr(sealing, "ROWS_AT_ONCE", 2)
    for number in range(7):
        write(engine, number)
        seal(engine)
    file = io.BytesIO()

    with reading(engine) as connection:
        assert export_everything(connection, file, NOW_US).seals == 7

    file.seek(0)
    assert verify(file, (PUBLIC,)).problems == []


def test_an_entry_changed_past_the_guards_is_exported_as_it_is_and_found(engine: Engine) -> None:
    write(engine, 1, 2, 3)
    seal(engine)
    with writing(engine) as connection, past_the_guards(connection, "audit"):
        connection.exec_driver_sql("UPDATE audit SET entry = replace(entry, 'dana', 'carl') WHERE entry_id = 'entry-2'")
    file = io.BytesIO()

    with reading(engine) as connection:
        export_everything(connection, file, NOW_US)
    file.seek(0)

    assert verify(file, (PUBLIC,)).problems == ["line 3: entry 1 was changed: its text has another hash"]


def test_single_entries_are_proved_under_the_last_seal_and_from_earlier_ones(engine: Engine) -> None:
    points = []
    for number in range(0, 12, 3):
        write(engine, number, number + 1, number + 2)
        points.append(seal(engine))
    file = io.BytesIO()

    with reading(engine) as connection:
        sizes = [point.tree_size for point in points] + [0, 900]
        written = export_cases(connection, file, ["entry-4", "entry-11", "entry-4"], NOW_US, sizes=sizes)
    file.seek(0)
    report = verify(file, (PUBLIC,), points)

    assert report.problems == []
    assert report.notes == []
    assert (written.entries, report.entries, report.checkpoints) == (2, 2, 4)


def test_entries_are_chosen_by_what_they_are_about(engine: Engine) -> None:
    write(engine, 1, 2)
    write(engine, 3, subject="command-7")
    write(engine, 4, client_id=55)

    with reading(engine) as connection:
        assert entries_about(connection, subject="command-7") == ["entry-3"]
        assert entries_about(connection, client_id=55) == ["entry-4"]
        assert entries_about(connection, subject="command-7", client_id=55) == ["entry-3", "entry-4"]
        assert entries_about(connection) == []


def test_what_cannot_be_exported_is_refused_in_words(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with reading(engine) as connection, pytest.raises(Refused, match="Nothing has been sealed yet"):
        export_everything(connection, io.BytesIO(), NOW_US)
    write(engine, 1, 2)
    seal(engine)
    write(engine, 3)
    with reading(engine) as connection:
        with pytest.raises(Refused, match="1 of 2 entries are not there or not sealed yet"):
            export_cases(connection, io.BytesIO(), ["entry-1", "entry-3"], NOW_US)
        with pytest.raises(Refused, match="There is no such entry"):
            export_cases(connection, io.BytesIO(), [], NOW_US)
        monkeypatch.setattr(audit_export, "CASES_MAX", 1)
        with pytest.raises(Refused, match="2 entries are too many to prove one by one"):
            export_cases(connection, io.BytesIO(), ["entry-1", "entry-2"], NOW_US)


def test_whoever_sees_one_server_alone_is_told_that_a_part_proves_nothing(
    postgres: PostgresServer, recycled_database: str
) -> None:
    postgres.empty(recycled_database)
    office = Office(open_engine(postgres.url(recycled_database)))
    office.hire("nora", Role.AUDITOR, server="MT5")
    write(office.engine, 1)
    seal(office.engine)
    partly, wholly = office.engine_of("nora"), office.engine_of("iris")

    with reading(partly) as connection, pytest.raises(Refused, match="You see only part of the audit log"):
        export_everything(connection, io.BytesIO(), NOW_US)
    with reading(partly) as connection, pytest.raises(Refused, match="You see only part of the audit log"):
        export_cases(connection, io.BytesIO(), ["entry-1"], NOW_US)
    with reading(wholly) as connection:
        assert export_everything(connection, io.BytesIO(), NOW_US).entries == 1
    for engine in (partly, wholly, office.engine):
        engine.dispose()
