"""Who may sign in, see and decide, and the audit's chain; commands name their batch, client and group."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
)
from sqlalchemy import text as sql

from dealerdesk.store.columns import INTEGER, flag, integer, text

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Adds the tables, then the columns that older tables need."""
    _people()
    _commands()
    _clients()
    _audit()
    _hub_lease()
    op.add_column("staff", Column("command_id", Text()))
    op.add_column("policies", Column("command_id", Text()))
    for column in ("batch_id", "advised"):
        op.add_column("commands", Column(column, Text()))
    op.add_column("commands", Column("client_id", INTEGER))
    for column in ("group_name", "origin"):
        op.add_column("commands", Column(column, Text(), nullable=False, server_default=""))
    op.add_column("audit", Column("txid", INTEGER, nullable=False, server_default="0"))
    op.add_column("audit", Column("client_id", INTEGER))
    op.add_column("audit", Column("kind", Text(), nullable=False, server_default=""))
    op.add_column("decisions", Column("for_staff", Text(), nullable=False, server_default=""))
    once = sql("for_staff <> ''")
    op.create_index(
        "uq_decisions_for_staff",
        "decisions",
        ["command_id", "for_staff"],
        unique=True,
        postgresql_where=once,
        sqlite_where=once,
    )
    op.create_index("ix_staff_logins_staff", "staff_logins", ["staff"])
    op.create_index("ix_covers_cover_until_us", "covers", ["cover", "until_us"])
    op.create_index("ix_documents_client_id", "documents", ["client_id"])
    op.create_index("ix_audit_seals_tree_size", "audit_seals", ["tree_size"])
    _of_some("ix_commands_batch_id", "commands", "batch_id")
    op.create_index("ix_commands_client_id_requested_us", "commands", ["client_id", "requested_us"])
    _of_some("ix_audit_client_id", "audit", "client_id")
    op.create_index("ix_audit_actor_at_us", "audit", ["actor", "at_us"])
    # entries come in order of time, so a range of blocks has a range of moments
    op.create_index("ix_audit_at_us", "audit", ["at_us"], postgresql_using="brin")
    op.create_index("ix_audit_txid", "audit", ["txid"])


def _of_some(name: str, table: str, column: str) -> None:
    """An index of the rows that have the column: most have none."""
    where = sql(f"{column} IS NOT NULL")
    op.create_index(name, table, [column], postgresql_where=where, sqlite_where=where)


def _of_staff(table: str, column: str = "staff") -> ForeignKeyConstraint:
    return ForeignKeyConstraint([column], ["staff.id"], name=f"fk_{table}_{column}")


def _people() -> None:
    op.create_table(
        "staff_logins",
        text("login", key=True),
        text("staff"),
        flag("active"),
        integer("made_us"),
        text("command_id", optional=True),
        PrimaryKeyConstraint("login", name="pk_staff_logins"),
        _of_staff("staff_logins"),
        sqlite_strict=True,
    )
    op.create_table(
        "staff_scopes",
        text("staff", key=True),
        text("server", key=True),
        text("group_name", key=True),
        text("command_id", optional=True),
        PrimaryKeyConstraint("staff", "server", "group_name", name="pk_staff_scopes"),
        _of_staff("staff_scopes"),
        sqlite_strict=True,
    )
    op.create_table(
        "local_passwords",
        text("staff", key=True),
        text("verifier"),
        integer("failures"),
        integer("locked_until_us"),
        integer("changed_us"),
        PrimaryKeyConstraint("staff", name="pk_local_passwords"),
        _of_staff("local_passwords"),
        sqlite_strict=True,
    )
    op.create_table(
        "covers",
        text("command_id", key=True),
        text("absent"),
        text("cover"),
        integer("from_us"),
        integer("until_us"),
        PrimaryKeyConstraint("command_id", name="pk_covers"),
        CheckConstraint("absent <> cover", name=op.f("ck_covers_two_people")),
        _of_staff("covers", "absent"),
        _of_staff("covers", "cover"),
        sqlite_strict=True,
    )


def _commands() -> None:
    op.create_table(
        "command_kinds",
        text("kind", key=True),
        text("requesters"),
        text("always"),
        integer("waits_us"),
        integer("dispatch_within_us"),
        text("executor"),
        PrimaryKeyConstraint("kind", name="pk_command_kinds"),
        sqlite_strict=True,
    )
    op.create_table(
        "batches",
        text("id", key=True),
        text("title"),
        text("reason"),
        text("requested_by"),
        integer("requested_us"),
        integer("size"),
        PrimaryKeyConstraint("id", name="pk_batches"),
        _of_staff("batches", "requested_by"),
        sqlite_strict=True,
    )
    op.create_table(
        "advice",
        text("server", key=True),
        integer("login", key=True),
        text("kind", key=True),
        text("payload"),
        text("rule"),
        integer("made_us"),
        PrimaryKeyConstraint("server", "login", "kind", name="pk_advice"),
        sqlite_strict=True,
    )


def _clients() -> None:
    op.create_table(
        "client_ratings",
        integer("client_id", key=True),
        text("rating"),
        integer("changed_us"),
        text("command_id", optional=True),
        PrimaryKeyConstraint("client_id", name="pk_client_ratings"),
        CheckConstraint("rating IN ('low', 'medium', 'high', 'prohibited')", name=op.f("ck_client_ratings_rating")),
        sqlite_strict=True,
    )
    op.create_table(
        "subject_keys",
        integer("client_id", key=True),
        text("key", optional=True),
        integer("made_us"),
        integer("destroyed_us", optional=True),
        PrimaryKeyConstraint("client_id", name="pk_subject_keys"),
        sqlite_strict=True,
    )
    op.create_table(
        "contacts",
        integer("client_id", key=True),
        text("field", key=True),
        text("token"),
        integer("changed_us"),
        text("command_id", optional=True),
        PrimaryKeyConstraint("client_id", "field", name="pk_contacts"),
        CheckConstraint(
            "field IN ('address', 'email', 'phone', 'bank_account', 'tax_id')", name=op.f("ck_contacts_field")
        ),
        sqlite_strict=True,
    )
    op.create_table(
        "documents",
        text("id", key=True),
        integer("client_id"),
        text("kind"),
        text("name"),
        text("sha256"),
        Column("content", LargeBinary(), nullable=False),
        integer("added_us"),
        PrimaryKeyConstraint("id", name="pk_documents"),
        sqlite_strict=True,
    )


def _audit() -> None:
    op.create_table(
        "audit_order",
        integer("leaf", key=True),
        integer("audit_id"),
        PrimaryKeyConstraint("leaf", name="pk_audit_order"),
        UniqueConstraint("audit_id", name="uq_audit_order_audit_id"),
        sqlite_strict=True,
    )
    op.create_table(
        "audit_seals",
        integer("number", key=True),
        integer("tree_size"),
        text("root"),
        text("frontier"),
        text("statement"),
        text("statement_hash"),
        text("signature"),
        text("key_id"),
        integer("sealed_us"),
        PrimaryKeyConstraint("number", name="pk_audit_seals"),
        sqlite_strict=True,
    )


def _hub_lease() -> None:
    op.create_table(
        "hub_lease",
        text("name", key=True),
        text("holder"),
        integer("term"),
        integer("renewed_us"),
        integer("expires_us"),
        PrimaryKeyConstraint("name", name="pk_hub_lease"),
        sqlite_strict=True,
    )
