"""Whether a deed was done is told by what stands: by whom, and which way."""

from __future__ import annotations

from dealerdesk.commands.records import CommandState, new_command_id
from dealerdesk.desk.archive import Archive

from .test_archive import archives, ask_batch  # noqa: F401 - the fixture
from .test_library import TO_A, url  # noqa: F401 - the fixture


def test_a_decision_counts_only_for_who_made_it_and_the_way_it_was_made(
    archives: dict[str, Archive],  # noqa: F811
) -> None:
    asked = archives["dana"].request("MT5", TO_A, "hedged flow", new_command_id(), 0)
    carol, ids = archives["carol"], [asked.id]
    assert carol.decided(ids, "refuse") is None

    carol.refuse(asked, "not today")

    assert carol.decided(ids, "approve") is None
    assert archives["dana"].decided(ids, "refuse") is None
    [found] = carol.decided(ids, "refuse") or []
    assert (found.id, found.state) == (asked.id, CommandState.REFUSED)


def test_a_batch_is_done_when_it_is_done_to_all_that_waited(archives: dict[str, Archive]) -> None:  # noqa: F811
    ask_batch(archives)
    [item] = archives["carol"].inbox().mine(0)
    dana = archives["dana"]
    assert dana.withdrawn(item.waiting) is None
    dana.withdraw(item.members[0], "typo")
    assert dana.withdrawn(item.waiting) is None
    dana.withdraw(item.members[1], "typo")

    assert len(dana.withdrawn(item.waiting) or []) == 2
    assert archives["carol"].decided(item.waiting, "approve") is None
