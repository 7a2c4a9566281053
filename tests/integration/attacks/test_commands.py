"""Nobody gets past a second pair of eyes, nor moves a command where it may not go, with what their own login allows."""

from __future__ import annotations

import json

import pytest
from attack_cases import NO_RIGHT, REFUSED, Attack, cases, refusal_of
from attacked_firm import Firm, hash_of, set_book

from dealerdesk.commands.canonical import canonical

pytestmark = pytest.mark.usefixtures("unchanged")

NEW_STATE = "UPDATE commands SET state = '{}' WHERE id = '{}'"
COMMAND_COLUMNS = (
    "id, kind, server, payload, payload_hash, title, reason, requested_by, requested_us, expires_us, approvals_needed,"
    " needs, state, changed_us, comment, sends, stage, code, result, ticket"
)


def decide(command_id: str, verdict: str = "approve", payload_hash: str = "") -> str:
    """The procedure's call; by default with the hash of what the command says."""
    seen = payload_hash or hash_of(command_id)
    return f"SELECT api.decide_command('{command_id}', '{verdict}', '{seen}', 'seen', 'psql')"


def ask(command_id: str, kind: str, server: str, payload: str) -> str:
    """The procedure's call."""
    return (
        f"SELECT api.request_command('{command_id}', '{kind}', '{server}', '{payload}', 'because', NULL, NULL, 'psql')"
    )


def payload(kind: str, **fields: object) -> str:
    """A payload as it is written."""
    return canonical({"kind": kind, **fields})


OWN_REQUEST = (
    Attack("own request approved by procedure", "carol", decide("of-carol-1"), REFUSED, "asked for this yourself"),
    Attack(
        "own request approved from a second login",
        "carol_home",
        decide("of-carol-1"),
        REFUSED,
        "asked for this yourself",
    ),
    Attack("own request approved by update", "dana", NEW_STATE.format("approved", "waiting-01")),
    Attack("own request approved by update of its needs", "dana", "UPDATE commands SET approvals_needed = 0"),
    Attack(
        "own request inserted as approved",
        "carol",
        f"INSERT INTO commands ({COMMAND_COLUMNS}) SELECT 'forged-001', kind, server, payload, payload_hash, title,"
        " reason, requested_by, requested_us, expires_us, 0, '[]', 'approved', changed_us, '', 0, '', '', '', ''"
        " FROM commands WHERE id = 'of-carol-1'",
    ),
    Attack(
        "another persons decision inserted",
        "carol",
        "INSERT INTO decisions (command_id, staff, role, verdict, payload_hash, comment, decided_us)"
        f" VALUES ('of-carol-1', 'sam', 'supervisor', 'approve', '{hash_of('of-carol-1')}', '', 1)",
    ),
    Attack("own request approved as the tables owner", "carol", "SET ROLE dealerdesk_tables"),
    Attack("own request approved as the procedures owner", "carol", "SET ROLE dealerdesk_procedures"),
    Attack("own request approved as a colleague", "carol", "SET ROLE sam"),
    Attack("own request approved under a colleagues session", "carol", "SET SESSION AUTHORIZATION sam"),
    Attack("own request approved after a role of the hub", "carol", "SET ROLE dealerdesk_hub"),
    Attack("own request approved after a role of the migrator", "carol", "SET ROLE dealerdesk_migrator"),
    Attack("supervision granted to oneself", "dana", "GRANT dealerdesk_supervisor TO dana"),
    Attack(
        "the right to decide granted to oneself",
        "dana",
        "GRANT INSERT ON decisions TO dana; INSERT INTO decisions (command_id, staff) VALUES ('waiting-01', 'carol')",
    ),
    Attack("supervision put on as a role", "dana", "SET ROLE dealerdesk_supervisor"),
    Attack("a colleagues login granted to oneself", "carol", "GRANT sam TO carol"),
    Attack(
        "own request approved on an old view of the database",
        "carol",
        f"BEGIN ISOLATION LEVEL REPEATABLE READ; {decide('waiting-01')}",
        REFUSED,
        "old view",
    ),
)

OTHERS_REQUESTS = (
    Attack("approval by a head dealer", "dana", decide("of-carol-1"), REFUSED, "it takes a supervisor"),
    Attack("approval by a dealer", "ana", decide("waiting-01"), REFUSED, "it takes a supervisor"),
    Attack("approval by an auditor", "iris", decide("waiting-01"), REFUSED, "it takes a supervisor"),
    Attack("approval by an administrator", "adam", decide("waiting-01"), REFUSED, "it takes a supervisor"),
    Attack(
        "approval by a payments officer who was not asked",
        "ben",
        decide("waiting-01"),
        REFUSED,
        "it takes a supervisor",
    ),
    Attack(
        "approval by a supervisor of another server",
        "sam",
        decide("waiting-01"),
        REFUSED,
        "There is no command waiting-01",
    ),
    Attack("approval by a supervisor who has left", "gus", decide("waiting-01"), REFUSED, "no longer active"),
    Attack(
        "approval of something else than was seen",
        "carol",
        decide("waiting-01", payload_hash="0" * 64),
        REFUSED,
        "not what was asked for",
    ),
    Attack("approval of what is done", "carol", decide("done-long-1"), REFUSED, "is confirmed"),
    Attack("refusal of what is being done", "carol", decide("being-done", "refuse"), REFUSED, "is dispatched"),
    Attack("a verdict that does not exist", "carol", decide("waiting-01", "confirm"), REFUSED, "approved or refused"),
    Attack(
        "withdrawal of a colleagues request",
        "ana",
        "SELECT api.withdraw_command('waiting-01', 'no', 'psql')",
        REFUSED,
        "Only dana can withdraw",
    ),
    Attack(
        "withdrawal of what is being done",
        "dana",
        "SELECT api.withdraw_command('being-done', 'no', 'psql')",
        REFUSED,
        "too late to withdraw",
    ),
)

REQUESTS = (
    Attack(
        "an id replayed with other terms",
        "dana",
        ask("waiting-01", "set_book", "MT5", set_book(1002)),
        REFUSED,
        "already stands for something else",
    ),
    Attack(
        "an id replayed by another person",
        "ana",
        ask("waiting-01", "set_book", "MT5", set_book(1001)),
        REFUSED,
        "already stands for something else",
    ),
    Attack(
        "a request for another desks server",
        "ana",
        ask("try-it-now1", "set_book", "MT4", set_book(5002)),
        REFUSED,
        "outside the servers",
    ),
    Attack(
        "a request for another desks group",
        "dora",
        ask("try-it-now2", "set_book", "MT5", set_book(1003)),
        REFUSED,
        "outside the servers",
    ),
    Attack(
        "a request by an auditor",
        "iris",
        ask("try-it-now3", "set_book", "MT5", set_book(1003)),
        REFUSED,
        "cannot ask for",
    ),
    Attack(
        "routing by an administrator",
        "adam",
        ask("try-it-now4", "set_book", "MT5", set_book(1003)),
        REFUSED,
        "cannot ask for",
    ),
    Attack(
        "money by an administrator",
        "adam",
        ask(
            "try-it-now5",
            "change_balance",
            "MT5",
            payload("change_balance", login=1003, operation="deposit", amount=1, reference="r"),
        ),
        REFUSED,
        "cannot ask for",
    ),
    Attack(
        "a colleague hired by a dealer",
        "ana",
        ask(
            "try-it-now6",
            "add_staff",
            "",
            payload("add_staff", staff="eve", name="Eve", role="supervisor", scopes=[], login=""),
        ),
        REFUSED,
        "cannot ask for",
    ),
    Attack(
        "a better role asked for oneself",
        "adam",
        ask("try-it-now7", "change_role", "", payload("change_role", staff="adam", role="supervisor")),
        REFUSED,
        "about you",
    ),
    Attack(
        "a wider scope asked for oneself",
        "adam",
        ask(
            "try-it-now8",
            "set_scopes",
            "",
            payload("set_scopes", staff="adam", scopes=[{"group": "", "server": ""}]),
        ),
        REFUSED,
        "about you",
    ),
    Attack(
        "a policy ended by a dealer",
        "dana",
        ask(
            "try-it-now9",
            "set_policy",
            "",
            payload("set_policy", policy="books", of_kind="set_book", rule=None, effective_us=0, note=""),
        ),
        REFUSED,
        "cannot ask for",
    ),
    Attack(
        "a request without a kind",
        "dana",
        ask("try-it-no10", "drop_table", "MT5", "{}"),
        REFUSED,
        "cannot be asked for here",
    ),
    Attack(
        "a payload that is not json", "dana", ask("try-it-no11", "set_book", "MT5", "{"), REFUSED, "is not a «set book»"
    ),
)

TABLES = (
    *(
        Attack(f"{verb} by a person", "carol", sql)
        for verb, sql in (
            ("removing commands", "DELETE FROM commands"),
            ("emptying commands", "TRUNCATE commands CASCADE"),
            ("changing a payload", "UPDATE commands SET payload = '{}' WHERE id = 'approved-01'"),
            ("confirming a command", NEW_STATE.format("confirmed", "being-done")),
            ("skipping to dispatched", NEW_STATE.format("dispatched", "waiting-01")),
            ("changing a decision", "UPDATE decisions SET verdict = 'refuse'"),
            ("adding a legal transition", "INSERT INTO command_transitions VALUES ('refused', 'approved')"),
            ("changing who may ask", "UPDATE command_kinds SET requesters = '[]'"),
            ("ending a policy", "UPDATE policies SET ended_us = 1"),
            ("removing a policy", "DELETE FROM policies"),
            ("a promotion", "UPDATE staff SET role = 'supervisor'"),
            ("a wider scope", "INSERT INTO staff_scopes (staff, server, group_name) VALUES ('sam', '', '')"),
            ("taking over a login", "UPDATE staff_logins SET staff = 'sam' WHERE login = 'carol_home'"),
            (
                "covering for a colleague",
                "INSERT INTO covers (command_id, absent, cover, from_us, until_us)"
                " VALUES ('none', 'sam', 'carol', 0, 9)",
            ),
            ("a clients rating", "INSERT INTO client_ratings (client_id, rating, changed_us) VALUES (1, 'low', 1)"),
            ("moving an account", "UPDATE routing SET book = 'A'"),
            ("money on an account", "UPDATE accounts SET balance = balance + 1"),
            ("changing a setting", "UPDATE settings SET value = ''"),
            ("holding the hubs lease", "INSERT INTO hub_lease VALUES ('hub', 'me', 1, 1, 1)"),
            ("locking a row", "SELECT * FROM commands WHERE id = 'waiting-01' FOR UPDATE"),
            ("locking the table", "BEGIN; LOCK TABLE commands IN SHARE MODE"),
        )
    ),
)


@cases(*OWN_REQUEST)
def test_own_request_is_not_let_through_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*OTHERS_REQUESTS)
def test_a_colleagues_request_is_not_decided_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*REQUESTS)
def test_nothing_is_asked_for_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*TABLES)
def test_tables_are_closed_to(firm: Firm, attack: Attack) -> None:
    assert attack.refusal == NO_RIGHT
    assert refusal_of(firm, attack) == attack.refusal


def test_a_refusal_is_on_record(firm: Firm) -> None:
    with firm.connect("carol") as carol:
        answer = json.loads(carol.execute(decide("of-carol-1").encode()).fetchone()[0])  # type: ignore[index]
        entries = carol.execute(
            "SELECT entry FROM audit WHERE actor = 'carol' AND subject = 'of-carol-1' ORDER BY id DESC LIMIT 1"
        ).fetchone()

    assert answer["outcome"] == "refused"
    assert entries is not None
    assert json.loads(entries[0])["reason"] == answer["sentence"]


def test_somebody_deactivated_does_nothing_on_a_connection_that_is_still_open(firm: Firm) -> None:
    with firm.connect("dana") as dana:
        assert dana.execute("SELECT count(*) FROM accounts").fetchone() == (5,)
        firm.arrange("UPDATE staff SET active = false WHERE id = 'dana'")
        try:
            sql = ask("try-it-no12", "set_book", "MT5", set_book(1003))
            answer = json.loads(dana.execute(sql.encode()).fetchone()[0])  # type: ignore[index]
            seen = [
                dana.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
                for table in ("accounts", "deals", "commands", "clients", "staff", "policies")
            ]
        finally:
            firm.arrange("UPDATE staff SET active = true WHERE id = 'dana'")

    assert answer["outcome"] == "refused"
    assert seen == [(0,)] * 6
