"""Which hub is at work: one row says who holds the lease and until when, another who alone may write. No waiting here.

A holder renews its lease every few seconds; one that does not is replaced. Time is the database's own on PostgreSQL.
Every writing transaction of the hub calls `hold` first: it fails once somebody else has taken over, and while it runs
nobody can. The fence stands in a row of its own, so that renewing never waits for a long recording.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, text, true, update
from sqlalchemy.dialects import postgresql, sqlite

from dealerdesk.clock import SECOND_US
from dealerdesk.store.schema import hub_lease

LEASE_US = 6_000_000
HELD_TRANSACTION_IDLE_MS = 5_000
"""A hub that is stopped within a transaction loses it before its lease runs out, and with it the lock on the fence."""
NOBODY = ""
LEASE, FENCE = "hub", "hub fence"


class LeaseLost(Exception):  # noqa: N818 - a state of the world rather than a fault of the program
    """Another hub has taken over: this one must write nothing more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """Who holds it, in which term, and when it ends (µs UTC).

    A database's first term is the second (UTC) in which its first hub began, and each take-over counts one up. So the
    hubs of a database that was made later, or restored, come after all hubs of the one before, at the bridges too.
    """

    holder: str
    term: int
    expires_us: int

    @property
    def dated_us(self) -> int:
        """When it was taken or renewed last, by the clock that counts (µs UTC)."""
        return self.expires_us - LEASE_US


def current_lease(connection: Connection) -> Lease | None:
    """The lease as it stands, run out or not; None where no hub has ever been."""
    row = connection.execute(_LEASE).first()
    return Lease(row.holder, row.term, row.expires_us) if row else None


def is_free(connection: Connection, holder: str, now_us: int) -> bool:
    """Whether `holder` could take the lease now; writes and locks nothing.

    A holder may always follow itself: whoever starts a hub under the name of an earlier one says that that has ended.
    """
    lease = current_lease(connection)
    if lease is None or lease.holder in (NOBODY, holder):
        return True
    # one that would last longer than any lease was made before the clock went back
    return not 0 < lease.expires_us - _now(connection, now_us) <= LEASE_US


def take(connection: Connection, holder: str, now_us: int) -> Lease | None:
    """The lease in a later term, None while another holds it; waits for the writing transactions of the one before."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    empty = {"holder": NOBODY, "term": 0, "renewed_us": 0, "expires_us": 0}
    for name in (LEASE, FENCE):
        connection.execute(insert(hub_lease).values(name=name, **empty).on_conflict_do_nothing())
    connection.execute(_LEASE.with_for_update())
    if not is_free(connection, holder, now_us):
        return None
    now_us = _now(connection, now_us)
    before = connection.scalar(select(func.max(hub_lease.c.term))) or 0
    term = before + 1 if before else max(1, now_us // SECOND_US)
    lease = Lease(holder, term, now_us + LEASE_US)
    connection.execute(update(hub_lease).where(hub_lease.c.name == FENCE).values(holder=holder, term=term))
    connection.execute(
        update(hub_lease)
        .where(hub_lease.c.name == LEASE)
        .values(holder=holder, term=term, renewed_us=now_us, expires_us=lease.expires_us)
    )
    return lease


def renew(connection: Connection, lease: Lease, now_us: int) -> Lease | None:
    """Holds on to the lease for six more seconds; None when it is somebody else's. Late is not too late by itself."""
    now_us = _now(connection, now_us)
    mine = (hub_lease.c.name == LEASE) & (hub_lease.c.holder == lease.holder) & (hub_lease.c.term == lease.term)
    changed = connection.execute(update(hub_lease).where(mine).values(renewed_us=now_us, expires_us=now_us + LEASE_US))
    return replace(lease, expires_us=now_us + LEASE_US) if changed.rowcount == 1 else None


def release(connection: Connection, lease: Lease) -> None:
    """Gives the lease back, so that a stand-by need not wait; nothing happens when it is somebody else's."""
    mine = (hub_lease.c.holder == lease.holder) & (hub_lease.c.term == lease.term)
    connection.execute(update(hub_lease).where(mine).values(holder=NOBODY, expires_us=0))


def hold(connection: Connection, holder: str, term: int) -> None:
    """Makes sure, to the end of this transaction, that nobody has taken over; raises LeaseLost."""
    query = select(hub_lease.c.holder, hub_lease.c.term).where(hub_lease.c.name == FENCE)
    if connection.dialect.name == "postgresql":  # SQLite's one writer at a time holds everything by itself
        idle = func.set_config("idle_in_transaction_session_timeout", str(HELD_TRANSACTION_IDLE_MS), true())
        query = query.add_columns(idle)
    fence = connection.execute(query.with_for_update(read=True)).first()
    if fence is None or (fence.holder, fence.term) != (holder, term):
        by = f" by {fence.holder}" if fence is not None and fence.holder else ""
        raise LeaseLost(f"the hub's work has been taken over{by}")


def put_terms_ahead(connection: Connection, now_us: int) -> None:
    """After a restore: the next term is beyond every one that was given since the backup, and before any of a database
    that is made later."""
    before = connection.scalar(select(func.max(hub_lease.c.term))) or 0
    term = max(before + 1, _now(connection, now_us) // SECOND_US)
    connection.execute(update(hub_lease).values(holder=NOBODY, term=term, renewed_us=0, expires_us=0))


def _now(connection: Connection, now_us: int) -> int:
    if connection.dialect.name == "sqlite":
        return now_us
    return connection.scalar(text("SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")) or now_us


_LEASE = select(hub_lease.c.holder, hub_lease.c.term, hub_lease.c.expires_us).where(hub_lease.c.name == LEASE)
