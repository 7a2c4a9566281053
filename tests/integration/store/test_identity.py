from __future__ import annotations

import pytest
from sqlalchemy import Connection, Engine, text

from dealerdesk import __version__
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.identity import (
    Fitness,
    change_database_id,
    fitness,
    identity,
    make_database_id,
    require_desk,
)
from dealerdesk.store.step import STEPS


def set_step(connection: Connection, step: str) -> None:
    connection.execute(text("UPDATE alembic_version SET version_num = :step"), {"step": step})


def test_a_database_gets_its_identity_once_and_a_restore_changes_it(engine: Engine) -> None:
    with writing(engine) as connection:
        make_database_id(connection, 1)
        first = identity(connection)
        make_database_id(connection, 2)
        assert identity(connection) == first
        change_database_id(connection, 3)
        restored = identity(connection)

    assert len(first.database_id) == 16
    assert restored.database_id != first.database_id
    assert restored.era != first.era
    assert first.step == STEPS[-1]


def test_the_era_stays_while_nothing_happens_to_the_database(engine: Engine) -> None:
    with writing(engine) as connection:
        make_database_id(connection, 1)
    with reading(engine) as connection:
        once = identity(connection).era
    with reading(engine) as connection:
        assert identity(connection).era == once


def test_a_desk_of_the_databases_own_step_may_do_everything(engine: Engine) -> None:
    with reading(engine) as connection:
        assert fitness(connection) == Fitness()


def test_a_desk_one_step_behind_can_look_but_not_act(engine: Engine) -> None:
    with writing(engine) as connection:
        set_step(connection, f"{int(STEPS[-1]) + 1:04}")
        found = fitness(connection)
        set_step(connection, STEPS[-1])

    assert found.refused == ""
    assert found.looking_only == (
        f"The database is at step {int(STEPS[-1]) + 1:04} and this desk knows {STEPS[-1]}: it can look but not act."
        " Install the new version"
    )


@pytest.mark.parametrize(("step", "words"), [("0099", "newer than the program"), ("0001", "dealerdesk db upgrade")])
def test_a_desk_further_apart_is_refused(engine: Engine, step: str, words: str) -> None:
    with writing(engine) as connection:
        set_step(connection, step)
        found = fitness(connection)
        set_step(connection, STEPS[-1])

    assert words in found.refused


@pytest.mark.parametrize(
    ("desk", "oldest", "refused"),
    [
        ("0.1.0", "0.2.0", True),
        ("0.9.9", "0.10.0", True),
        ("1.2", "1.2.1", True),
        ("0.2.0", "0.2.0", False),
        ("0.10.0", "0.9.9", False),
        ("1.0.0rc1", "0.9.9", False),
    ],
)
def test_a_desk_older_than_the_oldest_allowed_is_refused_with_both_versions(
    engine: Engine, desk: str, oldest: str, refused: bool
) -> None:
    with writing(engine) as connection:
        require_desk(connection, oldest, 1)
        found = fitness(connection, desk)

    words = f"This desk is DealerDesk {desk} and the database takes {oldest} or newer: install the new version"
    assert found == Fitness(refused=words if refused else "")


def test_this_very_program_is_taken_by_a_database_that_demands_it(engine: Engine) -> None:
    with writing(engine) as connection:
        require_desk(connection, __version__, 1)
        assert fitness(connection) == Fitness()
