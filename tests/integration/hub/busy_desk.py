"""A desk as a process that can be killed: asks for one command after the other, or decides what others asked for.

Reads one line of JSON (`Duty`) from standard input and works until its count is reached, or until standard input ends.
What it is about to ask stands in its file before it asks, and the answer after it was had: so a desk that was killed
goes on where it was, and asks once more under the same id for what it got no answer to.
"""

from __future__ import annotations

import os
import random
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1]))

from busy_wishes import Wish, Wishes
from sqlalchemy import Connection, Engine, select

from dealerdesk.bridges.protocol import OpenAccount
from dealerdesk.clock import now_us
from dealerdesk.commands import openings, queries, requests
from dealerdesk.commands.bodies import Outcome, SettleUnknown
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict, Member, Refused
from dealerdesk.store.engine import DatabaseUnavailable, open_engine, reading
from dealerdesk.store.schema import balance_operations, clients, deals

APPROVERS = ("carol", "ben", "cleo", "adam", "dana")
REFUSED_SHARE, WITHDRAWN_SHARE = 0.12, 0.08


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """What a desk is to do: ask for `count` commands, decide what waits, or settle what is unknown."""

    deed: str
    urls: dict[str, str]
    file: str
    prefix: str
    seed: int
    server: str = "MT5"
    count: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a desk was told about a wish."""

    number: int
    accepted: bool
    words: str = ""


class Decision(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a desk was told about a decision; `verdict` is also «withdraw»."""

    command_id: str
    who: str
    verdict: str


class Intent(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """What a desk is about to ask."""

    wish: Wish


Line = Intent | Answer | Decision
_lines = msgspec.json.Decoder(Line)


def read_lines(path: Path) -> list[Line]:
    """What a desk has written so far."""
    if not path.exists():
        return []
    whole = path.read_bytes().rpartition(b"\n")[0]
    return [_lines.decode(line) for line in whole.splitlines()]


class Desk:
    """One desk; several people take turns at it."""

    def __init__(self, duty: Duty, stop: threading.Event) -> None:
        self.duty = duty
        self.stop = stop
        self._engines: dict[str, Engine] = {}
        self._file = _continued(Path(duty.file))
        self._wishes = Wishes(duty.server, duty.prefix, duty.seed, now_us)

    # -- asking -------------------------------------------------------------------------------------------------

    def ask_all(self) -> None:
        """Goes on with what the file says until enough was accepted."""
        lines = read_lines(Path(self.duty.file))
        wishes = {line.wish.number: line.wish for line in lines if isinstance(line, Intent)}
        answers = {line.number: line for line in lines if isinstance(line, Answer)}
        accepted = sum(len(wishes[number].members) for number, answer in answers.items() if answer.accepted)
        number = max(wishes, default=-1)
        while accepted < self.duty.count and not self.stop.is_set():
            if number < 0 or number in answers:
                number += 1
                wish = self._next(number)
                answers |= {number: Answer(number=number, accepted=False)} if wish is None else {}
                if wish is None:
                    continue
                wishes[number] = wish
                self._write(Intent(wish=wish))
            answers[number] = self._until_answered(wishes[number])
            self._write(answers[number])
            accepted += len(wishes[number].members) if answers[number].accepted else 0

    def _next(self, number: int) -> Wish | None:
        while True:
            try:
                with reading(self._engine(self._wishes.who_asks(number))) as connection:
                    wish = self._wishes.wish(connection, number)
                return self._sealed(wish) if wish is not None else None
            except DatabaseUnavailable:
                self.stop.wait(0.05)

    def _sealed(self, wish: Wish) -> Wish:
        """The wish as it is asked for: a new client's name stands in none."""
        engine = self._engine(wish.who)
        members = tuple(
            (name, openings.sealed(engine, wish.who, body, now_us()) if isinstance(body, OpenAccount) else body)
            for name, body in wish.members
        )
        return msgspec.structs.replace(wish, members=members)

    def _until_answered(self, wish: Wish) -> Answer:
        while True:
            try:
                self._ask(wish)
                if wish.number % 5 == 0:
                    self._ask_again_otherwise(wish)
            except DatabaseUnavailable:
                self.stop.wait(0.05)
            except Refused as refused:
                return Answer(number=wish.number, accepted=False, words=str(refused))
            else:
                return Answer(number=wish.number, accepted=True)

    def _ask(self, wish: Wish) -> None:
        with self._deed(wish.who, wish.late_us) as connection:
            terms = {"who": wish.who, "server": wish.server, "reason": wish.reason, "origin": "busy desk"}
            at_us = now_us() - wish.late_us
            if wish.is_batch:
                members = [Member(command_id=name, body=body) for name, body in wish.members]
                requests.request_batch(connection, **terms, members=members, now_us=at_us, batch_id=wish.id)
                return
            ((name, body),) = wish.members
            version = wish.expected_version
            requests.request(connection, **terms, body=body, now_us=at_us, command_id=name, expected_version=version)

    def _ask_again_otherwise(self, wish: Wish) -> None:
        """The same once more changes nothing; the same id with other terms is a conflict."""
        self._ask(wish)
        if wish.is_batch:
            return
        try:
            self._ask(msgspec.structs.replace(wish, expected_version=(wish.expected_version or 0) + 1))
        except Conflict:
            return
        raise AssertionError(f"{wish.id} was taken with other terms")

    # -- deciding -----------------------------------------------------------------------------------------------

    def decide_all(self) -> None:
        """Decides what waits until told to stop."""
        while not self.stop.wait(0.02):
            try:
                with reading(self._engine("carol")) as connection:
                    waiting = queries.open_commands(connection, CommandState.REQUESTED)
                for record in waiting:
                    self._decide(record)
            except DatabaseUnavailable:
                continue

    def _decide(self, record: CommandRecord) -> None:
        fate = random.Random(f"{self.duty.seed}/{record.batch_id or record.id}").random()
        if fate < WITHDRAWN_SHARE:
            self._withdraw(record)
        elif fate < WITHDRAWN_SHARE + REFUSED_SHARE:
            self._decide_as_anybody(record, requests.Verdict.REFUSE)
        elif not self._decide_as_anybody(record, requests.Verdict.APPROVE):
            self._withdraw(record)

    def _decide_as_anybody(self, record: CommandRecord, verdict: requests.Verdict) -> bool:
        """Whether somebody could, and it waits no more."""
        return any(self._decide_as(who, record, verdict) for who in APPROVERS)

    def _decide_as(self, who: str, record: CommandRecord, verdict: requests.Verdict) -> bool:
        try:
            with self._deed(who) as connection:
                done = self._say(connection, who, record, verdict)
        except Refused:
            return False
        self._write(Decision(command_id=record.id, who=who, verdict=verdict.value))
        return done.state is not CommandState.REQUESTED

    def _say(self, connection: Connection, who: str, record: CommandRecord, verdict: requests.Verdict) -> CommandRecord:
        seen = record.payload_hash
        if record.batch_id is not None:
            batch = queries.batch(connection, record.batch_id)
            assert batch is not None
            decided = requests.decide_batch(
                connection,
                who=who,
                batch_id=batch.id,
                batch_hash=batch.hash,
                verdict=verdict,
                now_us=now_us(),
                comment="looked at",
            )
            return next((one for one in decided if one.id == record.id), record)
        if verdict is requests.Verdict.APPROVE:
            return requests.approve(connection, who=who, command_id=record.id, payload_hash=seen, now_us=now_us())
        return requests.refuse(connection, who=who, command_id=record.id, reason="no", now_us=now_us())

    def _withdraw(self, record: CommandRecord) -> None:
        who = record.requested_by
        try:
            with self._deed(who) as connection:
                requests.withdraw(connection, who=who, command_id=record.id, now_us=now_us(), reason="not needed")
        except Refused:
            return
        self._write(Decision(command_id=record.id, who=who, verdict="withdraw"))

    # -- settling -----------------------------------------------------------------------------------------------

    def settle_all(self) -> None:
        """Looks at the platform, as the tables show it, for what became of commands that nobody knows about; every
        third is left as it is."""
        with reading(self._engine("otto")) as connection:
            lost = [one for one in queries.recent_commands(connection, 5_000) if one.state is CommandState.UNKNOWN]
            seen = {record.id: _is_on_the_platform(connection, record) for record in lost}
        for number, record in enumerate(lost):
            if number % 3 == 2:
                continue
            outcome = Outcome.CONFIRMED if seen[record.id] else Outcome.FAILED
            body = SettleUnknown(command_id=record.id, outcome=outcome, evidence="looked at the platform")
            name = f"{self.duty.prefix}-{number:08}"
            wish = Wish(number=number, id=name, who="otto", server=record.server, members=((name, body),))
            self._write(Intent(wish=wish))
            self._write(self._until_answered(wish))

    # -- what both need -----------------------------------------------------------------------------------------

    @contextmanager
    def _deed(self, who: str, late_us: int = 0) -> Iterator[Connection]:
        with requests.audited(self._engine(who)) as connection:
            if late_us and connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL dealerdesk.now_us = '{now_us() - late_us}'")
            yield connection

    def _engine(self, who: str) -> Engine:
        if who not in self._engines:
            self._engines[who] = open_engine(self.duty.urls[who])
        return self._engines[who]

    def _write(self, line: Line) -> None:
        os.write(self._file, msgspec.json.encode(line) + b"\n")


def _continued(path: Path) -> int:
    """The file, open to be added to; half a line, whose writer was killed, is cut off."""
    file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    os.ftruncate(file, len(path.read_bytes().rpartition(b"\n")[0]) + 1 if path.stat().st_size else 0)
    return file


def _is_on_the_platform(connection: Connection, record: CommandRecord) -> bool:
    """Whether the tables show an effect that names the command, or its own client."""
    for table in (balance_operations, deals):
        if connection.execute(select(table.c.id).where(table.c.comment == record.id)).first() is not None:
            return True
    of_client = select(clients.c.id).where(clients.c.id == record.client_id)
    return record.kind == "open_account" and connection.execute(of_client).first() is not None


def main() -> None:
    duty = msgspec.json.decode(sys.stdin.buffer.readline(), type=Duty)
    stop = threading.Event()

    def wait_for_the_end() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        stop.set()

    threading.Thread(target=wait_for_the_end, daemon=True).start()
    print('{"ready": true}', flush=True)
    desk = Desk(duty, stop)
    match duty.deed:
        case "ask":
            desk.ask_all()
        case "decide":
            desk.decide_all()
        case "settle":
            desk.settle_all()
        case other:
            raise ValueError(f"a desk does not {other}")


if __name__ == "__main__":
    main()
