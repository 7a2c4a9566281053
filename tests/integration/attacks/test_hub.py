"""The hub's login carries out what people let through, and lets nothing through itself."""

from __future__ import annotations

import pytest
from attack_cases import GUARD, Attack, cases, refusal_of
from attacked_firm import Firm, hash_of

MOVE = "UPDATE commands SET state = '{}', changed_us = 1 WHERE id = '{}'"
DECISION = (
    "INSERT INTO decisions (command_id, staff, role, verdict, payload_hash, comment, decided_us)"
    f" VALUES ('waiting-01', 'carol', 'supervisor', 'approve', '{hash_of('waiting-01')}', '', 1)"
)
HIJACK = (
    "CREATE TEMP TABLE command_transitions (from_state text, to_state text);"
    " INSERT INTO command_transitions VALUES ('requested', 'dispatched');"
    " SET search_path = pg_temp, public; "
)


def by_the_hub(*attacks: tuple[str, str], refusal: str = "42501") -> tuple[Attack, ...]:
    """The hub's login tries each."""
    return tuple(Attack(sentence, "dealerdesk_hub", sql, refusal) for sentence, sql in attacks)


APPROVING = (
    *by_the_hub(
        ("approving what has all its decisions", MOVE.format("approved", "half-way-1")),
        ("approving by a decision", DECISION),
        (
            "approving by the procedure",
            f"SELECT api.decide_command('waiting-01', 'approve', '{hash_of('waiting-01')}', '', '')",
        ),
        ("asking by the procedure", "SELECT api.withdraw_command('waiting-01', 'no', '')"),
        ("asking by insert", "INSERT INTO commands (id, kind) VALUES ('forged-001', 'set_book')"),
        ("changing the payload", "UPDATE commands SET payload = '{}' WHERE id = 'approved-01'"),
        ("changing what is needed", "UPDATE commands SET approvals_needed = 0 WHERE id = 'waiting-01'"),
        ("changing who decided", "UPDATE commands SET decided_by = 'sam' WHERE id = 'approved-01'"),
        ("removing a command", "DELETE FROM commands WHERE id = 'waiting-01'"),
        ("withdrawing in a persons stead", MOVE.format("withdrawn", "waiting-01")),
        ("refusing in a persons stead", MOVE.format("refused", "waiting-01")),
        ("changing who may ask", "UPDATE command_kinds SET always = 'null'"),
        ("changing a policy", "UPDATE policies SET rule = 'null'"),
        ("changing a batch", "UPDATE batches SET size = 1"),
        ("being the migrator", "SET ROLE dealerdesk_migrator"),
        ("being the procedures", "SET ROLE dealerdesk_procedures"),
        ("being a supervisor", "SET ROLE dealerdesk_supervisor"),
        ("making a table", "CREATE TABLE public.mine (a text)"),
        ("switching row security off", "SET row_security = off; UPDATE commands SET state = 'approved'"),
    ),
    *by_the_hub(
        ("approving by update", MOVE.format("approved", "waiting-01")),
        ("skipping the approval", MOVE.format("dispatched", "waiting-01")),
        ("skipping the execution", MOVE.format("confirmed", "approved-01")),
        ("undoing what is done", MOVE.format("dispatched", "done-long-1")),
        ("failing what is done", MOVE.format("failed", "done-long-1")),
        ("a state table of its own", HIJACK + MOVE.format("dispatched", "waiting-01")),
        ("a promotion without a command", "UPDATE staff SET role = 'supervisor', version = 2 WHERE id = 'ana'"),
        (
            "a promotion by a command about something else",
            "UPDATE staff SET role = 'supervisor', version = 2, command_id = 'being-done' WHERE id = 'ana'",
        ),
        (
            "a colleague without a command",
            "INSERT INTO staff (id, name, role, active, version, changed_us) VALUES ('eve', '', 'dealer', true, 1, 1)",
        ),
        ("a login without a command", "INSERT INTO staff_logins VALUES ('eve', 'carol', true, 1, NULL)"),
        ("a scope without a command", "INSERT INTO staff_scopes VALUES ('sam', '', '', NULL)"),
        (
            "a policy without a command",
            "INSERT INTO policies (id, version, kind, rule, effective_us, author, note)"
            " VALUES ('books', 2, 'set_book', 'null', 1, 'carol', '')",
        ),
        ("a rating without a command", "INSERT INTO client_ratings VALUES (1, 'low', 1, NULL)"),
        ("a cover without a command", "INSERT INTO covers VALUES ('approved-01', 'carol', 'ana', 0, 9)"),
        ("destroying a key without a command", "UPDATE subject_keys SET key = NULL, destroyed_us = 1"),
        refusal=GUARD,
    ),
)

LOGINS = by_the_hub(
    ("for a command that is only approved", "SELECT api.make_login('approved-01')"),
    ("for a command about something else", "SELECT api.make_login('being-done')"),
    ("for no command", "SELECT api.make_login('none')"),
    ("dropped for a command about something else", "SELECT api.drop_login('being-done')"),
    ("regrouped for a command about something else", "SELECT api.regroup_login('being-done')"),
    ("put in a group", "SELECT api.put_in_group('ana', 'dealerdesk_supervisor')"),
    ("given a password", "SELECT api.put_verifier('ana', 'x')"),
    ("given a first password", "SELECT api.first_password('ana', 'x', '')"),
    ("made by hand", "CREATE ROLE eve LOGIN IN ROLE dealerdesk_supervisor"),
    ("granted by hand", "GRANT dealerdesk_supervisor TO ana"),
)

READING = by_the_hub(
    ("keys", "SELECT key FROM subject_keys"),
    ("documents", "SELECT content FROM documents"),
    ("local passwords", "SELECT * FROM local_passwords"),
    ("a key by procedure", "SELECT api.subject_key(1, 'why', '')"),
    ("a masked field by procedure", "SELECT api.unmask(1, 'name', 'why', '')"),
    ("a file", "SELECT pg_read_file('/etc/passwd')"),
    ("a program", "COPY staff TO PROGRAM 'cat'"),
)


@pytest.mark.usefixtures("unchanged")
@cases(*APPROVING)
def test_the_hub_lets_nothing_through_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@pytest.mark.usefixtures("unchanged")
@cases(*LOGINS)
def test_the_hub_alone_has_no_login(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


def test_the_hub_gets_no_key_but_that_of_an_account_being_opened(firm: Firm) -> None:
    with firm.connect("dealerdesk_hub") as hub:
        for command_id in ("approved-01", "nothing", ""):
            assert hub.execute("SELECT api.opening_key(%s)", (command_id,)).fetchone() == (None,)


@pytest.mark.usefixtures("unchanged")
@cases(*READING)
def test_the_hub_does_not_read(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal
