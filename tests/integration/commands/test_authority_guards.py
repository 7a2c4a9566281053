"""What the database refuses by itself about staff, policies, clients and lost commands, tried with raw SQL."""

from __future__ import annotations

import pytest
from office import Office
from sqlalchemy.exc import IntegrityError

from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.commands import dispatch
from dealerdesk.commands.bodies import (
    AddStaff,
    Body,
    ChangeRole,
    ContactField,
    CoverAbsence,
    EraseClient,
    Outcome,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.commands.transitions import HUB, move
from dealerdesk.store.engine import writing

TOKEN = "dd1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw=="
"""Shaped as what is sealed under a client's key."""


def refused(office: Office, sql: str) -> str:
    """The database's sentence on refusing `sql`."""
    with pytest.raises(IntegrityError) as error, writing(office.engine) as connection:
        connection.exec_driver_sql(sql)
    return str(error.value.orig)


def run(office: Office, sql: str) -> None:
    with writing(office.engine) as connection:
        connection.exec_driver_sql(sql)


def being_done(office: Office, who: str, body: Body, by: str = "carol", server: str = "") -> CommandRecord:
    """A command that is dispatched and not done yet."""
    asked = office.request(who, body, server=server)
    record = asked if asked.state is CommandState.APPROVED else office.approve(by, asked)
    with writing(office.engine) as connection:
        terms = {"dispatched_us": office.now_us, "sends": 1}
        return move(connection, record, CommandState.DISPATCHED, actor=HUB, now_us=office.now_us, **terms)


def staff_row(office: Office, person: str, name: str, role: str, command: str) -> str:
    columns = "id, name, role, active, version, changed_us, command_id"
    return f"INSERT INTO staff ({columns}) VALUES ('{person}', '{name}', '{role}', {office._true}, 1, 1, {command})"


EVA = AddStaff(staff="eva", name="Eva", role=Role.DEALER, scopes=(Scope("MT5"),), login="eva_x")


def test_once_anything_was_asked_for_nobody_is_added_past_a_command(office: Office) -> None:
    run(office, staff_row(office, "early", "Early", "dealer", "NULL"))
    office.request("dana")

    assert "staff are added by a command" in refused(office, staff_row(office, "late", "Late", "dealer", "NULL"))
    for table, values in (
        ("staff_logins (login, staff, active, made_us)", f"('x', 'dana', {office._true}, 1)"),
        ("staff_scopes (staff, server, group_name)", "('dana', 'MT4', '')"),
        ("client_ratings (client_id, rating, changed_us)", "(1, 'low', 1)"),
        ("contacts (client_id, field, token, changed_us)", "(1, 'email', 't', 1)"),
        (
            "policies (id, version, kind, rule, effective_us, author, note)",
            "('p', 1, 'set_book', '{}', 1, 'setup', '')",
        ),
        ("covers (command_id, absent, cover, from_us, until_us)", "('command-0001', 'ana', 'dana', 1, 2)"),
    ):
        assert "by a command" in refused(office, f"INSERT INTO {table} VALUES {values}"), table


def test_a_person_is_added_only_as_the_command_that_is_being_done_says(office: Office) -> None:
    record = being_done(office, "adam", EVA)
    command = f"'{record.id}'"

    for wrong in (
        staff_row(office, "eva", "Eva", "supervisor", command),
        staff_row(office, "mallory", "Eva", "dealer", command),
        staff_row(office, "eva", "Mallory", "dealer", command),
        staff_row(office, "eva", "Eva", "dealer", "'command-9999'"),
    ):
        assert "staff are added by a command" in refused(office, wrong)
    run(office, staff_row(office, "eva", "Eva", "dealer", command))
    login = "INSERT INTO staff_logins (login, staff, active, made_us, command_id)"
    scope = "INSERT INTO staff_scopes (staff, server, group_name, command_id)"
    assert "a login is made by" in refused(office, f"{login} VALUES ('other', 'eva', {office._true}, 1, {command})")
    assert "a login is made by" in refused(office, f"{login} VALUES ('eva_x', 'ana', {office._true}, 1, {command})")
    assert "scopes are given by" in refused(office, f"{scope} VALUES ('eva', '', '', {command})")
    assert "scopes are given by" in refused(office, f"{scope} VALUES ('ana', 'MT5', '', {command})")
    run(office, f"{login} VALUES ('eva_x', 'eva', {office._true}, 1, {command})")
    run(office, f"{scope} VALUES ('eva', 'MT5', '', {command})")


def test_a_name_cannot_pass_for_another_part_of_the_command(office: Office) -> None:
    name = '","role":"supervisor","scopes":[],"staff":"mallory"}'
    record = being_done(office, "adam", AddStaff(staff="eva", name=name, role=Role.DEALER))

    assert "staff are added" in refused(office, staff_row(office, "mallory", "", "supervisor", f"'{record.id}'"))
    run(office, staff_row(office, "eva", name, "dealer", f"'{record.id}'"))


def test_a_person_is_changed_only_as_the_command_that_is_being_done_says(office: Office) -> None:
    sentence = "staff are changed by a command"
    assert sentence in refused(office, "UPDATE staff SET role = 'supervisor', version = 2 WHERE id = 'ana'")
    record = being_done(office, "adam", ChangeRole(staff="ana", role=Role.HEAD_DEALER))
    change = f"UPDATE staff SET command_id = '{record.id}', version = version + 1"

    for wrong in (
        f"{change}, role = 'supervisor' WHERE id = 'ana'",
        f"{change}, role = 'head_dealer' WHERE id = 'otto'",
        f"{change}, role = 'head_dealer', active = {office._false} WHERE id = 'ana'",
        f"{change}, role = 'head_dealer', name = 'Mallory' WHERE id = 'ana'",
        f"UPDATE staff SET command_id = '{record.id}', role = 'head_dealer' WHERE id = 'ana'",
    ):
        assert sentence in refused(office, wrong), wrong
    run(office, f"{change}, role = 'head_dealer' WHERE id = 'ana'")
    assert "staff is never removed" in refused(office, "DELETE FROM staff WHERE id = 'ana'")


def test_scopes_are_taken_only_from_the_person_whose_command_is_being_done(office: Office) -> None:
    being_done(office, "adam", SetScopes(staff="ana", scopes=(Scope("MT4"),)))

    assert "scopes are taken by" in refused(office, "DELETE FROM staff_scopes WHERE staff = 'otto'")
    assert "scopes are given by" in refused(office, "UPDATE staff_scopes SET server = 'MT4' WHERE staff = 'ana'")
    run(office, "DELETE FROM staff_scopes WHERE staff = 'ana'")


def test_a_policy_is_made_only_as_the_command_that_is_being_done_says(office: Office) -> None:
    rule = Rule(approvals=2)
    record = being_done(office, "carol", SetPolicy(policy="p-1", of_kind="set_book", rule=rule), by="adam")
    columns = "id, version, kind, rule, effective_us, author, note, command_id"
    row = {"id": "p-1", "kind": "set_book", "rule": canonical(rule), "effective_us": office.now_us, "author": "carol"}

    def insert(**other: object) -> str:
        now = row | other
        values = f"'{now['id']}', 1, '{now['kind']}', '{now['rule']}', {now['effective_us']}, '{now['author']}', ''"
        return f"INSERT INTO policies ({columns}) VALUES ({values}, '{record.id}')"

    for wrong in (
        insert(id="p-2"),
        insert(kind="change_balance"),
        insert(rule=canonical(Rule())),
        insert(rule="null"),
        insert(effective_us=office.now_us - 1),
        insert(author="ana"),
    ):
        assert "policies are made by a command" in refused(office, wrong), wrong
    run(office, insert())
    assert "never changed or removed" in refused(office, "UPDATE policies SET ended_us = 1")
    assert "never changed or removed" in refused(office, "DELETE FROM policies")


def test_an_absence_is_covered_only_as_asked_and_stays_so(office: Office) -> None:
    until_us = office.now_us + 1_000
    body = CoverAbsence(absent="ana", cover="dana", from_us=office.now_us, until_us=until_us)
    record = being_done(office, "ana", body)
    insert = "INSERT INTO covers (command_id, absent, cover, from_us, until_us)"
    values = f"'{record.id}', 'ana', 'dana', {office.now_us}"

    assert "covered by a command" in refused(office, f"{insert} VALUES ({values}, {until_us + 1})")
    run(office, f"{insert} VALUES ({values}, {until_us})")
    assert "covers is never changed" in refused(office, f"UPDATE covers SET until_us = {until_us + 1}")


def test_clients_are_rated_and_reached_only_as_the_command_says(office: Office) -> None:
    rating = being_done(office, "cleo", RateClient(client_id=1001, rating=Rating.HIGH))
    contact = being_done(office, "otto", SetContact(client_id=1001, field=ContactField.PHONE, token=TOKEN))
    ratings = "INSERT INTO client_ratings (client_id, rating, changed_us, command_id)"
    contacts = "INSERT INTO contacts (client_id, field, token, changed_us, command_id)"

    assert "rated by a command" in refused(office, f"{ratings} VALUES (1001, 'low', 1, '{rating.id}')")
    assert "rated by a command" in refused(office, f"{ratings} VALUES (1002, 'high', 1, '{rating.id}')")
    assert "set by a command" in refused(office, f"{contacts} VALUES (1001, 'email', 't', 1, '{contact.id}')")
    run(office, f"{ratings} VALUES (1001, 'high', 1, '{rating.id}')")
    assert "set by a command" in refused(office, f"{contacts} VALUES (1001, 'phone', 't', 1, '{contact.id}')")
    run(office, f"{contacts} VALUES (1001, 'phone', '{TOKEN}', 1, '{contact.id}')")
    assert "rated by a command" in refused(office, "UPDATE client_ratings SET rating = 'low'")
    assert "never removed" in refused(office, "DELETE FROM client_ratings")
    assert "erased by a command" in refused(office, "DELETE FROM contacts")


def test_a_clients_key_is_only_ever_destroyed_and_only_when_the_client_is_erased(office: Office) -> None:
    run(office, "INSERT INTO subject_keys (client_id, key, made_us) VALUES (1001, 'ab', 1), (1002, 'cd', 1)")
    gone = "UPDATE subject_keys SET key = NULL, destroyed_us = 5 WHERE client_id"
    sentence = "only ever destroyed"
    assert sentence in refused(office, f"{gone} = 1001")
    being_done(office, "cleo", EraseClient(client_id=1001))

    assert sentence in refused(office, "UPDATE subject_keys SET key = 'ef' WHERE client_id = 1001")
    assert sentence in refused(office, f"{gone} = 1002")
    run(office, f"{gone} = 1001")
    assert sentence in refused(office, "UPDATE subject_keys SET key = 'ab', destroyed_us = NULL WHERE client_id = 1001")
    assert "never removed" in refused(office, "DELETE FROM subject_keys")


def test_what_is_unknown_is_settled_only_as_a_command_that_is_being_done_says(office: Office) -> None:
    lost = office.approved()
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, lost.id, "e1", office.now_us)
        dispatch.note_ack(connection, Ack(id=lost.id, stage=Stage.UNKNOWN, time_us=1), office.now_us)
    settle = f"UPDATE commands SET state = 'confirmed' WHERE id = '{lost.id}'"
    sentence = "what is unknown is settled by a command"
    assert sentence in refused(office, settle)

    words = '","kind":"settle_unknown","outcome":"confirmed"}'
    body = SettleUnknown(command_id=lost.id, outcome=Outcome.FAILED, evidence=words)
    being_done(office, "dana", body, server="MT5")

    assert sentence in refused(office, settle)
    run(office, settle.replace("confirmed", "failed"))


def test_where_a_command_belongs_is_never_changed(office: Office) -> None:
    record = office.request("dana")

    for change in ("batch_id = 'b'", "advised = '{}'", "client_id = 7", "group_name = 'x'", "origin = 'x'"):
        sentence = refused(office, f"UPDATE commands SET {change} WHERE id = '{record.id}'")
        assert "what was asked for is never changed" in sentence, change


def test_nobody_decides_what_is_about_themselves(office: Office) -> None:
    about_carol = office.request("adam", ChangeRole(staff="carol", role=Role.DEALER), server="")
    body = CoverAbsence(absent="ana", cover="carol", from_us=office.now_us, until_us=office.now_us + 1_000)
    covering = office.request("ana", body, server="")

    for record in (about_carol, covering):
        sentence = refused(
            office,
            "INSERT INTO decisions (command_id, staff, role, verdict, payload_hash, comment, decided_us)"
            f" VALUES ('{record.id}', 'carol', 'supervisor', 'approve', '{record.payload_hash}', '', 1)",
        )
        assert "nobody decides what is about themselves" in sentence


COLUMNS = (
    "server, login, payload_hash, reason, requested_us, expires_us, expected_version, needs, changed_us, comment,"
    " sends, stage, code, result, ticket, state, title"
)


def test_nobody_asks_for_what_is_about_themselves_and_what_always_takes_two_takes_two(office: Office) -> None:
    template = office.request("adam", ChangeRole(staff="ana", role=Role.AUDITOR), server="")

    def sneak(payload: str, kind: str, who: str, approvals: int) -> str:
        copied = f"SELECT 'sneaked-in', '{kind}', '{payload}', '{who}', {approvals}, {COLUMNS} FROM commands"
        columns = f"id, kind, payload, requested_by, approvals_needed, {COLUMNS}"
        return f"INSERT INTO commands ({columns}) {copied} WHERE id = '{template.id}'"

    for_oneself = canonical(ChangeRole(staff="adam", role=Role.SUPERVISOR))
    alone = canonical(ChangeRole(staff="otto", role=Role.SUPERVISOR))
    covering = canonical(CoverAbsence(absent="ana", cover="adam", from_us=1, until_us=2))
    assert "about themselves" in refused(office, sneak(for_oneself, "change_role", "adam", 1))
    assert "about themselves" in refused(office, sneak(covering, "cover_absence", "adam", 1))
    assert "always takes approval" in refused(office, sneak(alone, "change_role", "adam", 0))


def test_the_audits_order_and_seals_and_the_batches_are_permanent(office: Office) -> None:
    run(office, "INSERT INTO audit_order (leaf, audit_id) VALUES (0, 1)")
    run(
        office,
        "INSERT INTO audit_seals (number, tree_size, root, frontier, statement, statement_hash, signature, key_id,"
        " sealed_us) VALUES (1, 1, '', '', '', '', '', '', 1)",
    )
    run(
        office,
        "INSERT INTO batches (id, title, reason, requested_by, requested_us, size) VALUES ('b', '', 'r', 'dana', 1, 1)",
    )

    for table, column in (("audit_order", "audit_id"), ("audit_seals", "root"), ("batches", "reason")):
        for sql in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"):
            assert f"{table} is never changed or removed" in refused(office, sql)
