"""Two people act on one command at the same moment, each on their own connection: one is first, the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from office import TO_A, Office
from sqlalchemy import select

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands import audit
from dealerdesk.commands.records import CommandRecord, CommandState, Conflict, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading
from dealerdesk.store.schema import commands, decisions
from dealerdesk.trading import Book

Said = CommandRecord | Refused


def at_once(*deeds: Callable[[], CommandRecord]) -> list[Said]:
    """What each deed brought; all begin at the same moment."""
    gate = threading.Barrier(len(deeds))
    said: list[Said] = [Refused("never came to it")] * len(deeds)

    def run(place: int) -> None:
        gate.wait()
        try:
            said[place] = deeds[place]()
        except Refused as refused:
            said[place] = refused

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return said


@pytest.fixture
def waiting(office: Office) -> CommandRecord:
    """A change of book that a supervisor has to approve; there are two supervisors."""
    office.hire("sara", Role.SUPERVISOR)
    office.needs_supervisor()
    return office.request("dana")


def moves(office: Office, record: CommandRecord) -> list[str]:
    """What is on record about it, refusals left out."""
    with reading(office.engine) as connection:
        entries = audit.history_of(connection, record.id)
    return [entry.action for entry in entries if entry.action.startswith("command ")]


def deciders(office: Office, record: CommandRecord) -> list[str]:
    with reading(office.engine) as connection:
        return list(connection.scalars(select(decisions.c.staff).where(decisions.c.command_id == record.id)))


def test_of_two_approvers_at_once_one_lets_it_through_and_the_other_is_told_who_did(
    office: Office, waiting: CommandRecord
) -> None:
    said = at_once(lambda: office.approve("carol", waiting), lambda: office.approve("sara", waiting))

    (done,) = [one for one in said if isinstance(one, CommandRecord)]
    (told,) = [one for one in said if isinstance(one, Conflict)]
    assert done.state is CommandState.APPROVED
    assert done.decided_by in ("carol", "sara")
    assert f"approved by {done.decided_by}" in str(told)
    assert deciders(office, waiting) == [done.decided_by]
    assert moves(office, waiting) == ["command requested", "command approved"]


def test_of_an_approver_and_a_refuser_at_once_one_decides_and_the_other_is_told(
    office: Office, waiting: CommandRecord
) -> None:
    said = at_once(lambda: office.approve("carol", waiting), lambda: office.refuse("sara", waiting))

    (done,) = [one for one in said if isinstance(one, CommandRecord)]
    (told,) = [one for one in said if isinstance(one, Conflict)]
    assert (done.state, done.decided_by) in ((CommandState.APPROVED, "carol"), (CommandState.REFUSED, "sara"))
    assert f"{done.state.value} by {done.decided_by}" in str(told)
    assert moves(office, waiting) == ["command requested", f"command {done.state.value}"]


def test_two_of_two_approvals_at_once_both_count(office: Office) -> None:
    office.hire("sara", Role.SUPERVISOR)
    office.needs_supervisor(approvals=2)
    asked = office.request("dana")

    said = at_once(lambda: office.approve("carol", asked), lambda: office.approve("sara", asked))

    states = sorted(one.state.value for one in said if isinstance(one, CommandRecord))
    assert states == ["approved", "requested"]
    assert sorted(deciders(office, asked)) == ["carol", "sara"]
    assert moves(office, asked) == ["command requested", "command approved by one", "command approved"]


def test_of_a_withdrawal_and_an_approval_at_once_the_command_shows_the_last_word(
    office: Office, waiting: CommandRecord
) -> None:
    said = at_once(lambda: office.withdraw("dana", waiting), lambda: office.approve("carol", waiting))

    # what is approved can still be withdrawn before it is dispatched, what is withdrawn cannot be approved
    withdrawn, approved = said
    assert isinstance(withdrawn, CommandRecord)
    assert withdrawn.state is CommandState.WITHDRAWN
    path = moves(office, waiting)
    if isinstance(approved, Conflict):
        assert path == ["command requested", "command withdrawn"]
        assert "withdrawn" in str(approved)
    else:
        assert path == ["command requested", "command approved", "command withdrawn"]


def test_two_requests_for_one_account_at_once_are_one_and_the_other_is_told_who_was_first(office: Office) -> None:
    other = SetBook(login=1001, book=Book.C, covered_percent=40)
    said = at_once(
        lambda: office.request("dana", TO_A, command_id="command-dana"),
        lambda: office.request("ana", other, command_id="command-ana1"),
    )

    (done,) = [one for one in said if isinstance(one, CommandRecord)]
    (told,) = [one for one in said if isinstance(one, Conflict)]
    assert str(told).startswith(f"{done.requested_by} was first")
    with reading(office.engine) as connection:
        assert connection.scalars(select(commands.c.id)).all() == [done.id]
