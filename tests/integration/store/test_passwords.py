"""Passwords: right, wrong, locked, unfit; and the verifier that PostgreSQL takes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from postgres_server import PostgresServer
from sqlalchemy import Engine, select

from dealerdesk.store import passwords
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.passwords import (
    Checked,
    Outcome,
    UnfitPassword,
    change_own_login,
    check_password,
    has_password,
    refuse_unfit,
    saslprep,
    scram_verifier,
    set_password,
)
from dealerdesk.store.schema import local_passwords

MINUTE_US = 60_000_000
NOW_US = 1_700_000_000_000_000
GOOD = "correct horse battery"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """A verifier that costs a test little; what it costs at a desk is asserted below."""
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)


@pytest.fixture
def file(tmp_path: Path) -> Iterator[Engine]:
    """A database on this machine with the demo's people, dana with a password."""
    url = f"sqlite:///{tmp_path / 'desk.db'}"
    upgrade(url)
    engine = open_engine(url)
    with writing(engine) as connection:
        seed_demo(connection, NOW_US)
        set_password(connection, "dana", GOOD, NOW_US)
    yield engine
    engine.dispose()


def check(engine: Engine, password: str, now_us: int = NOW_US, who: str = "dana") -> Checked:
    with writing(engine) as connection:
        return check_password(connection, who, password, now_us)


def test_the_right_password_is_right_and_what_is_kept_is_argon2id_with_its_own_salt(file: Engine) -> None:
    assert check(file, GOOD) == Checked(Outcome.RIGHT)
    with writing(file) as connection:
        set_password(connection, "ana", GOOD, NOW_US)
        first, second = connection.scalars(select(local_passwords.c.verifier))
    assert first != second
    assert first.startswith("$argon2id$v=19$")
    assert GOOD not in first


def test_what_a_verifier_costs_is_64_mib_three_times_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()

    assert passwords.verifier(GOOD).startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_four_wrong_passwords_are_wrong_and_the_fifth_locks_for_a_minute(file: Engine) -> None:
    for count in range(1, 5):
        assert check(file, "wrong") == Checked(Outcome.WRONG, count)

    assert check(file, "wrong") == Checked(Outcome.LOCKED, 5, NOW_US + MINUTE_US, is_newly_locked=True)


def test_while_it_lasts_not_even_the_right_password_opens_and_nothing_counts(file: Engine) -> None:
    for _ in range(5):
        check(file, "wrong")

    assert check(file, GOOD, NOW_US + MINUTE_US - 1) == Checked(Outcome.LOCKED, 5, NOW_US + MINUTE_US)
    assert check(file, "wrong", NOW_US + MINUTE_US - 1).failures == 5
    assert check(file, GOOD, NOW_US + MINUTE_US).outcome is Outcome.RIGHT


@pytest.mark.parametrize(("failures", "minutes"), [(5, 1), (6, 2), (7, 4), (8, 8), (10, 32), (11, 60), (500, 60)])
def test_each_further_failure_locks_twice_as_long_up_to_an_hour(failures: int, minutes: int) -> None:
    assert passwords.lock_us(failures) == minutes * MINUTE_US


def test_the_right_password_ends_the_count(file: Engine) -> None:
    for _ in range(4):
        check(file, "wrong")
    check(file, GOOD)

    assert check(file, "wrong") == Checked(Outcome.WRONG, 1)


@pytest.mark.parametrize("who", ["ana", "nobody at all"])
def test_somebody_without_a_password_is_wrong_after_the_same_work(
    file: Engine, who: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[str] = []
    real = passwords._matches
    monkeypatch.setattr(passwords, "_matches", lambda typed, kept: compared.append(kept) or real(typed, kept))

    assert check(file, GOOD, who=who) == Checked(Outcome.WRONG)
    assert [kept.split("$")[1] for kept in compared] == ["argon2id"]


def test_a_new_password_unlocks(file: Engine) -> None:
    for _ in range(5):
        check(file, "wrong")
    with writing(file) as connection:
        set_password(connection, "dana", "another good one", NOW_US + 1)

    assert check(file, "another good one", NOW_US + 1).outcome is Outcome.RIGHT
    assert check(file, GOOD, NOW_US + 1).outcome is Outcome.WRONG


def test_a_password_is_for_a_member_of_staff(file: Engine) -> None:
    with writing(file) as connection, pytest.raises(KeyError):
        set_password(connection, "nobody", GOOD, NOW_US)
    with reading(file) as connection:
        assert has_password(connection, "dana")
        assert not has_password(connection, "ana")


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("eleven long", "shorter than 12"),
        ("x" * 257, "longer than 256"),
        ("aaaaaaaaaaaaaa", "repeats"),
        ("danadanadana", "repeats"),
        ("Dana Novak 2026!", "own name"),
        ("dana  NOVAKdana", "own name"),
    ],
)
def test_an_unfit_password_is_refused_with_the_reason(file: Engine, password: str, words: str) -> None:
    with writing(file) as connection, pytest.raises(UnfitPassword, match=words):
        set_password(connection, "dana", password, NOW_US)


def test_a_name_inside_a_longer_password_is_no_objection() -> None:
    assert refuse_unfit("novak likes green tea", "dana", "Dana Novak") is None


@pytest.mark.parametrize("odd", ["pässwörd mit 12", "пароль длинный", "\ud800 half a pair", "nul\0 inside it all"])
def test_any_text_is_a_password_or_a_wrong_one_and_never_a_fault(file: Engine, odd: str) -> None:
    assert check(file, odd).outcome is Outcome.WRONG


@pytest.mark.parametrize(
    ("given", "prepared"),
    [
        ("plain", "plain"),
        ("I\u00adX", "IX"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
        ("\u0007\u00e9", "\u0007\u00e9"),  # forbidden: taken as it is
        ("\u0627\u0031", "\u0627\u0031"),  # forbidden by the rule of direction: taken as it is
    ],
)
def test_a_password_is_prepared_as_rfc_4013_says(given: str, prepared: str) -> None:
    assert saslprep(given) == prepared


@pytest.mark.parametrize("password", ["pencil case 12", "pässwörd \u2168 lang", "\u00a0spaces\u00a0"])
def test_our_verifier_is_the_client_librarys_own(postgres: PostgresServer, password: str) -> None:
    address = postgres.url("postgres").replace("+psycopg", "")
    with psycopg.connect(address) as connection:
        theirs = connection.pgconn.encrypt_password(password.encode(), b"dana", b"scram-sha-256").decode()
    iterations, salt = theirs.split("$")[1].split(":")

    assert scram_verifier(password, passwords.base64.b64decode(salt), int(iterations)) == theirs


def test_ones_own_login_changes_its_password_and_the_server_never_sees_it(postgres: PostgresServer) -> None:
    postgres.run("CREATE ROLE petra LOGIN PASSWORD 'before before'")
    try:
        engine = open_engine(postgres.url("postgres").replace("postgres:" + postgres.password, "petra:before%20before"))
        seen: list[str] = []
        with writing(engine) as connection:
            real = connection.exec_driver_sql
            connection.exec_driver_sql = lambda said, *more: seen.append(said) or real(said, *more)  # type: ignore[method-assign]
            change_own_login(connection, "after after äfter")
        engine.dispose()
        assert not any("after" in said for said in seen)
        assert "SCRAM-SHA-256$4096:" in seen[-1]
        with psycopg.connect(
            host="127.0.0.1", port=postgres.port, user="petra", dbname="postgres", password="after after äfter"
        ) as connection:
            assert connection.execute("SELECT session_user").fetchone() == ("petra",)
    finally:
        postgres.run("DROP ROLE petra")
