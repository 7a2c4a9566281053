"""Signing in, locking, unlocking and out again, each on record, on either backend."""

from __future__ import annotations

from dataclasses import replace

import pytest
from office import NOW_US, Office
from sqlalchemy import Connection, Engine, select

from dealerdesk.commands import sessions
from dealerdesk.commands.roles import Role
from dealerdesk.commands.sessions import Session, Turned, let_in, note, sign_in, sign_out, standing, unlock
from dealerdesk.store import passwords
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.passwords import set_password
from dealerdesk.store.schema import audit

GOOD = "correct horse battery"
HERE = "desk on a test's machine"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)


def entries(engine: Engine) -> list[tuple[str, str, str]]:
    """(actor, action, subject) of what the sessions wrote, oldest first."""
    wanted = (sessions.SIGNED_IN, sessions.SIGNED_OUT, sessions.TURNED_AWAY, *sessions.NOTED)
    with reading(engine) as connection:
        rows = connection.execute(select(audit).where(audit.c.action.in_(wanted)).order_by(audit.c.id))
        return [(row.actor, row.action, row.subject) for row in rows]


def give_password(connection: Connection, who: str) -> None:
    if connection.dialect.name == "sqlite":
        set_password(connection, who, GOOD, NOW_US)


def come_in(office: Office, who: str = "dana", password: str = GOOD) -> Session | Turned:
    with writing(office.engine) as connection:
        give_password(connection, who)
    with office.deed(who) as connection:
        return sign_in(connection, who, password, office.now_us, HERE)


def test_who_signs_in_is_said_by_the_database_and_on_record(office: Office) -> None:
    session = come_in(office)

    assert isinstance(session, Session)
    assert (session.staff, session.name, session.role) == ("dana", "Dana Novak", "head_dealer")
    assert session.role_words == "head dealer"
    assert session.login == "dana"
    assert session.is_enforced is (office.engine.dialect.name == "postgresql")
    assert entries(office.engine) == [("dana", "signed in", "dana")]


def test_signing_out_is_on_record(office: Office) -> None:
    session = come_in(office)
    assert isinstance(session, Session)
    with office.deed("dana") as connection:
        sign_out(connection, session, office.now_us, HERE)

    assert entries(office.engine)[-1] == ("dana", "signed out", "dana")


def test_somebody_inactive_is_turned_away_with_a_sentence_and_it_is_on_record(office: Office) -> None:
    office.hire("zoe", Role.DEALER, active=False)
    answer = come_in(office, "zoe")

    assert isinstance(answer, Turned)
    assert "no longer active" in answer.sentence
    assert entries(office.engine) == [("zoe", "sign-in refused", "zoe")]


def test_locking_and_unlocking_are_on_record_and_unlocking_is_no_second_sign_in(office: Office) -> None:
    session = come_in(office)
    assert isinstance(session, Session)
    with office.deed("dana") as connection:
        note(connection, session, sessions.LOCKED, "dana", {"why": "nobody at the desk"}, office.now_us, HERE)
    with office.deed("dana") as connection:
        again = unlock(connection, session, GOOD, office.now_us, HERE)

    assert isinstance(again, Session)
    assert [action for _, action, _ in entries(office.engine)] == ["signed in", "locked", "unlocked"]


def test_a_desk_writes_nothing_else_in_a_persons_name(office: Office) -> None:
    session = come_in(office)
    assert isinstance(session, Session)
    with office.deed("dana") as connection, pytest.raises(ValueError, match="command approved"):
        note(connection, session, "command approved", "x", {}, office.now_us, HERE)


def test_a_session_stands_while_the_person_is_active_in_their_role(office: Office) -> None:
    session = come_in(office)
    assert isinstance(session, Session)
    with office.deed("dana") as connection:
        assert standing(connection, session) == ""
        was_dealer = replace(session, role="dealer")
        assert standing(connection, was_dealer) == "Your role is now head dealer: sign in again to work with it."
        gone = replace(session, staff="nobody", name="Nobody")
        assert standing(connection, gone) == "Nobody is not a member of staff here any more."


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
class TestOnOneMachine:
    """What SQLite leaves to the program; on PostgreSQL the server compares passwords."""

    def test_a_wrong_password_is_turned_away_and_on_record(self, office: Office) -> None:
        assert come_in(office, password="wrong") == Turned("The name or the password is wrong.")
        assert entries(office.engine) == [("dana", "sign-in refused", "dana")]

    def test_a_stranger_reads_the_same_sentence_and_what_they_typed_is_not_kept(self, office: Office) -> None:
        with writing(office.engine) as connection:
            answer = sign_in(connection, "my secret password", "", office.now_us, HERE)

        assert answer == Turned("The name or the password is wrong.")
        assert entries(office.engine) == [("", "sign-in refused", "")]

    def test_the_fifth_wrong_password_says_until_when_it_is_locked(self, office: Office) -> None:
        come_in(office, password="wrong")
        for _ in range(4):
            with writing(office.engine) as connection:
                answer = sign_in(connection, "dana", "wrong", office.now_us, HERE)

        assert answer == Turned(
            "dana is locked until 22:14:20 UTC after 5 wrong passwords.", office.now_us + 60_000_000
        )

    def test_a_locked_desk_opens_for_its_persons_password_alone(self, office: Office) -> None:
        session = come_in(office)
        assert isinstance(session, Session)
        with writing(office.engine) as connection:
            assert unlock(connection, session, "wrong", office.now_us, HERE) == Turned("The password is wrong.")

    def test_in_a_demonstration_nobody_has_a_password(self, office: Office) -> None:
        with writing(office.engine) as connection:
            session = let_in(connection, "carol", office.now_us, HERE)
            assert isinstance(session, Session)
            assert not session.has_password
            assert unlock(connection, session, "", office.now_us, HERE) == session
            assert let_in(connection, "nobody", office.now_us, HERE) == Turned(
                "nobody is not a member of staff here: an administrator can change that."
            )
