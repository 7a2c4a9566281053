"""Who owns, reads, calls and writes what on PostgreSQL: owners that cannot sign in, people who only read and call.

People have SELECT on the columns that their role needs and EXECUTE on the procedures that are for people; the hub
records and executes. Everything else is nobody's. SQLite has no roles: nothing happens there.
"""

from __future__ import annotations

from importlib.resources import files

from alembic import op
from sqlalchemy import Connection

from dealerdesk.store.roles import SET_UP_FIRST, RolesMissingError, ensure_roles, is_superuser, prepare_database

revision = "0007"
down_revision = "0006"

STAFF, HUB, PROCEDURES = "dealerdesk_staff", "dealerdesk_hub", "dealerdesk_procedures"
REGISTRAR, WATCHDOG = "dealerdesk_registrar", "dealerdesk_watchdog"
NAMES = ("back_office", "payments", "compliance", "supervisor", "auditor")
AUDITORS = ("auditor", "supervisor", "compliance")

FOR_ALL = (
    *("symbols", "groups", "accounts", "routing", "positions", "orders", "requests", "deals", "balance_operations"),
    *("quote_samples", "day_ends", "commands", "decisions", "batches", "advice", "policies", "command_transitions"),
    *("command_kinds", "staff", "staff_scopes", "covers", "client_ratings", "change_feed", "settings", "streams"),
    *("hub_status", "hub_lease", "alembic_version"),
)
CLIENTS_WITHOUT_NAME = "(server, epoch, sequence, id, country, profile, registered_us, introducer)"
DOCUMENTS_WITHOUT_CONTENT = "(id, client_id, kind, name, sha256, added_us)"

MOVING = (
    *("state", "changed_us", "deadline_us", "dispatched_us", "dispatch_epoch", "sends", "stage", "code", "result"),
    *("ticket", "read_back", "read_version", "settled_us"),
)
STATE_TABLES = ("symbols", "groups", "clients", "accounts", "routing", "positions", "orders", "requests")
RECORD_TABLES = ("deals", "balance_operations", "quote_samples", "day_ends")
HUB_TABLES = {
    "SELECT, INSERT, UPDATE, DELETE": (*STATE_TABLES, "streams", "hub_status", "hub_lease", "advice", "contacts"),
    "SELECT, INSERT": (*RECORD_TABLES, "audit", "audit_order", "audit_seals", "policies", "covers"),
    "SELECT, INSERT, UPDATE": ("staff", "staff_logins", "client_ratings", "settings"),
    "SELECT, INSERT, DELETE": ("staff_scopes", "change_feed"),
    "SELECT": ("commands", "decisions", "batches", "command_kinds", "command_transitions", "alembic_version"),
}

PEOPLE_CALL = (
    *("person", "role", "sees_all", "seen_servers", "seen_groups", "any_servers", "is_staff", "sees", "clock_us"),
    *("sign_in", "sign_out", "request_command", "decide_command", "withdraw_command", "request_batch"),
    *(
        "decide_batch",
        "ask_to_read",
        "unmask",
        "open_document",
        "subject_key",
        "note",
        "needs",
        "canonical",
        "first_password",
    ),
)
HUB_CALLS = (
    *("make_login", "drop_login", "regroup_login", "end_long_transactions", "end_sessions_of_inactive", "clock_us"),
    *("person", "canonical", "opening_key"),
)
REGISTRARS = ("make_login", "drop_login", "regroup_login", "put_in_group", "put_verifier", "dispatched_payload")
WATCHDOGS = ("end_long_transactions", "end_sessions_of_inactive", "end_sessions")


def upgrade() -> None:
    """Roles, then owners, then what each may do; on PostgreSQL only."""
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    ensure_roles(connection)
    if is_superuser(connection):
        prepare_database(connection)
    elif not _is_prepared(connection):
        raise RolesMissingError(SET_UP_FIRST)
    for topic in ("sight", "work", "registrar", "watchdog"):
        _run(connection, files("dealerdesk.store.migrations").joinpath(f"sql/rights_{topic}.sql").read_text("utf-8"))
    for statement in (*_defaults(), *_tables_for_people(), *_tables_for_the_hub(), *_tables_for_procedures()):
        _run(connection, statement)
    _run(connection, _ALWAYS_ON_GUARD)
    _own(connection)
    _let_call(connection)


def _is_prepared(connection: Connection) -> bool:
    owner = "SELECT nspowner::regrole::text FROM pg_namespace WHERE nspname = 'public'"
    return connection.exec_driver_sql(owner).scalar() == "dealerdesk_tables"


def _run(connection: Connection, script: str) -> None:
    # as it stands: neither SQLAlchemy's colons nor the driver's per cent signs mean anything in it
    connection.exec_driver_sql(script, execution_options={"no_parameters": True})


def _defaults() -> list[str]:
    """What is made later is nobody's until it is granted."""
    makers = ("", *(f"FOR ROLE {role} " for role in ("dealerdesk_tables", PROCEDURES, "dealerdesk_audit")))
    hidden = [f"ALTER DEFAULT PRIVILEGES {maker}REVOKE ALL ON FUNCTIONS FROM PUBLIC" for maker in makers]
    users = f"{STAFF}, {HUB}, {PROCEDURES}, dealerdesk_audit, {REGISTRAR}, {WATCHDOG}"
    return [
        *hidden,
        "REVOKE ALL ON SCHEMA public, api FROM PUBLIC",
        "REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public, api FROM PUBLIC",
        "REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public, api TO {users}",
    ]


def _tables_for_people() -> list[str]:
    groups = ", ".join(f"dealerdesk_{role}" for role in NAMES)
    return [
        f"GRANT SELECT ON {', '.join(FOR_ALL)} TO {STAFF}",
        f"GRANT SELECT {CLIENTS_WITHOUT_NAME} ON clients TO {STAFF}",
        f"GRANT SELECT (name) ON clients TO {groups}",
        f"GRANT SELECT {DOCUMENTS_WITHOUT_CONTENT} ON documents TO {groups}",
        f"GRANT SELECT ON audit, audit_order, audit_seals TO {', '.join(f'dealerdesk_{role}' for role in AUDITORS)}",
        "GRANT SELECT ON staff_logins TO dealerdesk_administrator, dealerdesk_supervisor, dealerdesk_auditor",
    ]


def _tables_for_the_hub() -> list[str]:
    return [
        *(f"GRANT {rights} ON {', '.join(tables)} TO {HUB}" for rights, tables in HUB_TABLES.items()),
        f"GRANT UPDATE ({', '.join(MOVING)}) ON commands TO {HUB}",
        # an erased client's key is destroyed by the hub, which has no need to read one
        f"GRANT SELECT (client_id, made_us, destroyed_us), INSERT, UPDATE (key, destroyed_us) ON subject_keys TO {HUB}",
        f"GRANT SELECT {DOCUMENTS_WITHOUT_CONTENT}, DELETE ON documents TO {HUB}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {HUB}, {PROCEDURES}",
    ]


def _tables_for_procedures() -> list[str]:
    return [
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {PROCEDURES}",
        f"REVOKE ALL ON local_passwords FROM {PROCEDURES}",
        f"GRANT INSERT ON commands, decisions, batches, audit, change_feed, subject_keys TO {PROCEDURES}",
        f"GRANT UPDATE ({', '.join((*MOVING, 'decided_by', 'decided_us', 'comment'))}) ON commands TO {PROCEDURES}",
        f"GRANT SELECT ON commands, staff, staff_logins TO {REGISTRAR}",
        f"GRANT SELECT ON staff, staff_logins TO {WATCHDOG}",
    ]


# a guard fires in every session, a replica's too, and looks at our own tables whatever the session's search path says
_ALWAYS_ON_GUARD = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN
        SELECT tgname, tgrelid::regclass AS tab, tgfoid::regprocedure AS function FROM pg_trigger
        JOIN pg_class ON pg_class.oid = tgrelid
        WHERE NOT tgisinternal AND relnamespace = 'public'::regnamespace
    LOOP
        EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER %I', one.tab, one.tgname);
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', one.function);
    END LOOP;
END $$
"""

_OWN = """
DO $$
DECLARE
    one record;
BEGIN
    FOR one IN SELECT oid::regclass AS name, relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    LOOP
        EXECUTE format('ALTER TABLE %s OWNER TO %I', one.name,
            CASE WHEN one.relname LIKE 'audit%' THEN 'dealerdesk_audit' ELSE 'dealerdesk_tables' END);
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name FROM pg_proc WHERE pronamespace = 'public'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO dealerdesk_tables', one.name);
    END LOOP;
    FOR one IN SELECT oid::regtype AS name FROM pg_type
        WHERE typnamespace = 'api'::regnamespace AND typrelid <> 0
    LOOP
        EXECUTE format('ALTER TYPE %s OWNER TO dealerdesk_procedures', one.name);
    END LOOP;
    FOR one IN SELECT oid::regprocedure AS name, proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace LOOP
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', one.name, CASE
            WHEN one.proname = ANY (ARRAY[{registrars}]) THEN 'dealerdesk_registrar'
            WHEN one.proname = ANY (ARRAY[{watchdogs}]) THEN 'dealerdesk_watchdog'
            ELSE 'dealerdesk_procedures' END);
    END LOOP;
END $$
"""


def _own(connection: Connection) -> None:
    """Hands everything to those who cannot sign in; an owner must be able to create in the schema while it is handed
    over, and not a moment longer."""
    makers = f"{PROCEDURES}, {REGISTRAR}, {WATCHDOG}"
    _run(connection, f"GRANT CREATE ON SCHEMA public TO dealerdesk_audit; GRANT CREATE ON SCHEMA api TO {makers}")
    own = _OWN.replace("{registrars}", _quoted(REGISTRARS)).replace("{watchdogs}", _quoted(WATCHDOGS))
    _run(connection, own)
    _run(connection, f"REVOKE CREATE ON SCHEMA public FROM dealerdesk_audit; REVOKE CREATE ON SCHEMA api FROM {makers}")
    _run(connection, f"ALTER SCHEMA api OWNER TO {PROCEDURES}")


def _let_call(connection: Connection) -> None:
    for names, roles in (
        (PEOPLE_CALL, STAFF),
        (HUB_CALLS, HUB),
        (("person", "role_groups", "end_sessions", "is_a_persons"), f"{REGISTRAR}, {WATCHDOG}"),
        (("put_verifier",), PROCEDURES),
    ):
        rows = connection.exec_driver_sql(
            "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'api'::regnamespace"
            f" AND proname IN ({_quoted(names)})"
        )
        for name in rows.scalars().all():
            _run(connection, f"GRANT EXECUTE ON FUNCTION {name} TO {roles}")


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"'{name}'" for name in names)
