"""A whole firm as processes: a simulated server with its bridge, a hub, and desks at work; each can be killed."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable
from pathlib import Path

from busy_desk import Answer, Duty, Line, read_lines
from free_port import free_port
from postgres_server import PostgresServer
from sqlalchemy import Engine, select
from stand import Process, let_in, wait_until

from dealerdesk.clock import HOUR_US, now_us
from dealerdesk.commands import policy, queries
from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.commands.seals import new_key
from dealerdesk.config import BridgeKey, Credentials, Endpoint, HubConfig, SimulatorConfig
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.demo_staff import PEOPLE
from dealerdesk.store.engine import DatabaseUnavailable, reading, writing
from dealerdesk.store.recording import stream_point
from dealerdesk.store.roles import HUB
from dealerdesk.store.schema import commands
from dealerdesk.trading import Platform

SERVER = "MT5"
HERE = Path(__file__).parent
WEDNESDAY_NOON_US = 1_700_049_600_000_000
DESKS = ("a", "b")
PATIENCE_S = 600.0


def found(engine: Engine) -> None:
    """The demonstration's people with logins of their own, its policies, and one that takes two approvals."""
    long_ago_us = now_us() - 200 * HOUR_US
    with writing(engine) as connection:
        seed_demo(connection, long_ago_us)
        two = Rule(leverage_min=400, approvals=2, roles=(Role.SUPERVISOR, Role.PAYMENTS))
        policy.enact(connection, "high-leverage", "set_leverage", two, author="setup", note="", now_us=long_ago_us)
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql(f"ALTER ROLE {HUB} PASSWORD '{engine.url.password}'")
            let_in(connection, *(person for person, _name, _role in PEOPLE))


class Firm:
    """The processes on one database; `count` commands are asked for at two desks and decided at a third."""

    def __init__(self, folder: Path, engine: Engine, *, name: str, seed: int, count: int) -> None:
        folder.mkdir()
        self.folder = folder
        self.engine = engine
        self.seed = seed
        self.name = name
        self.seal_key = new_key()
        self.checkpoints = folder / "checkpoints.jsonl"
        port, key = free_port(), secrets.token_hex(32)
        self.simulator = SimulatorConfig(
            server=SERVER,
            platform=Platform.MT5,
            journal_dir=str(folder / "server"),
            keys={"hub": BridgeKey(role="hub", key=key)},
            start_us=WEDNESDAY_NOON_US,
            seed=seed,
            accounts=150,
            positions=500,
            symbols=8,
            ticks_per_second=20,
            port=port,
        )
        self.bridge = Process(["-m", "dealerdesk", "bridge", "simulator"], self.simulator, folder / "bridge.log")
        self.hub = Process(["-m", "dealerdesk", "hub"], self._hub_config(port, key), folder / "hub.log")
        self.desks = {one: self.desk("ask", one, count=count // len(DESKS)) for one in DESKS}
        self.decider = self.desk("decide", "d")

    def desk(self, deed: str, letter: str, count: int = 0) -> Process:
        """A desk with a file of its own."""
        duty = Duty(
            deed=deed,
            urls={person: self._url(person) for person, _name, _role in PEOPLE},
            file=str(self._file(letter)),
            prefix=f"{self.name}{letter}",
            seed=self.seed,
            count=count,
        )
        return Process([str(HERE / "busy_desk.py")], duty, self.folder / f"desk-{letter}.log")

    def start(self) -> None:
        """The server and the hub first; desks once the hub has recorded what the server is."""
        self.bridge.start()
        self.hub.start()
        self.bridge.ready()
        self.hub.ready()
        wait_until(self._is_recorded)
        for desk in (*self.desks.values(), self.decider):
            desk.start()
        for desk in (*self.desks.values(), self.decider):
            desk.ready()

    def settle(self) -> None:
        """Lets everything come to its end, has what nobody knows looked at, and ends all processes in order."""
        for desk in self.desks.values():
            assert ended(desk) == 0
        wait_until(self.is_quiet, PATIENCE_S)
        settling = self.desk("settle", "s")
        settling.start()
        settling.ready()
        assert ended(settling) == 0
        wait_until(self.is_quiet, PATIENCE_S)
        assert self.decider.stop() == 0
        assert self.hub.stop() == 0
        assert self.bridge.stop() == 0

    def stop(self) -> None:
        """Everything that still runs, however the test ended."""
        for process in (*self.desks.values(), self.decider, self.hub, self.bridge):
            process.stop()

    def lines(self, letters: str = "abds") -> list[Line]:
        """What the desks were told, desk by desk."""
        return [line for letter in letters for line in read_lines(self._file(letter))]

    @property
    def answered(self) -> int:
        """How many wishes have been answered so far; fails when a desk has broken down by itself."""
        for letter, desk in (*self.desks.items(), ("d", self.decider)):
            code = desk._process.poll() if desk._process is not None else 0
            log = (self.folder / f"desk-{letter}.log").read_text()
            assert not code, f"desk {letter} ended with {code}: {log[-3000:]}"
        return sum(isinstance(line, Answer) for line in self.lines("".join(DESKS)))

    def is_quiet(self) -> bool:
        """Whether no command waits for anything any more."""
        try:
            with reading(self.engine) as connection:
                return not queries.open_commands(connection)
        except DatabaseUnavailable:
            return False

    def _is_recorded(self) -> bool:
        with reading(self.engine) as connection:
            return stream_point(connection, SERVER) is not None

    def _file(self, letter: str) -> Path:
        return self.folder / f"desk-{letter}.jsonl"

    def _url(self, login: str) -> str:
        url = self.engine.url
        own = url if url.get_backend_name() == "sqlite" else url.set(username=login)
        return own.render_as_string(hide_password=False)

    def _hub_config(self, port: int, key: str) -> HubConfig:
        endpoint = Endpoint(server=SERVER, platform=Platform.MT5, url=f"ws://127.0.0.1:{port}")
        return HubConfig(
            database_url=self._url(HUB),
            endpoints=(endpoint,),
            credentials=Credentials(client="hub", role="hub", key=key),
            holder="the hub",
            seal_key=self.seal_key,
            checkpoints=str(self.checkpoints),
        )


def ended(process: Process) -> int:
    """The exit code of a process that ends by itself."""
    running = process._process
    assert running is not None
    wait_until(lambda: running.poll() is not None, PATIENCE_S)
    return process.stop()


class Chaos:
    """Kills at random moments; whoever was killed is started again."""

    def __init__(self, firm: Firm, seed: int, postgres: PostgresServer | None) -> None:
        self.firm = firm
        self.chance = random.Random(seed)
        self.killed: list[str] = []
        self._postgres = postgres
        self.victims: list[Callable[[], None]] = [self._hub, self._bridge, self._desk, self._decider, self._all]
        if postgres is not None:
            self.victims = [self._database, *self.victims, self._connections]

    def strike(self, number: int) -> None:
        """One more kill; the first ones are of each kind once."""
        self.chance.choice((self._wait_a_little, _at_once))()
        victim = self.victims[number % len(self.victims)] if number < len(self.victims) else None
        victim = victim or self.chance.choice(self.victims)
        self.killed.append(victim.__name__.strip("_"))
        victim()

    def _wait_a_little(self) -> None:
        wait_until(lambda: self.chance.random() < 0.2)

    def _hub(self) -> None:
        self.firm.hub.kill()
        self.firm.hub.start()
        # sometimes the next kill comes while it is still coming up
        if self.chance.random() < 0.7:
            self.firm.hub.ready()

    def _bridge(self) -> None:
        self.firm.bridge.kill()
        self.firm.bridge.start()
        self.firm.bridge.ready()

    def _desk(self) -> None:
        self._again(self.firm.desks[self.chance.choice(DESKS)])

    def _decider(self) -> None:
        self._again(self.firm.decider)

    def _all(self) -> None:
        for process in (self.firm.hub, self.firm.bridge, *self.firm.desks.values()):
            process.kill()
            process.start()

    def _database(self) -> None:
        assert self._postgres is not None
        self._postgres.kill()
        self._postgres.start()

    def _connections(self) -> None:
        """The database ends every client's connection, whatever it is doing."""
        assert self._postgres is not None
        self._postgres.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'dealerdesk'"
        )

    def _again(self, process: Process) -> None:
        process.kill()
        process.start()


def _at_once() -> None:
    """No pause."""


def states(engine: Engine) -> dict[str, CommandState]:
    """Where every command stands."""
    with reading(engine) as connection:
        return {row.id: CommandState(row.state) for row in connection.execute(select(commands.c.id, commands.c.state))}
