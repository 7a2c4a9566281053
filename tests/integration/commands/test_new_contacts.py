"""A client's contact: sealed before it is asked for, read back by who may, plain in no table."""

from __future__ import annotations

import pytest
from office import Office
from sqlalchemy import Connection, inspect, text

from dealerdesk.commands import effects, unmask
from dealerdesk.commands.bodies import ContactField, EraseClient, RateClient, Rating, SetContact
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.inbox_queries import rating_of
from dealerdesk.commands.new_contacts import VALUE_CHARS_MAX, contact_value, sealed_contact
from dealerdesk.commands.records import CommandRecord, CommandState, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing

CLIENT = 1001
BANK = "PT50 0002 0123 1234 5678 9015 4"


def sealed(office: Office, who: str = "cleo", typed: str = f"  {BANK} ") -> SetContact:
    engine = office.engine_of(who) if office.has_logins else office.engine
    try:
        return sealed_contact(engine, who, CLIENT, ContactField.BANK_ACCOUNT, typed, office.now_us, "desk 7")
    finally:
        if office.has_logins:
            engine.dispose()


def opened(office: Office) -> str:
    engine = office.engine_of("cleo") if office.has_logins else office.engine
    try:
        return unmask.unmask(
            engine,
            who="cleo",
            role=Role.COMPLIANCE,
            client_id=CLIENT,
            field=PersonalField.BANK_ACCOUNT,
            reason="payout review",
            now_us=office.now_us,
        )
    finally:
        if office.has_logins:
            engine.dispose()


def carried_out(office: Office, record: CommandRecord) -> CommandRecord:
    with writing(office.engine) as connection:
        settled = effects.execute(connection, record.id, office.now_us)
    assert settled is not None
    assert settled.state is CommandState.CONFIRMED, settled.result
    return settled


def everything(connection: Connection) -> str:
    return "\n".join(
        str(tuple(row))
        for table in inspect(connection).get_table_names()
        for row in connection.execute(text(f'SELECT * FROM "{table}"'))
    )


def test_a_contact_that_is_set_is_what_is_unmasked_and_plain_in_no_table(office: Office) -> None:
    carried_out(office, office.request("cleo", sealed(office), server=""))

    assert opened(office) == BANK
    with reading(office.engine) as connection:
        found = everything(connection)
    assert BANK not in found
    assert "setting a contact" in found, "that the key was read is on record"


def test_a_rating_is_carried_out_and_read_back(office: Office) -> None:
    carried_out(office, office.request("cleo", RateClient(client_id=CLIENT, rating=Rating.HIGH), server=""))

    with reading(office.engine) as connection:
        assert rating_of(connection, CLIENT) == "high"


def test_an_erasure_takes_a_supervisor_and_what_was_set_is_gone_for_good(office: Office) -> None:
    carried_out(office, office.request("cleo", sealed(office), server=""))
    asked = office.request("cleo", EraseClient(client_id=CLIENT), server="")
    assert asked.state is CommandState.REQUESTED

    carried_out(office, office.approve("carol", asked))

    with pytest.raises(Refused, match="No bank account of client 1001 is kept here"):
        opened(office)
    with pytest.raises(Refused, match="has been erased: nothing more can be kept of them"):
        sealed(office)


def test_who_may_not_read_keys_seals_no_contact(office: Office) -> None:
    with pytest.raises(Refused, match="may not read this: key"):
        sealed(office, "ana")


@pytest.mark.parametrize(("typed", "sentence"), [(" \0 ", "nothing to keep"), ("x" * (VALUE_CHARS_MAX + 1), "at most")])
def test_nothing_and_too_much_are_not_sealed(typed: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        contact_value(typed)
