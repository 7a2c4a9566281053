"""Many desks on one PostgreSQL: `python tests/benchmarks/bench_desks.py [--desks N] [--seconds N]`.

Each desk has a connection of its own under a person's login, looks for news every half second (with jitter) as a real
one does, and reads now and then; one in ten also asks or approves once a second, each request twice under one id.
Prints how long after its commit each change was seen by each desk, how long the writers waited, and whether anything
was lost or doubled. Goal: seen by every desk within 1 s at the 99th percentile. Server and desks share this machine;
the server writes every commit to disk.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import numpy as np
from office import SERVER, Office
from postgres_server import PostgresServer
from sqlalchemy import Engine, create_engine, make_url, select, text
from sqlalchemy.pool import StaticPool

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import queries, requests
from dealerdesk.commands.records import Refused
from dealerdesk.store.engine import POSTGRES_CONNECT, open_engine, reading, writing
from dealerdesk.store.feed import FeedReader
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.schema import accounts, commands, decisions, routing
from dealerdesk.trading import Book

LOOK_EVERY_S, LOOK_JITTER_S = 0.5, 0.05
WRITERS_SHARE = 0.1
DEED_EVERY_S = 1.0
DEALERS, SUPERVISORS = ("dana", "ana"), ("carol",)


class ManyDesksServer(PostgresServer):
    """A server that keeps what it says it keeps, with room for many desks."""

    settings = ("fsync=on", "shared_buffers=256MB", "jit=off", "max_connections=420")


@dataclass(slots=True)
class Tally:
    """What all desks saw and did; `committed` and each desk's `seen` are command id → monotonic seconds."""

    committed: dict[str, float] = field(default_factory=dict)
    writes_s: list[float] = field(default_factory=list)
    looks_s: list[float] = field(default_factory=list)
    refused: int = 0


class Desk:
    """One workstation's part in it, in a thread of its own."""

    def __init__(self, url: str, who: str, number: int, tally: Tally, stop: threading.Event) -> None:
        self.seen: dict[str, float] = {}
        self._who, self._number, self._tally, self._stop = who, number, tally, stop
        self._chance = random.Random(number)
        address = make_url(url).set(username=who, drivername="postgresql+psycopg")
        self.engine: Engine = create_engine(address, connect_args=POSTGRES_CONNECT, poolclass=StaticPool)
        self._reader = FeedReader()
        self._count = 0

    def work(self, ready: threading.Barrier, writes: bool) -> None:
        """Looks until it is told to stop, and writes about once a second if it is a writer."""
        with reading(self.engine) as connection:
            self._reader.changes(connection)
        ready.wait()
        next_deed_s = time.monotonic() + self._chance.uniform(0, DEED_EVERY_S)
        while not self._stop.wait(LOOK_EVERY_S + self._chance.uniform(-LOOK_JITTER_S, LOOK_JITTER_S)):
            self.look()
            if writes and time.monotonic() >= next_deed_s:
                next_deed_s += DEED_EVERY_S
                self._act()

    def look(self) -> None:
        """One look for news; whoever sees a command for the first time notes when."""
        began_s = time.monotonic()
        with reading(self.engine) as connection:
            news = {change.key for change in self._reader.changes(connection) if change.table == "commands"}
            if news and self._chance.random() < 0.1:
                queries.recent_commands(connection, 50)
        now_s = time.monotonic()
        for key in news:
            self.seen.setdefault(key, now_s)
        self._tally.looks_s.append(now_s - began_s)

    def _act(self) -> None:
        deed = self._approve if self._who in SUPERVISORS else self._ask
        began_s = time.monotonic()
        try:
            deed()
        except Refused:
            self._tally.refused += 1
            return
        self._tally.writes_s.append(time.monotonic() - began_s)

    def _ask(self) -> None:
        self._count += 1
        command_id = f"dd-desk-{self._number:03}-{self._count:04}"
        body = SetBook(login=1_000_000 + self._number * 1_000 + self._count, book=Book.A, covered_percent=100)
        terms = {"server": SERVER, "reason": "hedged flow", "now_us": now_us(), "command_id": command_id}
        for _ in range(2):  # the second time under the same id, as after a lost answer
            with writing(self.engine) as connection:
                requests.request(connection, who=self._who, body=body, **terms)  # type: ignore[arg-type]
            self._tally.committed.setdefault(command_id, time.monotonic())

    def _approve(self) -> None:
        with reading(self.engine) as connection:
            query = select(commands.c.id, commands.c.payload_hash).where(commands.c.state == "requested")
            waiting = connection.execute(query.limit(20)).all()
        if not waiting:
            return
        record = self._chance.choice(waiting)
        with writing(self.engine) as connection:
            requests.approve(
                connection, who=self._who, command_id=record.id, payload_hash=record.payload_hash, now_us=now_us()
            )


def run(desks: int, seconds: float, folder: Path) -> dict[str, float]:
    """Founds an office, sets the desks to work, and returns the figures."""
    server = ManyDesksServer(folder)
    try:
        name = server.new_database()
        upgrade(server.url(name))
        engine = open_engine(server.url(name))
        Office(engine).needs_supervisor()
        _open_accounts(engine, desks)
        figures = _measured(server.url(name), engine, desks, seconds)
        engine.dispose()
    finally:
        server.stop()
    return figures


def _open_accounts(engine: Engine, desks: int) -> None:
    """A thousand accounts for each desk that asks: every one can have one open change of book."""
    named = ", ".join(column.name for column in accounts.columns if column.name != "login")
    others = ", ".join(column.name for column in routing.columns if column.name != "login")
    last = {"last": 1_000_000 + desks * 1_000}
    many = "generate_series(1000001, :last) AS n WHERE login = 1001"
    with writing(engine) as connection:
        for table, columns in (("accounts", named), ("routing", others)):
            copying = f"INSERT INTO {table} (login, {columns}) SELECT n, {columns} FROM {table}, {many}"
            connection.execute(text(copying), last)


def _measured(url: str, engine: Engine, count: int, seconds: float) -> dict[str, float]:
    tally, stop = Tally(), threading.Event()
    writers = max(4, round(count * WRITERS_SHARE))
    people = [(*DEALERS, *SUPERVISORS)[number % 3] for number in range(count)]
    desks = [Desk(url, who, number, tally, stop) for number, who in enumerate(people)]
    ready = threading.Barrier(count + 1)
    with ThreadPoolExecutor(max_workers=count) as threads:
        working = [threads.submit(desk.work, ready, number < writers) for number, desk in enumerate(desks)]
        ready.wait()
        stop.wait(seconds)
        stop.set()
        for future in working:
            future.result()
    for desk in desks:
        desk.look()
        desk.engine.dispose()
    return _figures(engine, tally, desks)


def _figures(engine: Engine, tally: Tally, desks: list[Desk]) -> dict[str, float]:
    delays = np.array(
        [max(0.0, desk.seen[key] - at) for desk in desks for key, at in tally.committed.items() if key in desk.seen]
    )
    with reading(engine) as connection:
        kept = list(connection.scalars(select(commands.c.id)))
        twice = list(connection.scalars(select(decisions.c.command_id)))
    writes, looks = np.array(tally.writes_s), np.array(tally.looks_s)
    return {
        "commands": len(tally.committed),
        "lost": len(tally.committed.keys() - set(kept)),
        "doubled": len(kept) - len(set(kept)) + len(twice) - len(set(twice)),
        "unseen": sum(len(tally.committed.keys() - desk.seen.keys()) for desk in desks),
        "seen p50 ms": float(np.percentile(delays, 50)) * 1000,
        "seen p99 ms": float(np.percentile(delays, 99)) * 1000,
        "seen max ms": float(delays.max()) * 1000,
        "write p50 ms": float(np.percentile(writes, 50)) * 1000,
        "write p99 ms": float(np.percentile(writes, 99)) * 1000,
        "look p50 ms": float(np.percentile(looks, 50)) * 1000,
        "look p99 ms": float(np.percentile(looks, 99)) * 1000,
        "approvals": len(twice),
        "refused": tally.refused,
    }


def main() -> None:
    """Prints the figures, one a line; exit 1 when the goal is missed."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--desks", type=int, default=200)
    options.add_argument("--seconds", type=float, default=30.0)
    chosen = options.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-desks-"))
    try:
        figures = run(chosen.desks, chosen.seconds, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(f"{chosen.desks} desks, {chosen.seconds:.0f} s")
    for name, value in figures.items():
        print(f"  {name:14} {value:10.1f}")
    if figures["seen p99 ms"] > 1000 or figures["lost"] or figures["doubled"] or figures["unseen"]:
        sys.exit(1)


if __name__ == "__main__":
    main()
