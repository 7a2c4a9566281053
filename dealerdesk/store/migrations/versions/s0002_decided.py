"""What people decide, and what the program remembers about itself."""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint, UniqueConstraint

from dealerdesk.store.columns import counted, flag, integer, text

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Creates the tables; the indexes are those that the inbox, an account's page and the hub look by."""
    _staff()
    _policies()
    _commands()
    _decisions()
    _command_transitions()
    _audit()
    _change_feed()
    _settings()
    _streams()
    _hub_status()
    op.create_index("ix_commands_requested_us", "commands", ["requested_us"])
    op.create_index("ix_commands_server_login_requested_us", "commands", ["server", "login", "requested_us"])
    op.create_index("ix_commands_state_requested_us", "commands", ["state", "requested_us"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_index("ix_change_feed_txid", "change_feed", ["txid"])


def _staff() -> None:
    op.create_table(
        "staff",
        text("id", key=True),
        text("name"),
        text("role"),
        flag("active"),
        integer("version"),
        integer("changed_us"),
        PrimaryKeyConstraint("id", name="pk_staff"),
        sqlite_strict=True,
    )


def _policies() -> None:
    op.create_table(
        "policies",
        text("id", key=True),
        integer("version", key=True),
        text("kind"),
        text("rule"),
        integer("effective_us"),
        integer("ended_us", optional=True),
        text("author"),
        text("note"),
        PrimaryKeyConstraint("id", "version", name="pk_policies"),
        sqlite_strict=True,
    )


def _commands() -> None:
    op.create_table(
        "commands",
        text("id", key=True),
        text("kind"),
        text("server"),
        integer("login", optional=True),
        text("payload"),
        text("payload_hash"),
        text("title"),
        text("reason"),
        text("requested_by"),
        integer("requested_us"),
        integer("expires_us"),
        integer("expected_version", optional=True),
        integer("approvals_needed"),
        text("needs"),
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
        text("read_back", optional=True),
        integer("read_version", optional=True),
        integer("settled_us", optional=True),
        PrimaryKeyConstraint("id", name="pk_commands"),
        CheckConstraint("length(id) BETWEEN 8 AND 31", name=op.f("ck_commands_id_fits_the_platforms")),
        CheckConstraint("length(reason) > 0", name=op.f("ck_commands_reason_given")),
        ForeignKeyConstraint(["requested_by"], ["staff.id"], name="fk_commands_requested_by"),
        CheckConstraint("approvals_needed BETWEEN 0 AND 2", name=op.f("ck_commands_approvals_needed")),
        sqlite_strict=True,
    )


def _decisions() -> None:
    op.create_table(
        "decisions",
        text("command_id", key=True),
        text("staff", key=True),
        text("role"),
        text("verdict"),
        text("payload_hash"),
        text("comment"),
        integer("decided_us"),
        PrimaryKeyConstraint("command_id", "staff", name="pk_decisions"),
        CheckConstraint("verdict IN ('approve', 'refuse')", name=op.f("ck_decisions_verdict")),
        ForeignKeyConstraint(["staff"], ["staff.id"], name="fk_decisions_staff"),
        ForeignKeyConstraint(["command_id"], ["commands.id"], name="fk_decisions_command_id"),
        sqlite_strict=True,
    )


def _command_transitions() -> None:
    op.create_table(
        "command_transitions",
        text("from_state", key=True),
        text("to_state", key=True),
        PrimaryKeyConstraint("from_state", "to_state", name="pk_command_transitions"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def _audit() -> None:
    op.create_table(
        "audit",
        counted("id"),
        text("entry_id"),
        integer("at_us"),
        text("actor"),
        text("action"),
        text("subject"),
        text("server"),
        integer("login", optional=True),
        text("entry"),
        text("leaf_hash"),
        PrimaryKeyConstraint("id", name="pk_audit"),
        UniqueConstraint("entry_id", name="uq_audit_entry_id"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def _change_feed() -> None:
    op.create_table(
        "change_feed",
        counted("id"),
        integer("txid"),
        text("table_name"),
        text("server"),
        text("key"),
        integer("at_us"),
        PrimaryKeyConstraint("id", name="pk_change_feed"),
        sqlite_strict=True,
        sqlite_autoincrement=True,
    )


def _settings() -> None:
    op.create_table(
        "settings",
        text("name", key=True),
        text("value"),
        integer("version"),
        integer("changed_us"),
        text("changed_by"),
        PrimaryKeyConstraint("name", name="pk_settings"),
        sqlite_strict=True,
    )


def _streams() -> None:
    op.create_table(
        "streams",
        text("server", key=True),
        text("epoch"),
        integer("sequence"),
        PrimaryKeyConstraint("server", name="pk_streams"),
        sqlite_strict=True,
    )


def _hub_status() -> None:
    op.create_table(
        "hub_status",
        text("server", key=True),
        text("state"),
        text("epoch"),
        integer("sequence"),
        integer("queued"),
        integer("started_us"),
        integer("beat_us"),
        text("error"),
        PrimaryKeyConstraint("server", name="pk_hub_status"),
        sqlite_strict=True,
    )
