"""An empty database becomes a firm's: two people who can sign in, roles, policies, and nothing open to anybody else."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from debian_postgres import debian_binaries
from postgres_server import PostgresServer
from sqlalchemy import func, select

from dealerdesk.commands.audit import history_of
from dealerdesk.commands.setting_up import note_set_up
from dealerdesk.store.default_policies import DEFAULT_POLICIES
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import check
from dealerdesk.store.passwords import Outcome, check_password
from dealerdesk.store.schema import policies, staff
from dealerdesk.store.setup import FirstPerson, SetupError, new_password, set_up

NOW_US = 1_790_000_000_000_000
ADAM = FirstPerson("adam", "Adam Kowalski", "administrator")
CAROL = FirstPerson("carol", "Carol Ferreira", "supervisor")
PEOPLE = (ADAM, CAROL)


@pytest.fixture(scope="module", params=["wheel", "debian"])
def cluster(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    """A cluster without any of our roles."""
    binaries = debian_binaries() if request.param == "debian" else None
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-set-up-"))
    server = PostgresServer(folder, binaries)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def address(cluster: PostgresServer) -> Iterator[str]:
    """A superuser's address of an empty database, without its password."""
    name = cluster.new_database("template0")
    yield f"postgresql://postgres@127.0.0.1:{cluster.port}/{name}"
    cluster.drop_database(name)
    for login in ("adam", "carol"):
        cluster.run(f"DROP ROLE IF EXISTS {login}")


def test_a_file_becomes_a_firm_of_two(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firm.db'}"

    first = set_up(url, "", PEOPLE, note_set_up, NOW_US)

    assert first.services == {}
    assert check(url) == []
    engine = open_engine(url)
    with writing(engine) as connection:
        for person, password in first.people.items():
            assert check_password(connection, person, password, NOW_US).outcome is Outcome.RIGHT
        assert connection.scalar(select(func.count()).select_from(policies)) == len(DEFAULT_POLICIES)
        assert [entry.after for entry in history_of(connection, "carol")] == [{"role": "supervisor"}]
    engine.dispose()


def test_a_cluster_becomes_a_firm_of_two(cluster: PostgresServer, address: str) -> None:
    first = set_up(address, cluster.password, PEOPLE, note_set_up, NOW_US)

    assert sorted(first.people) == ["adam", "carol"]
    assert sorted(first.services) == ["dealerdesk_hub", "dealerdesk_migrator"]
    assert check(address.replace("postgres@", f"postgres:{cluster.password}@")) == []
    for login, password in (first.people | first.services).items():
        with psycopg.connect(address.replace("postgres@", f"{login}@"), password=password) as connection:
            row = connection.execute("SELECT api.person()").fetchone()
        assert row == (login if login in first.people else None,)


def test_the_migrator_owns_nothing_and_can_upgrade(cluster: PostgresServer, address: str) -> None:
    first = set_up(address, cluster.password, PEOPLE, note_set_up, NOW_US)
    as_migrator = address.replace("postgres@", "dealerdesk_migrator@")

    with psycopg.connect(as_migrator, password=first.services["dealerdesk_migrator"]) as connection:
        connection.execute("ALTER TABLE settings ADD COLUMN later text")
        owned = connection.execute(
            "SELECT count(*) FROM pg_class WHERE relowner = 'dealerdesk_migrator'::regrole"
        ).fetchone()
        connection.rollback()

    assert owned == (0,)


def test_first_people_are_made_by_the_registrar_so_that_it_can_drop_them(cluster: PostgresServer, address: str) -> None:
    set_up(address, cluster.password, PEOPLE, note_set_up, NOW_US)
    with psycopg.connect(address, password=cluster.password, autocommit=True) as connection:
        connection.execute("SET ROLE dealerdesk_registrar")
        connection.execute("REVOKE dealerdesk_supervisor FROM carol")
        connection.execute("ALTER ROLE carol NOLOGIN")
        groups = connection.execute(
            "SELECT m.roleid::regrole::text FROM pg_auth_members AS m WHERE m.member = 'carol'::regrole"
        ).fetchall()

    assert groups == [("dealerdesk_staff",)]


def test_people_do_not_get_into_the_clusters_own_databases(cluster: PostgresServer, address: str) -> None:
    first = set_up(address, cluster.password, PEOPLE, note_set_up, NOW_US)
    elsewhere = f"postgresql://carol@127.0.0.1:{cluster.port}/postgres"

    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(elsewhere, password=first.people["carol"])


def test_a_database_with_people_is_not_set_up_again(cluster: PostgresServer, address: str, tmp_path: Path) -> None:
    file = f"sqlite:///{tmp_path / 'firm.db'}"
    for url, password in ((address, cluster.password), (file, "")):
        set_up(url, password, PEOPLE, note_set_up, NOW_US)
        with pytest.raises(SetupError, match="people in this database already"):
            set_up(url, password, PEOPLE, note_set_up, NOW_US)


def test_a_set_up_that_broke_off_is_started_again(cluster: PostgresServer, address: str) -> None:
    def break_off(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        set_up(address, cluster.password, PEOPLE, break_off, NOW_US)
    first = set_up(address, cluster.password, PEOPLE, note_set_up, NOW_US)

    with psycopg.connect(address.replace("postgres@", "adam@"), password=first.people["adam"]) as connection:
        assert connection.execute("SELECT api.role()").fetchone() == ("administrator",)


def test_somebody_who_is_no_superuser_is_told_so(cluster: PostgresServer, address: str) -> None:
    cluster.run("CREATE ROLE plain LOGIN PASSWORD 'plain'")
    try:
        with pytest.raises(SetupError, match="takes a superuser"):
            set_up(address.replace("postgres@", "plain@"), "plain", PEOPLE, note_set_up, NOW_US)
    finally:
        cluster.run("DROP ROLE plain")


@pytest.mark.parametrize("name", ["Adam", "dealerdesk_hub", "pg_monitor", "a; DROP TABLE staff", "postgres"])
def test_a_name_that_is_no_login_is_refused(cluster: PostgresServer, address: str, name: str) -> None:
    people = (FirstPerson(name, "Adam", "administrator"), CAROL)
    with pytest.raises(SetupError, match=r"is no name for a login|has a role"):
        set_up(address, cluster.password, people, note_set_up, NOW_US)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://postgres@db.example/firm", "add .sslmode=verify-full"),
        ("postgresql://postgres@db.example/firm?sslmode=require", "add .sslmode=verify-full"),
        ("postgresql://postgres:secret@localhost/firm", "A password stands in the address"),
        ("postgresql://postgres@localhost/firm?password=secret", "A password stands in the address"),
    ],
)
def test_an_address_that_tells_or_trusts_too_much_is_refused(url: str, words: str) -> None:
    with pytest.raises(SetupError, match=words):
        set_up(url, "", PEOPLE, note_set_up, NOW_US)


@pytest.mark.parametrize("people", [(ADAM, ADAM), (ADAM, FirstPerson("eve", "Eve", "administrator"))])
def test_one_person_is_not_enough(tmp_path: Path, people: tuple[FirstPerson, FirstPerson]) -> None:
    with pytest.raises(SetupError, match="first"):
        set_up(f"sqlite:///{tmp_path / 'firm.db'}", "", people, note_set_up, NOW_US)
    assert not (tmp_path / "firm.db").exists()


def test_passwords_are_long_and_never_the_same() -> None:
    made = {new_password() for _ in range(100)}

    assert len(made) == 100
    assert {len(password) for password in made} == {29}


def test_nobody_is_there_before(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'firm.db'}"
    set_up(url, "", PEOPLE, note_set_up, NOW_US)
    engine = open_engine(url)
    with reading(engine) as connection:
        roles = dict(connection.execute(select(staff.c.id, staff.c.role)).all())  # type: ignore[arg-type]
    engine.dispose()

    assert roles == {"adam": "administrator", "carol": "supervisor"}
