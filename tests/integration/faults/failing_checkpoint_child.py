"""A log emptied into a SQLite file that the kernel lets grow by so many pages and no further, for every number of them.

Argument: the database's address. After each refusal everything is looked for: in the database as it stands, and in a
copy of its files as they lie there, which is what a process that died at that moment would leave. Prints how many
writes were refused and what was found wrong; and, as a control, what is found wrong in a copy without the log.
"""

from __future__ import annotations

import resource
import shutil
import sys
import tempfile
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from dealerdesk.commands import audit
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing

PAGE_BYTES = 4096
ENTRIES = 60
ROUNDS_MAX = 400


def work(url: str) -> dict[str, object]:
    """Writes entries that stay in the log, then lets the file take one page more of them at a time."""
    file = Path(url.removeprefix("sqlite:///"))
    engine = open_engine(url)
    empty_log(engine)
    for number in range(ENTRIES):
        with writing(engine) as connection:
            subject, reason = f"row {number}", "x" * 2_000
            entry = audit.Entry(id=f"e{number}", at_us=1, actor="hub", action="tested", subject=subject, reason=reason)
            audit.write(connection, entry)
    length, wrong, control = file.stat().st_size, list[str](), looked_in_a_copy(file)
    for pages in range(ROUNDS_MAX):
        refused = emptied_within(engine, length + pages * PAGE_BYTES)
        wrong += looked(engine)
        if not refused:
            return {"refused": pages, "wrong": wrong, "control": control}
        if str(file) not in refused:
            wrong.append(f"does not name the file: {refused}")
        wrong += looked_in_a_copy(file, file.with_name(f"{file.name}-wal"))
    raise AssertionError("the log was never emptied")


def empty_log(engine: Engine) -> None:
    with reading(engine) as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def emptied_within(engine: Engine, length: int) -> str:
    """Empties the log while no file of this process may be longer; why it was refused, or empty."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (length, hard))
    try:
        empty_log(engine)
    except DatabaseUnavailable as error:
        return str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    return ""


def looked(engine: Engine) -> list[str]:
    """What is not as it must be: every entry, whole."""
    with reading(engine) as connection:
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        entries = connection.exec_driver_sql("SELECT count(*) FROM audit WHERE action = 'tested'").scalar()
        wrong = audit.verify_leaves(connection) + ([] if whole == "ok" else [f"{whole}"])
        return wrong + ([] if entries == ENTRIES else [f"{entries} entries"])


def looked_in_a_copy(file: Path, *beside: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as folder:
        for one in (file, *beside):
            shutil.copy(one, folder)
        copy = open_engine(f"sqlite:///{Path(folder) / file.name}")
        wrong = looked(copy)
        copy.dispose()
    return wrong


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(work(sys.argv[1])))
