"""On SQLite nothing permanent is written over by an INSERT OR REPLACE, which removes the older row past the guards of
removing unless a connection asks for them. PostgreSQL knows no such statement.
"""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

# table: its unique keys
RECORDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "balance_operations": (("server", "id"),),
    "day_ends": (("server", "login", "day"),),
    "deals": (("server", "id"),),
    "quote_samples": (("server", "symbol", "minute_us"),),
    "subject_keys": (("client_id",),),
}
"""What is written again is the same (ON CONFLICT DO NOTHING), so it is passed over."""
DECIDED: dict[str, tuple[tuple[str, ...], ...]] = {
    "audit": (
        ("id",),
        ("entry_id",),
    ),
    "audit_order": (
        ("leaf",),
        ("audit_id",),
    ),
    "audit_seals": (("number",),),
    "batches": (("id",),),
    "client_ratings": (("client_id",),),
    "command_kinds": (("kind",),),
    "commands": (("id",),),
    "contacts": (("client_id", "field"),),
    "covers": (("command_id",),),
    "decisions": (("command_id", "staff"),),
    "documents": (("id",),),
    "policies": (("id", "version"),),
    "postings": (("command_id", "number", "line"),),
    "staff": (("id",),),
    "staff_logins": (("login",),),
}


def upgrade() -> None:
    """Puts the guards up."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, keys in RECORDED.items():
        _guard(table, keys, "RAISE(IGNORE)")
    for table, keys in DECIDED.items():
        _guard(table, keys, f"RAISE(ABORT, '{table} is never written over')")
    # an absent colleague's authority counts once, for whoever uses it
    for_another = "NEW.for_staff <> '' AND EXISTS (SELECT 1 FROM decisions d WHERE d.command_id = NEW.command_id"
    _put_up(
        "decisions_not_replaced_for",
        "decisions",
        f"{for_another} AND d.for_staff = NEW.for_staff)",
        "RAISE(ABORT, 'decisions is never written over')",
    )


def _guard(table: str, keys: tuple[tuple[str, ...], ...], answer: str) -> None:
    same = (" AND ".join(f"t.{name} = NEW.{name}" for name in key) for key in keys)
    known = " OR ".join(f"EXISTS (SELECT 1 FROM {table} t WHERE {each})" for each in same)
    _put_up(f"{table}_not_replaced", table, known, answer)


def _put_up(name: str, table: str, refused: str, answer: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {refused} BEGIN SELECT {answer}; END")
