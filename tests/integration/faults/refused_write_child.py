"""A desk's request on a SQLite file whose N-th write beyond the log's end is refused by the kernel, for every N.

Argument: the database's address. The limit on a file's size is moved on by one page of the log at a time, so each round
gets one write further, until the request goes through. Prints how many writes were refused and what was found wrong.
"""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import msgspec
from sqlalchemy import Engine

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import requests
from dealerdesk.commands.audit import verify_leaves
from dealerdesk.commands.queries import command
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading
from dealerdesk.trading import Book

FRAME_BYTES = 4096 + 24
ROUNDS_MAX = 200
COMMAND = "command-refused"


def work(url: str) -> dict[str, object]:
    """Asks for the same command until no write of it is refused."""
    wrong: list[str] = []
    words: set[str] = set()
    for writes in range(ROUNDS_MAX):
        engine = open_engine(url)
        refused = asked(engine, url, writes)
        wrong += looked(engine, refused)
        engine.dispose()
        if not refused:
            return {"refused": writes, "words": sorted(words), "wrong": wrong}
        words.add(refused)
    raise AssertionError("the request never went through")


def asked(engine: Engine, url: str, writes: int) -> str:
    """The request, of which only so many writes succeed; why it was refused, or empty."""
    with reading(engine) as connection:  # what opening the file writes is not the request's
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    log = Path(f"{url.removeprefix('sqlite:///')}-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size + writes * FRAME_BYTES, hard))
    try:
        with requests.audited(engine) as connection:
            requests.request(
                connection,
                who="dana",
                server="MT5",
                body=SetBook(login=1001, book=Book.A, covered_percent=100),
                reason="hedged flow",
                now_us=now_us(),
                command_id=COMMAND,
            )
    except DatabaseUnavailable as error:
        return str(error)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    return ""


def looked(engine: Engine, refused: str) -> list[str]:
    """What is not as it must be: all of the command, or nothing of it."""
    with reading(engine) as connection:
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar()
        entries = connection.exec_driver_sql(f"SELECT count(*) FROM audit WHERE subject = '{COMMAND}'").scalar() or 0
        wrong = verify_leaves(connection) + ([] if whole == "ok" else [f"{whole}"])
        if (command(connection, COMMAND) is None) is not bool(refused) or (entries == 0) is not bool(refused):
            wrong.append(f"half done: {refused!r}, {entries} entries")
    return wrong


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(work(sys.argv[1])))
