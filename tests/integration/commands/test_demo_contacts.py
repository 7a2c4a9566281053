"""A demonstration's contacts: encrypted, made up, and given once."""

from __future__ import annotations

from office import NOW_US, Office
from sqlalchemy import select

from dealerdesk.commands.demo_contacts import made_up, seed_contacts
from dealerdesk.commands.personal import key_of, reveal
from dealerdesk.store.engine import writing
from dealerdesk.store.schema import contacts


def test_some_clients_get_contacts_that_only_their_key_opens(office: Office) -> None:
    with writing(office.engine) as connection:
        assert seed_contacts(connection, NOW_US, limit=3) == 3
        rows = connection.execute(select(contacts)).all()

        assert len(rows) == 15
        for row in rows:
            value = reveal(key_of(connection, row.client_id, NOW_US), row.client_id, row.field, row.token)
            assert value in made_up(row.client_id).values()
            assert value not in row.token


def test_contacts_are_given_once_and_not_after_the_first_command(office: Office) -> None:
    with writing(office.engine) as connection:
        seed_contacts(connection, NOW_US, limit=2)
        assert seed_contacts(connection, NOW_US, limit=2) == 0


def test_once_work_has_begun_nothing_is_made_up_any_more(office: Office) -> None:
    office.request()
    with writing(office.engine) as connection:
        assert seed_contacts(connection, NOW_US) == 0
