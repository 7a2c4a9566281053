from __future__ import annotations

import pytest
from office import Office

from dealerdesk.commands import audit
from dealerdesk.commands.records import CommandState, Conflict
from dealerdesk.commands.transitions import move
from dealerdesk.store.engine import reading, writing


def test_a_move_that_is_not_in_the_state_table_is_refused_in_words(office: Office) -> None:
    record = office.approved()

    with pytest.raises(Conflict, match="is approved and cannot become confirmed"), writing(office.engine) as connection:
        move(connection, record, CommandState.CONFIRMED, actor="hub", now_us=1)


def test_who_comes_second_is_told_so_and_changes_nothing(office: Office) -> None:
    seen_by_both = office.approved()
    office.withdraw("dana", seen_by_both)

    with pytest.raises(Conflict, match="Somebody else was first"), writing(office.engine) as connection:
        move(connection, seen_by_both, CommandState.DISPATCHED, actor="hub", now_us=1)

    with reading(office.engine) as connection:
        assert [entry.after["state"] for entry in audit.history_of(connection, seen_by_both.id)[1:]] == [
            "approved",
            "withdrawn",
        ]


def test_a_move_is_in_the_audit_with_what_it_changed(office: Office) -> None:
    record = office.approved()

    with writing(office.engine) as connection:
        moved = move(
            connection,
            record,
            CommandState.DISPATCHED,
            actor="hub",
            now_us=77,
            reason="why",
            origin="hub 1",
            dispatched_us=77,
        )
        entry = audit.history_of(connection, record.id)[-1]

    assert (moved.state, moved.dispatched_us, moved.changed_us) == (CommandState.DISPATCHED, 77, 77)
    assert (entry.actor, entry.at_us, entry.reason, entry.origin) == ("hub", 77, "why", "hub 1")
    assert entry.before == {"state": "approved"}
    assert entry.after == {"state": "dispatched", "payload_hash": record.payload_hash, "dispatched_us": 77}
