"""The fixed roles of the PostgreSQL cluster: who owns, who migrates, who records, and the groups that people are in.

Nobody who signs in owns anything. The owners, the groups, the registrar and the watchdog cannot sign in at all; the
hub's and the migrator's logins belong to services, and no person is a member of either. Making a person's own login is
not done here: that is a command which takes two (`api.make_login`). The roles hold for the whole cluster, so a cluster
serves one broker. Rights on tables and procedures are granted by the migrations. PostgreSQL only.
"""

from __future__ import annotations

from sqlalchemy import Connection

TABLES, PROCEDURES, AUDIT = "dealerdesk_tables", "dealerdesk_procedures", "dealerdesk_audit"
OWNERS = (TABLES, PROCEDURES, AUDIT)
REGISTRAR, WATCHDOG = "dealerdesk_registrar", "dealerdesk_watchdog"
MIGRATOR, HUB = "dealerdesk_migrator", "dealerdesk_hub"
SERVICES = (MIGRATOR, HUB)
STAFF = "dealerdesk_staff"
STAFF_ROLES = (
    "dealer",
    "head_dealer",
    "back_office",
    "payments",
    "compliance",
    "supervisor",
    "auditor",
    "administrator",
)
GROUPS = (STAFF, *(f"dealerdesk_{role}" for role in STAFF_ROLES))
NO_LOGIN = "NOLOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS"
ATTRIBUTES = {
    **dict.fromkeys((*OWNERS, *GROUPS, WATCHDOG), f"{NO_LOGIN} NOCREATEROLE"),
    REGISTRAR: f"{NO_LOGIN} CREATEROLE NOINHERIT",
    **dict.fromkeys(SERVICES, "LOGIN NOSUPERUSER NOCREATEDB NOREPLICATION NOBYPASSRLS NOCREATEROLE"),
}
"""Every fixed role with what it may do in the cluster. The services have no password before the set-up."""

SET_UP_FIRST = (
    "the database's roles are not there, and this login may not make them: run `dealerdesk db init` once,"
    " as a superuser of the cluster"
)
# whoever may call these fills the disk past every table's rights, or tells other programs what did not happen
KEPT_FROM_EVERYBODY = ("lo_creat", "lo_create", "lo_from_bytea", "pg_logical_emit_message", "pg_notify")
# who holds an advisory lock can keep an upgrade waiting for ever
LOCK_USERS = ", ".join((*OWNERS, *SERVICES))


CONNECTIONS_MAX = 20
"""Of one person's login: two desks and a few prompts; more would keep others out. `api.make_login` says the same."""
FINE_MEMBERSHIPS = 160000  # PostgreSQL 16


class RolesMissingError(Exception):
    """The cluster's roles are not there and cannot be made by this login; the text says what to do."""


def group_of(role: str) -> str:
    """The group of a staff role, such as dealerdesk_head_dealer."""
    return f"dealerdesk_{role}"


def is_superuser(connection: Connection) -> bool:
    """Whether the connection's login is a superuser of the cluster."""
    return bool(connection.exec_driver_sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").scalar())


def missing_roles(connection: Connection) -> list[str]:
    """The fixed roles that the cluster has not got, by name."""
    known = set(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())
    return sorted(ATTRIBUTES.keys() - known)


def ensure_roles(connection: Connection) -> None:
    """Makes the fixed roles and their memberships, and sets right what differs; may be done any number of times.

    Takes a superuser. Another login is let past when all roles are there already; raises RolesMissingError otherwise.
    """
    if not is_superuser(connection):
        if missing_roles(connection):
            raise RolesMissingError(SET_UP_FIRST)
        return
    for role in missing_roles(connection):
        connection.exec_driver_sql(_create_role(role))
    for role in _wrong_attributes(connection):
        connection.exec_driver_sql(f"ALTER ROLE {role} {ATTRIBUTES[role]}")
    for statement in _memberships(connection):
        connection.exec_driver_sql(statement)


def prepare_database(connection: Connection) -> None:
    """What only a superuser can do to the database at hand: takes from PUBLIC what it has by default, and gives the
    schema `public` to the tables' owner, so that the migrator can do the rest without being a superuser."""
    name = connection.exec_driver_sql("SELECT quote_ident(current_database())").scalar()
    for statement in (
        f"REVOKE ALL ON DATABASE {name} FROM PUBLIC",
        f"GRANT CONNECT ON DATABASE {name} TO {STAFF}, {HUB}, {MIGRATOR}",
        # the hub copies large snapshots through temporary tables; nobody else can make any
        f"GRANT TEMPORARY ON DATABASE {name} TO {HUB}",
        f"GRANT CREATE ON DATABASE {name} TO {MIGRATOR}",
        f"ALTER SCHEMA public OWNER TO {TABLES}",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        _take_functions_from_public(),
    ):
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


def close_other_databases(connection: Connection) -> None:
    """Keeps people out of the databases that every cluster comes with, where they might create things."""
    known = connection.exec_driver_sql("SELECT datname FROM pg_database WHERE datname IN ('postgres', 'template1')")
    for name in known.scalars().all():
        connection.exec_driver_sql(f"REVOKE ALL ON DATABASE {name} FROM PUBLIC")


def _create_role(role: str) -> str:
    # another database of the cluster may be making it at this moment
    return (
        f"DO $$ BEGIN CREATE ROLE {role} {ATTRIBUTES[role]};"
        " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
    )


def _wrong_attributes(connection: Connection) -> list[str]:
    """The fixed roles that may do more or less in the cluster than they should."""
    rows = connection.exec_driver_sql(
        "SELECT rolname, rolcanlogin, rolcreaterole, rolinherit,"
        " rolsuper OR rolcreatedb OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname LIKE 'dealerdesk%%'"
    )
    return [
        name
        for name, signs_in, makes_roles, inherits, is_mighty in rows
        if name in ATTRIBUTES
        and (signs_in, makes_roles, inherits, is_mighty)
        != (name in SERVICES, name == REGISTRAR, name != REGISTRAR, False)
    ]


def _memberships(connection: Connection) -> list[str]:
    """The grants of roles to roles that are not there yet."""
    version = int(connection.exec_driver_sql("SELECT current_setting('server_version_num')").scalar() or 0)
    # from 16 on a membership says whether it inherits and may be set; before, the registrar's NOINHERIT has to do
    only_admin = " WITH ADMIN TRUE, INHERIT FALSE, SET FALSE" if version >= FINE_MEMBERSHIPS else " WITH ADMIN OPTION"
    wanted = [(role, MIGRATOR, "") for role in (*OWNERS, REGISTRAR, WATCHDOG)]
    wanted += [(group, REGISTRAR, only_admin) for group in GROUPS]
    wanted += [(role, WATCHDOG, "") for role in ("pg_signal_backend", "pg_read_all_stats")]
    rows = connection.exec_driver_sql("SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members")
    standing = {(role, member) for role, member in rows}
    return [f"GRANT {role} TO {member}{how}" for role, member, how in wanted if (role, member) not in standing]


def _take_functions_from_public() -> str:
    named = ", ".join(f"'{name}'" for name in KEPT_FROM_EVERYBODY)
    return (
        "DO $$ DECLARE one record; BEGIN FOR one IN SELECT oid::regprocedure AS name,"
        " proname LIKE '%advisory%' AS locks FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace"
        f" AND (proname ~ '^pg_(try_)?advisory_' OR proname IN ({named})) LOOP"
        " EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', one.name);"
        f" IF one.locks THEN EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO {LOCK_USERS}', one.name); END IF;"
        " END LOOP; END $$"
    )
