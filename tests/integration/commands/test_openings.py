"""A new client's name: sealed before it is asked for, opened when it is sent, gone once the client is erased."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from msgspec.structs import replace
from office import SERVER, Office
from sqlalchemy import Connection, Engine, inspect, text

from dealerdesk.bridges.protocol import OpenAccount
from dealerdesk.commands import dispatch, effects, openings, queries, unmask
from dealerdesk.commands.bodies import ContactField, EraseClient, SetContact
from dealerdesk.commands.canonical import canonical, leaf_hash, payload_hash
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.inbox_queries import Evidence
from dealerdesk.commands.personal import key_of, new_key, protect
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import audit

CLIENT = 990_001
NAME = "Zoë Marchetti-Ødegård"
EMAIL = "zoe@example.org"
BODY = OpenAccount(client_id=CLIENT, name=NAME, country="PT", group="retail", leverage=30)


def sealed(office: Office, body: OpenAccount = BODY, who: str = "otto") -> OpenAccount:
    with engine_of(office, who) as engine:
        return openings.sealed(engine, who, body, office.now_us, "desk 7")


@contextmanager
def engine_of(office: Office, who: str) -> Iterator[Engine]:
    """Connections under the person's own login where people have logins."""
    if not office.has_logins:
        yield office.engine
        return
    engine = office.engine_of(who)
    try:
        yield engine
    finally:
        engine.dispose()


def dispatched(office: Office, record: CommandRecord) -> CommandRecord:
    with writing(office.engine) as connection:
        sent = dispatch.mark_dispatched(connection, record.id, "e", office.now_us)
    assert sent is not None
    return sent


def sent(office: Office, record: CommandRecord) -> object:
    with writing(office.engine) as connection:
        if office.has_logins:
            connection.exec_driver_sql("SET LOCAL SESSION AUTHORIZATION dealerdesk_hub")
        return openings.body_to_send(connection, record)


def erased(office: Office) -> None:
    record = office.approve("carol", office.request("cleo", EraseClient(client_id=CLIENT), server=""))
    with writing(office.engine) as connection:
        settled = effects.execute(connection, record.id, office.now_us)
    assert settled is not None
    assert settled.state is CommandState.CONFIRMED, settled.result


def named(office: Office, who: str, role: Role, reason: str = "", client_id: int = CLIENT) -> str:
    asked = {"who": who, "role": role, "client_id": client_id, "field": PersonalField.NAME, "reason": reason}
    with engine_of(office, who) as engine:
        return unmask.unmask(engine, now_us=office.now_us, **asked)  # type: ignore[arg-type]


def recorded_like(office: Office, table: str, **other: object) -> None:
    """One more row as the platform shows them, but for this."""
    with writing(office.engine) as connection:
        known = dict(connection.execute(text(f"SELECT * FROM {table} LIMIT 1")).mappings().one())
        names, values = ", ".join(known), ", ".join(f":{name}" for name in known)
        connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), known | other)


def everything(connection: Connection) -> str:
    """Every value of every table, as text."""
    rows = [
        str(tuple(row))
        for table in inspect(connection).get_table_names()
        for row in connection.execute(text(f'SELECT * FROM "{table}"'))
    ]
    return "\n".join(rows)


def test_the_hub_alone_opens_the_name_and_only_of_what_it_carries_out(office: Office) -> None:
    body = sealed(office)
    record = office.request("otto", body)
    with pytest.raises(Refused, match="their name can no longer be read"):
        sent(office, record)

    assert sent(office, dispatched(office, record)) == BODY
    with reading(office.engine) as connection:
        assert NAME not in everything(connection)


def test_the_same_opening_asked_for_twice_is_still_seen_to_be_one(office: Office) -> None:
    office.request("otto", sealed(office))

    assert sealed(office) == sealed(office)
    with pytest.raises(Conflict, match="otto was first"):
        office.request("otto", sealed(office))


@pytest.mark.parametrize("name", [NAME, "", "dd1.", "dd1.abcd", "dd1." + "A" * 724, "dd1." + "!" * 40])
def test_a_name_that_is_not_sealed_is_not_asked_for(office: Office, name: str) -> None:
    body = OpenAccount(client_id=CLIENT, name=name, country="PT", group="retail", leverage=30)

    with pytest.raises(Refused, match=r"sealed under the client's key|does not take this as its name"):
        office.request("otto", body)


@pytest.mark.parametrize(("client_id", "name"), [(0, NAME), (CLIENT, " \0"), (CLIENT, "n" * 129)])
def test_nothing_is_sealed_without_a_number_and_a_name_of_bearable_length(client_id: int, name: str) -> None:
    body = OpenAccount(client_id=client_id, name=name, country="PT", group="retail", leverage=30)

    with pytest.raises(Refused, match="A new account needs a client's number and name"):
        openings.seal(new_key(), body)


def test_a_name_sealed_under_another_key_is_never_sent(office: Office) -> None:
    sealed(office)
    record = office.request("otto", openings.seal(new_key(), BODY))

    with pytest.raises(Refused, match="The name of client 990001 cannot be read"):
        sent(office, dispatched(office, record))


def test_who_sees_names_reads_the_name_of_a_client_who_is_about_to_come_and_that_is_on_record(office: Office) -> None:
    office.request("otto", sealed(office))

    assert named(office, "carol", Role.SUPERVISOR) == NAME
    assert named(office, "dana", Role.HEAD_DEALER, "calls them") == NAME
    with pytest.raises(Refused, match="may not read this"):
        named(office, "ana", Role.DEALER, "curious")
    with reading(office.engine) as connection:
        reads = connection.execute(audit.select().where(audit.c.action == "read", audit.c.client_id == CLIENT)).all()
    assert {row.actor for row in reads} == {"otto", "carol", "dana"}


def test_the_name_stands_beside_an_opening_that_waits_and_is_unmasked_once_while_it_is_looked_at(
    office: Office,
) -> None:
    record = replace(office.request("otto", sealed(office)), state=CommandState.REQUESTED)
    bare = Evidence(record.id, (), {})
    asked: list[tuple[int, PersonalField, str]] = []

    def unmasked(client_id: int, field: PersonalField, reason: str) -> str:
        asked.append((client_id, field, reason))
        return NAME

    def refused(client_id: int, field: PersonalField, reason: str) -> str:
        raise Refused("not yours")

    names = openings.WaitingNames(unmasked)
    assert [names.beside(bare, record, "supervisor").name for _look in range(3)] == [NAME] * 3
    assert asked == [(CLIENT, PersonalField.NAME, "")]
    assert names.beside(bare, replace(record, state=CommandState.CONFIRMED), "supervisor") is bare
    assert [names.beside(bare, record, role) for role in ("dealer", "")] == [bare, bare]
    assert openings.WaitingNames(refused).beside(bare, record, "supervisor").name == "not yours"


def test_a_clerk_of_another_server_does_not_read_it(office: Office) -> None:
    office.hire("far", Role.BACK_OFFICE, server="MT4")
    office.hire("near", Role.BACK_OFFICE, server=SERVER, group="retail")
    office.request("otto", sealed(office))

    with pytest.raises(Refused, match="not yours to look at"):
        named(office, "far", Role.BACK_OFFICE)
    assert named(office, "near", Role.BACK_OFFICE) == NAME


def test_who_may_not_read_keys_seals_nothing(office: Office) -> None:
    with pytest.raises(Refused, match="A dealer may not read this: key"):
        sealed(office, BODY, "ana")


def test_asking_for_an_account_of_somebody_elses_client_shows_nobody_their_name(office: Office) -> None:
    recorded_like(office, "groups", name="vip")
    office.hire("near", Role.BACK_OFFICE, server=SERVER, group="vip")
    with writing(office.engine) as connection:
        key = key_of(connection, 1001, office.now_us)
    known = OpenAccount(client_id=1001, name="n", country="PT", group="vip", leverage=30)
    with pytest.raises(Refused, match="Client 1001 is not yours to look at"):
        sealed(office, known, "near")
    office.request("near", openings.seal(key, known))

    with pytest.raises(Refused, match="Client 1001 is not yours to look at"):
        named(office, "near", Role.BACK_OFFICE, client_id=1001)


def test_an_erasure_leaves_the_name_nowhere_and_what_was_approved_and_logged_still_verifies(office: Office) -> None:
    body = sealed(office)
    record = dispatched(office, office.request("otto", body))
    recorded_like(office, "clients", id=CLIENT, name=NAME)
    key = _key(office)
    contact = SetContact(
        client_id=CLIENT, field=ContactField.EMAIL, token=protect(key, CLIENT, ContactField.EMAIL.value, EMAIL)
    )
    asked = office.request("otto", contact, server="")
    with writing(office.engine) as connection:
        effects.execute(connection, asked.id, office.now_us)
    with reading(office.engine) as connection:
        assert NAME in everything(connection), "the platform has shown it"

    erased(office)

    with reading(office.engine) as connection:
        found = everything(connection)
        after = queries.command(connection, record.id)
        entries = connection.execute(audit.select()).all()
    assert NAME not in found
    assert EMAIL not in found
    assert key not in found
    assert after is not None
    assert after.payload_hash == payload_hash("open_account", SERVER, canonical(body), None) == record.payload_hash
    assert all(row.leaf_hash == leaf_hash(row.entry) for row in entries)
    with pytest.raises(Refused, match="has been erased: their name can no longer be read"):
        sent(office, after)
    with pytest.raises(Refused, match="No name of client 990001 is kept here"):
        named(office, "carol", Role.SUPERVISOR)
    with pytest.raises(Refused, match="has been erased: nothing more can be kept of them"):
        sealed(office)


def _key(office: Office) -> str:
    with reading(office.engine) as connection:
        return str(connection.scalar(text(f"SELECT key FROM subject_keys WHERE client_id = {CLIENT}")))
