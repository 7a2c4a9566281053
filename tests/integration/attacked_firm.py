"""A firm on PostgreSQL to be attacked with its people's own credentials, by raw SQL and never through our code.

Everybody's login is a role made by the registrar, as in earnest. What stands in the tables was put there past the
guards, so that the firm is the same for every attack whatever the procedures do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from postgres_server import PostgresServer
from sqlalchemy import URL

from dealerdesk.commands.canonical import canonical, leaf_hash, payload_hash
from dealerdesk.store.migrate import upgrade
from dealerdesk.store.roles import group_of

NOW_US = 1_790_000_000_000_000
FAR_US = 4_000_000_000_000_000
EVERYTHING = (("", ""),)
STAFF: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "dana": ("head_dealer", EVERYTHING),
    "ana": ("dealer", (("MT5", ""),)),
    "dora": ("dealer", (("MT5", "vip"),)),
    "otto": ("back_office", EVERYTHING),
    "ben": ("payments", EVERYTHING),
    "cleo": ("compliance", EVERYTHING),
    "carol": ("supervisor", EVERYTHING),
    "sam": ("supervisor", (("MT4", ""),)),
    "iris": ("auditor", EVERYTHING),
    "adam": ("administrator", EVERYTHING),
    "gus": ("supervisor", EVERYTHING),
}
"""Person → role and scopes; the login has the person's name. carol has a second login, gus is no longer active."""
LOGINS = {login: login for login in STAFF} | {"carol_home": "carol"}
SERVICES = ("dealerdesk_hub", "dealerdesk_migrator")
ACCOUNTS = (
    ("MT5", 1001, "retail", 1),
    ("MT5", 1002, "vip", 2),
    ("MT5", 1003, "retail", 1),
    ("MT4", 5001, "retail", 3),
    ("MT4", 5002, "retail", 3),
)
"""(server, login, group, client); nothing is waiting for 1003 and 5002."""
CLIENTS = (("MT5", 1, "Nora Lang"), ("MT5", 2, "Victor Hale"), ("MT4", 3, "Wanda Brook"))
SUPERVISOR_NEEDED = [
    {
        "approvals": 1,
        "escalate_after_s": None,
        "escalate_roles": [],
        "policy": "all v1",
        "roles": ["supervisor"],
        "words": "always needs approval",
    }
]


@dataclass(frozen=True)
class Firm:
    """A database of the firm; `server` is its cluster."""

    server: PostgresServer
    name: str

    def connect(self, login: str) -> psycopg.Connection[Any]:
        """A connection of a person or a service, each statement a transaction of its own."""
        return self.connect_with(login, password_of(login))

    def connect_with(self, login: str, password: str) -> psycopg.Connection[Any]:
        """The same with a password of one's own choice."""
        return psycopg.connect(
            host="127.0.0.1",
            port=self.server.port,
            dbname=self.name,
            user=login,
            password=password,
            autocommit=True,
        )

    def url(self, login: str) -> str:
        """The address at which a person's or a service's own program connects."""
        address = URL.create("postgresql+psycopg", login, password_of(login), "127.0.0.1", self.server.port, self.name)
        return address.render_as_string(hide_password=False)

    def as_superuser(self) -> psycopg.Connection[Any]:
        """A connection that may do everything, for looking and for arranging."""
        return superuser(self.server, self.name)

    def arrange(self, statement: str) -> None:
        """One statement past the guards."""
        with self.as_superuser() as connection, unguarded(connection):
            connection.execute(statement.encode())

    def state(self) -> dict[str, str]:
        """What attacks must not change: a digest of each table, and of rights, owners, triggers and roles. What has
        been added to the audit log and the feed is left out: refusals are put on record."""
        with self.as_superuser() as connection:
            tables = [name for (name,) in connection.execute(_TABLES)]
            return dict(connection.execute(_state(tables)).fetchall())


def superuser(server: PostgresServer, name: str) -> psycopg.Connection[Any]:
    """A superuser's connection to a database of a cluster."""
    return psycopg.connect(server.url(name).replace("+psycopg", ""), autocommit=True)


def found_firm(server: PostgresServer) -> Firm:
    """A new database of this program's shape with the firm in it, and its people's logins in the cluster."""
    name = server.new_database()
    upgrade(server.url(name))
    with superuser(server, name) as connection:
        _make_logins(connection)
        with unguarded(connection):
            for statement, rows in _rows():
                connection.cursor().executemany(statement, rows)
        connection.execute("ANALYZE")
    return Firm(server, name)


@contextmanager
def unguarded(connection: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction without our triggers, as only a superuser can have one."""
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute("UPDATE pg_trigger SET tgenabled = 'D' WHERE tgenabled = 'A'")
        # a table that was looked at before would keep its triggers in this session's memory
        connection.execute("UPDATE pg_class SET relname = relname WHERE relhastriggers")
        yield
        connection.execute("UPDATE pg_trigger SET tgenabled = 'A' WHERE tgenabled = 'D'")
        connection.execute("UPDATE pg_class SET relname = relname WHERE relhastriggers")


def set_book(login: int, book: str = "A") -> str:
    """The payload of a change of book, as it is written."""
    share = {"A": 100, "B": 0}[book]
    return canonical({"book": book, "covered_percent": share, "kind": "set_book", "login": login})


def password_of(login: str) -> str:
    """Logins are the cluster's, so firms of one cluster share them."""
    return f"{login} on the loopback"


def _make_logins(connection: psycopg.Connection[Any]) -> None:
    known = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
    for login in SERVICES:
        connection.execute(f"ALTER ROLE {login} PASSWORD '{password_of(login)}'".encode())
    for login, who in LOGINS.items():
        if login not in known:
            groups = f"dealerdesk_staff, {group_of(STAFF[who][0])}"
            make = f"CREATE ROLE {login} LOGIN PASSWORD '{password_of(login)}' IN ROLE {groups}"
            connection.execute(f"SET ROLE dealerdesk_registrar; {make}; RESET ROLE".encode())


def _rows() -> Iterator[tuple[bytes, list[tuple[Any, ...]]]]:
    yield from _people()
    yield from _books()
    yield from _clients()
    yield _insert("commands", "id, kind, server, login, payload, payload_hash, title, reason, requested_by,"
                  " requested_us, expires_us, approvals_needed, needs, state, changed_us, comment, sends, stage, code,"
                  " result, ticket, group_name"), [_command(*given) for given in _COMMANDS]  # fmt: skip
    yield (
        _insert("decisions", "command_id, staff, role, verdict, payload_hash, comment, decided_us"),
        [
            (command, "carol", "supervisor", "approve", _hash("MT5", login), "seen", NOW_US)
            for command, login in (("half-way-1", 1002), ("approved-01", 1001))
        ],
    )
    entries = [_entry(number) for number in range(1, 4)]
    yield _insert("audit", "entry_id, at_us, actor, action, subject, server, entry, leaf_hash"), entries


_COMMANDS = (
    ("waiting-01", "MT5", 1001, "retail", "dana", "requested"),
    ("waiting-02", "MT5", 1002, "vip", "dana", "requested"),
    ("of-carol-1", "MT5", 1001, "retail", "carol", "requested"),
    ("other-desk", "MT4", 5001, "retail", "dana", "requested"),
    ("half-way-1", "MT5", 1002, "vip", "dana", "requested"),
    ("approved-01", "MT5", 1001, "retail", "dana", "approved"),
    ("being-done", "MT5", 1001, "retail", "dana", "dispatched"),
    ("done-long-1", "MT5", 1001, "retail", "dana", "confirmed"),
)
"""(id, server, account, its group, who asked, state)"""


def hash_of(command_id: str) -> str:
    """What an approver of a command of the firm agrees to."""
    _, server, login, *_ = next(command for command in _COMMANDS if command[0] == command_id)
    return _hash(server, login)


def _hash(server: str, login: int) -> str:
    return payload_hash("set_book", server, set_book(login), None)


def _command(command_id: str, server: str, login: int, group: str, who: str, state: str) -> tuple[Any, ...]:
    title, reason = f"Set the book of {server} {login} from B to A", "hedged flow"
    asked = (command_id, "set_book", server, login, set_book(login), _hash(server, login), title, reason, who)
    needs = canonical(SUPERVISOR_NEEDED)
    return (*asked, NOW_US, FAR_US, 1, needs, state, NOW_US, "", 0, "", "", "", "", group)


def _entry(number: int) -> tuple[Any, ...]:
    entry = json.dumps({"id": f"entry-{number}", "action": "signed in", "actor": "dana"})
    return f"entry-{number}", NOW_US, "dana", "signed in", "dana", "", entry, leaf_hash(entry)


def _insert(table: str, columns: str) -> bytes:
    marks = ", ".join(["%s"] * len(columns.split(",")))
    return f"INSERT INTO {table} ({columns}) VALUES ({marks})".encode()


def _people() -> Iterator[tuple[bytes, list[tuple[Any, ...]]]]:
    people = [(who, who.title(), role, who != "gus", 1, NOW_US) for who, (role, _) in STAFF.items()]
    yield _insert("staff", "id, name, role, active, version, changed_us"), people
    logins = [(login, who, True, NOW_US) for login, who in LOGINS.items()]
    yield _insert("staff_logins", "login, staff, active, made_us"), logins
    scopes = [(who, server, group) for who, (_, scopes) in STAFF.items() for server, group in scopes]
    yield _insert("staff_scopes", "staff, server, group_name"), scopes
    rule = canonical(
        {
            "servers": [],
            "groups": [],
            "to_books": [],
            "open_lots_min": None,
            "leverage_min": None,
            "amounts_min": None,
            "daily_totals_min": None,
            "risks": [],
            "deviates_from_advice": False,
            "approvals": 1,
            "roles": ["supervisor"],
            "escalate_after_s": None,
            "escalate_roles": [],
        }
    )
    policies = [
        (name, 1, kind, rule, 1, "setup", "") for name, kind in (("books", "set_book"), ("money", "change_balance"))
    ]
    yield _insert("policies", "id, version, kind, rule, effective_us, author, note"), policies


def _books() -> Iterator[tuple[bytes, list[tuple[Any, ...]]]]:
    of = "server, epoch, sequence"
    yield (
        _insert("accounts", f"{of}, login, client_id, group_name, currency, leverage, balance, credit, opened_us,"
                " enabled, introducer, session_start_equity, session_deposits, session_realised"),
        [(server, "e1", 1, login, client, group, "USD", 100, 100_000, 0, 1, True, "", 0, 0, 0)
         for server, login, group, client in ACCOUNTS],
    )  # fmt: skip
    keys = [(server, "e1", 1, login) for server, login, *_ in ACCOUNTS]
    yield (
        _insert("routing", f"{of}, login, book, covered_percent, changed_us, command_id"),
        [(*key, "B", 0, 1, "") for key in keys],
    )
    yield (
        _insert("positions", f"{of}, login, id, symbol, side, volume, open_price, opened_us, swap, commission, reason,"
                " comment"),
        [(*key, key[3] * 10, "EURUSD", "buy", 10**8, 1, 1, 0, 0, "client", "") for key in keys],
    )  # fmt: skip
    yield (
        _insert("deals", f"{of}, login, id, position_id, order_id, symbol, side, entry, volume, price, dealt_us,"
                " profit, swap, commission, rate_profit, reason, book, comment"),
        [(*key, key[3] * 10, 1, 1, "EURUSD", "buy", "in", 10**8, 1, 1, 0, 0, 0, 1, "client", "B", "") for key in keys],
    )  # fmt: skip
    yield (
        _insert("balance_operations", f"{of}, login, id, kind, amount, booked_us, provider, reference, comment"),
        [(*key, key[3] * 10, "deposit", 100_000, 1, "", "", "") for key in keys],
    )
    yield (
        _insert("day_ends", f"{of}, login, day, balance, credit, floating, margin, realised, deposits"),
        [(*key, "2026-01-05", 100_000, 0, 0, 0, 0, 0) for key in keys],
    )


def _clients() -> Iterator[tuple[bytes, list[tuple[Any, ...]]]]:
    clients = [(server, "e1", 1, one, name, "DE", "retail", 1, "") for server, one, name in CLIENTS]
    columns = "server, epoch, sequence, id, name, country, profile, registered_us, introducer"
    yield _insert("clients", columns), clients
    documents = [(f"document-{one}", one, "passport", "scan.png", "00", b"a passport", 1) for _, one, _ in CLIENTS]
    yield _insert("documents", "id, client_id, kind, name, sha256, content, added_us"), documents
    contacts = [(one, "bank_account", "a token", 1) for _, one, _ in CLIENTS]
    yield _insert("contacts", "client_id, field, token, changed_us"), contacts
    yield _insert("subject_keys", "client_id, key, made_us"), [(one, f"{one:064}", 1) for _, one, _ in CLIENTS]


_TABLES = b"SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"


def _digest(source: str, row: str, where: str = "true") -> str:
    return f"SELECT '{source}', md5(coalesce(string_agg({row}, ';' ORDER BY {row}), '')) FROM {source} WHERE {where}"


def _state(tables: list[str]) -> bytes:
    """One statement over every table and over what the catalogue says of rights."""
    growing = ("audit", "change_feed")
    ours = "IN ('public'::regnamespace, 'api'::regnamespace)"
    parts = [_digest(table, f"{table}::text", "id <= 3" if table in growing else "true") for table in tables]
    rights = "concat_ws(' ', oid, relname, relowner, relacl, relrowsecurity, relforcerowsecurity)"
    parts.append(_digest("pg_class", rights, f"relnamespace {ours}"))
    parts.append(_digest("pg_attribute", "concat_ws(' ', attrelid, attname, attacl)", "attacl IS NOT NULL"))
    parts.append(_digest("pg_proc", "concat_ws(' ', oid, proowner, proacl, prosrc)", f"pronamespace {ours}"))
    parts.append(_digest("pg_trigger", "concat_ws(' ', oid, tgname, tgenabled)"))
    parts.append(_digest("pg_policy", "concat_ws(' ', oid, polname, polroles::text, polqual)"))
    parts.append(
        _digest("pg_roles", "concat_ws(' ', oid, rolname, rolsuper, rolcreaterole, rolcanlogin, rolbypassrls)")
    )
    parts.append(_digest("pg_auth_members", "concat_ws(' ', roleid, member, admin_option)"))
    parts.append(_digest("pg_database", "concat_ws(' ', datname, datacl)", "datname = current_database()"))
    parts.append(_digest("pg_namespace", "concat_ws(' ', oid, nspname, nspowner, nspacl)", "nspname !~ '^pg_'"))
    parts.append(_digest("pg_largeobject_metadata", "oid::text"))
    return " UNION ALL ".join(parts).encode()
