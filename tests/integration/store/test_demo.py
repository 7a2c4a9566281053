from __future__ import annotations

from office import NOW_US
from sqlalchemy import Engine

from dealerdesk.store import queries
from dealerdesk.store.demo import seed_demo
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.queries import StaffMember


def test_the_demonstrations_people_are_there_once(engine: Engine) -> None:
    for _ in range(2):
        with writing(engine) as connection:
            seed_demo(connection, NOW_US)

    with reading(engine) as connection:
        people = queries.staff_members(connection)
        assert queries.staff_member(connection, "dana") == StaffMember("dana", "Dana Novak", "head_dealer", True)
        assert queries.staff_member(connection, "mallory") is None
        assert connection.exec_driver_sql("SELECT count(*) FROM policies").scalar() == 5
        assert connection.exec_driver_sql("SELECT count(*) FROM staff_scopes").scalar() == 8
    assert [person.id for person in people] == ["adam", "ana", "ben", "carol", "cleo", "dana", "iris", "otto"]
