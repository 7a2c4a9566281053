"""What the database's thread does, as plain calls; approvals by a second person."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import policy
from dealerdesk.commands.records import CommandState, Refused, new_command_id
from dealerdesk.commands.roles import Role
from dealerdesk.desk.archive import Archive
from dealerdesk.store.engine import DatabaseUnavailable, writing
from dealerdesk.trading import Book

from .test_library import TO_A, url  # noqa: F401 - the fixture


@pytest.fixture
def archives(url: str) -> Iterator[dict[str, Archive]]:  # noqa: F811
    """dana's and carol's, with a supervisor's approval needed for everything."""
    made = {who: Archive.open(url, who, now_us) for who in ("dana", "carol")}
    with writing(made["dana"]._engine) as connection:
        rule = policy.Rule(open_lots_min=Decimal(0), approvals=1, roles=(Role.SUPERVISOR,))
        policy.enact(connection, "all", "set_book", rule, author="adam", note="", now_us=now_us() - 1)
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


def test_the_first_look_brings_open_commands_and_later_ones_only_news(archives: dict[str, Archive]) -> None:
    asked = archives["dana"].request("MT5", TO_A, "hedged flow", new_command_id(), 0)

    first = archives["carol"].news()
    assert [record.id for record in first.open_commands or ()] == [asked.id]
    assert archives["carol"].news().open_commands is None

    archives["carol"].refuse(asked, "no")
    later = archives["carol"].news()
    assert later.commands == (asked.id,)
    assert later.open_commands == ()


def test_a_database_without_tables_is_not_opened(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="empty"):
        Archive.open(f"sqlite:///{tmp_path / 'nothing.db'}", "dana", now_us)
