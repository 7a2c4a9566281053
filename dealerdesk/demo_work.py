"""What a demonstration finds on its desks: contacts of clients and requests that wait, once its accounts are recorded.

It watches the tables from a thread of its own, so that nothing waits for it, and writes once.
"""

from __future__ import annotations

import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

import structlog

from dealerdesk.clock import now_us

if TYPE_CHECKING:
    from sqlalchemy import Engine

log = structlog.get_logger(__name__)
LOOK_S = 0.25
END_WITHIN_S = 10.0


class FirstWork:
    """Waits until every server's accounts are in the tables, then lays out the work; `stop` ends it early."""

    def __init__(self, database_url: str, servers: Collection[str]) -> None:
        self._url = database_url
        self._servers = frozenset(servers)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="first work", daemon=True)

    def start(self) -> None:
        """Begins to watch; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends, and returns when the database is no longer used."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_S)

    def _run(self) -> None:
        # imported here: the hub is being started at the same moment
        from dealerdesk.store.engine import DatabaseUnavailable, open_engine

        engine = open_engine(self._url)
        try:
            while not self._stopping.wait(LOOK_S):
                try:
                    done = lay_out(engine, self._servers)
                except DatabaseUnavailable as error:
                    log.warning("the demonstration's requests wait", error=str(error))
                else:
                    if done:
                        return
        finally:
            engine.dispose()


def lay_out(engine: Engine, servers: Collection[str]) -> bool:
    """Writes contacts and requests in one transaction; False while not all servers are recorded yet."""
    from dealerdesk.commands.demo_contacts import seed_contacts
    from dealerdesk.commands.demo_requests import seed_requests
    from dealerdesk.store.engine import reading, writing
    from dealerdesk.store.queries import recorded

    with reading(engine) as connection:
        if not recorded(connection).keys() >= set(servers):
            return False
    with writing(engine) as connection:
        seed_contacts(connection, now_us())
        seed_requests(connection, now_us())
    return True
