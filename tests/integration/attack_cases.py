"""What an attack is and when it counts as refused: by an error, by a procedure's answer, or by seeing nothing."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

import psycopg
import pytest
from attacked_firm import Firm

NO_RIGHT = "42501"
GUARD = "23001"
REFUSED = "refused"
NOTHING = "nothing"


class Attack(NamedTuple):
    """`sql` is tried as `login`; `refusal` is an SQLSTATE, REFUSED (a procedure says no) or NOTHING (no row, no value).

    `words` are part of what a procedure says: a request may be refused for more than one reason.

    The sentence names the test.
    """

    sentence: str
    login: str
    sql: str
    refusal: str = NO_RIGHT
    words: str = ""


def cases(*attacks: Attack) -> pytest.MarkDecorator:
    """The attacks as one parametrised test, each under its own sentence."""
    return pytest.mark.parametrize("attack", attacks, ids=[attack.sentence.replace(" ", "_") for attack in attacks])


def must_be_refused(firm: Firm, attack: Attack) -> None:
    """Tries it at a fresh connection of the attacker."""
    with firm.connect(attack.login) as connection:
        if attack.refusal not in (REFUSED, NOTHING):
            with pytest.raises(psycopg.Error) as caught:
                connection.execute(attack.sql.encode())
            assert caught.value.sqlstate == attack.refusal, caught.value
            return
        rows = _last_rows(connection.execute(attack.sql.encode()))
    if attack.refusal == REFUSED:
        said = json.loads(rows[0][0])
        assert said["outcome"] in ("refused", "conflict"), rows
        assert attack.words, "say which refusal it must be"
        assert attack.words in said["sentence"], rows
        return
    assert not rows or rows == [(None,)], rows


def _last_rows(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    """The rows of the last of several statements that returns any."""
    rows: list[tuple[Any, ...]] = []
    while True:
        if cursor.description is not None:
            rows = cursor.fetchall()
        if not cursor.nextset():
            return rows
