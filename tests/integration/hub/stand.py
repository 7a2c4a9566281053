"""A stand for the hub: a scripted bridge and a hub as processes of their own, to be killed and started again."""

from __future__ import annotations

import secrets
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from free_port import free_port
from office import _ensure_role
from recorded_books import Books, recorded_books
from scripted_broker import ScriptedBroker
from sqlalchemy import Connection, Engine

from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import ResumePoint
from dealerdesk.config import Credentials, Endpoint, HubConfig
from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.store.engine import DatabaseUnavailable, reading
from dealerdesk.store.recording import stream_point
from dealerdesk.store.roles import group_of
from dealerdesk.trading import Platform

SERVER = "MT5"
TIMEOUT_S = 60.0
BRIDGE = Path(__file__).with_name("bridge_process.py")


class Process:
    """A child with its configuration on standard input; `ready` waits for its line."""

    def __init__(self, arguments: list[str], config: msgspec.Struct | dict[str, Any], log: Path) -> None:
        self._arguments = arguments
        self._config = config
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, *self._arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log
            )
        self.say(self._config)

    def say(self, message: msgspec.Struct | dict[str, Any]) -> None:
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write(msgspec.json.encode(message) + b"\n")
        self._process.stdin.flush()

    def ready(self) -> dict[str, Any]:
        assert self._process is not None
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"{self._arguments} ended: {self._log.read_text()[-2000:]}"
        return msgspec.json.decode(line, type=dict[str, Any])

    def kill(self) -> None:
        """SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._ended()

    def stop(self) -> int:
        """Closes its standard input and waits; its exit code."""
        if self._process is None:
            return 0
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._ended()

    def clear_away(self) -> None:
        """For the end of a test that may have failed: kills what is still there, be it stopped."""
        if self._process is not None:
            self.kill()

    def _ended(self) -> int:
        assert self._process is not None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        code = self._process.wait(TIMEOUT_S)
        self._process.stdin.close()
        self._process.stdout.close()
        self._process = None
        return code


class Stand:
    """One bridge with its journal in `folder`, and a hub on `database_url`."""

    def __init__(self, folder: Path, database_url: str, *, seed: int, steps: int, steps_per_second: float) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.seed = seed
        self.steps = steps
        port = free_port()
        key = secrets.token_hex(32)
        bridge = {"server": SERVER, "folder": str(folder), "seed": seed, "steps": steps, "port": port, "key": key}
        pace = {"steps_per_second": steps_per_second}
        self.bridge = Process([str(BRIDGE)], bridge | pace, folder / "bridge.log")
        endpoint = Endpoint(server=SERVER, platform=Platform.MT5, url=f"ws://127.0.0.1:{port}")
        config = HubConfig(
            database_url=database_url,
            endpoints=(endpoint,),
            credentials=Credentials(client="hub", role="hub", key=key),
        )
        self.hub = Process(["-m", "dealerdesk", "hub"], config, folder / "hub.log")

    def start(self) -> None:
        self.bridge.start()
        self.hub.start()
        self.bridge.ready()
        self.hub.ready()

    def hurry(self) -> None:
        """The rest of the script without pauses."""
        self.bridge.say({"hurry": True})

    def wait_recorded(self, engine: Engine, steps: int) -> ResumePoint:
        """Until the script's first `steps` steps are recorded (commands' own deltas count as well)."""
        wait_until(lambda: (point := point_of(engine)) is not None and point.seq >= steps)
        point = point_of(engine)
        assert point is not None
        return point

    def stop(self) -> None:
        """Both in order; the hub first, so that it has heard everything."""
        assert self.hub.stop() == 0
        assert self.bridge.stop() == 0

    def journaled(self) -> tuple[ScriptedBroker, str]:
        """The broker as the bridge's journal tells it, and the journal's epoch; the bridge must have ended."""
        journal = Journal.open(self.folder / "journal")
        broker = ScriptedBroker(self.seed)
        broker.recall(journal)
        epoch = journal.epoch
        journal.close()
        return broker, epoch

    def errors(self) -> list[str]:
        """What either process logged as an error, tracebacks included."""
        lines = (self.folder / "hub.log").read_text().splitlines() + (
            self.folder / "bridge.log"
        ).read_text().splitlines()
        return [line for line in lines if '"level": "error"' in line or '"error"' in line[:40] or "Traceback" in line]


def undisturbed_books(folder: Path, engine: Engine, url: str, *, seed: int, steps: int) -> Books:
    """What a hub records of the whole script when nothing is killed."""
    stand = Stand(folder, url, seed=seed, steps=steps, steps_per_second=2_000)
    stand.start()
    stand.hurry()
    stand.wait_recorded(engine, steps)
    stand.stop()
    return recorded_books(engine, SERVER, stand.journaled()[1])


def let_in(connection: Connection, *people: str) -> None:
    """Gives people of the demo's staff, on PostgreSQL, logins of their own names in the groups of their roles."""
    if connection.dialect.name == "sqlite":
        return
    roles = {person: role for person, _name, role in PEOPLE}
    for person in people:
        _ensure_role(connection, person)
        connection.exec_driver_sql(f"GRANT {group_of(roles[person])} TO {person}")
        connection.exec_driver_sql(
            f"INSERT INTO staff_logins (login, staff, active, made_us) VALUES ('{person}', '{person}', true, 1)"
        )


def point_of(engine: Engine) -> ResumePoint | None:
    """How far the database has the stream; None while it does not answer."""
    try:
        with reading(engine) as connection:
            return stream_point(connection, SERVER)
    except DatabaseUnavailable:
        return None


def wait_until(condition: Callable[[], bool], timeout_s: float = TIMEOUT_S) -> None:
    """Looks every 20 ms; fails after `timeout_s`."""
    pause = threading.Event()
    for _ in range(int(timeout_s / 0.02)):
        if condition():
            return
        pause.wait(0.02)
    raise AssertionError(f"waited {timeout_s} s in vain")
