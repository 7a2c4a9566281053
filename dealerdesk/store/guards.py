"""The database's own guards by name: triggers that the migrations put up, and that must still stand."""

from __future__ import annotations

from sqlalchemy import Connection

PERMANENT = (
    "audit",
    "audit_order",
    "audit_seals",
    "balance_operations",
    "batches",
    "command_transitions",
    "covers",
    "day_ends",
    "deals",
    "decisions",
    "journal_entries",
    "policies",
    "postings",
    "quote_samples",
)
"""Tables whose rows are never changed or removed."""
KEPT = ("client_ratings", "commands", "contacts", "documents", "staff", "staff_logins", "subject_keys")
"""Tables whose rows are only changed or removed as commands say."""

GUARDS = frozenset(
    {f"{table}_no_{event}" for table in PERMANENT for event in ("update", "delete")}
    | {f"{table}_kept" for table in KEPT}
    | {f"{table}_made" for table in ("client_ratings", "contacts", "covers", "policies", "staff", "staff_logins")}
    | {f"{table}_changed" for table in ("client_ratings", "contacts", "staff", "staff_logins", "subject_keys")}
    | {
        "transitions_closed",
        "commands_start",
        "commands_fixed",
        "commands_place_fixed",
        "commands_transitions",
        "commands_approved",
        "commands_always_approved",
        "commands_about_oneself",
        "commands_settled",
        "clients_stay_erased",
        "documents_no_update",
        "journal_entries_balanced",
        "journal_entries_made",
        "journal_entries_once",
        "postings_closed",
        "postings_made",
        "staff_scopes_made",
        "staff_scopes_no_update",
        "staff_scopes_taken",
        "subject_keys_made",
    }
)
OF_DECISIONS = (
    "decisions_about_oneself",
    "decisions_for_another",
    "decisions_four_eyes",
    "decisions_of_what_was_seen",
    "decisions_while_open",
)
"""On PostgreSQL one guard, `decisions_made`, holds all of them."""
NEVER_EMPTIED = (*PERMANENT, *KEPT, "command_kinds", "staff_scopes")
POSTGRES_GUARDS = (
    GUARDS
    | {f"{table}_no_truncate" for table in NEVER_EMPTIED}
    | {"commands_in_time", "decisions_made", "journal_entries_timed"}
)
# the state table takes no row at all
REPLACED = {*PERMANENT, *KEPT, "command_kinds"} - {"command_transitions"}
SQLITE_GUARDS = (
    GUARDS
    | {f"{table}_not_replaced" for table in REPLACED}
    | {f"command_kinds_no_{event}" for event in ("insert", "update", "delete")}
    | {f"{table}_stay" for table in ("commands", "contacts", "staff", "staff_logins")}
    | {*OF_DECISIONS, "clients_stay_erased_later", "commands_by_staff", "commands_of_a_kind"}
    | {"decisions_by_staff", "decisions_not_replaced_for"}
)


def missing_guards(connection: Connection) -> list[str]:
    """The guards that have been taken down or switched off, by name."""
    if connection.dialect.name == "sqlite":
        standing = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        return sorted(SQLITE_GUARDS - set(standing))
    sql = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
    return sorted(POSTGRES_GUARDS - set(connection.exec_driver_sql(sql).scalars()))
