"""What the audit log costs: `python tests/benchmarks/bench_audit.py [--seconds 6] [--entries 1000000]`.

Eight writers on a PostgreSQL that waits for its disk, each transaction one change with its audit entry: entries sealed
in batches beside them (the sealer runs meanwhile), against a hash chain carried on inside each transaction; both
measured in turns in the same run. Then an export is verified. Goals: 2.5 times the chain's writes; 1,000,000 entries
verified within 15 s.
"""

from __future__ import annotations

import argparse
import hashlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import msgspec
import psycopg
from postgres_server import PostgresServer
from sealed_log import DATABASE, KEY, PUBLIC, SEALED_US

from dealerdesk.commands import sealing
from dealerdesk.commands.audit import Entry, new_entry_id
from dealerdesk.commands.audit_lines import (
    EVERYTHING,
    FORMAT,
    End,
    EndLine,
    EntryLine,
    Export,
    ExportLine,
    SealLine,
    write_line,
)
from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.commands.merkle import Frontier
from dealerdesk.commands.seals import Seal, Statement, sign, statement_hash
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.migrate import upgrade

WRITERS = 8
ROUNDS = 3
ENTRIES_PER_SEAL = 50
RATIO_GOAL, VERIFY_GOAL_S = 2.5, 15.0

CHANGE = (
    "INSERT INTO change_feed (txid, table_name, server, key, at_us)"
    " VALUES (pg_current_xact_id()::text::bigint, 'commands', 'MT5', %s, 1)"
)
WRITE = (
    "INSERT INTO audit (entry_id, at_us, actor, action, subject, server, entry, leaf_hash, txid)"
    " VALUES (%s, 1, 'dana', 'command requested', %s, 'MT5', %s, %s, pg_current_xact_id()::text::bigint)"
)


class Durable(PostgresServer):
    """A server whose commits are on disk when they return: what the chain holds its lock for."""

    settings = ("fsync=on", "shared_buffers=256MB", "jit=off")


def entry_of(number: int) -> Entry:
    """An entry such as a request for another book writes."""
    terms = {"kind": "set_book", "server": "MT5", "payload": '{"book":"A","covered_percent":100,"kind":"set_book"}'}
    return Entry(
        id=new_entry_id(),
        at_us=SEALED_US + number,
        actor="dana",
        action="command requested",
        subject=f"dd{number:024x}",
        server="MT5",
        login=1_000 + number % 5_000,
        kind="set_book",
        reason="hedged flow",
        origin="desk 4",
        after=terms | {"expected_version": number, "approvals_needed": 0},
    )


def write_for_sealing(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
    """The change and its entry; sealing is somebody else's work."""
    entry = entry_of(number)
    said = canonical(entry)
    with connection.transaction():
        connection.execute(CHANGE, [entry.subject])
        connection.execute(WRITE, [entry.id, entry.subject, said, leaf_hash(said)])


def write_in_chain(connection: psycopg.Connection[tuple[object, ...]], number: int) -> None:
    """The change and its entry, whose hash is over the entry before it: each waits for the last one's commit."""
    entry = entry_of(number)
    said = canonical(entry)
    with connection.transaction():
        connection.execute(CHANGE, [entry.subject])
        row = connection.execute("SELECT hash FROM chain_head WHERE one = 1 FOR UPDATE").fetchone()
        assert row is not None
        link = hashlib.sha256(f"{row[0]}{said}".encode()).hexdigest()
        connection.execute(WRITE, [entry.id, entry.subject, said, link])
        connection.execute("UPDATE chain_head SET hash = %s WHERE one = 1", [link])


def writes_per_second(
    url: str, write: Callable[[psycopg.Connection[tuple[object, ...]], int], None], seconds: float
) -> float:
    """How many transactions the writers commit a second."""
    counts = [0] * WRITERS
    start, end = threading.Barrier(WRITERS + 1), threading.Event()

    def work(place: int) -> None:
        with psycopg.connect(url, autocommit=True, prepare_threshold=1) as connection:
            start.wait()
            while not end.is_set():
                write(connection, counts[place])
                counts[place] += 1

    threads = [threading.Thread(target=work, args=(place,)) for place in range(WRITERS)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.perf_counter()
    end.wait(seconds)
    end.set()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


class Sealing(threading.Thread):
    """Seals each second, as the hub does, until told to stop; then seals the rest."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.engine = open_engine(url)
        self.stopping = threading.Event()
        self.entries = 0

    def run(self) -> None:
        place = sealing.EVERYWHERE
        while not self.stopping.wait(1.0):
            place = self._turn(place)
        self._turn(place)
        self.engine.dispose()

    def _turn(self, place: sealing.Place) -> sealing.Place:
        with writing(self.engine) as connection:
            beyond = sealing.place_to_look(connection)
            sealed = sealing.seal(connection, KEY, SEALED_US, place)
        self.entries = sealed.tree_size if sealed else self.entries
        return beyond


def bench_writes(seconds: float) -> bool:
    """Batches against the chain, in turns; whether the goal is met."""
    rates: dict[str, list[float]] = {"sealed in batches": [], "chain in the transaction": []}
    with tempfile.TemporaryDirectory(prefix="dealerdesk-bench-") as name:
        server = Durable(Path(name))
        try:
            for _ in range(ROUNDS):
                for way, write in (
                    ("sealed in batches", write_for_sealing),
                    ("chain in the transaction", write_in_chain),
                ):
                    database = server.new_database()
                    url = server.url(database)
                    upgrade(url)
                    plain = url.replace("+psycopg", "")
                    with psycopg.connect(plain, autocommit=True) as connection:
                        connection.execute("CREATE TABLE chain_head (one int PRIMARY KEY, hash text NOT NULL)")
                        connection.execute("INSERT INTO chain_head VALUES (1, '')")
                    sealer = Sealing(url)
                    if write is write_for_sealing:
                        sealer.start()
                    rates[way].append(writes_per_second(plain, write, seconds))
                    if write is write_for_sealing:
                        sealer.stopping.set()
                        sealer.join()
                        print(f"  sealed meanwhile: {sealer.entries:,} entries")
                    sealer.engine.dispose()
                    server.drop_database(database)
        finally:
            server.stop()
    for way, found in rates.items():
        print(f"{way:>26}: {statistics.median(found):7,.0f} writes/s ({', '.join(f'{rate:,.0f}' for rate in found)})")
    ratio = statistics.median(rates["sealed in batches"]) / statistics.median(rates["chain in the transaction"])
    print(f"{'ratio':>26}: {ratio:.2f} (goal {RATIO_GOAL})")
    return ratio >= RATIO_GOAL


def write_export(path: Path, entries: int) -> None:
    """An export of so many entries, sealed as they would come at fifty a second."""
    frontier, previous, seals = Frontier(), "", 0
    with path.open("wb") as file:
        write_line(file, ExportLine(Export(EVERYTHING, FORMAT, DATABASE, SEALED_US)))
        for number in range(entries):
            said = canonical(entry_of(number))
            found = leaf_hash(said)
            write_line(file, EntryLine(number, found, msgspec.Raw(said)))
            frontier.append(bytes.fromhex(found))
            if frontier.size % ENTRIES_PER_SEAL and frontier.size != entries:
                continue
            seals += 1
            statement = Statement(
                database=DATABASE,
                key=PUBLIC,
                number=seals,
                previous=previous,
                root=frontier.root().hex(),
                sealed_us=SEALED_US + number,
                tree_size=frontier.size,
            )
            text, signature = sign(statement, KEY)
            previous = statement_hash(text)
            peaks = tuple(peak.hex() for peak in frontier.peaks)
            write_line(file, SealLine(Seal(statement=text, signature=signature, frontier=peaks)))
        write_line(file, EndLine(End(entries, seals)))


def bench_verify(entries: int) -> bool:
    """The command line verifies an export, its start included; whether the goal is met."""
    with tempfile.TemporaryDirectory(prefix="dealerdesk-bench-") as name:
        path = Path(name) / "log.jsonl"
        write_export(path, entries)
        size_mb = path.stat().st_size / 1e6
        command = [sys.executable, "-m", "dealerdesk", "audit", "verify", str(path), "--key", PUBLIC]
        began = time.perf_counter()
        result = subprocess.run(command, check=True, capture_output=True, text=True)
        took_s = time.perf_counter() - began
    print(result.stdout.splitlines()[-1])
    print(
        f"{entries:,} entries ({size_mb:,.0f} MB) verified in {took_s:.1f} s (goal {VERIFY_GOAL_S:.0f} s for 1,000,000)"
    )
    return took_s <= VERIFY_GOAL_S * entries / 1_000_000 + 1


def main() -> None:
    """Both figures; exit 1 when a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--entries", type=int, default=1_000_000)
    options = parser.parse_args()
    goals = [bench_writes(options.seconds), bench_verify(options.entries)]
    sys.exit(0 if all(goals) else 1)


if __name__ == "__main__":
    main()
