"""The process of a simulated server: what it says when it starts, and that kill -9 changes nothing it says later."""

from __future__ import annotations

import asyncio
import random
import signal
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import msgspec
import pytest

from dealerdesk.bridges.client import BridgeClient, NotConnectedError
from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.listener import Listener
from dealerdesk.bridges.protocol import Ack, Command, RowSet, SetBook, SetLeverage, Stage, encode_delta
from dealerdesk.bridges.simulator import process
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.process import run
from dealerdesk.config import BridgeKey, CannotStartError, Credentials, Endpoint, SimulatorConfig
from dealerdesk.trading import Book, Platform

KEY = "5a" * 32
TUESDAY_NOON_US = 1_763_467_200_000_000
FOREVER_US = 4_000_000_000_000_000
START = (
    "import sys, msgspec\n"
    "from dealerdesk.bridges.simulator.process import run\n"
    "from dealerdesk.logs import log_to_stderr\n"
    "from dealerdesk.config import SimulatorConfig\n"
    "log_to_stderr()\n"
    "run(msgspec.json.decode(sys.stdin.buffer.readline(), type=SimulatorConfig), checkpoint_every_s=0.3)\n"
)


def config(folder: Path, platform: Platform = Platform.MT5, speed: float = 8.0) -> SimulatorConfig:
    return SimulatorConfig(
        server="MT5",
        platform=platform,
        journal_dir=str(folder),
        keys={"hub": BridgeKey(role="hub", key=KEY)},
        start_us=TUESDAY_NOON_US,
        accounts=2_000,
        positions=8_000,
        symbols=20,
        ticks_per_second=200.0,
        speed=speed,
    )


class Process:
    """A simulator's process, started and serving."""

    def __init__(self, settings: SimulatorConfig) -> None:
        self.child = subprocess.Popen([sys.executable, "-c", START], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        self.child.stdin.write(msgspec.json.encode(settings) + b"\n")
        self.child.stdin.flush()
        self.port = msgspec.json.decode(self.child.stdout.readline())["listening"]

    def kill(self) -> None:
        self.child.kill()
        self._close()

    def close_input(self) -> int:
        assert self.child.stdin is not None
        self.child.stdin.close()
        return self._close()

    def terminate(self) -> int:
        self.child.send_signal(signal.SIGTERM)
        return self._close()

    def _close(self) -> int:
        assert self.child.stdin is not None
        assert self.child.stdout is not None
        code = self.child.wait(20)
        self.child.stdin.close()
        self.child.stdout.close()
        return code


class Ears(Listener):
    """Counts the deltas that arrive and keeps the acks."""

    def __init__(self) -> None:
        self.deltas_heard = 0
        self.rows = 0
        self.acks: dict[str, Ack] = {}
        self.wanted = asyncio.Event()

    def has_heard(self, deltas: int) -> bool:
        return self.deltas_heard >= deltas

    def snapshot_chunk(self, server, message):
        self.rows += len(message.rows)

    def deltas(self, server, epoch, items):
        self.deltas_heard += len(items)
        self.wanted.set()

    def ack(self, server, ack):
        self.acks[ack.id] = ack
        self.wanted.set()


async def listen(port: int, ears: Ears, commands: list[Command], enough) -> None:
    """Joins, sends the commands, and returns when `enough()` holds."""
    endpoint = Endpoint(server="MT5", platform=Platform.MT5, url=f"ws://127.0.0.1:{port}")
    client = BridgeClient(endpoint, Credentials(client="hub", role="hub", key=KEY), tuple(RowSet), ears)
    async with asyncio.TaskGroup() as tasks:
        running = tasks.create_task(client.run())
        async with asyncio.timeout(30):
            for command in commands:
                await _send(client, command, ears)
            while not enough():
                ears.wanted.clear()
                await ears.wanted.wait()
        running.cancel()


async def _send(client: BridgeClient, command: Command, ears: Ears) -> None:
    while True:
        try:
            await client.send(command)
        except NotConnectedError:
            ears.wanted.clear()
            await asyncio.wait_for(ears.wanted.wait(), 10)
        else:
            return


def set_book(number: int, login: int, book: Book) -> Command:
    covered = {Book.A: 100, Book.B: 0, Book.C: 40}[book]
    return Command(f"kill-{number}", SetBook(login, book, covered), "dana", FOREVER_US)


def undisturbed(settings: SimulatorConfig, folder: Path, last_seq: int) -> list[bytes]:
    """What a server that was never interrupted says, given the same commands at the same steps."""
    log = CommandLog.open(folder / "commands.log")
    by_step: dict[int, list[Command]] = {}
    for logged in log.since(0):
        by_step.setdefault(logged.at, []).append(logged.command)
    log.close()
    brokerage = Brokerage(settings)
    said: list[bytes] = []
    while brokerage.seq < last_seq:
        deltas, _ticks = brokerage.step(by_step.get(brokerage.step_number, ()))
        said += [encode_delta(delta) for delta in deltas]
    return said[:last_seq]


def journaled(folder: Path) -> tuple[str, list[bytes]]:
    journal = Journal.open(folder / "journal")
    entries = [data for _seq, data in journal.entries(1)]
    epoch = journal.epoch
    journal.close()
    return epoch, entries


def survive(folder: Path, kills: int) -> tuple[set[str], list[bytes], list[bytes]]:
    """Kills the process at random points, each time with commands under way: the epochs seen, all that was said, and
    what is said without a kill."""
    settings = config(folder)
    chance = random.Random(7)
    epochs = set()
    for number in range(kills):
        process = Process(settings)
        ears = Ears()
        wanted = chance.randrange(1, 60)
        commands = [set_book(number, 700_001 + number, chance.choice(list(Book)))]
        asyncio.run(listen(process.port, ears, commands, partial(ears.has_heard, wanted)))
        process.kill()
        epochs.add(journaled(folder)[0])
    process = Process(settings)
    ears = Ears()
    asyncio.run(listen(process.port, ears, [], partial(ears.has_heard, 30)))
    assert process.close_input() == 0

    epoch, said = journaled(folder)
    assert len(said) > 30 * kills
    return epochs | {epoch}, said, undisturbed(settings, folder, len(said))


def test_killed_at_any_moment_a_server_goes_on_saying_the_very_same(tmp_path):
    epochs, said, undisturbed_said = survive(tmp_path, kills=5)

    assert len(epochs) == 1
    assert said == undisturbed_said


@pytest.mark.long
@pytest.mark.timeout(900)
def test_fifty_kills_change_nothing_that_a_server_says(tmp_path):
    epochs, said, undisturbed_said = survive(tmp_path, kills=50)

    assert len(epochs) == 1
    assert said == undisturbed_said


def test_a_command_is_done_and_read_back_and_known_after_a_kill(tmp_path):
    settings = config(tmp_path)
    process = Process(settings)
    ears = Ears()
    login = 700_001
    book = Command("book-1", SetBook(login, Book.A, 100), "dana", FOREVER_US)
    lever = Command("lever-1", SetLeverage(login, 9_999), "dana", FOREVER_US)
    final = {Stage.DONE, Stage.REJECTED}
    asyncio.run(
        listen(
            process.port,
            ears,
            [book, lever],
            lambda: {ears.acks.get(key, Ack("", Stage.RECEIVED, 0)).stage for key in ("book-1", "lever-1")} <= final,
        )
    )
    process.kill()

    assert ears.acks["book-1"].stage is Stage.DONE
    row = ears.acks["book-1"].row
    assert row is not None
    assert (row.login, row.book, row.covered_percent, row.command_id) == (login, Book.A, 100, "book-1")
    assert ears.acks["lever-1"].text == "leverage 1:9999 is outside 1:1 to 1:500"

    again = Process(settings)
    later = Ears()
    asyncio.run(listen(again.port, later, [book], lambda: "book-1" in later.acks))
    assert again.terminate() == 0
    assert later.acks["book-1"] == ears.acks["book-1"]


def refusal(settings: SimulatorConfig) -> str:
    """The sentence with which a process that cannot start ends."""
    command = (sys.executable, "-m", "dealerdesk", "bridge", "simulator")
    told = msgspec.json.encode(settings) + b"\n"
    done = subprocess.run(command, input=told, capture_output=True, timeout=60, check=False)
    said = done.stderr.decode()
    assert done.returncode == 1
    assert "Traceback" not in said
    return said.splitlines()[-1]


def test_a_second_process_in_the_same_folder_is_refused_and_a_killed_one_leaves_it_free(tmp_path: Path) -> None:
    first = Process(config(tmp_path))

    with pytest.raises(CannotStartError, match=rf"MT5: .* is in use by process {first.child.pid}: end that one first"):
        run(config(tmp_path))
    first.kill()

    assert Process(config(tmp_path)).terminate() == 0


def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    first = Process(config(tmp_path / "first"))
    second = msgspec.structs.replace(config(tmp_path / "second"), port=first.port)

    said = refusal(second)
    first.kill()

    assert f"'127.0.0.1', {first.port}" in said


def test_a_damaged_log_of_commands_is_named_with_what_to_do(tmp_path: Path) -> None:
    process = Process(config(tmp_path))
    process.kill()
    (tmp_path / "commands.log").write_bytes(b"x" * 200)

    assert "commands.log: damaged header at byte 0. Bring that file back" in refusal(config(tmp_path))


def test_started_from_a_file_it_says_why_it_ends(tmp_path: Path) -> None:
    told = tmp_path / "config.json"
    told.write_bytes(msgspec.json.encode(config(tmp_path / "server")) + b"\n")
    with told.open("rb") as file:
        command = (sys.executable, "-m", "dealerdesk", "bridge", "simulator")
        done = subprocess.run(command, stdin=file, capture_output=True, timeout=60, check=False)

    assert done.returncode == 0
    assert {"event": "ending", "why": "standard input ended"}.items() <= msgspec.json.decode(
        done.stderr.splitlines()[-1]
    ).items()


def test_told_to_end_while_it_writes_a_checkpoint_it_writes_the_last_one_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing, overlapped, ends, at_once = threading.Lock(), threading.Event(), [], []

    def write(_folder: Path, _frozen: object) -> None:
        at_once.append(not writing.acquire(blocking=False))
        if at_once[-1]:
            overlapped.set()
            return
        ends[0]()
        overlapped.wait(0.3)  # time for the last one to be begun meanwhile, were it not to wait
        writing.release()

    def watch(stop: asyncio.Event, _running: asyncio.Event) -> None:
        ends.append(partial(asyncio.get_running_loop().call_soon_threadsafe, stop.set))

    monkeypatch.setattr(process, "write_checkpoint", write)
    monkeypatch.setattr(process, "_watch_input", watch)
    run(config(tmp_path), checkpoint_every_s=0.01)

    assert at_once == [False, False]


def test_another_configuration_in_the_same_folder_begins_a_new_epoch(tmp_path):
    first = Process(config(tmp_path))
    ears = Ears()
    asyncio.run(listen(first.port, ears, [], partial(ears.has_heard, 1)))
    first.close_input()
    epoch, _said = journaled(tmp_path)

    second = Process(msgspec.structs.replace(config(tmp_path), seed=2))
    ears = Ears()
    asyncio.run(listen(second.port, ears, [], partial(ears.has_heard, 1)))
    second.close_input()
    assert journaled(tmp_path)[0] != epoch


def test_a_paused_market_stands_still_until_it_goes_on(tmp_path: Path) -> None:
    process = Process(config(tmp_path))
    ears = Ears()
    assert process.child.stdin is not None

    asyncio.run(listen(process.port, ears, [], lambda: ears.has_heard(5)))
    process.child.stdin.write(b'{"pause": true}\n')
    process.child.stdin.flush()
    asyncio.run(asyncio.sleep(0.5))
    stands = asyncio.run(served_seq(process.port))
    asyncio.run(asyncio.sleep(0.5))
    assert asyncio.run(served_seq(process.port)) == stands

    process.child.stdin.write(b'{"pause": false}\n')
    process.child.stdin.flush()
    ears = Ears()
    asyncio.run(listen(process.port, ears, [], lambda: ears.has_heard(5)))
    process.close_input()


async def served_seq(port: int) -> int:
    """The sequence that the bridge says it stands at when somebody joins."""
    ears = Ears()
    seqs: list[int] = []
    ears.welcome = lambda _server, welcome: (seqs.append(welcome.seq), ears.wanted.set())  # type: ignore[method-assign]
    await listen(port, ears, [], lambda: bool(seqs))
    return seqs[0]
