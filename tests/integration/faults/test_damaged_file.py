"""SQLite's main file is damaged, cut short or fails under work: it is named with what to do, and nothing is lost.

A commit goes to the log beside the file first, and from there into the file. So the file itself is read at any time but
written only when the log is emptied into it; both are made to fail here. Damage is overwritten pages and a file cut
short; failing is the system's own answer to a read or a write of the file, without any rights of root.
"""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from desk_double import library_of, until
from office import TO_A, Office
from recorded_books import expected_books, recorded_books
from sqlalchemy import Engine
from stand import SERVER, Stand, wait_until

from dealerdesk.commands.audit import verify_leaves
from dealerdesk.commands.queries import command
from dealerdesk.desk.database_light import DatabaseState
from dealerdesk.store.backup import BackupError, backup
from dealerdesk.store.engine import DatabaseDamaged, DatabaseUnavailable, open_engine, reading
from dealerdesk.store.migrate import check

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

SEED = 67
PAGE_BYTES = 4096
CHILD = Path(__file__).with_name("failing_checkpoint_child.py")
WHAT_TO_DO = "restore the last backup"


@pytest.fixture
def file(database_url: str) -> Path:
    return Path(database_url.removeprefix("sqlite:///"))


def empty_log(engine: Engine) -> None:
    """Everything committed is in the main file afterwards."""
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def first_page_of(engine: Engine, table: str) -> int:
    with reading(engine) as connection:
        return int(
            connection.exec_driver_sql(f"SELECT rootpage FROM sqlite_schema WHERE name = '{table}'").scalar_one()
        )


@contextmanager
def overwritten(file: Path, place: int, length: int) -> Iterator[None]:
    """Random bytes at a place of the file, and what stood there afterwards."""
    with file.open("r+b", buffering=0) as raw:
        raw.seek(place)
        stood = raw.read(length)
        raw.seek(place)
        raw.write(random.Random(SEED).randbytes(length))
        yield
        raw.seek(place)
        raw.write(stood)


@contextmanager
def cut_short(file: Path, length: int) -> Iterator[None]:
    """Only so much of the file; the rest comes back afterwards, where it is still missing."""
    whole = file.read_bytes()
    os.truncate(file, length)
    yield
    with file.open("r+b") as raw:
        raw.seek(max(length, file.stat().st_size))
        raw.write(whole[raw.tell() :])


@contextmanager
def failing(file: Path, mode: int) -> Iterator[None]:
    """This process's descriptors of the file are such that the system refuses to read, or to write, through them."""
    ours = [int(entry.name) for entry in Path("/proc/self/fd").iterdir() if entry.resolve() == file.resolve()]
    assert ours, "the file is open"
    kept = [os.dup(one) for one in ours]
    refusing = os.open(file, mode)
    for one in ours:
        os.dup2(refusing, one)
    try:
        yield
    finally:
        for one, old in zip(ours, kept, strict=True):
            os.dup2(old, one)
            os.close(old)
        os.close(refusing)


def test_an_overwritten_page_is_named_with_its_file_and_nothing_is_half_done(
    database_url: str, file: Path, office: Office, tmp_path: Path
) -> None:
    kept = office.request("dana")
    office.withdraw("dana", kept)
    empty_log(office.engine)
    page = first_page_of(office.engine, "audit")
    office.engine.dispose()

    with overwritten(file, (page - 1) * PAGE_BYTES, PAGE_BYTES):
        with pytest.raises(DatabaseDamaged, match=WHAT_TO_DO) as told:
            office.request("dana", command_id="command-lost")
        assert str(file) in str(told.value)
        [problem] = check(database_url)
        assert problem.startswith(f"the file {file} is damaged (")
        with pytest.raises((BackupError, DatabaseDamaged)) as refused:
            backup(database_url, tmp_path / "of-damage", verify_leaves)
        assert str(file) in str(refused.value)
        assert not (tmp_path / "of-damage").exists(), "no backup is made of damage"
        with reading(office.engine) as connection:
            assert command(connection, "command-lost") is None
            assert command(connection, kept.id) is not None, "what lies on sound pages is still read"

    office.engine.dispose()
    assert check(database_url) == []
    assert office.request("dana", command_id="command-lost").id == "command-lost"
    with reading(office.engine) as connection:
        assert verify_leaves(connection) == []


@pytest.mark.parametrize("part", [0.02, 0.3, 0.6, 0.95])
def test_a_file_cut_short_is_named_and_read_again_when_it_is_whole(
    database_url: str, file: Path, office: Office, tmp_path: Path, part: float
) -> None:
    kept = office.request("dana")
    empty_log(office.engine)
    office.engine.dispose()

    with cut_short(file, int(file.stat().st_size * part)):
        with pytest.raises(DatabaseDamaged, match=WHAT_TO_DO) as told, reading(office.engine) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM accounts")
        assert str(file) in str(told.value)
        assert str(file) in check(database_url)[0]
        with pytest.raises((BackupError, DatabaseDamaged)) as refused:
            backup(database_url, tmp_path / "of-damage", verify_leaves)
        assert str(file) in str(refused.value)
        office.engine.dispose()

    assert check(database_url) == []
    with reading(office.engine) as connection:
        assert command(connection, kept.id) is not None
        assert verify_leaves(connection) == []


def test_what_is_no_database_is_named_too(database_url: str, file: Path) -> None:
    file.write_bytes(random.Random(SEED).randbytes(20 * PAGE_BYTES))

    [problem] = check(database_url)

    assert problem.startswith(f"the file {file} is damaged (file is not a database)")


def test_a_read_that_the_system_refuses_is_unavailable_and_goes_on_when_it_is_well(file: Path, office: Office) -> None:
    kept = office.request("dana")
    empty_log(office.engine)
    office.engine.dispose()
    with reading(office.engine) as connection:
        connection.exec_driver_sql("SELECT 1 FROM accounts LIMIT 1")

    with failing(file, os.O_WRONLY):
        with pytest.raises(DatabaseUnavailable, match="disk I/O error") as told:
            office.request("dana", command_id="command-lost")
        assert str(file) in str(told.value)

    with reading(office.engine) as connection:
        assert command(connection, "command-lost") is None
        assert command(connection, kept.id) is not None
    office.withdraw("dana", kept)
    assert office.request("dana", command_id="command-lost").id == "command-lost", "it can be asked again"


def test_a_refused_write_of_the_file_leaves_everything_in_the_log(file: Path, office: Office) -> None:
    empty_log(office.engine)
    before = file.stat().st_size, file.read_bytes()

    with failing(file, os.O_RDONLY):
        kept = office.request("dana")
        with pytest.raises(DatabaseUnavailable, match="disk I/O error") as told:
            empty_log(office.engine)
        assert str(file) in str(told.value)
        with reading(office.engine) as connection:
            assert command(connection, kept.id) is not None, "it is read from the log"
    assert (file.stat().st_size, file.read_bytes()) == before

    empty_log(office.engine)
    office.engine.dispose()
    with reading(office.engine) as connection:
        assert command(connection, kept.id) is not None
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert verify_leaves(connection) == []


def test_an_error_at_any_write_that_lengthens_the_file_loses_nothing_even_if_the_process_dies_then(
    database_url: str, office: Office
) -> None:
    office.engine.dispose()
    done = subprocess.run([sys.executable, CHILD, database_url], capture_output=True, check=False, timeout=100)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    facts = msgspec.json.decode(done.stdout)

    assert facts["wrong"] == []
    assert facts["refused"] >= 20, "each write that lengthens the file was refused once"
    assert facts["control"] == ["0 entries"], "without the log they would be lost, and this test would see it"


def test_a_desk_whose_file_is_cut_short_says_what_to_do_and_goes_on_once_it_is_whole(
    file: Path, office: Office
) -> None:
    async def play() -> None:
        async with library_of(office.engine.url, "dana") as dana:
            await asyncio.to_thread(empty_log, office.engine)
            with cut_short(file, 20 * PAGE_BYTES):
                await until(dana, lambda: dana.light.state is DatabaseState.DOWN)
                assert f"the file {file} is damaged" in dana.light.trouble
                assert WHAT_TO_DO in dana.light.trouble
            await until(dana, lambda: dana.light.state is DatabaseState.UP)
            record = await dana.request("MT5", TO_A, "hedged flow", "command-later")
            assert record.id == "command-later"

    asyncio.run(play())


def test_a_hub_whose_file_is_cut_short_says_so_and_records_everything_once_it_is_whole(
    database_url: str, file: Path, tmp_path: Path
) -> None:
    engine = open_engine(database_url)
    stand = Stand(tmp_path / "run", database_url, seed=SEED, steps=400, steps_per_second=60)
    stand.start()
    stand.wait_recorded(engine, 20)
    empty_log(engine)
    engine.dispose()

    def is_told() -> bool:
        said = (stand.folder / "hub.log").read_text()
        return f"the file {file} is damaged" in said and WHAT_TO_DO in said

    with cut_short(file, 20 * PAGE_BYTES):
        wait_until(is_told)
    stand.hurry()
    point = stand.wait_recorded(engine, 400)
    stand.stop()

    broker, epoch = stand.journaled()
    assert (point.epoch, point.seq) == (epoch, 400)
    assert recorded_books(engine, SERVER, epoch) == expected_books(broker)
    engine.dispose()
    assert check(database_url) == []
