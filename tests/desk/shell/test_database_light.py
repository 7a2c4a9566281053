"""Which answers of a database end a session."""

from __future__ import annotations

import pytest

from dealerdesk.desk import database_light
from dealerdesk.desk.database_light import why_gone
from dealerdesk.store.connection_trouble import Reason, Trouble
from dealerdesk.store.engine import DatabaseUnavailable


@pytest.mark.parametrize(
    ("trouble", "words"),
    [(Trouble.NO_LOGIN, "login has been closed"), (Trouble.PASSWORD, "password has been changed")],
)
def test_a_login_that_is_gone_ends_the_session_in_words(
    monkeypatch: pytest.MonkeyPatch, trouble: Trouble, words: str
) -> None:
    monkeypatch.setattr(database_light, "reason_of", lambda _error: Reason(trouble, ""))

    assert words in why_gone(DatabaseUnavailable("refused"))


def test_a_database_that_is_only_away_ends_nothing() -> None:
    assert why_gone(ConnectionRefusedError("connection refused")) == ""


def test_a_database_that_is_down_says_so_in_a_sentence_and_keeps_its_own_words_apart() -> None:
    light = database_light.DatabaseLight.down(OSError("connection failed: Connection refused"))

    assert light.state is database_light.DatabaseState.DOWN
    assert light.trouble == "Nothing answers at the database's address."
    assert light.detail == "connection failed: Connection refused"
