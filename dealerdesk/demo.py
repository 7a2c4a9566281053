"""`dealerdesk demo`: a whole simulated brokerage, a hub and a desk on one machine, started and ended together.

Everything lives in a temporary folder. Keys are made for this run and reach the children over their standard input.
At the end of a run of fixed length the live figures are held against the tables; this module measures nothing itself.
"""

from __future__ import annotations

import re
import secrets
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dealerdesk.children import Child, ChildError, Keeper
from dealerdesk.clock import now_us
from dealerdesk.config import (
    BridgeKey,
    CannotStartError,
    ConfigError,
    Credentials,
    Endpoint,
    HubConfig,
    Profile,
    SimulatorConfig,
    user_folder,
)
from dealerdesk.demo_join import Meeting, Terms, session_of
from dealerdesk.demo_work import FirstWork
from dealerdesk.desk.access import Access
from dealerdesk.desk.app import SIGN_IN_AGAIN, DeskReport, Launch, run
from dealerdesk.desk.ending import leave_at_once, told_to_end
from dealerdesk.desk.settings import UserFiles
from dealerdesk.trading import Platform

SERVERS = (("MT4", Platform.MT4), ("MT5", Platform.MT5), ("cTrader", Platform.CTRADER))
SIMULATOR = ("bridge", "simulator")
KEY_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoOptions:
    """What the command line asks for; accounts, positions, symbols and ticks are over all three servers."""

    accounts: int
    positions: int
    symbols: int
    ticks_per_second: float
    seed: int
    speed: float
    ticks_file: Path | None
    headless: bool
    seconds: float | None
    report: Path | None
    screenshot: Path | None
    staff: str


class Brokerage:
    """The demo's children: three simulated servers behind their bridges, and the hub."""

    def __init__(self, options: DemoOptions, folder: Path, keeper: Keeper) -> None:
        self.database_url = f"sqlite:///{folder / 'dealerdesk.db'}"
        self.keys = {role: secrets.token_hex(KEY_BYTES) for role in ("desk", "hub")}
        self.seal_key = secrets.token_hex(KEY_BYTES)
        self._folder = folder
        self._keeper = keeper
        self._hub: Child | None = None
        self._staff = options.staff
        self._meeting = Meeting(folder)
        self._first_work = FirstWork(self.database_url, [server for server, _ in SERVERS])
        self._bridges = [
            (server, platform, Child(f"The bridge of {server}", SIMULATOR, config, folder / f"{server}.log"))
            for (server, platform), config in zip(SERVERS, self._configs(options), strict=True)
        ]

    def start(self) -> None:
        """Start the first bridge's process; returns at once."""
        self._bridges[0][2].start()
        self._meeting.begin()

    def endpoints(self) -> Iterator[Endpoint]:
        """Where each bridge listens, as soon as it does (each step blocks).

        The others start when the first listens: so one server's figures are there while theirs are still being made.
        """
        yield self._endpoint(*self._bridges[0])
        for _, _, bridge in self._bridges[1:]:
            bridge.start()
        for server, platform, bridge in self._bridges[1:]:
            yield self._endpoint(server, platform, bridge)

    def start_hub(self, endpoints: tuple[Endpoint, ...]) -> None:
        """Start the hub on these bridges and wait until it records (blocking)."""
        credentials = Credentials(client="hub", role="hub", key=self.keys["hub"])
        config = HubConfig(
            database_url=self.database_url,
            endpoints=endpoints,
            credentials=credentials,
            seal_key=self.seal_key,
            checkpoints=str(self._folder / "checkpoints.jsonl"),
        )
        self._hub = Child("The hub", ("hub",), config, self._folder / "hub.log")
        self._hub.start()
        self._hub.ready()
        self._keeper.take(self._hub)
        self._seed()
        self._first_work.start()
        self._meeting.offer(
            Terms(
                profile=profile_of(self.database_url, endpoints),
                credentials=Credentials(client="desk", role="desk", key=self.keys["desk"]),
                staff=self._staff,
            )
        )

    def _endpoint(self, server: str, platform: Platform, bridge: Child) -> Endpoint:
        port = bridge.ready()["listening"]
        # started again, it must be found where it was
        bridge.config = msgspec.structs.replace(bridge.config, port=port)
        self._keeper.take(bridge)
        return Endpoint(server, platform, f"ws://127.0.0.1:{port}")

    def _seed(self) -> None:
        from dealerdesk.store.demo import seed_demo
        from dealerdesk.store.engine import open_engine, writing

        engine = open_engine(self.database_url)
        with writing(engine) as connection:
            seed_demo(connection, now_us())
        engine.dispose()

    def pause(self) -> None:
        """Stop the simulated markets where they are; their bridges go on serving."""
        for _, _, bridge in self._bridges:
            bridge.say({"pause": True})

    def stop(self) -> None:
        """Let the desks that joined go, then end the hub, then the bridges."""
        self._meeting.end()
        self._first_work.stop()
        if self._hub is not None:
            self._hub.stop()
        for _, _, bridge in self._bridges:
            bridge.stop()

    def _configs(self, options: DemoOptions) -> Iterator[SimulatorConfig]:
        start_us = now_us()
        keys = {role: BridgeKey(role, key) for role, key in self.keys.items()}
        for place, (server, platform) in enumerate(SERVERS):
            journal = self._folder / server
            journal.mkdir()
            yield SimulatorConfig(
                server=server,
                platform=platform,
                journal_dir=str(journal),
                keys=keys,
                start_us=start_us,
                seed=options.seed,
                accounts=_share(options.accounts, place),
                positions=_share(options.positions, place),
                symbols=_share(options.symbols, place),
                ticks_per_second=options.ticks_per_second / len(SERVERS),
                speed=options.speed,
                ticks_file=str(options.ticks_file.resolve()) if options.ticks_file else None,
            )


def run_demo(options: DemoOptions) -> int:
    """Run the demo until its window closes or its seconds are over; 1 when a bug was met or the figures disagree.

    Raises CannotStartError when one of its processes does not start.
    """
    try:
        return _run(options)
    except ChildError as error:
        # its log has gone with the demo's folder: what was said last is all there is
        raise CannotStartError(f"{error.what} Mend that, or start the demo again.") from error


def _run(options: DemoOptions) -> int:
    if options.ticks_file is not None:
        _check_ticks(options.ticks_file, options.symbols)
    if options.headless and options.seconds is None and options.screenshot is None:
        raise ConfigError("--headless: say with --seconds how long")
    session = session_of(options.staff)
    with (
        told_to_end(leave_at_once),
        tempfile.TemporaryDirectory(prefix="dealerdesk-") as name,
        _brokerage(options, Path(name)) as brokerage,
    ):
        folder = Path(name)
        outcome = Outcome(options)
        code = run(
            Launch(
                access=Access(profile_of(brokerage.database_url, ()), session),
                credentials=Credentials(client="desk", role="desk", key=brokerage.keys["desk"]),
                files=UserFiles(folder / "user" if options.headless else user_folder("demo")),
                start_bridges=brokerage.endpoints,
                start_hub=brokerage.start_hub,
                pause_bridges=brokerage.pause,
                stop_children=brokerage.stop,
                headless=options.headless,
                seconds=options.seconds,
                screenshots=options.screenshot,
                report=outcome.take if options.seconds is not None else None,
            )
        )
        return outcome.code if code in (0, SIGN_IN_AGAIN) else code


def profile_of(database_url: str, endpoints: tuple[Endpoint, ...]) -> Profile:
    """The demonstration as its desks see it."""
    return Profile(name="demo", broker="Simulated", database_url=database_url, endpoints=endpoints)


class Outcome:
    """What a run of fixed length came to: written to the report file, told in a few lines, kept as an exit code."""

    def __init__(self, options: DemoOptions) -> None:
        self.code = 0
        self._options = options

    def take(self, desk: DeskReport) -> None:
        """The desk's report at its end; compares with the tables and writes the file."""
        from dealerdesk.agreement import compare
        from dealerdesk.store.queries import final_figures

        stored = desk.read(final_figures)
        agreement = compare(desk.state, desk.frame, stored)
        report = {
            "options": {name: _plain(getattr(self._options, name)) for name in self._options.__slots__},
            "desk": desk.measures,
            "received": desk.counts,
            "bridges": desk.statuses,
            "recorded": stored.recorded,
            "memory_mb": _memory_mb(),
            "figures": agreement.summary(),
        }
        if self._options.report is not None:
            self._options.report.parent.mkdir(parents=True, exist_ok=True)
            self._options.report.write_bytes(msgspec.json.format(msgspec.json.encode(report), indent=2))
        troubles = agreement.differences() + [
            f"{server}: {status.gaps} gaps, {status.resyncs} resyncs"
            for server, status in desk.statuses.items()
            if status.gaps or status.resyncs
        ]
        for trouble in troubles:
            print(trouble, file=sys.stderr)
        self.code = 1 if troubles else 0


@contextmanager
def _brokerage(options: DemoOptions, folder: Path) -> Iterator[Brokerage]:
    with Keeper() as keeper:
        brokerage = Brokerage(options, folder, keeper)
        try:
            brokerage.start()
            yield brokerage
        finally:
            brokerage.stop()


def _check_ticks(path: Path, symbols: int) -> None:
    """Says now, and not in a bridge's log, what is wrong with a recording; raises ConfigError if it cannot be used."""
    from dealerdesk.bridges.simulator.catalogue import instruments
    from dealerdesk.bridges.simulator.recorded import RecordingError, load

    if not path.is_file():
        raise ConfigError(f"{path}: no such file")
    try:
        _, warnings = load(path, instruments(symbols // len(SERVERS)))
    except RecordingError as error:
        raise ConfigError(str(error)) from error
    for warning in warnings:
        print(warning, file=sys.stderr)


def _share(total: int, place: int) -> int:
    """The part of `total` that falls to the server at `place`; the parts add up to it."""
    return total // len(SERVERS) + (1 if place < total % len(SERVERS) else 0)


def _memory_mb() -> dict[str, float | None]:
    """What this process holds in memory now and held at most; None where the system does not say (no /proc)."""
    status = Path("/proc/self/status")
    text = status.read_text() if status.is_file() else ""
    return {"resident": _field_mb(text, "VmRSS"), "peak": _field_mb(text, "VmHWM")}


def _field_mb(status: str, field: str) -> float | None:
    found = re.search(rf"^{field}:\s+(\d+) kB$", status, re.MULTILINE)
    return int(found[1]) / 1024 if found else None


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
