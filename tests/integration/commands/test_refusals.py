"""What was refused is kept: who tried what, and the sentence they were told."""

from __future__ import annotations

import pytest
from office import Office
from sqlalchemy import Connection

from dealerdesk.commands import audit, queries, requests
from dealerdesk.commands.audit import Entry
from dealerdesk.commands.records import Refused
from dealerdesk.commands.refusals import audited
from dealerdesk.store.engine import reading


def told(office: Office, subject: str) -> list[Entry]:
    with reading(office.engine) as connection:
        assert audit.verify_leaves(connection) == []
        return audit.history_of(connection, subject)


def half_of_it(connection: Connection) -> None:
    """Writes something, then is refused."""
    connection.exec_driver_sql(
        "INSERT INTO settings (name, value, version, changed_us, changed_by) VALUES ('a', 'b', 1, 1, 'adam')"
    )
    raise Refused("not like this")


def test_a_refused_request_is_kept_with_who_what_and_why(office: Office) -> None:
    with pytest.raises(Refused):
        office.request("ben", command_id="refused-0001")

    (entry,) = told(office, "refused-0001")
    assert (entry.actor, entry.action, entry.kind) == ("ben", "command request refused", "set_book")
    assert entry.reason == "A payments officer cannot ask for «set book»"
    with reading(office.engine) as connection:
        assert queries.recent_commands(connection) == []


def test_a_refused_decision_is_kept_beside_the_requests_own_entries(office: Office) -> None:
    office.needs_supervisor()
    asked = office.request("dana")
    with pytest.raises(Refused):
        office.approve("dana", asked)
    with pytest.raises(Refused):
        office.refuse("ana", asked)
    with pytest.raises(Refused):
        office.withdraw("ana", asked)

    actions = [entry.action for entry in told(office, asked.id)]
    assert actions == ["command requested", "approval refused", "refusal refused", "withdrawal refused"]


def test_what_was_done_before_the_refusal_is_undone(office: Office) -> None:
    with pytest.raises(Refused, match="not like this"), audited(office.engine) as connection:
        half_of_it(connection)

    with reading(office.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM settings WHERE name = 'a'").scalar() == 0


def test_what_is_not_refused_is_committed(office: Office) -> None:
    with requests.audited(office.engine) as connection:
        connection.exec_driver_sql(
            "INSERT INTO settings (name, value, version, changed_us, changed_by) VALUES ('a', 'b', 1, 1, 'adam')"
        )

    with reading(office.engine) as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM settings WHERE name = 'a'").scalar() == 1
