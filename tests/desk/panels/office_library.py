"""A library over a real database with a small office in it: what panels that read the database themselves stand on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from dealerdesk.commands import audit, requests
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.first_passwords import hand_out
from dealerdesk.commands.queries import open_commands
from dealerdesk.commands.records import CommandRecord
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.migrate import upgrade

from .small_broker import NOW_US, FakeLibrary


class OfficeLibrary(FakeLibrary):
    """Reads and asks for real, at once, on SQLite; `who` asks. Raises `trouble` instead where a test sets one."""

    def __init__(self, folder: Path, who: str) -> None:
        super().__init__()
        self.who = who
        self.now_us = NOW_US
        url = f"sqlite:///{folder / 'office.db'}"
        upgrade(url)
        self.engine: Engine = open_engine(url)
        with writing(self.engine) as connection:
            seed_demo(connection, NOW_US - 10)

    async def read(self, query: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """A query in one consistent read."""
        if self.trouble is not None:
            raise self.trouble
        with reading(self.engine) as connection:
            return query(connection, *given, **named)

    async def request(
        self, server: str, body: Any, reason: str, command_id: str, _expected_version: int | None = None
    ) -> CommandRecord:
        """Asks as the desk's person."""
        if self.trouble is not None:
            raise self.trouble
        return self.ask(self.who, server, body, reason, command_id)

    def ask(self, who: str, server: str, body: Any, reason: str, command_id: str) -> CommandRecord:
        """Asks as anybody."""
        with requests.audited(self.engine) as connection:
            return requests.request(
                connection,
                who=who,
                server=server,
                body=body,
                reason=reason,
                now_us=self.now_us,
                command_id=command_id,
            )

    async def answer(self, ask: Callable[[Any], Any]) -> Any:
        """What the archive answers: this office is its own."""
        if self.trouble is not None:
            raise self.trouble
        return ask(self)

    def hand_out_password(self, login: str) -> str:
        """A first password, as the desk's person."""
        with requests.audited(self.engine) as connection:
            return hand_out(connection, who=self.who, login=login, now_us=self.now_us)

    def under_way(self) -> list[Body]:
        """What has been asked and is not settled."""
        return self.do(lambda connection: [record.body for record in open_commands(connection)])

    def write(self, number: int, **changes: Any) -> None:
        """One audit entry by dana, so many seconds after ten o'clock."""
        fields: dict[str, Any] = {"id": f"e{number}", "actor": "dana", "action": "signed in", "subject": "dana"}
        fields |= {"at_us": NOW_US + number * 1_000_000}
        with writing(self.engine) as connection:
            audit.write(connection, audit.Entry(**(fields | changes)))

    def do(self, work: Callable[[Connection], Any]) -> Any:
        """Anything in a writing transaction."""
        with writing(self.engine) as connection:
            return work(connection)
