"""The tables of what people decide and what the program remembers about itself. No SQL here.

A command's payload is fixed when it is asked for; afterwards only its state moves, along `TRANSITIONS`, which the
database's own triggers enforce. Audit entries and decisions are never changed or removed. Moments are microseconds UTC.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Table, Text, UniqueConstraint

from dealerdesk.store.columns import INTEGER, counted, flag, integer, text
from dealerdesk.store.recorded import metadata

TRANSITIONS = (
    ("requested", "approved"),
    ("requested", "refused"),
    ("requested", "expired"),
    ("requested", "withdrawn"),
    ("approved", "expired"),
    ("approved", "withdrawn"),
    ("approved", "dispatched"),
    ("dispatched", "confirmed"),
    ("dispatched", "failed"),
    ("dispatched", "unknown"),
    ("unknown", "confirmed"),
    ("unknown", "failed"),
)
"""Every legal change of a command's state; all others are refused by the database."""

staff = Table(
    "staff",
    metadata,
    text("id", key=True),
    text("name"),
    text("role"),
    flag("active"),
    integer("version"),
    integer("changed_us"),
    text("command_id", optional=True),  # the command that made or changed the row; none at the set-up
    sqlite_strict=True,
)

policies = Table(
    "policies",
    metadata,
    text("id", key=True),
    integer("version", key=True),
    text("kind"),
    text("rule"),  # JSON of commands.policy.Rule
    integer("effective_us"),
    integer("ended_us", optional=True),
    text("author"),
    text("note"),
    text("command_id", optional=True),
    sqlite_strict=True,
)

command_transitions = Table(
    "command_transitions",
    metadata,
    text("from_state", key=True),
    text("to_state", key=True),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

commands = Table(
    "commands",
    metadata,
    text("id", key=True),
    text("kind"),
    text("server"),
    integer("login", optional=True),
    text("payload"),  # canonical JSON of the protocol's body
    text("payload_hash"),
    text("title"),
    text("reason"),
    Column("requested_by", Text(), ForeignKey("staff.id"), nullable=False),
    integer("requested_us"),
    integer("expires_us"),
    integer("expected_version", optional=True),
    integer("approvals_needed"),
    text("needs"),  # JSON: what the policies asked for
    # the columns above never change; those below move with the state
    text("state"),
    integer("changed_us"),
    text("decided_by", optional=True),
    integer("decided_us", optional=True),
    text("comment"),
    integer("deadline_us", optional=True),
    integer("dispatched_us", optional=True),
    text("dispatch_epoch", optional=True),
    integer("sends"),
    text("stage"),
    text("code"),
    text("result"),
    text("ticket"),
    text("read_back", optional=True),  # JSON of the row that the bridge read from the platform
    integer("read_version", optional=True),
    integer("settled_us", optional=True),
    # these too never change
    text("batch_id", optional=True),
    text("advised", optional=True),  # canonical JSON of the body that was advised at the time
    integer("client_id", optional=True),
    Column("group_name", Text(), nullable=False, server_default=""),
    Column("origin", Text(), nullable=False, server_default=""),
    CheckConstraint("length(id) BETWEEN 8 AND 31", name="id_fits_the_platforms"),
    CheckConstraint("length(reason) > 0", name="reason_given"),
    CheckConstraint("approvals_needed BETWEEN 0 AND 2", name="approvals_needed"),
    sqlite_strict=True,
)

decisions = Table(
    "decisions",
    metadata,
    Column("command_id", Text(), ForeignKey("commands.id"), primary_key=True),
    Column("staff", Text(), ForeignKey("staff.id"), primary_key=True),
    text("role"),
    text("verdict"),
    text("payload_hash"),
    text("comment"),
    integer("decided_us"),
    # whose authority it is: the decider's own, or that of the absent person whom they stand in for; empty in old rows
    Column("for_staff", Text(), nullable=False, server_default=""),
    CheckConstraint("verdict IN ('approve', 'refuse')", name="verdict"),
    sqlite_strict=True,
)

audit = Table(
    "audit",
    metadata,
    counted("id"),
    text("entry_id"),
    integer("at_us"),
    text("actor"),
    text("action"),
    text("subject"),
    text("server"),
    integer("login", optional=True),
    text("entry"),  # canonical JSON, what the hash is over
    text("leaf_hash"),
    Column("txid", INTEGER, nullable=False, server_default="0"),  # the writing transaction on PostgreSQL
    integer("client_id", optional=True),
    Column("kind", Text(), nullable=False, server_default=""),  # of the command it is about
    UniqueConstraint("entry_id"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

change_feed = Table(
    "change_feed",
    metadata,
    counted("id"),
    integer("txid"),  # the writing transaction on PostgreSQL, 0 on SQLite where ids are in commit order
    text("table_name"),
    text("server"),
    text("key"),
    integer("at_us"),
    sqlite_strict=True,
    sqlite_autoincrement=True,
)

settings = Table(
    "settings",
    metadata,
    text("name", key=True),
    text("value"),
    integer("version"),
    integer("changed_us"),
    text("changed_by"),
    sqlite_strict=True,
)

streams = Table(
    "streams",
    metadata,
    text("server", key=True),
    text("epoch"),
    integer("sequence"),
    sqlite_strict=True,
)

hub_status = Table(
    "hub_status",
    metadata,
    text("server", key=True),
    text("state"),
    text("epoch"),
    integer("sequence"),
    integer("queued"),
    integer("started_us"),
    integer("beat_us"),
    text("error"),
    sqlite_strict=True,
)


def _where_any(column: Column[Any]) -> dict[str, Any]:
    """An index of the rows that have the column: most have none."""
    return {"postgresql_where": column.is_not(None), "sqlite_where": column.is_not(None)}


Index(None, commands.c.state, commands.c.requested_us)
Index(
    "uq_decisions_for_staff",  # nobody's authority counts twice
    decisions.c.command_id,
    decisions.c.for_staff,
    unique=True,
    postgresql_where=decisions.c.for_staff != "",
    sqlite_where=decisions.c.for_staff != "",
)
Index(None, commands.c.server, commands.c.login, commands.c.requested_us)
Index(None, commands.c.requested_us)
Index(None, commands.c.batch_id, **_where_any(commands.c.batch_id))
Index(None, commands.c.client_id, commands.c.requested_us)
Index(None, audit.c.subject)
Index(None, audit.c.client_id, **_where_any(audit.c.client_id))
Index(None, audit.c.actor, audit.c.at_us)
Index(None, audit.c.at_us, postgresql_using="brin")  # entries come in order of time
Index(None, audit.c.txid)
Index(None, change_feed.c.txid)
