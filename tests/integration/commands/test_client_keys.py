"""A client's key: one for each, given with a trace, not to everybody."""

from __future__ import annotations

import pytest
from office import Office
from sqlalchemy import text

from dealerdesk.commands.client_keys import client_key
from dealerdesk.commands.records import Refused
from dealerdesk.store.engine import reading


def key_for(office: Office, who: str) -> str:
    engine = office.engine_of(who) if office.has_logins else office.engine
    try:
        return client_key(engine, who, 1001, "a test", office.now_us, "desk 7")
    finally:
        if office.has_logins:
            engine.dispose()


def test_a_key_is_made_once_and_each_reading_is_on_record(office: Office) -> None:
    assert key_for(office, "otto") == key_for(office, "cleo")
    with reading(office.engine) as connection:
        entries = "\n".join(connection.execute(text("SELECT entry FROM audit")).scalars())
    for who in ("otto", "cleo"):
        assert any(who in each and '"a test"' in each and '"read"' in each for each in entries.splitlines())


@pytest.mark.parametrize("who", ["ana", "dana", "ben", "carol", "iris", "adam"])
def test_others_get_no_key(office: Office, who: str) -> None:
    with pytest.raises(Refused, match="may not read this: key"):
        key_for(office, who)
