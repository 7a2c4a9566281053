"""What a prompt of one's own could still do on SQLite. INSERT OR REPLACE, also by a row's hidden number, removes the
older row past the guards of removing, unless a connection asks for them as ours does. And the procedures, which on
PostgreSQL see to it that a command is one of its kind and asked for by staff, are not there.
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
    "journal_entries": (),  # another guard says that an entry is posted once
    "policies": (("id", "version"),),
    "postings": (("command_id", "number", "line"),),
    "staff": (("id",),),
    "staff_logins": (("login",),),
}

MOVED = ("commands", "contacts", "staff", "staff_logins")
"""Tables whose rows change: none takes another's hidden number."""
ACTIVE = "EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.{} AND s.active)"
SAID = """'"kind":"'"""
OF_ITS_KIND = (
    "EXISTS (SELECT 1 FROM command_kinds k WHERE k.kind = NEW.kind) AND INSTR(NEW.payload, char(0)) = 0"
    f" AND INSTR(NEW.payload, {SAID} || NEW.kind || '\"') > 0"
    f" AND length(NEW.payload) - length(replace(NEW.payload, {SAID}, '')) = length({SAID})"
)
"""The payload says the command's kind, once, and has nothing behind a zero: other guards look into it for what may be
done."""
RULES = (
    ("commands_of_a_kind", "INSERT", "commands", f"NOT ({OF_ITS_KIND})", "a command is one of its kind"),
    ("commands_by_staff", "INSERT", "commands", f"NOT {ACTIVE.format('requested_by')}", "staff ask, and only they"),
    (
        "decisions_by_staff",
        "INSERT",
        "decisions",
        f"NOT ({ACTIVE.format('staff')} AND EXISTS (SELECT 1 FROM commands c WHERE c.id = NEW.command_id))",
        "staff decide what was asked for, and only they",
    ),
    *(
        (f"command_kinds_no_{event.lower()}", event, "command_kinds", "1 = 1", "the kinds are part of the program")
        for event in ("INSERT", "UPDATE", "DELETE")
    ),
    *((f"{name}_stay", "UPDATE", name, "NEW.rowid <> OLD.rowid", f"{name} stay where they are") for name in MOVED),
)


def upgrade() -> None:
    """Puts the guards up."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, keys in RECORDED.items():
        _guard(table, keys, "RAISE(IGNORE)")
    for table, keys in DECIDED.items():
        _guard(table, (*keys, ("rowid",)), f"RAISE(ABORT, '{table} is never written over')")
    for name, event, table, refused, sentence in RULES:
        _put_up(name, event, table, refused, f"RAISE(ABORT, '{sentence}')")
    # an absent colleague's authority counts once, for whoever uses it
    for_another = "NEW.for_staff <> '' AND EXISTS (SELECT 1 FROM decisions d WHERE d.command_id = NEW.command_id"
    _put_up(
        "decisions_not_replaced_for",
        "INSERT",
        "decisions",
        f"{for_another} AND d.for_staff = NEW.for_staff)",
        "RAISE(ABORT, 'decisions is never written over')",
    )


def _guard(table: str, keys: tuple[tuple[str, ...], ...], answer: str) -> None:
    # a row for which no hidden number is given has none above zero yet
    same = (" AND ".join(f"t.{name} = NEW.{name}" for name in key) for key in keys if key != ("rowid",))
    hidden = ["t.rowid = NEW.rowid AND NEW.rowid > 0"] if ("rowid",) in keys else []
    known = " OR ".join(f"EXISTS (SELECT 1 FROM {table} t WHERE {each})" for each in (*same, *hidden))
    _put_up(f"{table}_not_replaced", "INSERT", table, known, answer)


def _put_up(name: str, event: str, table: str, refused: str, answer: str) -> None:
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused} BEGIN SELECT {answer}; END")
