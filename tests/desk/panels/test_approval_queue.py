from __future__ import annotations

import numpy as np

from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.commands.inbox import APPROVE, Decision, Person, items
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.approval_queue import QUEUE_COLUMNS, View, in_view, queue_rows, queue_table
from dealerdesk.desk.table.order import WordIndex, sorted_rows
from dealerdesk.desk.theme import Tone

from .small_broker import NOW_US, PEOPLE, command

LATE = {"expires_us": NOW_US + 8 * HOUR_US}


def inbox_of(*records: CommandRecord, said: tuple[Decision, ...] = ()) -> Inbox:
    return Inbox(Person("carol", "Carol Ferreira", Role.SUPERVISOR), tuple(items(records, said)), (), dict(PEOPLE))


def keys(inbox: Inbox, view: View) -> list[str]:
    return [item.key for item in in_view(inbox, view, NOW_US)]


def test_the_escalated_come_first_then_the_oldest_then_the_unknown_then_the_settled() -> None:
    slow = Need("large", "", 1, (Role.SUPERVISOR,), 60, (Role.HEAD_DEALER,))
    inbox = inbox_of(
        command(1, CommandState.CONFIRMED),
        command(2, CommandState.UNKNOWN),
        command(3, requested_us=NOW_US - HOUR_US, **LATE),
        command(4, requested_us=NOW_US - 2 * MINUTE_US, needs=(slow,), **LATE),
        command(5, requested_us=NOW_US - 2 * HOUR_US, **LATE),
    )

    assert keys(inbox, View.ALL) == ["dd4", "dd5", "dd3", "dd2", "dd1"]
    assert keys(inbox, View.MINE) == ["dd4", "dd5", "dd3"]


def test_what_i_asked_for_is_mine_waiting_whatever_became_of_it() -> None:
    inbox = inbox_of(
        command(1, requested_by="carol"), command(2), command(3, CommandState.REFUSED, requested_by="carol")
    )

    assert keys(inbox, View.ASKED) == ["dd1", "dd3"]


def test_a_row_says_who_asks_how_long_it_waits_and_whose_turn_it_is() -> None:
    both = Need("large", "", 2, (Role.SUPERVISOR, Role.PAYMENTS))
    said = (Decision("dd1", "ben", Role.PAYMENTS, APPROVE, "", NOW_US),)
    inbox = inbox_of(command(1, needs=(both,), requested_us=NOW_US - MINUTE_US, **LATE), said=said)
    table = queue_table(queue_rows(in_view(inbox, View.ALL, NOW_US), set()), set(), inbox, NOW_US)

    assert table.column("who") == ["Dana"]
    assert list(table.column("waits")) == [60_000.0]
    assert table.column("state") == ["● payments officer or supervisor, 1 given"]
    assert list(table.column("age_tone")) == [Tone.SECONDARY]


def test_past_half_of_its_life_it_turns_amber() -> None:
    inbox = inbox_of(command(1, requested_us=NOW_US - HOUR_US, expires_us=NOW_US + HOUR_US))
    table = queue_table(queue_rows(in_view(inbox, View.ALL, NOW_US), set()), set(), inbox, NOW_US)

    assert list(table.column("age_tone")) == [Tone.ATTENTION]


def test_an_opened_batch_shows_its_members_under_it() -> None:
    inbox = inbox_of(command(1, batch_id="lot"), command(2, batch_id="lot"), command(3))
    found = in_view(inbox, View.ALL, NOW_US)
    table = queue_table(queue_rows(found, {"lot"}), {"lot"}, inbox, NOW_US)

    assert [row.key for row in queue_rows(found, set())] == ["lot", "dd3"]
    assert [row.key for row in queue_rows(found, {"lot"})] == ["lot", "dd1", "dd2", "dd3"]
    assert table.column("title")[0] == "▾ Move 101 on MT5 from B to A, and 1 more"


def test_however_the_queue_is_sorted_members_stay_under_their_batch() -> None:
    inbox = inbox_of(
        command(1, batch_id="b1", title="Zulu one", requested_us=NOW_US - HOUR_US),
        command(2, batch_id="b1", title="Alpha two", requested_us=NOW_US - HOUR_US),
        command(3, title="Mike", requested_us=NOW_US - MINUTE_US),
    )
    opened = {"b1"}
    rows = queue_rows(in_view(inbox, View.ALL, NOW_US), opened)
    table = queue_table(rows, opened, inbox, NOW_US)
    columns = {column.key: column for column in QUEUE_COLUMNS}

    for key, descending in (("title", False), ("title", True), ("waits", False), ("waits", True)):
        order = sorted_rows(table, np.arange(4), columns, [(key, descending)], WordIndex())
        keys = [rows[row].key for row in order]
        assert keys in (["b1", "dd1", "dd2", "dd3"], ["dd3", "b1", "dd1", "dd2"]), (key, descending, keys)
