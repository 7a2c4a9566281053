"""The change feed: which rows people may look at have changed. Keys only, never contents.

Whoever changes such a row writes the feed in the same transaction; every desk reads it a few times a second. On
PostgreSQL transactions commit in another order than their numbers, so the reader never moves past the oldest one still
running: it shows a change as soon as it sees it, remembers it, and looks again. On SQLite there is one writer at a
time, so ids are in commit order and the last one seen is all there is to remember.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, delete, func, insert, select, text

from dealerdesk.store.schema import change_feed

EVERY_ROW = ""
"""Key of a change that touched so many rows of a table (on one server) that they are not named."""


@dataclass(frozen=True, slots=True)
class Change:
    """Row `key` of `table` changed; `server` is empty for tables without one, `key` is EVERY_ROW for all of them."""

    table: str
    server: str
    key: str
    at_us: int


def announce(connection: Connection, table: str, keys: Iterable[int | str], *, now_us: int, server: str = "") -> None:
    """Writes one feed row a key, in the caller's transaction."""
    txid = "0" if connection.dialect.name == "sqlite" else "pg_current_xact_id()::text::bigint"
    rows = [{"table_name": table, "server": server, "key": str(key), "at_us": now_us} for key in keys]
    if rows:
        connection.execute(insert(change_feed).values(txid=text(txid)), rows)


def prune(connection: Connection, before_us: int) -> int:
    """Forgets changes older than `before_us`; returns how many. A desk away for longer reloads everything anyway."""
    return connection.execute(delete(change_feed).where(change_feed.c.at_us < before_us)).rowcount


@dataclass(slots=True)
class FeedReader:
    """One desk's place in the feed; starts at the present on its first call."""

    _cursor: int = -1
    _seen: set[int] = field(default_factory=set)

    def changes(self, connection: Connection) -> list[Change]:
        """What was committed since the last call, each change once, in the order of their writing."""
        if connection.dialect.name == "sqlite":
            return self._changes_sqlite(connection)
        return self._changes_postgres(connection)

    def _changes_sqlite(self, connection: Connection) -> list[Change]:
        if self._cursor < 0:
            self._cursor = connection.scalar(select(func.coalesce(func.max(change_feed.c.id), 0))) or 0
            return []
        # as cheap as asking `data_version`, which is each connection's own and blind to that connection's commits
        found = connection.execute(_COLUMNS.where(change_feed.c.id > self._cursor).order_by(change_feed.c.id)).all()
        if found:
            self._cursor = found[-1].id
        return [Change(row.table_name, row.server, row.key, row.at_us) for row in found]

    def _changes_postgres(self, connection: Connection) -> list[Change]:
        horizon = connection.scalar(text("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")) or 0
        if self._cursor < 0:
            self._cursor = horizon
            # what stands there already at or past the horizon was committed before this desk began to look
            self._seen = set(connection.scalars(select(change_feed.c.id).where(change_feed.c.txid >= horizon)))
            return []
        rows = connection.execute(_COLUMNS.where(change_feed.c.txid >= self._cursor).order_by(change_feed.c.id)).all()
        news = [row for row in rows if row.id not in self._seen]
        self._seen = {row.id for row in rows if row.txid >= horizon}
        self._cursor = horizon
        return [Change(row.table_name, row.server, row.key, row.at_us) for row in news]


_COLUMNS = select(
    change_feed.c.id,
    change_feed.c.txid,
    change_feed.c.table_name,
    change_feed.c.server,
    change_feed.c.key,
    change_feed.c.at_us,
)
