"""What a demonstration finds on its desks is laid out once, when all of its servers are in the tables."""

from __future__ import annotations

import pytest
from office import NOW_US, Office
from recorded_books import snapshot_of
from scripted_broker import ScriptedBroker

from dealerdesk.commands.queries import open_commands
from dealerdesk.demo_work import FirstWork, lay_out
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import record_snapshot

# a demonstration lives in a file of its own
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def waiting(office: Office) -> set[str]:
    with reading(office.engine) as connection:
        return {record.requested_by for record in open_commands(connection)}


def test_nothing_is_written_before_every_server_is_recorded(office: Office) -> None:
    assert not lay_out(office.engine, ("MT4", "MT5"))
    assert waiting(office) == set()

    with writing(office.engine) as connection:
        record_snapshot(connection, "MT4", snapshot_of(ScriptedBroker(seed=2), "e1"), NOW_US)
    assert lay_out(office.engine, ("MT4", "MT5"))
    assert {"otto", "adam"} <= waiting(office)


def test_a_thread_lays_it_out_and_ends(office: Office) -> None:
    work = FirstWork(str(office.engine.url), ("MT5",))
    work.start()
    work._thread.join(30)

    assert not work._thread.is_alive()
    assert {"otto", "adam"} <= waiting(office)
    work.stop()


def test_one_that_has_nothing_to_wait_for_yet_ends_when_it_is_told_to(office: Office) -> None:
    work = FirstWork(str(office.engine.url), ("MT5", "a server that never comes"))
    work.stop()
    work.start()
    work.stop()

    assert not work._thread.is_alive()
    assert waiting(office) == set()
