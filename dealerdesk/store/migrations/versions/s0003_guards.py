"""What the database refuses by itself, whoever asks: the same rules as triggers of SQLite and of PostgreSQL."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

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
)
PERMANENT = (
    "audit",
    "decisions",
    "command_transitions",
    "deals",
    "balance_operations",
    "quote_samples",
    "day_ends",
)
FIXED = (
    "id",
    "kind",
    "server",
    "login",
    "payload",
    "payload_hash",
    "title",
    "reason",
    "requested_by",
    "requested_us",
    "expires_us",
    "expected_version",
    "approvals_needed",
    "needs",
)

# (name, event, table, condition under which it is refused, sentence); the conditions are SQL of both databases
RULES = (
    (
        "decisions_four_eyes",
        "INSERT",
        "decisions",
        "NEW.staff = (SELECT requested_by FROM commands WHERE id = NEW.command_id)",
        "nobody decides their own request",
    ),
    (
        "decisions_while_open",
        "INSERT",
        "decisions",
        "'requested' <> (SELECT state FROM commands WHERE id = NEW.command_id)",
        "only a waiting request is decided",
    ),
    (
        "decisions_of_what_was_seen",
        "INSERT",
        "decisions",
        "NEW.payload_hash <> (SELECT payload_hash FROM commands WHERE id = NEW.command_id)",
        "what is decided is not what was asked for",
    ),
    ("commands_start", "INSERT", "commands", "NEW.state <> 'requested'", "a command starts as a request"),
    ("commands_kept", "DELETE", "commands", "1 = 1", "commands is never changed or removed"),
    (
        "commands_fixed",
        "UPDATE",
        "commands",
        " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED),
        "what was asked for is never changed",
    ),
    (
        "commands_transitions",
        "UPDATE",
        "commands",
        "NOT (OLD.state = 'dispatched' AND NEW.state = 'dispatched') AND NOT EXISTS"
        " (SELECT 1 FROM command_transitions WHERE from_state = OLD.state AND to_state = NEW.state)",
        "a command does not move that way",
    ),
    (
        "commands_approved",
        "UPDATE",
        "commands",
        "OLD.state = 'requested' AND NEW.state = 'approved' AND NEW.approvals_needed >"
        " (SELECT count(*) FROM decisions WHERE command_id = NEW.id AND verdict = 'approve'"
        " AND payload_hash = NEW.payload_hash AND staff <> NEW.requested_by)",
        "the approvals that were asked for are not there",
    ),
)


def upgrade() -> None:
    """Fills the state table, then puts the guards up."""
    for before, after in TRANSITIONS:
        op.execute(f"INSERT INTO command_transitions (from_state, to_state) VALUES ('{before}', '{after}')")
    guard = _guard_sqlite if op.get_bind().dialect.name == "sqlite" else _guard_postgres
    for table in PERMANENT:
        for event in ("UPDATE", "DELETE"):
            guard(f"{table}_no_{event.lower()}", event, table, "1 = 1", f"{table} is never changed or removed")
    guard("transitions_closed", "INSERT", "command_transitions", "1 = 1", "the state table is part of the program")
    for rule in RULES:
        guard(*rule)
    if op.get_bind().dialect.name == "postgresql":
        _refuse_truncate()


def _guard_sqlite(name: str, event: str, table: str, refused: str, sentence: str) -> None:
    # SQLite before 3.39 knows no IS DISTINCT FROM; its own IS NOT says the same
    refused = refused.replace("IS DISTINCT FROM", "IS NOT")
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )


def _guard_postgres(name: str, event: str, table: str, refused: str, sentence: str) -> None:
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF {refused} THEN"
        f" RAISE EXCEPTION '{sentence}' USING ERRCODE = 'restrict_violation'; END IF;"
        f" RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _refuse_truncate() -> None:
    op.execute(
        "CREATE FUNCTION no_truncate() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " RAISE EXCEPTION '% is never emptied', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in (*PERMANENT, "commands"):
        op.execute(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION no_truncate()"
        )
