"""A person's login reaches neither the server's files and programs nor its roles, and creates nothing."""

from __future__ import annotations

import psycopg
import pytest
from attack_cases import Attack, cases, refusal_of
from attacked_firm import SERVICES, Firm

from dealerdesk.store.roles import GROUPS, OWNERS, REGISTRAR, WATCHDOG

pytestmark = pytest.mark.usefixtures("unchanged")


def by_adam(*attacks: tuple[str, str]) -> tuple[Attack, ...]:
    """The administrator's login tries each."""
    return tuple(Attack(sentence, "adam", sql) for sentence, sql in attacks)


FILES = by_adam(
    ("running a program", "COPY staff TO PROGRAM 'cat'"),
    ("reading from a program", "COPY settings FROM PROGRAM 'id'"),
    ("writing a file", "COPY staff TO '/tmp/dealerdesk-attack'"),
    ("reading a file into a table", "COPY settings FROM '/etc/passwd'"),
    ("reading a file", "SELECT pg_read_file('/etc/passwd')"),
    ("reading a binary file", "SELECT pg_read_binary_file('/etc/passwd')"),
    ("listing a folder", "SELECT pg_ls_dir('/')"),
    ("looking at a file", "SELECT pg_stat_file('/etc/passwd')"),
    ("reading the log folder", "SELECT pg_ls_logdir()"),
    ("reading the rules of access", "SELECT * FROM pg_hba_file_rules"),
    ("importing a large object", "SELECT lo_import('/etc/passwd')"),
    ("exporting a large object", "SELECT lo_export(1, '/tmp/dealerdesk-attack')"),
    ("making a large object", "SELECT lo_create(0)"),
    ("filling a large object", "SELECT lo_from_bytea(0, 'x')"),
    ("loading a library", "LOAD '/tmp/evil'"),
)

CREATING = by_adam(
    ("a role", "CREATE ROLE mine LOGIN SUPERUSER"),
    ("a plain role", "CREATE ROLE mine"),
    ("a database", "CREATE DATABASE mine"),
    ("a schema", "CREATE SCHEMA mine"),
    ("a table", "CREATE TABLE public.mine (a text)"),
    ("a temporary table", "CREATE TEMP TABLE mine (a text)"),
    ("a view", "CREATE VIEW public.mine AS SELECT 1"),
    ("a sequence", "CREATE SEQUENCE public.mine"),
    ("a function", "CREATE FUNCTION public.mine() RETURNS text LANGUAGE sql AS 'SELECT 1'"),
    ("a function in C", "CREATE FUNCTION public.mine() RETURNS integer LANGUAGE c AS '/tmp/evil', 'f'"),
    ("a type", "CREATE TYPE public.mine AS (a text)"),
    ("a domain", "CREATE DOMAIN public.mine AS text"),
    ("a language", "CREATE LANGUAGE mine HANDLER plpgsql_call_handler"),
    ("a trusted extension", "CREATE EXTENSION btree_gist"),
    ("a way to other databases", "CREATE EXTENSION dblink"),
    ("a foreign server", "CREATE FOREIGN DATA WRAPPER mine"),
    ("a publication", "CREATE PUBLICATION mine FOR ALL TABLES"),
    ("an event trigger", "CREATE EVENT TRIGGER mine ON ddl_command_start EXECUTE FUNCTION no_truncate()"),
    ("a tablespace", "CREATE TABLESPACE mine LOCATION '/tmp'"),
    ("an index", "CREATE INDEX mine ON staff (name)"),
)

ROLES = by_adam(
    ("being a superuser", "ALTER ROLE adam SUPERUSER"),
    ("being able to make roles", "ALTER ROLE adam CREATEROLE"),
    ("a colleagues password", "ALTER ROLE carol PASSWORD 'known'"),
    ("a colleagues end", "ALTER ROLE carol NOLOGIN"),
    ("dropping a colleague", "DROP ROLE carol"),
    ("renaming a colleague", "ALTER ROLE carol RENAME TO carola"),
    ("a colleagues settings", "ALTER ROLE carol SET search_path = pg_temp"),
    ("the hubs password", "ALTER ROLE dealerdesk_hub PASSWORD 'known'"),
    ("letting an owner sign in", "ALTER ROLE dealerdesk_tables LOGIN"),
    ("everybodys settings", "ALTER ROLE ALL SET search_path = pg_temp"),
    ("the databases settings", "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = pg_temp',"
     " current_database()); END $$"),
    ("the servers settings", "ALTER SYSTEM SET ssl = off"),
    ("a setting kept for the owner", "SET log_statement = 'none'"),
    ("a group of staff", "GRANT dealerdesk_supervisor TO adam"),
    ("the registrars role", "SET ROLE dealerdesk_registrar"),
    ("the watchdogs role", "SET ROLE dealerdesk_watchdog"),
    ("the migrators role", "SET ROLE dealerdesk_migrator"),
    ("the audit owners role", "SET ROLE dealerdesk_audit"),
    ("a role that reads everything", "GRANT pg_read_all_data TO adam"),
    ("a role that runs programs", "GRANT pg_execute_server_program TO adam"),
    ("ownership by reassigning", "REASSIGN OWNED BY dealerdesk_tables TO adam"),
    ("rights for what will be made", "ALTER DEFAULT PRIVILEGES FOR ROLE dealerdesk_tables GRANT ALL ON TABLES TO adam"),
)  # fmt: skip

CALLS = by_adam(
    ("making a login alone", "SELECT api.make_login('approved-01')"),
    ("dropping a login alone", "SELECT api.drop_login('approved-01')"),
    ("regrouping a login alone", "SELECT api.regroup_login('approved-01')"),
    ("putting a login in a group", "SELECT api.put_in_group('adam', 'dealerdesk_supervisor')"),
    ("setting a colleagues verifier", "SELECT api.put_verifier('carol', 'SCRAM-SHA-256$4096:x')"),
    ("ending a colleagues session", "SELECT api.end_sessions('carol')"),
    ("ending everybodys transactions", "SELECT api.end_long_transactions(1)"),
    ("ending a session by its number", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'iris'"),
    ("reloading the servers settings", "SELECT pg_reload_conf()"),
    ("a note to all listeners", "SELECT pg_notify('dealerdesk', 'forged')"),
    ("holding up an upgrade", "SELECT pg_advisory_lock(1)"),
    ("holding up an upgrade in a transaction", "SELECT pg_advisory_xact_lock(1)"),
    ("a replication slot", "SELECT pg_create_physical_replication_slot('mine')"),
)


@cases(*FILES)
def test_the_servers_files_are_closed_to(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*CREATING)
def test_nobody_creates(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*ROLES)
def test_nobody_gives_themselves(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*CALLS)
def test_no_person_calls(firm: Firm, attack: Attack) -> None:
    if "session by its number" not in attack.sentence:
        assert refusal_of(firm, attack) == attack.refusal
        return
    with firm.connect("iris"):
        assert refusal_of(firm, attack) == attack.refusal


@pytest.mark.parametrize("role", [*OWNERS, *GROUPS, REGISTRAR, WATCHDOG])
def test_a_role_without_login_cannot_sign_in_even_with_a_password(firm: Firm, role: str) -> None:
    with pytest.raises(psycopg.OperationalError, match=r"password authentication failed|not permitted to log in"):
        firm.connect_with(role, "any")


def test_a_wrong_password_signs_nobody_in(firm: Firm) -> None:
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        firm.connect_with("carol", "wrong")


def test_people_are_members_of_their_groups_alone(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        rows = owner.execute(
            "SELECT m.member::regrole::text, m.roleid::regrole::text FROM pg_auth_members AS m"
            " WHERE m.member::regrole::text = ANY (ARRAY['dana', 'carol', 'adam'])"
            # from 16 on the registrar is noted as a member of what it made
            " AND m.roleid::regrole::text LIKE 'dealerdesk%'"
        ).fetchall()

    assert sorted(rows) == [
        ("adam", "dealerdesk_administrator"),
        ("adam", "dealerdesk_staff"),
        ("carol", "dealerdesk_staff"),
        ("carol", "dealerdesk_supervisor"),
        ("dana", "dealerdesk_head_dealer"),
        ("dana", "dealerdesk_staff"),
    ]


def test_everything_belongs_to_an_owner_that_cannot_sign_in(firm: Firm) -> None:
    owners = "('dealerdesk_tables', 'dealerdesk_procedures', 'dealerdesk_audit')"
    also = "('dealerdesk_registrar', 'dealerdesk_watchdog')"
    with firm.as_superuser() as owner:
        relations = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            f" AND relowner::regrole::text NOT IN {owners}".encode()
        ).fetchall()
        functions = owner.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            f" AND proowner::regrole::text NOT IN {owners} AND proowner::regrole::text NOT IN {also}".encode()
        ).fetchall()

    assert (relations, functions) == ([], [])


def test_people_have_no_right_but_to_select_and_to_call(firm: Firm) -> None:
    groups = ", ".join(f"'{group}'" for group in (*GROUPS, "-"))
    with firm.as_superuser() as owner:
        rights = owner.execute(
            "SELECT DISTINCT a.privilege_type FROM pg_class, aclexplode(relacl) AS a"
            " WHERE relnamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            f" AND a.grantee::regrole::text IN ({groups})"
            " UNION SELECT DISTINCT a.privilege_type FROM pg_attribute, aclexplode(attacl) AS a"
            f" WHERE a.grantee::regrole::text IN ({groups})".encode()
        ).fetchall()
        everybody = owner.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            " AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) AS a WHERE a.grantee = 0))"
        ).fetchall()

    assert rights == [("SELECT",)]
    assert everybody == []


CALLED_BY_PEOPLE = {
    *("any_servers", "is_staff", "person", "role", "sees", "sees_all", "seen_groups", "seen_servers", "clock_us"),
    *("sign_in", "sign_out", "request_command", "decide_command", "withdraw_command", "request_batch", "decide_batch"),
    *("ask_to_read", "unmask", "open_document", "subject_key", "note", "needs", "canonical", "first_password"),
}


@pytest.mark.parametrize("login", ["ana", "carol", "adam", "iris"])
def test_people_call_these_procedures_and_no_other(firm: Firm, login: str) -> None:
    with firm.as_superuser() as owner:
        rows = owner.execute(
            "SELECT DISTINCT proname FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            " AND has_function_privilege(%s, oid, 'EXECUTE')",
            (login,),
        ).fetchall()

    assert {name for (name,) in rows} == CALLED_BY_PEOPLE


def test_every_procedure_has_a_fixed_search_path_or_none_to_need(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        loose = owner.execute(
            "SELECT oid::regprocedure::text FROM pg_proc"
            " WHERE pronamespace IN ('public'::regnamespace, 'api'::regnamespace)"
            " AND prosqlbody IS NULL AND proname <> 'no_truncate'"
            " AND NOT coalesce('search_path=pg_catalog, public, pg_temp' = ANY (proconfig), false)"
        ).fetchall()

    assert loose == []


def test_row_security_is_forced_on_every_table(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        open_tables = owner.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
            " AND NOT (relrowsecurity AND relforcerowsecurity)"
        ).fetchall()

    assert open_tables == [("alembic_version",)]


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_is_no_person(firm: Firm, service: str) -> None:
    with firm.connect(service) as connection:
        assert connection.execute("SELECT api.person()").fetchone() == (None,)


def test_a_login_of_the_cluster_that_is_no_login_of_staff_sees_nothing(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        owner.execute("CREATE ROLE stray LOGIN PASSWORD 'stray' IN ROLE dealerdesk_staff, dealerdesk_supervisor")
    try:
        with firm.connect_with("stray", "stray") as stray:
            tables = ("accounts", "commands", "staff", "policies", "audit", "settings", "change_feed")
            seen = [stray.execute(f"SELECT count(*) FROM {table}".encode()).fetchone() for table in tables]
    finally:
        with firm.as_superuser() as owner:
            owner.execute("DROP ROLE stray")

    assert seen == [(0,)] * 7


def test_a_login_outside_the_staff_cannot_connect(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        owner.execute("CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
    try:
        with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
            firm.connect_with("stranger", "stranger")
    finally:
        with firm.as_superuser() as owner:
            owner.execute("DROP ROLE stranger")
