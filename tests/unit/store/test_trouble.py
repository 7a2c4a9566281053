"""What the outside world does to a database, by name."""

from __future__ import annotations

import subprocess
import sys

from dealerdesk.store.trouble import AnswerLost, DatabaseDamaged, DatabaseUnavailable


def test_whoever_waits_for_the_outside_world_waits_for_a_database_too() -> None:
    assert issubclass(DatabaseUnavailable, OSError)
    assert issubclass(DatabaseDamaged, DatabaseUnavailable)
    assert issubclass(AnswerLost, DatabaseUnavailable)


def test_a_lost_answer_is_no_damage_and_damage_no_lost_answer() -> None:
    assert not issubclass(AnswerLost, DatabaseDamaged)
    assert not issubclass(DatabaseDamaged, AnswerLost)


def test_a_window_does_not_wait_for_a_database_library_to_know_them() -> None:
    asked = (
        "import sys, dealerdesk.store.trouble; print(sorted({'sqlalchemy', 'psycopg', 'alembic'} & set(sys.modules)))"
    )

    assert subprocess.check_output([sys.executable, "-c", asked], text=True) == "[]\n"
