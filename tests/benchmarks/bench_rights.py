"""What the database's own rules cost: `python tests/benchmarks/bench_rights.py [--seconds N]`.

The same work three times in one run, on a PostgreSQL of its own with fsync on, driven by pgbench, round by round in
turn: asking for a command and approving it. First as bare statements of the tables' owner: the rows of commands and
decisions alone. Then as plain statements that write the same rows as the rules do, audit entries and the change feed
too, in as few statements as there can be. Both have the tables' indexes and nothing that guards them. Then by people's
own logins through the procedures, with row-level security, guards and policies.

Prints commands asked for and approved a second by 1 and by 8 clients, medians over the rounds, and what the rules leave
of the others' figures. Goal: at least 0.5 with 8 clients. Whatever else runs on the machine changes all figures.
"""

from __future__ import annotations

import argparse
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "integration"))

import psycopg
from postgres_server import PostgresServer

from dealerdesk.store.migrate import upgrade

CLIENTS = (1, 8)
ROUNDS = 3
ACCOUNTS_EACH = 20_000
"""Accounts of each client in a round: every one can have one open change of book."""
PEOPLE = (("dana", "head_dealer"), ("carol", "supervisor"))

PEOPLE_SQL = """
CREATE ROLE {person} LOGIN PASSWORD '{password}';
GRANT dealerdesk_staff, dealerdesk_{role} TO {person};
"""
SEED_SQL = """
INSERT INTO staff (id, name, role, active, version, changed_us)
VALUES ('dana', 'Dana', 'head_dealer', true, 1, 1), ('carol', 'Carol', 'supervisor', true, 1, 1);
INSERT INTO staff_logins (login, staff, active, made_us) VALUES ('dana', 'dana', true, 1), ('carol', 'carol', true, 1);
INSERT INTO staff_scopes (staff, server, group_name) VALUES ('dana', '', ''), ('carol', '', '');
INSERT INTO policies (id, version, kind, rule, effective_us, author, note)
VALUES ('all', 1, 'set_book', '{"approvals":1,"open_lots_min":"0","roles":["supervisor"]}', 1, 'setup', '');
INSERT INTO accounts (server, epoch, sequence, login, client_id, group_name, currency, leverage, balance, credit,
    opened_us, enabled, introducer, session_start_equity, session_deposits, session_realised)
SELECT 'MT5', 'e1', 1, n, n, 'real', 'USD', 100, 0, 0, 1, true, '', 0, 0, 0 FROM generate_series(1, {accounts}) AS n;
INSERT INTO positions (server, epoch, sequence, id, login, symbol, side, volume, open_price, opened_us, swap,
    commission, reason, comment)
SELECT 'MT5', 'e1', 1, n, n, 'EURUSD', 'buy', 100000000, 1.1, 1, 0, 0, 'client', ''
FROM generate_series(1, {accounts}) AS n;
"""
PLACE = f"\\set i :i + 1\n\\set login :first + :client_id * {ACCOUNTS_EACH} + :i\n"
PAYLOAD = """'{"book":"A","covered_percent":100,"kind":"set_book","login":' || (:login)::bigint || '}'"""
NEEDS = (
    # a space after each colon, or pgbench would take it for the name of a variable
    """'[{"approvals": 1,"escalate_after_s": null,"escalate_roles": [],"policy": "all v1","roles": ["supervisor"],"""
    """"words": "1 lots are open, 0 or more need approval"}]'"""
)
ID = "'command-' || (:login)::bigint"
COMMAND = f"""
INSERT INTO commands (id, kind, server, login, payload, payload_hash, title, reason, requested_by, requested_us,
    expires_us, approvals_needed, needs, state, changed_us, comment, sends, stage, code, result, ticket, client_id,
    group_name, origin)
VALUES ({ID}, 'set_book', 'MT5', :login, {PAYLOAD}, repeat('0', 64),
    'Set the book of MT5 ' || (:login)::bigint || ' to A', 'hedged flow', 'dana', 1, 2, 1, {NEEDS},
    'requested', 1, '', 0, '', '', '', '', :login, 'real', 'desk 1')"""
DECISION = f"""
INSERT INTO decisions (command_id, staff, for_staff, role, verdict, payload_hash, comment, decided_us)
SELECT id, 'carol', 'carol', 'supervisor', 'approve', repeat('0', 64), '', 1 FROM commands WHERE id = {ID}"""
APPROVAL = f"""
UPDATE commands SET state = 'approved', changed_us = 2, decided_by = 'carol', decided_us = 2, deadline_us = 3
WHERE id = {ID}"""
FEED_LINE = f"""
INSERT INTO change_feed (txid, table_name, server, key, at_us)
VALUES (pg_current_xact_id()::text::bigint, 'commands', 'MT5', {ID}, 1)"""


def entry(actor: str, action: str, length: int) -> str:
    """An audit entry as plain SQL: as long as the rules' own, and hashed like it."""
    return f"""
INSERT INTO audit (entry_id, at_us, actor, action, subject, server, login, entry, leaf_hash, txid, client_id, kind)
SELECT made.id, 1, '{actor}', '{action}', {ID}, 'MT5', :login, made.entry,
    encode(sha256('\\x00'::bytea || convert_to(made.entry, 'UTF8')), 'hex'), pg_current_xact_id()::text::bigint,
    :login, 'set_book'
FROM (
    SELECT replace(gen_random_uuid()::text, '-', '') AS id, repeat('.', {length}) || (:login)::bigint AS entry
) AS made"""


ACCOUNT = "SELECT group_name, client_id FROM accounts WHERE server = 'MT5' AND login = :login;"
WAITING = f"SELECT payload_hash, state FROM commands WHERE id = {ID} FOR UPDATE;"
BARE_ASK = f"{PLACE}{ACCOUNT}{COMMAND};\n"
BARE_APPROVE = f"{PLACE}BEGIN;\n{WAITING}{DECISION};{APPROVAL};\nEND;\n"
PLAIN_ASK = (
    f"{PLACE}{ACCOUNT}\nWITH command AS ({COMMAND}), told AS ({entry('dana', 'command requested', 930)}){FEED_LINE};\n"
)
PLAIN_APPROVE = (
    f"{PLACE}BEGIN;\n{WAITING}\nWITH decision AS ({DECISION}), approval AS ({APPROVAL}),"
    f" told AS ({entry('carol', 'command approved', 464)}){FEED_LINE};\nEND;\n"
)
# what was on the approver's screen is known to the desk before anybody decides; two bars keep the colon off the null
SEEN = f"""encode(sha256(convert_to('{{"expected_version":' || 'null,"kind":"set_book","payload":' ||
    to_json({PAYLOAD}) || ',"server":"MT5"}}', 'UTF8')), 'hex')"""
GUARDED_ASK = f"""{PLACE}
SELECT api.request_command({ID}, 'set_book', 'MT5', {PAYLOAD}, 'hedged flow', NULL, NULL, 'desk 1');
"""
GUARDED_APPROVE = f"""{PLACE}
SELECT api.decide_command({ID}, 'approve', {SEEN}, '', 'desk 2');
"""


class DurableServer(PostgresServer):
    """A server that keeps what it says it keeps."""

    settings = ("fsync=on", "shared_buffers=256MB", "jit=off", "checkpoint_timeout=1h", "max_wal_size=4GB")


class Bench:
    """Databases of one server: `bare` and `plain` with tables and indexes alone, `guarded` with all the rules."""

    def __init__(self, folder: Path, seconds: int) -> None:
        self.folder, self.seconds = folder, seconds
        self.server = DurableServer(folder)
        self.guarded, self.bare, self.plain = (self.server.new_database() for _ in range(3))
        upgrade(self.server.url(self.guarded))
        accounts = str(ACCOUNTS_EACH * sum(CLIENTS) * ROUNDS + 1)
        with self._connection(self.guarded) as connection:
            for person, role in PEOPLE:
                words = {"person": person, "role": role, "password": self.server.password}
                connection.execute(PEOPLE_SQL.format(**words).encode())
            connection.execute(SEED_SQL.replace("{accounts}", accounts).encode())
            connection.execute(b"ANALYZE accounts, positions")
        for database in (self.bare, self.plain):
            self._copy_unguarded(database)

    def rates(self, clients: int, first: int) -> tuple[float, float, float]:
        """Commands asked for and approved a second: barely, plainly, and by the rules."""
        owner = ("postgres", "postgres")
        return (
            self._pair(self.bare, owner, (BARE_ASK, BARE_APPROVE), clients, first),
            self._pair(self.plain, owner, (PLAIN_ASK, PLAIN_APPROVE), clients, first),
            self._pair(self.guarded, ("dana", "carol"), (GUARDED_ASK, GUARDED_APPROVE), clients, first),
        )

    def check(self) -> None:
        """Every approval is there, those with entries with an entry each as long as the rules'; nothing was refused."""
        lengths = []
        for database in (self.plain, self.guarded):
            with self._connection(database) as connection:
                lengths.append(
                    connection.execute(
                        "SELECT (avg(length(entry)) FILTER (WHERE action = 'command requested'))::integer,"
                        " (avg(length(entry)) FILTER (WHERE action = 'command approved'))::integer FROM audit"
                    ).fetchone()
                )
        assert all(abs(plain - guarded) < 60 for plain, guarded in zip(*lengths, strict=True)), lengths
        with self._connection(self.guarded) as connection:
            counted = connection.execute(
                "SELECT count(*), count(*) FILTER (WHERE state = 'approved'),"
                " (SELECT count(*) FROM audit WHERE action = 'command approved'),"
                " (SELECT count(*) FROM audit WHERE action LIKE '%refused') FROM commands"
            ).fetchone()
        assert counted is not None
        asked, approved, told, refused = counted
        assert (approved, refused) == (told, 0), (asked, approved, told, refused)
        assert approved > 0

    def _pair(self, database: str, users: tuple[str, str], scripts: tuple[str, str], clients: int, first: int) -> float:
        """The rate of both steps one after the other; approvals are counted over what was asked for before."""
        asked, ask_rate = self._run(database, users[0], scripts[0], clients, first, ("-T", str(self.seconds)))
        each = str(max(1, asked // clients * 9 // 10))
        _, approve_rate = self._run(database, users[1], scripts[1], clients, first, ("-t", each))
        print(f"  {database}: {ask_rate:6,.0f} asked, {approve_rate:6,.0f} approved a second, {clients} clients")
        return 1 / (1 / ask_rate + 1 / approve_rate)

    def _run(
        self, database: str, user: str, script: str, clients: int, first: int, how_long: tuple[str, str]
    ) -> tuple[int, float]:
        file = self.folder / "script.sql"
        file.write_text(script)
        command = [self.server.bin / "pgbench", "-n", "-M", "prepared", "-f", file, *how_long]
        command += ["-c", str(clients), "-j", str(min(clients, 2)), "-D", "i=0", "-D", f"first={first}"]
        command += ["-h", "127.0.0.1", "-p", str(self.server.port), "-U", user, database]
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, env={"PGPASSWORD": self.server.password}
        )
        count = re.search(r"transactions actually processed: (\d+)", done.stdout)
        rate = re.search(r"tps = ([\d.]+) \(without", done.stdout)
        assert count is not None, done.stdout
        assert rate is not None, done.stdout
        return int(count.group(1)), float(rate.group(1))

    def _copy_unguarded(self, database: str) -> None:
        """The same tables and rows, with their keys and indexes, without guards, rights and row security."""
        tables = ("staff", "accounts", "commands", "decisions", "audit", "change_feed")
        binaries, address = self.server.bin, self.server.url("").replace("+psycopg", "")
        dump = [binaries / "pg_dump", *(f"--table={table}" for table in tables), "--no-owner", "--no-privileges"]
        text = subprocess.run([*dump, f"{address}{self.guarded}"], check=True, capture_output=True, text=True).stdout
        file = self.folder / "bare.sql"
        file.write_text(re.sub(r"(?ms)^(CREATE (TRIGGER|POLICY)|ALTER TABLE [\w.]+ (ENABLE|FORCE)).*?;$", "", text))
        subprocess.run(
            [binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, f"{address}{database}"],
            check=True,
            capture_output=True,
        )
        with self._connection(database) as connection:
            connection.execute(b"ANALYZE accounts")

    def _connection(self, database: str) -> psycopg.Connection[tuple[int, ...]]:
        return psycopg.connect(self.server.url(database).replace("+psycopg", ""), autocommit=True)


def _ratio(rounds: list[tuple[float, float, float]], other: int) -> float:
    """What the rules leave of another way's rate, median over the rounds."""
    return statistics.median(rates[2] / rates[other] for rates in rounds)


def main() -> None:
    """Prints the figures and their ratios for each number of clients."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    seconds = parser.parse_args().seconds
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-rights-"))
    try:
        bench = Bench(folder, seconds)
        first = 0
        for clients in CLIENTS:
            rounds = []
            for _ in range(ROUNDS):
                rounds.append(bench.rates(clients, first))
                first += clients * ACCOUNTS_EACH
            bare, plain, guarded = (statistics.median(rates) for rates in zip(*rounds, strict=True))
            print(f"{clients} clients: {guarded:,.0f} commands a second by the rules,")
            print(f"    {plain:,.0f} by plain statements that write the same rows: ratio {_ratio(rounds, 1):.2f}")
            print(f"    {bare:,.0f} without audit and feed: ratio {_ratio(rounds, 0):.2f}")
        bench.check()
        bench.server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
