"""What the database's own rules cost: `python tests/benchmarks/bench_rights.py [--seconds N]`.

The same work twice in one run, on a PostgreSQL of its own with fsync on, driven by pgbench, round by round in turn:
asking for a command and approving it. Once as plain statements of the tables' owner, without a guard: the same rows of
commands and decisions, filled alike, in as many transactions. Once by people's own logins through the procedures, with
row-level security, guards, policies, audit entries and the change feed.

Prints commands asked for and approved a second by 1 and by 8 clients, medians over the rounds, and what the rules leave
of the plain figure. Goal: at least 0.5 with 8 clients. Whatever else runs on the machine changes all figures.
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
PLAIN_ASK = f"""{PLACE}
SELECT group_name, client_id FROM accounts WHERE server = 'MT5' AND login = :login;
INSERT INTO commands (id, kind, server, login, payload, payload_hash, title, reason, requested_by, requested_us,
    expires_us, approvals_needed, needs, state, changed_us, comment, sends, stage, code, result, ticket, client_id,
    group_name, origin)
VALUES ({ID}, 'set_book', 'MT5', :login, {PAYLOAD}, repeat('0', 64),
    'Set the book of MT5 ' || (:login)::bigint || ' to A', 'hedged flow', 'dana', 1, 2, 1, {NEEDS},
    'requested', 1, '', 0, '', '', '', '', :login, 'real', 'desk 1');
"""
PLAIN_APPROVE = f"""{PLACE}
BEGIN;
SELECT payload_hash, state FROM commands WHERE id = {ID} FOR UPDATE;
INSERT INTO decisions (command_id, staff, for_staff, role, verdict, payload_hash, comment, decided_us)
VALUES ({ID}, 'carol', 'carol', 'supervisor', 'approve', repeat('0', 64), '', 1);
UPDATE commands SET state = 'approved', changed_us = 2, decided_by = 'carol', decided_us = 2, deadline_us = 3
WHERE id = {ID};
END;
"""
GUARDED_ASK = f"""{PLACE}
SELECT api.request_command({ID}, 'set_book', 'MT5', {PAYLOAD}, 'hedged flow', NULL, NULL, 'desk 1');
"""
GUARDED_APPROVE = f"""{PLACE}
SELECT api.decide_command(id, 'approve', payload_hash, '', 'desk 2') FROM commands WHERE id = {ID};
"""


class DurableServer(PostgresServer):
    """A server that keeps what it says it keeps."""

    settings = ("fsync=on", "shared_buffers=256MB", "jit=off", "checkpoint_timeout=1h", "max_wal_size=4GB")


class Bench:
    """Two databases of one server: `plain` with bare tables, `guarded` with all the rules."""

    def __init__(self, folder: Path, seconds: int) -> None:
        self.folder, self.seconds = folder, seconds
        self.server = DurableServer(folder)
        self.guarded, self.plain = self.server.new_database(), self.server.new_database()
        upgrade(self.server.url(self.guarded))
        accounts = str(ACCOUNTS_EACH * sum(CLIENTS) * ROUNDS + 1)
        with self._connection(self.guarded) as connection:
            for person, role in PEOPLE:
                words = {"person": person, "role": role, "password": self.server.password}
                connection.execute(PEOPLE_SQL.format(**words).encode())
            connection.execute(SEED_SQL.replace("{accounts}", accounts).encode())
            connection.execute(b"ANALYZE accounts, positions")
        self._copy_bare()

    def rates(self, clients: int, first: int) -> tuple[float, float]:
        """Commands asked for and approved a second: plainly, and by the rules."""
        plain = self._pair(self.plain, ("postgres", "postgres"), (PLAIN_ASK, PLAIN_APPROVE), clients, first)
        guarded = self._pair(self.guarded, ("dana", "carol"), (GUARDED_ASK, GUARDED_APPROVE), clients, first)
        return plain, guarded

    def check(self) -> None:
        """Every approval of the guarded run is there with its entry; nothing was refused."""
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

    def _copy_bare(self) -> None:
        """The same tables and rows, with their keys and indexes, without guards, rights and row security."""
        tables = ("staff", "accounts", "commands", "decisions")
        binaries, address = self.server.bin, self.server.url("").replace("+psycopg", "")
        dump = [binaries / "pg_dump", *(f"--table={table}" for table in tables), "--no-owner", "--no-privileges"]
        text = subprocess.run([*dump, f"{address}{self.guarded}"], check=True, capture_output=True, text=True).stdout
        file = self.folder / "bare.sql"
        file.write_text(re.sub(r"(?ms)^(CREATE (TRIGGER|POLICY)|ALTER TABLE [\w.]+ (ENABLE|FORCE)).*?;$", "", text))
        subprocess.run(
            [binaries / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, f"{address}{self.plain}"],
            check=True,
            capture_output=True,
        )
        with self._connection(self.plain) as connection:
            connection.execute(b"ANALYZE accounts")

    def _connection(self, database: str) -> psycopg.Connection[tuple[int, ...]]:
        return psycopg.connect(self.server.url(database).replace("+psycopg", ""), autocommit=True)


def main() -> None:
    """Prints both figures and their ratio for each number of clients."""
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
            plain = statistics.median(rate for rate, _ in rounds)
            guarded = statistics.median(rate for _, rate in rounds)
            print(f"{clients} clients: {plain:,.0f} commands a second plainly, {guarded:,.0f} by the rules:")
            print(f"    ratio {statistics.median(ours / bare for bare, ours in rounds):.2f}")
        bench.check()
        bench.server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
