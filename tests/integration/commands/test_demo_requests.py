"""What waits in a demonstration: asked by its own people, decided by nobody yet, and only at the beginning."""

from __future__ import annotations

from decimal import Decimal

import pytest
from office import NOW_US, Office
from sqlalchemy import update

from dealerdesk.commands.demo_requests import MISSING_CENTS, seed_requests
from dealerdesk.commands.inbox_queries import inbox
from dealerdesk.commands.queries import open_commands
from dealerdesk.commands.records import CommandState
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import positions

# a demonstration lives in a file of its own
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture
def busy_office(office: Office) -> Office:
    """One account holds enough for a supervisor to decide on its book."""
    with writing(office.engine) as connection:
        connection.execute(update(positions).where(positions.c.login == 1001).values(volume=10**12))
    return office


def test_three_people_have_asked_and_carol_has_all_of_it_to_decide(busy_office: Office) -> None:
    with writing(busy_office.engine) as connection:
        assert seed_requests(connection, NOW_US) == 3

    with reading(busy_office.engine) as connection:
        waiting = {record.requested_by: record for record in open_commands(connection)}
        assert set(waiting) == {"ana", "otto", "adam"}
        assert {record.state for record in waiting.values()} == {CommandState.REQUESTED}
        assert waiting["otto"].body.amount == MISSING_CENTS
        assert Decimal(MISSING_CENTS) / 100 == 25_000
        assert len(inbox(connection, "carol", NOW_US).mine(NOW_US)) == 3
        assert len(inbox(connection, "dana", NOW_US).mine(NOW_US)) == 0


def test_once_anything_was_asked_for_nothing_is_added(busy_office: Office) -> None:
    busy_office.request()
    with writing(busy_office.engine) as connection:
        assert seed_requests(connection, NOW_US) == 0
