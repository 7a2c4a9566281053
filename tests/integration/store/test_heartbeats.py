from __future__ import annotations

from sqlalchemy import Engine

from dealerdesk.store import queries
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.heartbeats import write_hub_status
from dealerdesk.store.queries import HubStatus


def test_the_hubs_sign_of_life_replaces_the_one_before(engine: Engine) -> None:
    first = HubStatus("MT5", "joining", "", 0, 0, 1, 1, "")
    second = HubStatus("MT5", "live", "e1", 700, 3, 1, 2, "locked")

    for beat in (first, second):
        with writing(engine) as connection:
            write_hub_status(connection, [beat])

    with reading(engine) as connection:
        assert queries.hub_status(connection) == [second]


def test_no_bridges_write_no_sign_of_life(engine: Engine) -> None:
    with writing(engine) as connection:
        write_hub_status(connection, [])

    with reading(engine) as connection:
        assert queries.hub_status(connection) == []
