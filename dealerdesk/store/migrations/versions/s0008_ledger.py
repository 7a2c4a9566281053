"""The ledger's tables, with what the database refuses by itself: an entry that is not zero in every currency, one of a
command that is not moving money at that moment, and any change of what is posted.

A foreign key that is looked at when the transaction ends keeps postings from standing without their entry. Two
transactions that write postings of one command go one after the other on PostgreSQL, since neither could count what the
other has not committed.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, PrimaryKeyConstraint

from dealerdesk.store.columns import integer, text

revision = "0008"
down_revision = "0007"

TABLES = ("journal_entries", "postings")
READERS = ("back_office", "payments", "compliance", "supervisor", "auditor")
MOVES_MONEY = (
    "EXISTS (SELECT 1 FROM commands c WHERE c.id = NEW.command_id AND c.state = 'dispatched'"
    " AND c.kind = 'change_balance')"
)
POSTED = "EXISTS (SELECT 1 FROM journal_entries e WHERE e.command_id = NEW.command_id AND e.number = NEW.number)"
OF_ENTRY = "FROM postings p WHERE p.command_id = NEW.command_id AND p.number = NEW.number"
UNEVEN = f"SELECT 1 {OF_ENTRY} GROUP BY p.currency HAVING sum(p.amount) <> 0"
BALANCED = f"EXISTS (SELECT 1 {OF_ENTRY}) AND NOT EXISTS ({UNEVEN})"
# guard, its table, what must hold, in which words it is refused otherwise
GUARDS = (
    ("journal_entries_made", "journal_entries", MOVES_MONEY, "entries are posted by a command that moves money"),
    ("journal_entries_once", "journal_entries", f"NOT {POSTED}", "this entry is posted already"),
    ("journal_entries_balanced", "journal_entries", BALANCED, "an entry is zero in every currency"),
    ("postings_made", "postings", MOVES_MONEY, "entries are posted by a command that moves money"),
    ("postings_closed", "postings", f"NOT {POSTED}", "nothing is added to a posted entry"),
)


def upgrade() -> None:
    """Adds the tables, puts their guards up, and says who may read and write them."""
    _tables()
    is_postgres = op.get_bind().dialect.name == "postgresql"
    guard = _guard_postgres if is_postgres else _guard_sqlite
    for name, table, holds, sentence in GUARDS:
        guard(name, "INSERT", table, f"(({holds}) IS NOT TRUE)", sentence)
    for table in TABLES:
        for event in ("UPDATE", "DELETE"):
            guard(f"{table}_no_{event.lower()}", event, table, "1 = 1", f"{table} is never changed or removed")
    if is_postgres:
        for statement in (*_guards_of_postgres(), *_rights()):
            op.execute(statement)


def _tables() -> None:
    op.create_table(
        "journal_entries",
        text("command_id", key=True),
        integer("number", key=True),
        integer("posted_us"),
        PrimaryKeyConstraint("command_id", "number", name="pk_journal_entries"),
        ForeignKeyConstraint(["command_id"], ["commands.id"], name="fk_journal_entries_command_id"),
        CheckConstraint("number >= 1", name=op.f("ck_journal_entries_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "postings",
        text("command_id", key=True),
        integer("number", key=True),
        integer("line", key=True),
        text("account"),
        text("currency"),
        integer("amount"),
        PrimaryKeyConstraint("command_id", "number", "line", name="pk_postings"),
        ForeignKeyConstraint(
            ["command_id", "number"],
            ["journal_entries.command_id", "journal_entries.number"],
            name="fk_postings_command_id_number",
            deferrable=True,
            initially="DEFERRED",
        ),
        CheckConstraint("line >= 1", name=op.f("ck_postings_line")),
        CheckConstraint("length(trim(account)) > 0", name=op.f("ck_postings_account")),
        # capital letters and nothing that looks like them
        CheckConstraint(
            "length(currency) BETWEEN 3 AND 5 AND length(trim(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')) = 0",
            name=op.f("ck_postings_currency"),
        ),
        CheckConstraint("amount <> 0", name=op.f("ck_postings_amount")),
        sqlite_strict=True,
    )


def _guard_sqlite(name: str, event: str, table: str, refused: str, sentence: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {refused} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
    )


def _guard_postgres(name: str, event: str, table: str, refused: str, sentence: str) -> None:
    # held until the transaction ends: whoever else writes of this command waits, and then sees what is posted
    hold = "PERFORM 1 FROM commands WHERE id = NEW.command_id FOR NO KEY UPDATE; " if name.endswith("_made") else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp"
        f" AS $guard$ BEGIN {hold}IF {refused} THEN"
        f" RAISE EXCEPTION '{sentence}' USING ERRCODE = 'restrict_violation'; END IF;"
        f" RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $guard$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()")


def _guards_of_postgres() -> list[str]:
    """What SQLite cannot do: the database's own clock, emptying refused, and guards that fire in every session."""
    return [
        "CREATE FUNCTION journal_entries_timed() RETURNS trigger LANGUAGE plpgsql"
        " SET search_path = pg_catalog, public, pg_temp"
        " AS $guard$ BEGIN NEW.posted_us := api.clock_us(); RETURN NEW; END $guard$",
        "CREATE TRIGGER journal_entries_timed BEFORE INSERT ON journal_entries"
        " FOR EACH ROW EXECUTE FUNCTION journal_entries_timed()",
        *(
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION no_truncate()"
            for table in TABLES
        ),
        *(
            f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
            for table in TABLES
            for name in (f"{table}_no_truncate", *_functions())
            if name.startswith(table)
        ),
    ]


def _rights() -> list[str]:
    """The hub posts; who sees money and the command sees its entries; nobody else has any right."""
    tables, functions = ", ".join(TABLES), ", ".join(f"{name}()" for name in _functions())
    readers = ", ".join(f"dealerdesk_{role}" for role in READERS)
    return [
        f"REVOKE ALL ON {tables} FROM PUBLIC",
        f"REVOKE ALL ON FUNCTION {functions} FROM PUBLIC",
        f"GRANT SELECT ON {tables} TO {readers}",
        f"GRANT SELECT, INSERT ON {tables} TO dealerdesk_hub",
        *(statement for table in TABLES for statement in _row_rights(table)),
        *(f"ALTER FUNCTION {name}() OWNER TO dealerdesk_tables" for name in _functions()),
    ]


def _row_rights(table: str) -> list[str]:
    return [
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        # foreign keys are checked as the table's owner
        f"CREATE POLICY inner_work ON {table} TO dealerdesk_tables USING (true) WITH CHECK (true)",
        f"CREATE POLICY hub_work ON {table} TO dealerdesk_hub USING (true) WITH CHECK (true)",
        f"CREATE POLICY seen ON {table} FOR SELECT TO dealerdesk_staff USING ("
        " (SELECT api.sees_all()) OR command_id IN (SELECT c.id FROM commands AS c))",
        f"ALTER TABLE {table} OWNER TO dealerdesk_tables",
    ]


def _functions() -> list[str]:
    changes = (f"{table}_no_{event}" for table in TABLES for event in ("update", "delete"))
    return ["journal_entries_timed", *changes, *(name for name, *_ in GUARDS)]
