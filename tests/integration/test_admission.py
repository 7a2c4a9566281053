"""Coming in through the door: on a file of this machine, and on a PostgreSQL that takes nothing but TLS."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from debian_postgres import debian_binaries
from postgres_server import PostgresServer
from sqlalchemy import select
from tls_server import Authority, TlsServer

from dealerdesk import __version__
from dealerdesk.clock import now_us
from dealerdesk.commands.setting_up import note_set_up
from dealerdesk.config import Profile, Secret
from dealerdesk.desk.access import Access
from dealerdesk.desk.admission import Denied, admit, found, needs_people
from dealerdesk.desk.archive import Archive
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store import passwords
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.identity import require_desk
from dealerdesk.store.schema import audit
from dealerdesk.store.setup import FirstPerson, set_up
from dealerdesk.store.step import STEPS

GOOD = "correct horse battery"
PEOPLE = (FirstPerson("adam", "Adam Kowalski", "administrator"), FirstPerson("carol", "Carol Ferreira", "supervisor"))


@pytest.fixture(autouse=True)
def has_bridge_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring, "get_password", lambda _service, client: f"key of {client}")
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)


def come_in(profile: Profile, who: str, password: str) -> Access | Denied:
    return admit(profile, who, Secret(password), now_us)


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    made = Path(tempfile.mkdtemp(prefix="dealerdesk-door-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="module")
def authority(folder: Path) -> Authority:
    return Authority("firm", folder)


@pytest.fixture(scope="module")
def server(folder: Path, authority: Authority) -> Iterator[TlsServer]:
    data = folder / "cluster"
    data.mkdir()
    server = TlsServer(data, debian_binaries(), authority)
    yield server
    server.stop()


@pytest.fixture(scope="module")
def first(server: TlsServer, authority: Authority) -> tuple[Profile, dict[str, str]]:
    """The firm's profile, and the passwords of its first two people."""
    name = server.new_database()
    terms = f"?sslmode=verify-full&sslrootcert={authority.file}"
    address = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/{name}{terms}"
    made = set_up(address, server.password, PEOPLE, note_set_up, now_us())
    url = f"postgresql+psycopg://127.0.0.1:{server.port}/{name}"
    return Profile(name="firm", database_url=url, endpoints=(), database_ca=str(authority.file)), made.people


class TestOnThisMachine:
    @pytest.fixture
    def profile(self, tmp_path: Path) -> Profile:
        return Profile(name="own", database_url=f"sqlite:///{tmp_path / 'own.db'}", endpoints=())

    def test_an_empty_database_asks_for_its_first_two_people_and_then_lets_them_in(self, profile: Profile) -> None:
        assert needs_people(profile) is True
        carol = ("carol", "Carol Ferreira", Secret("battery staple 2"))
        assert found(profile, ("adam", "Adam Kowalski", Secret(GOOD)), carol, now_us) == ""

        assert needs_people(profile) is False
        access = come_in(profile, "carol", "battery staple 2")
        assert isinstance(access, Access)
        assert (access.session.name, access.session.role) == ("Carol Ferreira", "supervisor")
        assert access.secret is None
        assert not carol[2].is_known

    def test_a_desk_that_is_too_old_is_turned_away_with_both_versions_named(self, profile: Profile) -> None:
        needs_people(profile)
        carol = ("carol", "Carol Ferreira", Secret("battery staple 2"))
        assert found(profile, ("adam", "Adam Kowalski", Secret(GOOD)), carol, now_us) == ""
        engine = open_engine(profile.database_url)
        with writing(engine) as connection:
            require_desk(connection, "99.2", now_us())
        engine.dispose()

        answer = come_in(profile, "adam", GOOD)

        assert isinstance(answer, Denied)
        assert answer.sentence == (
            f"This desk is DealerDesk {__version__} and the database takes 99.2 or newer: install the new version."
        )

    def test_a_desk_one_step_behind_comes_in_to_look(self, profile: Profile) -> None:
        needs_people(profile)
        carol = ("carol", "Carol Ferreira", Secret("battery staple 2"))
        assert found(profile, ("adam", "Adam Kowalski", Secret(GOOD)), carol, now_us) == ""
        engine = open_engine(profile.database_url)
        with writing(engine) as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{int(STEPS[-1]) + 1:04}'")
        engine.dispose()

        assert isinstance(come_in(profile, "adam", GOOD), Access)

    def test_an_unfit_password_founds_nothing(self, profile: Profile) -> None:
        needs_people(profile)
        carol = ("carol", "Carol Ferreira", Secret("short"))

        refusal = found(profile, ("adam", "Adam Kowalski", Secret(GOOD)), carol, now_us)

        assert refusal == "The password is shorter than 12 characters."
        assert needs_people(profile) is True

    def test_people_are_founded_once(self, profile: Profile) -> None:
        needs_people(profile)
        people = ("adam", "Adam Kowalski"), ("carol", "Carol Ferreira")
        for _ in range(2):
            refusal = found(profile, (*people[0], Secret(GOOD)), (*people[1], Secret(GOOD)), now_us)

        assert "There are people in this database already" in refusal

    def test_the_wrong_password_is_a_sentence_and_the_fifth_locks(self, profile: Profile) -> None:
        needs_people(profile)
        people = ("adam", "Adam Kowalski"), ("carol", "Carol Ferreira")
        found(profile, (*people[0], Secret(GOOD)), (*people[1], Secret(GOOD)), now_us)

        denials = [come_in(profile, "adam", "wrong") for _ in range(5)]

        assert denials[3] == Denied("The name or the password is wrong.")
        assert isinstance(denials[4], Denied)
        assert "adam is locked until" in denials[4].sentence

    def test_without_a_key_at_the_bridges_nobody_comes_in(
        self, profile: Profile, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyring, "get_password", lambda _service, _client: None)

        assert come_in(profile, "adam", GOOD) == Denied(
            "Keyring: no key of 'desk' for profile 'own': `dealerdesk key --profile own desk` asks for it."
        )

    def test_a_database_of_a_newer_program_is_not_touched(self, profile: Profile) -> None:
        needs_people(profile)
        engine = open_engine(profile.database_url)
        with engine.begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        engine.dispose()

        answer = needs_people(profile)
        assert isinstance(answer, Denied)
        assert "newer than the program" in answer.sentence


class TestOverTls:
    def test_a_person_comes_in_under_a_login_of_their_own_and_it_is_on_record(
        self, first: tuple[Profile, dict[str, str]], server: TlsServer
    ) -> None:
        profile, people = first
        access = come_in(profile, "carol", people["carol"])

        assert isinstance(access, Access)
        assert (access.session.staff, access.session.role, access.session.login) == ("carol", "supervisor", "carol")
        assert access.session.is_enforced
        assert access.session.scopes == (("", ""),)
        owner = open_engine(server.url(profile.database_url.rsplit("/", 1)[1]))
        with reading(owner) as connection:
            said = connection.execute(select(audit.c.actor, audit.c.action)).all()
        owner.dispose()
        assert ("carol", "signed in") in [tuple(row) for row in said]

    def test_the_wrong_password_and_an_unknown_login_are_one_sentence(
        self, first: tuple[Profile, dict[str, str]]
    ) -> None:
        profile, _ = first
        wrong = Denied("The name or the password is wrong.")

        assert come_in(profile, "carol", "wrong") == wrong
        assert come_in(profile, "nobody", "wrong") == wrong

    def test_a_login_of_nobody_on_the_staff_is_turned_away(
        self, first: tuple[Profile, dict[str, str]], server: TlsServer
    ) -> None:
        profile, _ = first
        server.run("CREATE ROLE stranger LOGIN PASSWORD 'let me in please' IN ROLE dealerdesk_staff")

        answer = come_in(profile, "stranger", "let me in please")

        assert answer == Denied("stranger is not a member of staff here.")

    def test_a_server_of_another_authority_gets_no_password(
        self, first: tuple[Profile, dict[str, str]], folder: Path
    ) -> None:
        profile, people = first
        other = Authority("impostor", folder)
        believing = Profile(name="firm", database_url=profile.database_url, endpoints=(), database_ca=str(other.file))

        answer = come_in(believing, "carol", people["carol"])

        assert isinstance(answer, Denied)
        assert "not signed by anybody this profile trusts" in answer.sentence

    def test_an_address_cannot_ask_for_less_than_a_checked_line(
        self, postgres: PostgresServer, authority: Authority
    ) -> None:
        url = f"postgresql+psycopg://127.0.0.1:{postgres.port}/postgres?sslmode=disable"
        profile = Profile(name="firm", database_url=url, endpoints=(), database_ca=str(authority.file))

        answer = come_in(profile, "postgres", postgres.password)

        assert isinstance(answer, Denied)
        assert "does not offer TLS" in answer.sentence

    def test_a_database_that_is_down_may_be_asked_again(self, authority: Authority) -> None:
        url = "postgresql+psycopg://127.0.0.1:1/desk"
        profile = Profile(name="firm", database_url=url, endpoints=(), database_ca=str(authority.file))

        assert come_in(profile, "carol", "x") == Denied("Nothing answers at the database's address.", may_pass=True)

    def test_the_password_is_in_one_place_and_nothing_shows_it(self, first: tuple[Profile, dict[str, str]]) -> None:
        profile, people = first
        secret = Secret(people["carol"])
        engine = person_engine(profile, "carol", secret)
        with reading(engine) as connection:
            assert connection.exec_driver_sql("SELECT session_user").scalar_one() == "carol"

        shown = f"{engine!r} {engine.url!r} {engine.url.render_as_string(hide_password=False)} {secret!r}"
        assert people["carol"] not in shown

        engine.dispose()
        secret.forget()
        with pytest.raises(PermissionError, match="the desk is locked"), reading(engine):
            pass
        engine.dispose()

    def test_a_locked_session_has_no_connection_and_goes_on_with_the_password_alone(
        self, first: tuple[Profile, dict[str, str]], server: TlsServer
    ) -> None:
        profile, people = first
        access = come_in(profile, "carol", people["carol"])
        assert isinstance(access, Access)
        archive = Archive.open(access, now_us)
        archive.suspend("on command")
        counting = open_engine(server.url("postgres"))
        with reading(counting) as connection:
            lines = connection.exec_driver_sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'carol'")
            assert lines.scalar_one() == 0
        counting.dispose()

        with pytest.raises(DatabaseUnavailable, match="password authentication failed"):
            archive.resume(Secret("wrong"))
        assert archive.resume(Secret(people["carol"])) is None
        assert archive.standing() == ""
        archive.close()
