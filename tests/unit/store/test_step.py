"""A program works only with a database of its own step."""

from __future__ import annotations

from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from dealerdesk.store.migrate import MIGRATIONS, upgrade
from dealerdesk.store.step import STEPS, current_step, step_problems


def test_the_steps_are_those_of_the_migrations() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")

    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]

    assert tuple(reversed(steps)) == STEPS


def test_an_upgraded_database_has_no_problems(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    upgrade(url)

    engine = create_engine(url)
    with engine.connect() as connection:
        assert current_step(connection) == STEPS[-1]
        assert step_problems(connection) == []
    engine.dispose()


def test_an_empty_an_older_and_a_newer_database_are_told_apart(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'desk.db'}")
    with engine.begin() as connection:
        assert step_problems(connection) == ["the database is empty: run `dealerdesk db upgrade`"]
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES ('0002')"))
        assert step_problems(connection) == [
            f"the database is at step 0002, this program needs {STEPS[-1]}: run `dealerdesk db upgrade`"
        ]
        connection.execute(text("UPDATE alembic_version SET version_num = '0999'"))
        assert "newer than the program" in step_problems(connection)[0]
    engine.dispose()
