"""What each role is there for goes through, at the same prompt at which the attacks are refused."""

from __future__ import annotations

import json
from typing import Any

import psycopg
import pytest
from attacked_firm import Firm, hash_of, set_book
from registry_work import answer, asking, deciding

from dealerdesk.clock import now_us
from dealerdesk.commands.canonical import canonical, leaf_hash

TOKEN = "dd1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw=="
MONEY = canonical(
    {"amount": 5000, "kind": "change_balance", "login": 1001, "operation": "deposit", "reference": "wire"}
)


def one(connection: psycopg.Connection[Any], sql: str) -> Any:
    """The first value of the first row."""
    row = connection.execute(sql.encode()).fetchone()
    return row[0] if row is not None else None


def state(firm: Firm, command_id: str) -> str:
    """Where a command stands."""
    with firm.as_superuser() as owner:
        return str(one(owner, f"SELECT state FROM commands WHERE id = '{command_id}'"))


@pytest.mark.parametrize("login", ["dana", "ana", "otto", "ben", "cleo", "carol", "iris", "adam"])
def test_everybody_signs_in_and_out_on_record(busy_firm: Firm, login: str) -> None:
    with busy_firm.connect(login) as person:
        signed_in = json.loads(one(person, "SELECT api.sign_in('DealerDesk 0.1', 'desk 7')"))
        answer(person, "SELECT api.sign_out('desk 7')")

    assert signed_in["staff"] == login
    with busy_firm.connect("iris") as iris:
        actions = iris.execute(
            "SELECT action FROM audit WHERE actor = %s AND id > 3 ORDER BY id DESC LIMIT 2", (login,)
        ).fetchall()
    assert actions == [("signed out",), ("signed in",)]


def test_a_dealer_sees_the_own_servers_rows(busy_firm: Firm) -> None:
    with busy_firm.connect("ana") as ana:
        accounts = ana.execute("SELECT login FROM accounts ORDER BY login").fetchall()
        deals = ana.execute("SELECT login FROM deals ORDER BY login").fetchall()
        clients = ana.execute("SELECT id, country FROM clients ORDER BY id").fetchall()

    assert accounts == deals == [(1001,), (1002,), (1003,)]
    assert clients == [(1, "DE"), (2, "DE")]


def test_a_dealer_of_one_group_sees_that_group(busy_firm: Firm) -> None:
    with busy_firm.connect("dora") as dora:
        seen = {
            table: dora.execute(f"SELECT login FROM {table}".encode()).fetchall()
            for table in ("accounts", "positions", "deals", "balance_operations", "routing", "day_ends")
        }
        clients = dora.execute("SELECT id FROM clients").fetchall()

    assert set(map(tuple, seen.values())) == {((1002,),)}
    assert clients == [(2,)]


def test_a_dealer_asks_and_takes_it_back(busy_firm: Firm) -> None:
    with busy_firm.connect("ana") as ana:
        asked = answer(ana, asking("ana-asks-1", "set_book", "MT5", set_book(1003)))
        taken = answer(ana, "SELECT api.withdraw_command('ana-asks-1', 'a mistake', 'desk 7')")

    assert (asked["outcome"], taken["outcome"]) == ("done", "done")
    assert state(busy_firm, "ana-asks-1") == "withdrawn"


def test_asking_twice_with_the_same_terms_is_asking_once(busy_firm: Firm) -> None:
    with busy_firm.connect("dana") as dana:
        first = answer(dana, asking("dana-asks-1", "set_book", "MT4", set_book(5002)))
        second = answer(dana, asking("dana-asks-1", "set_book", "MT4", set_book(5002)))

    assert (first["outcome"], second["outcome"]) == ("done", "done")


def test_a_supervisor_lets_a_colleagues_request_through(busy_firm: Firm) -> None:
    with busy_firm.connect("carol") as carol:
        decided = answer(carol, deciding("waiting-01", "approve", hash_of("waiting-01")))

    assert decided["outcome"] == "done"
    assert state(busy_firm, "waiting-01") == "approved"


def test_a_supervisor_of_the_server_refuses_with_a_reason(busy_firm: Firm) -> None:
    with busy_firm.connect("sam") as sam:
        decided = answer(sam, deciding("other-desk", "refuse", hash_of("other-desk")))

    assert decided["outcome"] == "done"
    assert state(busy_firm, "other-desk") == "refused"


def test_payments_ask_for_money_and_read_a_bank_account(busy_firm: Firm) -> None:
    with busy_firm.connect("ben") as ben:
        asked = answer(ben, asking("ben-asks-1", "change_balance", "MT5", MONEY))
        answer(ben, "SELECT api.ask_to_read('bank_account', '1', 'a payout', 'desk 7')")
        account = json.loads(one(ben, "SELECT api.unmask(1, 'bank_account', 'a payout', 'desk 7')"))
        names = ben.execute("SELECT name FROM clients ORDER BY id").fetchall()

    assert asked["outcome"] == "done"
    assert account["token"] == "a token"
    assert names == [("Nora Lang",), ("Victor Hale",), ("Wanda Brook",)]


def test_the_back_office_gets_the_key_to_write_a_contact(busy_firm: Firm) -> None:
    with busy_firm.connect("otto") as otto:
        answer(otto, "SELECT api.ask_to_read('key', '1', 'new address', 'desk 7')")
        assert one(otto, "SELECT api.subject_key(1, 'new address', 'desk 7')") == f"{1:064}"


def test_a_contact_is_asked_for_sealed_and_no_other_way(busy_firm: Firm) -> None:
    with busy_firm.connect("otto") as otto:
        outcomes = []
        for number, token in enumerate((TOKEN, "12 Harbour Road", f"{TOKEN}, 12 Harbour Road", TOKEN[:-1])):
            contact = canonical({"client_id": 2, "field": "address", "kind": "set_contact", "token": token})
            asked = answer(otto, asking(f"otto-contact-{number}", "set_contact", "", contact))
            outcomes.append(asked["outcome"])

    assert outcomes == ["done", "refused", "refused", "refused"]


def test_compliance_opens_a_document_and_rates_a_client(busy_firm: Firm) -> None:
    rating = canonical({"client_id": 2, "kind": "rate_client", "rating": "high"})
    with busy_firm.connect("cleo") as cleo:
        answer(cleo, "SELECT api.ask_to_read('document', 'document-1', 'yearly review', 'desk 7')")
        content = one(cleo, "SELECT api.open_document('document-1', 'yearly review', 'desk 7')")
        asked = answer(cleo, asking("cleo-asks-1", "rate_client", "", rating))

    assert content == b"a passport"
    assert asked["outcome"] == "done"


def test_an_auditor_reads_everything_but_secrets(busy_firm: Firm) -> None:
    with busy_firm.connect("iris") as iris:
        counts = [
            one(iris, f"SELECT count(*) FROM {table}")
            for table in ("accounts", "deals", "clients", "staff_logins", "policies")
        ]
        entries = one(iris, "SELECT count(*) FROM audit")

    assert counts == [5, 5, 3, 12, 2]
    assert entries >= 3


def test_an_administrator_asks_for_a_colleague(busy_firm: Firm) -> None:
    everywhere = [{"group": "", "server": ""}]
    colleague = {"login": "", "name": "Finn", "role": "dealer", "scopes": everywhere, "staff": "finn"}
    with busy_firm.connect("adam") as adam:
        asked = answer(adam, asking("adam-asks-1", "add_staff", "", canonical({"kind": "add_staff", **colleague})))

    assert asked["outcome"] == "done"
    assert state(busy_firm, "adam-asks-1") == "requested"


def test_people_read_what_every_desk_starts_with(busy_firm: Firm) -> None:
    tables = (
        *("alembic_version", "settings", "streams", "hub_status", "hub_lease", "change_feed", "staff", "staff_scopes"),
        *("policies", "command_kinds", "command_transitions", "covers", "batches", "decisions", "commands", "advice"),
        *("symbols", "groups", "quote_samples", "orders", "requests", "client_ratings"),
    )
    with busy_firm.connect("dana") as dana:
        read = [table for table in tables if dana.execute(f"SELECT * FROM {table} LIMIT 1".encode()).description]

    assert read == list(tables)


def test_the_hub_records_and_executes(busy_firm: Firm) -> None:
    moves = ("approved-01", "dispatched"), ("approved-01", "confirmed")
    with busy_firm.connect("dealerdesk_hub") as hub:
        hub.execute("UPDATE positions SET volume = 2, sequence = 2 WHERE login = 1001")
        hub.execute("BEGIN; CREATE TEMP TABLE more (LIKE deals) ON COMMIT DROP; INSERT INTO more SELECT * FROM deals;"
                    " UPDATE more SET id = id + 1; INSERT INTO deals SELECT * FROM more; COMMIT")  # fmt: skip
        for command_id, to in moves:
            hub.execute("SELECT * FROM commands WHERE id = %s FOR UPDATE", (command_id,))
            hub.execute("UPDATE commands SET state = %s, changed_us = 2 WHERE id = %s", (to, command_id))
        at_us = now_us()
        entry = {"action": "command confirmed", "actor": "hub", "at_us": at_us, "client_id": None, "id": "by-the-hub"}
        said = canonical(entry | {"kind": "set_book", "login": None, "server": "MT5", "subject": "approved-01"})
        hub.execute(
            "INSERT INTO audit (entry_id, at_us, actor, action, subject, server, kind, entry, leaf_hash, txid)"
            " VALUES ('by-the-hub', %s, 'hub', 'command confirmed', 'approved-01', 'MT5', 'set_book', %s, %s,"
            " pg_current_xact_id()::text::bigint)",
            (at_us, said, leaf_hash(said)),
        )
        hub.execute("INSERT INTO change_feed (txid, table_name, server, key, at_us) VALUES (1, 'commands', '', '', 1)")
        hub.execute("DELETE FROM change_feed WHERE at_us < 2")
        hub.execute("INSERT INTO audit_order VALUES (0, 1)")

    assert state(busy_firm, "approved-01") == "confirmed"


def test_a_person_changes_the_own_password(busy_firm: Firm) -> None:
    with busy_firm.connect("carol_home") as carol:
        done = carol.execute("ALTER ROLE carol_home PASSWORD 'carol_home on the loopback'")

    assert done.statusmessage == "ALTER ROLE"
