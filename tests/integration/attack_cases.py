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


def refusal_of(firm: Firm, attack: Attack) -> str:
    """How it was refused at a fresh connection of the attacker; what came instead where it was not, or not for the
    reason that it must be refused for."""
    with firm.connect(attack.login) as connection:
        try:
            rows = _last_rows(connection.execute(attack.sql.encode()))
        except psycopg.Error as error:
            return attack.refusal if error.sqlstate == attack.refusal else f"{error.sqlstate}: {error}"
    if attack.refusal == REFUSED:
        said = json.loads(rows[0][0])
        is_meant = bool(attack.words) and attack.words in said["sentence"]
        return REFUSED if said["outcome"] in ("refused", "conflict") and is_meant else str(said)
    saw_nothing = not rows or rows == [(None,)]
    return NOTHING if attack.refusal == NOTHING and saw_nothing else f"went through: {rows}"


def _last_rows(cursor: psycopg.Cursor[Any]) -> list[tuple[Any, ...]]:
    """The rows of the last of several statements that returns any."""
    rows: list[tuple[Any, ...]] = []
    while True:
        if cursor.description is not None:
            rows = cursor.fetchall()
        if not cursor.nextset():
            return rows
