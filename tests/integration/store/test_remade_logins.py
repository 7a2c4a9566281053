"""After a restore into another cluster everybody can sign in again: administrators first, the others through them."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from office import NOW_US, Office
from postgres_server import PostgresServer
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import ProgrammingError

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands import requests
from dealerdesk.commands.audit import verify_leaves
from dealerdesk.commands.first_passwords import hand_out
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.setting_up import note_remade
from dealerdesk.store.backup import backup, restore
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.remade_logins import Remade, remake_logins
from dealerdesk.trading import Book

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture
def elsewhere() -> Iterator[PostgresServer]:
    """A cluster in which nobody of the office has ever been."""
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-elsewhere-"))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def restored(database_url: str, office: Office, elsewhere: PostgresServer, tmp_path: Path) -> URL:
    """The office's database in the other cluster, as its superuser reaches it. zed was no longer active."""
    office.hire("zed", Role.DEALER, active=False)
    backup(database_url, tmp_path / "b.backup", verify_leaves)
    address = elsewhere.url(elsewhere.new_database())
    restore(address, tmp_path / "b.backup", verify_leaves)
    return make_url(address)


def spelt(address: URL) -> str:
    return address.render_as_string(hide_password=False)


def remade(restored: URL) -> dict[str, Remade]:
    return {one.login: one for one in remake_logins(spelt(restored), note_remade, NOW_US)}


def handed_out(restored: URL, who: str, password: str, login: str) -> str:
    engine = open_engine(spelt(restored.set(username=who, password=password)))
    try:
        with requests.audited(engine) as connection:
            return hand_out(connection, who=who, login=login, now_us=NOW_US)
    finally:
        engine.dispose()


def signs_in(restored: URL, login: str, password: str) -> str:
    address = restored.set(drivername="postgresql", username=login, password=password)
    with psycopg.connect(spelt(address)) as connection:
        return str(connection.execute("SELECT api.person() || ' ' || api.role()").fetchone()[0])  # type: ignore[index]


def test_administrators_get_a_password_and_hand_one_out_to_everybody_else_once(restored: URL) -> None:
    made = remade(restored)

    assert {login for login, one in made.items() if one.password} == {"adam"}
    assert {"ana", "ben", "carol", "dana", "zed"} <= made.keys()
    adams = made["adam"].password
    assert signs_in(restored, "adam", adams) == "adam administrator"
    carols = handed_out(restored, "adam", adams, "carol")
    assert signs_in(restored, "carol", carols) == "carol supervisor"
    for login, words in (
        ("carol", "has had its first password already"),
        ("adam", "Nobody gives a login to themselves"),
    ):
        with pytest.raises(Refused, match=words):
            handed_out(restored, "adam", adams, login)


def test_who_was_not_active_has_a_login_that_is_shut(restored: URL) -> None:
    made = remade(restored)

    zeds = handed_out(restored, "adam", made["adam"].password, "zed")

    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        signs_in(restored, "zed", zeds)


def test_what_is_there_already_is_left_as_it_is(restored: URL, elsewhere: PostgresServer) -> None:
    made = remade(restored)

    assert remade(restored) == {}
    assert signs_in(restored, "adam", made["adam"].password) == "adam administrator"


def test_nobody_but_a_restore_lets_a_second_first_password_be_handed_out(restored: URL) -> None:
    remade(restored)
    engine = open_engine(spelt(restored))

    forged = (
        "INSERT INTO audit (entry_id, at_us, actor, action, subject, entry, leaf_hash, txid)"
        " VALUES ('f', 1, 'restore', 'login remade', 'carol', '{}', 'aa', 1)"
    )
    with writing(engine) as connection:
        connection.execute(text("SET LOCAL ROLE dealerdesk_hub"))
        with pytest.raises(ProgrammingError, match=r"row-level security|permission denied"), connection.begin_nested():
            connection.execute(text(forged))
    with reading(engine) as connection:
        assert verify_leaves(connection) == []
    engine.dispose()


def test_the_office_works_on(restored: URL) -> None:
    adams = remade(restored)["adam"].password
    danas = handed_out(restored, "adam", adams, "dana")

    engine = open_engine(spelt(restored.set(username="dana", password=danas)))
    body = SetBook(login=1002, book=Book.A, covered_percent=100)
    with requests.audited(engine) as connection:
        terms = {"who": "dana", "server": "MT5", "reason": "r", "now_us": NOW_US, "command_id": "command-new"}
        record = requests.request(connection, body=body, **terms)  # type: ignore[arg-type]
    engine.dispose()

    assert record.state is CommandState.APPROVED
