"""Nobody reads a masked column or another desk's row, by whatever way round."""

from __future__ import annotations

import pytest
from attack_cases import NOTHING, Attack, cases, refusal_of
from attacked_firm import Firm

pytestmark = pytest.mark.usefixtures("unchanged")

MASKED = (
    *(
        Attack(f"a clients name {how}", "dana", sql)
        for how, sql in (
            ("by its column", "SELECT name FROM clients"),
            ("by a star", "SELECT * FROM clients"),
            ("by the whole row", "SELECT c FROM clients AS c"),
            ("by the row as json", "SELECT row_to_json(c) FROM clients AS c"),
            ("by the row as text", "SELECT c::text FROM clients AS c"),
            ("by copying the table", "COPY clients TO STDOUT"),
            ("by copying a query", "COPY (SELECT name FROM clients) TO STDOUT"),
            ("by filtering", "SELECT id FROM clients WHERE name LIKE 'N%'"),
            ("by sorting", "SELECT id FROM clients ORDER BY name"),
            ("by grouping", "SELECT count(*) FROM clients GROUP BY name"),
            ("by joining", "SELECT c.id FROM clients AS c JOIN staff AS s ON s.name = c.name"),
            ("by natural joining", "SELECT * FROM clients NATURAL JOIN symbols"),
            ("by explaining", "EXPLAIN (ANALYZE, VERBOSE) SELECT name FROM clients"),
            ("by a leaky function", "SELECT id FROM clients WHERE name::integer = 1"),
            ("by an error message", "SELECT ('x' || name)::integer FROM clients"),
            ("by a cursor", "BEGIN; DECLARE c CURSOR FOR SELECT name FROM clients"),
            ("by a prepared query", "PREPARE p AS SELECT name FROM clients; EXECUTE p"),
            ("by an anonymous block", "DO $$ BEGIN PERFORM name FROM clients; END $$"),
            ("by a view", "CREATE VIEW names AS SELECT name FROM clients"),
            ("by a temporary copy", "CREATE TEMP TABLE names AS SELECT name FROM clients"),
            ("by writing", "UPDATE clients SET name = '' RETURNING name"),
            ("by raw statistics", "SELECT stavalues1 FROM pg_statistic"),
        )
    ),
    Attack("a clients name by statistics", "dana", "SELECT 1 FROM pg_stats WHERE attname = 'name'"
           " AND tablename = 'clients'", NOTHING),
    Attack("a documents content", "cleo", "SELECT content FROM documents"),
    Attack("a documents content by a star", "iris", "SELECT * FROM documents"),
    Attack("a documents name as a dealer", "dana", "SELECT name FROM documents"),
    Attack("contacts by table", "cleo", "SELECT token FROM contacts"),
    Attack("clients keys by table", "cleo", "SELECT key FROM subject_keys"),
    Attack("passwords by table", "adam", "SELECT verifier FROM local_passwords"),
    Attack("the servers passwords", "adam", "SELECT rolpassword FROM pg_authid"),
    Attack("logins as a dealer", "dana", "SELECT * FROM staff_logins"),
    Attack("a bank account by procedure as a dealer", "ana", "SELECT api.unmask(1, 'bank_account', 'curious', '')",
           NOTHING),
    Attack("a name by procedure as a dealer", "ana", "SELECT api.unmask(1, 'name', 'curious', '')", NOTHING),
    Attack("a bank account of another server", "sam", "SELECT api.unmask(1, 'bank_account', 'curious', '')", NOTHING),
    Attack("a bank account without a reason", "ben", "SELECT api.unmask(1, 'bank_account', '', '')", NOTHING),
    Attack("a document as a supervisor", "carol", "SELECT api.open_document('document-1', 'curious', '')", NOTHING),
    Attack("a document as a dealer", "dana", "SELECT api.open_document('document-1', 'curious', '')", NOTHING),
    Attack("a key as a dealer", "dana", "SELECT api.subject_key(1, 'curious', '')", NOTHING),
    Attack("a document after leaving", "gus", "SELECT api.open_document('document-1', 'curious', '')", NOTHING),
    Attack("a document without asking first", "cleo", "SELECT api.open_document('document-1', 'a check', '')", NOTHING),
    Attack("a document in a transaction to be rolled back", "cleo",
           "BEGIN; SELECT api.ask_to_read('document', 'document-1', 'x', '');"
           " SELECT api.open_document('document-1', 'x', ''); ROLLBACK", NOTHING),
    Attack("a document past the procedure", "cleo", "SELECT api.gives_out('document', 'document-1', 'x', '')"),
)  # fmt: skip

OTHER_DESK = (
    *(
        Attack(f"{table} of another server", "ana", f"SELECT * FROM {table} WHERE server = 'MT4'", NOTHING)
        for table in ("accounts", "routing", "positions", "deals", "balance_operations", "day_ends", "commands")
    ),
    *(
        Attack(f"{table} of another group", "dora", f"SELECT * FROM {table} WHERE login <> 1002", NOTHING)
        for table in ("accounts", "routing", "positions", "deals", "balance_operations", "day_ends", "commands")
    ),
    Attack("a client of another server", "ana", "SELECT id FROM clients WHERE id = 3", NOTHING),
    Attack("a document of another servers client", "sam", "SELECT id FROM documents WHERE client_id <> 3", NOTHING),
    Attack("a count", "ana", "SELECT 1 FROM accounts HAVING count(*) > 3", NOTHING),
    Attack("a sum", "ana", "SELECT 1 FROM accounts HAVING sum(balance) > 300000", NOTHING),
    Attack("a join", "ana", "SELECT d.id FROM accounts AS a RIGHT JOIN deals AS d ON d.login = a.login"
           " WHERE d.login = 5001", NOTHING),
    Attack("an anti join", "ana", "SELECT s.name FROM staff AS s WHERE EXISTS (SELECT FROM deals WHERE login = 5001)",
           NOTHING),
    Attack("an outer query", "ana", "SELECT (SELECT max(login) FROM accounts WHERE server = 'MT4')", NOTHING),
    Attack("a window", "ana", "SELECT 1 FROM (SELECT count(*) OVER () AS n FROM deals) AS d WHERE n > 3", NOTHING),
    Attack("a division by zero", "ana", "SELECT login FROM accounts WHERE 1 / (login - 5001) > 2", NOTHING),
    Attack("a cast that fails", "ana", "SELECT 1 FROM deals WHERE CASE WHEN server = 'MT4' THEN server::integer = 1"
           " ELSE false END", NOTHING),
    Attack("a cursor", "ana", "BEGIN; DECLARE c CURSOR FOR SELECT login FROM accounts WHERE server = 'MT4';"
           " FETCH ALL FROM c", NOTHING),
    Attack("a prepared query", "ana", "PREPARE p AS SELECT login FROM accounts WHERE login = 5001; EXECUTE p",
           NOTHING),
    Attack("statistics", "ana", "SELECT 1 FROM pg_stats WHERE tablename IN ('accounts', 'deals', 'clients')", NOTHING),
    Attack("row security switched off", "ana", "SET row_security = off; SELECT * FROM accounts"),
    Attack("row security taken off", "ana", "ALTER TABLE accounts DISABLE ROW LEVEL SECURITY"),
    Attack("row security not forced", "ana", "ALTER TABLE accounts NO FORCE ROW LEVEL SECURITY"),
    Attack("a policy dropped", "ana", "DROP POLICY seen ON accounts"),
    Attack("a policy added", "ana", "CREATE POLICY all_of_it ON accounts USING (true)"),
    Attack("bypassing granted to oneself", "ana", "ALTER ROLE ana BYPASSRLS"),
    Attack("being somebody else by a setting", "ana", "SET session_authorization = carol"),
    Attack("another persons statements", "ana", "SELECT query FROM pg_stat_activity WHERE usename <> 'ana'"
           " AND query NOT IN ('', '<insufficient privilege>')", NOTHING),
)  # fmt: skip

HIJACKS = (
    Attack("a temporary table", "ana", "CREATE TEMP TABLE staff_logins (login text, staff text, active boolean)"),
    Attack("a temporary function", "ana", "CREATE FUNCTION pg_temp.f(text) RETURNS text LANGUAGE sql"
           " AS 'SELECT $1'"),
    Attack("a temporary view", "ana", "CREATE TEMP VIEW staff AS SELECT 'sam' AS id"),
    Attack("a schema of ones own", "ana", "CREATE SCHEMA ana"),
    Attack("a table in public", "ana", "CREATE TABLE public.accounts_2 (a text)"),
    Attack("a function in public", "ana", "CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql"
           " COST 0.0001 AS 'BEGIN RAISE NOTICE ''%'', $1; RETURN true; END'"),
    Attack("a function in api", "ana", "CREATE OR REPLACE FUNCTION api.person() RETURNS text LANGUAGE sql"
           " AS 'SELECT ''carol'''"),
    Attack("an operator", "ana", "CREATE OPERATOR public.=== (FUNCTION = texteq, LEFTARG = text, RIGHTARG = text)"),
    Attack("a procedures search path", "ana", "ALTER FUNCTION api.sign_in(text, text) SET search_path = ana"),
)  # fmt: skip


@cases(*MASKED)
def test_what_is_masked_is_not_read_as(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*OTHER_DESK)
def test_another_desks_rows_are_not_seen_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*HIJACKS)
def test_names_are_not_hijacked_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


def test_a_search_path_of_ones_own_changes_nobodys_identity(firm: Firm) -> None:
    with firm.connect("ana") as ana:
        ana.execute("SET search_path = pg_temp, pg_catalog")
        assert ana.execute("SELECT api.person(), api.sees_all()").fetchone() == ("ana", False)


def test_another_role_of_ones_own_changes_nobodys_identity(firm: Firm) -> None:
    with firm.connect("carol_home") as carol:
        carol.execute("SET ROLE dealerdesk_staff")
        assert carol.execute("SELECT api.person()").fetchone() == ("carol",)


@pytest.mark.parametrize("action", ["name", "document"])
def test_a_refused_reading_is_on_record(firm: Firm, action: str) -> None:
    calls = {"name": "api.unmask(2, 'name', 'curious', '')", "document": "api.open_document('document-2', 'why', '')"}
    with firm.connect("ana") as ana, firm.connect("iris") as iris:
        before = iris.execute(
            "SELECT count(*) FROM audit WHERE actor = 'ana' AND action = 'reading refused'"
        ).fetchone()
        assert ana.execute(f"SELECT {calls[action]}".encode()).fetchone() == (None,)
        after = iris.execute("SELECT count(*) FROM audit WHERE actor = 'ana' AND action = 'reading refused'").fetchone()

    assert before is not None
    assert after == (before[0] + 1,)


@pytest.mark.parametrize("login", ["dana", "ana", "dora"])
@pytest.mark.parametrize("table", ["accounts", "positions", "deals", "commands", "decisions", "change_feed"])
def test_row_policies_ask_once_a_statement_and_not_once_a_row(firm: Firm, login: str, table: str) -> None:
    with firm.connect(login) as person:
        plan = [
            line for (line,) in person.execute(f"EXPLAIN (VERBOSE, COSTS OFF) SELECT count(*) FROM {table}".encode())
        ]

    filters = [line for line in plan if line.strip().startswith("Filter:")]
    assert filters
    assert not [line for line in filters if "api." in line]
    assert [line for line in plan if "InitPlan" in line]
