"""Audit entries, deals and balance operations stay as they were written, whoever tries what."""

from __future__ import annotations

import pytest
from attack_cases import GUARD, NOTHING, REFUSED, Attack, cases, refusal_of
from attacked_firm import Firm

pytestmark = pytest.mark.usefixtures("unchanged")

FORGED = (
    "INSERT INTO audit (entry_id, at_us, actor, action, subject, server, entry, leaf_hash)"
    " VALUES ('forged', 1, '{}', 'command approved', 'waiting-01', '', '{{}}', '00')"
)

AUDIT = (
    Attack("removing entries", "iris", "DELETE FROM audit"),
    Attack("changing an entry", "carol", "UPDATE audit SET actor = 'sam'"),
    Attack("emptying it", "carol", "TRUNCATE audit"),
    Attack("forging an entry", "carol", FORGED.format("sam")),
    Attack("forging an entry as a client copies rows", "carol", "COPY audit FROM STDIN"),
    Attack(
        "forging an entry past the procedures",
        "carol",
        "SELECT api.write_audit(1, 'sam', 'command approved', 'x', '', NULL, NULL, '', '', '', '{}', '{}')",
    ),
    Attack(
        "noting what only a procedure may note",
        "carol",
        "SELECT api.note('command approved', 'waiting-01', '{}', 'psql')",
        REFUSED,
        "not put this on record",
    ),
    Attack("moving its counter on", "carol", "SELECT nextval('audit_id_seq')"),
    Attack("setting its counter back", "carol", "SELECT setval('audit_id_seq', 1)"),
    Attack("switching its guards off", "carol", "ALTER TABLE audit DISABLE TRIGGER ALL"),
    Attack("switching its guards off for the session", "carol", "SET session_replication_role = replica"),
    Attack("dropping a guard", "carol", "DROP TRIGGER audit_no_delete ON audit"),
    Attack("a guard of ones own", "carol", "CREATE TRIGGER x BEFORE INSERT ON audit EXECUTE FUNCTION no_truncate()"),
    Attack(
        "replacing a guards function",
        "carol",
        "CREATE OR REPLACE FUNCTION public.audit_no_delete() RETURNS trigger LANGUAGE plpgsql"
        " AS 'BEGIN RETURN OLD; END'",
    ),
    Attack("dropping the table", "carol", "DROP TABLE audit"),
    Attack("a column more", "carol", "ALTER TABLE audit ADD COLUMN x text"),
    Attack("a rule that swallows entries", "carol", "CREATE RULE x AS ON INSERT TO audit DO INSTEAD NOTHING"),
    Attack("taking it over", "carol", "ALTER TABLE audit OWNER TO carol"),
    Attack("keeping others from writing", "carol", "BEGIN; LOCK TABLE audit IN EXCLUSIVE MODE"),
    Attack("a seal of ones own", "carol", "INSERT INTO audit_seals VALUES (1, 1, '', '', '', '', '', '', 1)"),
    Attack("putting it in another order", "carol", "UPDATE audit_order SET leaf = leaf + 1"),
    Attack("reading it as a dealer", "dana", "SELECT * FROM audit"),
    Attack("reading its seals as a clerk", "otto", "SELECT * FROM audit_seals"),
    Attack("reading it as a colleague who has left", "gus", "SELECT entry FROM audit", NOTHING),
)

RECORDS = tuple(
    Attack(f"{verb} {table}", "carol", sql.format(table))
    for table in ("deals", "balance_operations", "day_ends", "quote_samples")
    for verb, sql in (
        ("changing", "UPDATE {} SET sequence = 0"),
        ("removing", "DELETE FROM {}"),
        ("emptying", "TRUNCATE {}"),
        ("adding to", "INSERT INTO {0} SELECT * FROM {0}"),
    )
)

BY_THE_HUB = (
    *(
        Attack(f"{verb} {table}", "dealerdesk_hub", sql.format(table))
        for table in ("deals", "balance_operations", "audit")
        for verb, sql in (("changing", "UPDATE {} SET server = ''"), ("removing", "DELETE FROM {}"))
    ),
    Attack("emptying the audit log", "dealerdesk_hub", "TRUNCATE audit"),
    Attack("an entry in a persons name", "dealerdesk_hub", FORGED.format("carol")),
    Attack("switching guards off", "dealerdesk_hub", "ALTER TABLE deals DISABLE TRIGGER ALL"),
    Attack("switching guards off for the session", "dealerdesk_hub", "SET session_replication_role = replica"),
)

BY_THE_OWNERS = (
    Attack("changing a deal", "dealerdesk_migrator", "UPDATE deals SET server = ''", GUARD),
    Attack("removing an operation", "dealerdesk_migrator", "DELETE FROM balance_operations", GUARD),
    Attack("changing an entry", "dealerdesk_migrator", "UPDATE audit SET actor = 'sam'", GUARD),
    Attack("removing entries", "dealerdesk_migrator", "DELETE FROM audit", GUARD),
    Attack("emptying the audit log", "dealerdesk_migrator", "TRUNCATE audit", GUARD),
    Attack("removing commands", "dealerdesk_migrator", "DELETE FROM commands", GUARD),
    Attack("switching guards off for the session", "dealerdesk_migrator", "SET session_replication_role = replica"),
)


@cases(*AUDIT)
def test_the_audit_log_is_closed_to(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*RECORDS)
def test_records_are_closed_to(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*BY_THE_HUB)
def test_records_are_closed_to_the_hub(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*BY_THE_OWNERS)
def test_guards_stand_beneath_the_owners_too(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


def test_guards_stand_in_a_replicas_session(firm: Firm) -> None:
    with firm.as_superuser() as owner, pytest.raises(Exception, match="never changed or removed"):
        owner.execute("SET session_replication_role = replica; DELETE FROM audit")
