"""A process that works on a database while the machine refuses it what it needs; says at each step how it went.

Arguments: the database's address, and what is scarce: disk, files or memory.
"""

from __future__ import annotations

import resource
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from dealerdesk.commands import audit
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading, writing

TEXT = "x" * 2_000
ROW_GROWS = 200
"""Times the text, from row to row, where memory is scarce: 400 kB more each time."""
MEMORY_LEFT_BYTES = 24_000_000


def work(url: str, scarce: str) -> dict[str, object]:
    """Writes until it is starved, then reads, then writes again when there is enough."""
    engine = open_engine(url)
    with reading(engine) as connection:
        before = _count(connection)
    written: list[str] = []
    engine.dispose()
    give_back = {"disk": _fill_disk, "files": _use_up_files, "memory": _use_up_memory}[scarce](url)
    refused = _write_until_refused(url, written, scarce == "memory")
    looked = _looked(url) if scarce == "disk" else -1
    give_back()
    again = open_engine(url)
    with writing(again) as connection:
        _note(connection, "after")
    with reading(again) as connection:
        after = _count(connection)
        broken = audit.verify_leaves(connection)
        whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar() if url.startswith("sqlite") else "ok"
    again.dispose()
    facts: dict[str, object] = {"before": before, "written": len(written), "after": after, "looked": looked}
    return facts | {"refused": refused, "broken": broken, "whole": whole}


def _write_until_refused(url: str, written: list[str], is_growing: bool) -> str:
    engine = open_engine(url)
    try:
        for number in range(10_000):
            with writing(engine) as connection:
                _note(connection, f"row {number}", TEXT * (1 + number * (ROW_GROWS if is_growing else 0)))
            written.append(f"row {number}")
    except DatabaseUnavailable as error:
        return str(error)
    except MemoryError as error:
        return repr(error)
    finally:
        engine.dispose()
    return ""


def _note(connection: Connection, subject: str, text: str = TEXT) -> None:
    entry = audit.Entry(id=audit.new_entry_id(), at_us=1, actor="hub", action="tested", subject=subject, reason=text)
    audit.write(connection, entry)


def _looked(url: str) -> int:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            return _count(connection)
    finally:
        engine.dispose()


def _count(connection: Connection) -> int:
    return connection.exec_driver_sql("SELECT count(*) FROM audit").scalar() or 0


def _fill_disk(url: str) -> Callable[[], None]:
    """No file of this process may grow beyond a little more than the database has already."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    size = Path(url.removeprefix("sqlite:///")).stat().st_size
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 300_000, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _use_up_files(_url: str) -> Callable[[], None]:
    """Not one more file or socket can be opened."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def _use_up_memory(_url: str) -> Callable[[], None]:
    """Only little more memory is given to this process than it has."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY_LEFT_BYTES, hard))
    return lambda: resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(work(sys.argv[1], sys.argv[2])))
