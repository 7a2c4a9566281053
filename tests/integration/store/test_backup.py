"""A database is backed up while it is at work, restored into an empty one, and found to be the same at another time."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from alembic import command
from office import Office
from postgres_server import PostgresServer
from sqlalchemy import Connection, make_url

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import SECOND_US, now_us
from dealerdesk.commands.audit import verify_leaves
from dealerdesk.commands.queries import recent_commands
from dealerdesk.store.backup import BackupError, backup, manifest_file, read_manifest, restore
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.identity import identity
from dealerdesk.store.lease import current_lease, take
from dealerdesk.store.migrate import _config, check, upgrade
from dealerdesk.store.roles import missing_roles
from dealerdesk.store.step import STEPS
from dealerdesk.trading import Book

RUN_UPGRADE = "run `dealerdesk db upgrade`"


@pytest.fixture
def pair(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A filled database, and the address of an empty one on the same backend."""
    if database_url.startswith("sqlite"):
        yield database_url, f"sqlite:///{tmp_path / 'restored.db'}"
        return
    server = request.getfixturevalue("postgres")
    name = server.new_database()
    yield database_url, server.url(name)
    server.drop_database(name)


def test_what_was_backed_up_comes_back_row_by_row_under_a_new_identity(
    pair: tuple[str, str], office: Office, tmp_path: Path
) -> None:
    url, empty = pair
    office.request()
    with writing(office.engine) as connection:
        take(connection, "one", 1)
    manifest = backup(url, tmp_path / "b.backup", verify_leaves)
    restored = restore(empty, tmp_path / "b.backup", verify_leaves)

    engine = open_engine(empty)
    with reading(engine) as connection, reading(office.engine) as original:
        assert recent_commands(connection) == recent_commands(original)
        assert identity(connection).database_id != identity(original).database_id
        lease = current_lease(connection)
    engine.dispose()
    assert restored == manifest
    assert manifest.rows["commands"] == 1
    assert manifest.rows["accounts"] == 20
    assert manifest.rows["audit"] >= 2
    assert lease is not None
    assert (lease.holder, now_us() // SECOND_US - lease.term < 600) == ("", True)
    assert check(empty) == []


def test_a_backup_leaves_out_what_was_written_after_it_began(
    pair: tuple[str, str], office: Office, tmp_path: Path
) -> None:
    url, empty = pair
    office.request()

    def leaves_while_somebody_works(connection: Connection) -> list[str]:
        if connection.engine.url.database == office.engine.url.database:
            office.request(command_id="command-late", body=SetBook(login=1002, book=Book.A, covered_percent=100))
        return verify_leaves(connection)

    manifest = backup(url, tmp_path / "b.backup", leaves_while_somebody_works)
    restore(empty, tmp_path / "b.backup", verify_leaves)

    assert manifest.rows["commands"] == 1


def test_a_restore_never_replaces_what_is_there(pair: tuple[str, str], office: Office, tmp_path: Path) -> None:
    url, _empty = pair
    backup(url, tmp_path / "b.backup", verify_leaves)

    with pytest.raises(BackupError, match="not empty"):
        restore(url, tmp_path / "b.backup", verify_leaves)
    with pytest.raises(BackupError, match="is there already"):
        backup(url, tmp_path / "b.backup", verify_leaves)


def test_a_file_with_one_byte_changed_is_not_restored(pair: tuple[str, str], office: Office, tmp_path: Path) -> None:
    url, empty = pair
    file = tmp_path / "b.backup"
    backup(url, file, verify_leaves)
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 2] ^= 1
    file.write_bytes(whole)

    with pytest.raises(BackupError, match="hash differs"):
        restore(empty, file, verify_leaves)


def test_a_backup_without_its_manifest_is_none(tmp_path: Path) -> None:
    (tmp_path / "b.backup").write_bytes(b"anything")

    with pytest.raises(BackupError, match="not a backup"):
        read_manifest(tmp_path / "b.backup")


def test_a_lost_row_is_seen_after_the_restore(pair: tuple[str, str], office: Office, tmp_path: Path) -> None:
    url, empty = pair
    file = tmp_path / "b.backup"
    manifest = backup(url, file, verify_leaves)
    more = {**manifest.rows, "accounts": 21}
    manifest_file(file).write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, rows=more)))

    with pytest.raises(BackupError, match="accounts: 21 rows were backed up, 20 are here"):
        restore(empty, file, verify_leaves)


def test_a_database_with_a_forged_audit_entry_is_not_backed_up(
    pair: tuple[str, str], office: Office, tmp_path: Path
) -> None:
    url, _empty = pair
    file = tmp_path / "b.backup"

    with pytest.raises(BackupError, match="forged"):
        backup(url, file, lambda _connection: ["audit entry 1: forged"])
    assert list(tmp_path.glob("b.backup*")) == []


def test_backends_are_not_mixed_up(pair: tuple[str, str], office: Office, tmp_path: Path) -> None:
    url, _empty = pair
    backup(url, tmp_path / "b.backup", verify_leaves)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    if url.startswith("sqlite"):
        other = "postgresql://nobody@127.0.0.1:1/none"

    with pytest.raises(BackupError, match="is a backup of"):
        restore(other, tmp_path / "b.backup", verify_leaves)


@pytest.fixture
def fresh_cluster() -> Iterator[PostgresServer]:
    """A cluster in which nothing of this program has ever been."""
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-fresh-"))
    server = PostgresServer(folder)
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_restore_on_a_brand_new_cluster_makes_the_roles_or_says_who_can(
    database_url: str, office: Office, fresh_cluster: PostgresServer, tmp_path: Path
) -> None:
    record = office.request()
    backup(database_url, tmp_path / "b.backup", verify_leaves)
    fresh_cluster.run("CREATE ROLE somebody LOGIN PASSWORD 'enough'")
    name = fresh_cluster.new_database()
    superusers = fresh_cluster.url(name)
    somebodys = make_url(superusers).set(username="somebody", password="enough").render_as_string(False)

    with pytest.raises(BackupError, match=r"has not got the role dealerdesk_administrator.*restore as a superuser"):
        restore(somebodys, tmp_path / "b.backup", verify_leaves)
    restore(superusers, tmp_path / "b.backup", verify_leaves)

    engine = open_engine(superusers)
    with reading(engine) as connection:
        assert missing_roles(connection) == []
        assert [each.id for each in recent_commands(connection)] == [record.id]
        owners = connection.exec_driver_sql(
            "SELECT DISTINCT pg_get_userbyid(relowner) FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' ORDER BY 1"
        )
        assert set(owners.scalars()) <= {"dealerdesk_tables", "dealerdesk_audit"}
        may_connect = connection.exec_driver_sql(
            "SELECT has_database_privilege('somebody', current_database(), 'CONNECT'),"
            " has_database_privilege('dealerdesk_staff', current_database(), 'CONNECT')"
        ).one()
        assert tuple(may_connect) == (False, True)
    engine.dispose()
    assert check(superusers) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_from_before_an_upgrade_comes_back_and_is_upgraded_then(tmp_path: Path, database_url: str) -> None:
    old, new = f"sqlite:///{tmp_path / 'old.db'}", f"sqlite:///{tmp_path / 'new.db'}"
    engine = open_engine(old)
    with writing(engine) as connection:
        command.upgrade(_config(connection), STEPS[-2])
    engine.dispose()
    backup(old, tmp_path / "b", verify_leaves)

    assert restore(new, tmp_path / "b", verify_leaves).step == STEPS[-2]

    assert check(new) == [f"the database is at step {STEPS[-2]}, this program needs {STEPS[-1]}: {RUN_UPGRADE}"]
    upgrade(new)
    assert check(new) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_backup_of_a_newer_program_is_refused_before_anything_is_brought_back(
    pair: tuple[str, str], office: Office, tmp_path: Path
) -> None:
    url, empty = pair
    backup(url, tmp_path / "b", verify_leaves)
    manifest = msgspec.structs.replace(read_manifest(tmp_path / "b"), step="0999")
    manifest_file(tmp_path / "b").write_bytes(msgspec.json.encode(manifest))

    with pytest.raises(BackupError, match="is at step 0999, which this program does not know"):
        restore(empty, tmp_path / "b", verify_leaves)

    assert check(empty) == [f"the database is empty: {RUN_UPGRADE}"]
