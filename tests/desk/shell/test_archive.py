"""What the database's thread does, as plain calls; approvals by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from dealerdesk.bridges.protocol import OpenAccount, SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import openings, policy, requests
from dealerdesk.commands.records import CommandState, Conflict, Member, Refused, new_command_id
from dealerdesk.commands.roles import Role
from dealerdesk.desk.archive import Archive
from dealerdesk.store.engine import DatabaseUnavailable, writing
from dealerdesk.trading import Book

from .conftest import access_of
from .test_library import TO_A, url  # noqa: F401 - the fixture


@pytest.fixture
def archives(url: str) -> Iterator[dict[str, Archive]]:  # noqa: F811
    """dana's and carol's, with a supervisor's approval needed for everything."""
    made = {who: Archive.open(access_of(who, url=url), now_us) for who in ("dana", "carol")}
    with writing(made["dana"]._engine) as connection:
        rule = policy.Rule(open_lots_min=Decimal(0), approvals=1, roles=(Role.SUPERVISOR,))
        policy.enact(connection, "all", "set_book", rule, author="setup", note="", now_us=now_us() - 1)
    yield made
    for archive in made.values():
        archive.close()


def test_what_would_need_approval_is_known_before_asking(archives: dict[str, Archive]) -> None:
    (need,) = archives["dana"].needs("MT5", TO_A)

    assert need.roles == (Role.SUPERVISOR,)


def test_a_supervisor_approves_what_she_sees(archives: dict[str, Archive]) -> None:
    asked = archives["dana"].request("MT5", TO_A, "hedged flow", new_command_id(), 0)
    assert asked.state is CommandState.REQUESTED

    decided = archives["carol"].approve(asked, "fine")
    assert (decided.state, decided.decided_by) == (CommandState.APPROVED, "carol")


def test_nobody_approves_their_own(archives: dict[str, Archive]) -> None:
    asked = archives["dana"].request("MT5", TO_A, "hedged flow", new_command_id(), 0)

    with pytest.raises(Refused):
        archives["dana"].approve(asked, "")


def test_refused_and_withdrawn_are_final(archives: dict[str, Archive]) -> None:
    first = archives["dana"].request("MT5", TO_A, "hedged flow", new_command_id(), 0)
    assert archives["carol"].refuse(first, "not today").state is CommandState.REFUSED

    other = SetBook(login=102, book=Book.B, covered_percent=0)
    second = archives["dana"].request("MT5", other, "small", new_command_id(), 0)
    assert archives["dana"].withdraw(second, "typo").state is CommandState.WITHDRAWN


def test_a_database_without_tables_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="empty"):
        Archive.open(access_of("dana", url=f"sqlite:///{tmp_path / 'nothing.db'}"), now_us)


def ask_batch(archives: dict[str, Archive]) -> str:
    """dana asks for two books as one; the batch's id."""
    batch_id = new_command_id()
    members = [
        Member(command_id=new_command_id(), body=SetBook(login=login, book=book, covered_percent=share))
        for login, book, share in ((101, Book.A, 100), (102, Book.B, 0))
    ]
    with writing(archives["dana"]._engine) as connection:
        requests.request_batch(
            connection,
            who="dana",
            server="MT5",
            members=members,
            reason="news",
            now_us=now_us(),
            batch_id=batch_id,
        )
    return batch_id


def test_a_batch_is_one_line_of_the_inbox_and_is_approved_as_one(archives: dict[str, Archive]) -> None:
    batch_id = ask_batch(archives)
    [item] = archives["carol"].inbox().mine(now_us())
    assert (item.key, len(item.members)) == (batch_id, 2)

    decided = archives["carol"].decide_batch(item, "approve", "fine")
    assert [record.state for record in decided] == [CommandState.APPROVED] * 2
    assert archives["carol"].inbox().mine(now_us()) == ()
    assert len(archives["dana"].evidence(decided[0], None).precedents) == 0


def test_a_batch_asked_for_again_is_the_batch_that_stands(archives: dict[str, Archive]) -> None:
    dana, batch_id = archives["dana"], new_command_id()
    assert dana.batch(batch_id) == []
    members = [
        Member(command_id=new_command_id(), body=SetBook(101, Book.A, 100), expected_version=0),
        Member(command_id=new_command_id(), body=SetBook(102, Book.B, 0), expected_version=0),
    ]
    first = dana.request_batch("MT5", members, "news", batch_id)
    again = dana.request_batch("MT5", members, "news", batch_id)

    assert [record.state for record in first] == [CommandState.REQUESTED] * 2
    assert {record.id for record in again} == {member.command_id for member in members}
    assert dana.batch(batch_id) == again == first
    with pytest.raises(Conflict):
        dana.request_batch("MT5", members[:1], "news", batch_id)


def test_a_batch_is_withdrawn_whole(archives: dict[str, Archive]) -> None:
    ask_batch(archives)
    [item] = archives["dana"].inbox().items

    withdrawn = archives["dana"].withdraw_batch(item, "typo")
    assert [record.state for record in withdrawn] == [CommandState.WITHDRAWN] * 2


def test_a_batch_that_is_not_what_was_seen_is_not_approved(archives: dict[str, Archive]) -> None:
    ask_batch(archives)
    [item] = archives["carol"].inbox().mine(now_us())
    only_one = replace(item, members=item.members[:1])

    with pytest.raises(Conflict):
        archives["carol"].decide_batch(only_one, "approve", "")


def test_the_name_of_a_new_client_stands_beside_the_request_for_whose_daily_work_names_are(
    archives: dict[str, Archive],
) -> None:
    carol = archives["carol"]
    with writing(carol._engine) as connection:
        rule = policy.Rule(approvals=1, roles=(Role.SUPERVISOR,))
        policy.enact(connection, "new", "open_account", rule, author="setup", note="", now_us=now_us() - 1)
        group = connection.exec_driver_sql("SELECT name FROM groups WHERE server = 'MT5' LIMIT 1").scalar_one()
    body = OpenAccount(client_id=990_001, name="Nora Lang", country="PT", group=str(group), leverage=30)
    asked = {"who": "otto", "server": "MT5", "reason": "new", "now_us": now_us(), "command_id": new_command_id()}
    body = openings.sealed(carol._engine, "otto", body, now_us())
    with writing(carol._engine) as connection:
        record = requests.request(connection, body=body, **asked)  # type: ignore[arg-type]

    assert record.state is CommandState.REQUESTED
    assert carol.evidence(record, None).name == "Nora Lang"
    assert archives["dana"].evidence(record, None).name == ""
