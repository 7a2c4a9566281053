"""What the database refuses by itself about staff, policies, clients and lost commands, and the table of kinds.

A row that a command makes must name one that is being carried out at that moment and whose payload says just that row;
rows without a command are those of the set-up, as long as there is no command at all. The conditions are written out in
`authority_guards`; this step fills the tables and puts the guards up.
"""

from __future__ import annotations

from alembic import op
from sqlalchemy import column, table

from dealerdesk.store.migrations.authority_guards import FIRST, guards

revision = "0005"
down_revision = "0004"

NEW_TRANSITIONS = (("unknown", "confirmed"), ("unknown", "failed"))
PERMANENT = ("batches", "policies", "covers", "audit_order", "audit_seals")
KEPT = ("staff", "staff_logins", "client_ratings", "subject_keys")
"""Rows that may change but never go."""
NEVER_EMPTIED = (*PERMANENT, *KEPT, "staff_scopes", "contacts", "documents", "command_kinds")

DAY_US, HOUR_US, MINUTE_US = 86_400_000_000, 3_600_000_000, 60_000_000
BY_BRIDGE = (8 * HOUR_US, 5 * MINUTE_US, "bridge")
BY_HUB = (3 * DAY_US, 30 * MINUTE_US, "database")
NOTHING = "null"
NEED = '{"approvals":1,"escalate_after_s":null,"escalate_roles":[],"policy":"always","roles":[%s],"words":"%s"}'
TWO_PEOPLE = NEED % ('"supervisor","administrator"', "always takes a second person")
SUPERVISOR = NEED % ('"supervisor"', "always takes a supervisor")
EVERYBODY = "administrator back_office compliance dealer head_dealer payments supervisor"
# kind, who may ask, what it always needs, how long it waits and may wait for being sent, by whom it is done
KINDS = (
    ("set_book", "dealer head_dealer supervisor", NOTHING, *BY_BRIDGE),
    ("set_group", "back_office head_dealer supervisor", NOTHING, *BY_BRIDGE),
    ("set_leverage", "back_office head_dealer supervisor", NOTHING, *BY_BRIDGE),
    ("change_balance", "back_office payments", NOTHING, *BY_BRIDGE),
    ("open_account", "back_office", NOTHING, *BY_BRIDGE),
    ("close_position", "dealer head_dealer", NOTHING, *BY_BRIDGE),
    ("add_staff", "administrator", TWO_PEOPLE, *BY_HUB),
    ("change_role", "administrator", TWO_PEOPLE, *BY_HUB),
    ("set_scopes", "administrator", TWO_PEOPLE, *BY_HUB),
    ("set_active", "administrator", TWO_PEOPLE, *BY_HUB),
    ("make_login", "administrator", TWO_PEOPLE, *BY_HUB),
    ("drop_login", "administrator", TWO_PEOPLE, *BY_HUB),
    ("set_policy", "supervisor", TWO_PEOPLE, *BY_HUB),
    ("cover_absence", EVERYBODY, TWO_PEOPLE, *BY_HUB),
    ("rate_client", "compliance", NOTHING, *BY_HUB),
    ("set_contact", "back_office compliance", NOTHING, *BY_HUB),
    ("erase_client", "compliance", SUPERVISOR, *BY_HUB),
    ("settle_unknown", "back_office head_dealer payments supervisor", SUPERVISOR, *BY_HUB),
)
TERMS = (
    *("id", "kind", "server", "login", "payload", "payload_hash", "title", "reason", "requested_by", "requested_us"),
    *("expires_us", "expected_version", "approvals_needed", "needs"),
)
EARLIER = (
    ("commands_start", "INSERT", "NEW.state <> 'requested'"),
    ("commands_fixed", "UPDATE", " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in TERMS)),
    ("commands_approved", "UPDATE", "OLD.state = 'requested' AND NEW.state = 'approved'"),
)


def upgrade() -> None:
    """Fills the tables that are part of the program, then puts the guards up."""
    op.execute("INSERT INTO staff_scopes (staff, server, group_name) SELECT id, '', '' FROM staff")
    names = ("kind", "requesters", "always", "waits_us", "dispatch_within_us", "executor")
    rows = [dict(zip(names, (kind, _list(roles), *rest), strict=True)) for kind, roles, *rest in KINDS]
    op.bulk_insert(table("command_kinds", *(column(name) for name in names)), rows)
    _open_ways_out_of_unknown()
    for name in PERMANENT:
        for event in ("UPDATE", "DELETE"):
            _guard(f"{name}_no_{event.lower()}", event, name, "1 = 1", f"{name} is never changed or removed")
    for name in KEPT:
        _guard(f"{name}_kept", "DELETE", name, "1 = 1", f"{name} is never removed")
    for rule in guards():
        _guard(*rule)
    _keep_the_erased_erased()
    if _is_postgres():
        _ask_the_row_first()
        for name in NEVER_EMPTIED:
            op.execute(
                f"CREATE TRIGGER {name}_no_truncate BEFORE TRUNCATE ON {name}"
                " FOR EACH STATEMENT EXECUTE FUNCTION no_truncate()"
            )


def _list(words: str) -> str:
    """Words as a JSON list of strings."""
    return "[" + ",".join(f'"{word}"' for word in words.split()) + "]"


def _is_postgres() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _open_ways_out_of_unknown() -> None:
    """The state table is closed to everybody, so its guard comes down for this."""
    op.execute("DROP TRIGGER transitions_closed" + (" ON command_transitions" if _is_postgres() else ""))
    for before, after in NEW_TRANSITIONS:
        op.execute(f"INSERT INTO command_transitions (from_state, to_state) VALUES ('{before}', '{after}')")
    sentence = "the state table is part of the program"
    if _is_postgres():
        op.execute(
            "CREATE TRIGGER transitions_closed BEFORE INSERT ON command_transitions"
            " FOR EACH ROW EXECUTE FUNCTION transitions_closed()"
        )
    else:
        _guard("transitions_closed", "INSERT", "command_transitions", "1 = 1", sentence)


def _guard(name: str, event: str, on: str, refused: str, sentence: str) -> None:
    if not _is_postgres():
        # SQLite before 3.39 knows no IS DISTINCT FROM; its own IS NOT says the same
        refused = refused.replace("IS DISTINCT FROM", "IS NOT")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON {on} WHEN {refused} BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
        )
        return
    refused = refused.replace("INSTR(", "strpos(")
    # what the row itself shows is asked before the function is called: most rows never get there
    first = FIRST.get(name, refused if "SELECT" not in refused else "")
    when = f" WHEN ({first})" if first else ""
    op.execute(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp"
        f" AS $guard$ BEGIN IF {refused} THEN"
        f" RAISE EXCEPTION '{sentence}' USING ERRCODE = 'restrict_violation'; END IF;"
        f" RETURN {'OLD' if event == 'DELETE' else 'NEW'}; END $guard$"
    )
    op.execute(f"CREATE TRIGGER {name} BEFORE {event} ON {on} FOR EACH ROW{when} EXECUTE FUNCTION {name}()")


def _ask_the_row_first() -> None:
    """The same for the guards of the step that put the first ones up."""
    for name, event, when in EARLIER:
        op.execute(f"DROP TRIGGER {name} ON commands")
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {event} ON commands FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
        )


def _keep_the_erased_erased() -> None:
    """The platforms go on naming an erased client; the database no longer takes the name."""
    erased = "EXISTS (SELECT 1 FROM subject_keys k WHERE k.client_id = NEW.id AND k.destroyed_us IS NOT NULL)"
    if _is_postgres():
        op.execute(
            "CREATE FUNCTION clients_stay_erased() RETURNS trigger LANGUAGE plpgsql"
            " SET search_path = pg_catalog, public, pg_temp AS $guard$ BEGIN"
            f" IF NEW.name <> '' AND {erased} THEN NEW.name := ''; END IF; RETURN NEW; END $guard$"
        )
        op.execute(
            "CREATE TRIGGER clients_stay_erased BEFORE INSERT OR UPDATE ON clients"
            " FOR EACH ROW EXECUTE FUNCTION clients_stay_erased()"
        )
        return
    for name, event in (("clients_stay_erased", "INSERT"), ("clients_stay_erased_later", "UPDATE")):
        op.execute(
            f"CREATE TRIGGER {name} AFTER {event} ON clients WHEN NEW.name <> '' AND {erased}"
            " BEGIN UPDATE clients SET name = '' WHERE server = NEW.server AND id = NEW.id; END"
        )
