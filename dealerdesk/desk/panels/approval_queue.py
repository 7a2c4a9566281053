"""The inbox as rows: which items a view holds, in what order, and how each looks. Holds no widgets.

What is oldest in its need comes first: escalated, then by the time it was asked. A batch is one row, which opens into
its members.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from dealerdesk.commands.capacities import roles_words
from dealerdesk.commands.inbox import Item, is_ageing, is_escalated, standings
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk.numbers import plain, spoken
from dealerdesk.desk.panels.approval_words import item_title
from dealerdesk.desk.panels.command_rows import STRUCK, TONES, WORDS, mark_of
from dealerdesk.desk.staff_names import staff_name_and_id
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone

QUEUE_COLUMNS = (
    Column("title", "What", width=23, priority=1, frozen=True, tone_key="title_tone", struck_key="struck"),
    Column("who", "By", width=7, priority=2, tip_key="who_tip"),
    Column("waits", "Waits", Kind.AGE, width=6, priority=1, tone_key="age_tone", tip="Since it was asked"),
    Column("left", "Left", Kind.AGE, width=6, priority=3, tone_key="age_tone", tip="Until it expires"),
    Column("state", "State", width=17, priority=4, tone_key="tone"),
)
CLOSED, OPEN, MEMBER = "▸ ", "▾ ", "    "


class View(StrEnum):
    """Which part of the inbox is shown."""

    MINE = "mine"
    ASKED = "asked"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One row: an item, or a member of an opened batch."""

    item: Item
    member: CommandRecord | None = None

    @property
    def key(self) -> str:
        return self.item.key if self.member is None else self.member.id


def in_view(inbox: Inbox, view: View, now_us: int) -> list[Item]:
    """The items of a view: what waits first, by urgency; then what is settled, the newest first."""
    match view:
        case View.MINE:
            found = list(inbox.mine(now_us))
        case View.ASKED:
            found = [item for item in inbox.items if item.head.requested_by == inbox.me.id]
        case View.ALL:
            found = list(inbox.items)
    waiting = [item for item in found if item.state is CommandState.REQUESTED]
    unknown = [item for item in found if item.state is CommandState.UNKNOWN]
    settled = [item for item in found if item.state not in (CommandState.REQUESTED, CommandState.UNKNOWN)]
    urgent = [not is_escalated(item.head, item.said, now_us) for item in waiting]
    order = sorted(range(len(waiting)), key=lambda place: (urgent[place], waiting[place].head.requested_us))
    return [*(waiting[place] for place in order), *unknown, *settled]


def queue_rows(items: Sequence[Item], opened: set[str]) -> list[QueueRow]:
    """The rows of the items; the members of an opened batch stand under it."""
    rows = []
    for item in items:
        rows.append(QueueRow(item))
        if item.key in opened and item.is_batch:
            rows += [QueueRow(item, member) for member in item.members]
    return rows


def queue_table(rows: Sequence[QueueRow], opened: set[str], inbox: Inbox, now_us: int) -> ColumnRows:
    """The rows as the table's columns."""
    records = [row.item.head if row.member is None else row.member for row in rows]
    states = [row.item.state if row.member is None else row.member.state for row in rows]
    names = {staff_id: name for staff_id, (name, _) in inbox.people.items()}
    struck = [each in STRUCK for each in states]
    waiting = [each is CommandState.REQUESTED for each in states]
    left = [(r.expires_us - now_us) / 1000 if w else np.nan for r, w in zip(records, waiting, strict=True)]
    return ColumnRows(
        {
            "title": [_title(row, opened) for row in rows],
            "title_tone": np.array([Tone.SECONDARY if each else Tone.NORMAL for each in struck], dtype=np.int8),
            "struck": np.array(struck, dtype=np.bool_),
            "who": [plain(inbox.name(record.requested_by).split(" ")[0]) for record in records],
            "who_tip": [staff_name_and_id(names, record.requested_by) for record in records],
            "waits": np.array([_waits_ms(record, now_us) for record in records], dtype=np.float64),
            "left": np.array(left, dtype=np.float64),
            "age_tone": np.array([_age_tone(row.item, now_us) for row in rows], dtype=np.int8),
            "state": [_state(row, now_us) for row in rows],
            "tone": np.array([TONES.get(each, Tone.NORMAL) for each in states], dtype=np.int8),
        },
        [row.key for row in rows],
        kin=_kin(rows),
    )


def _kin(rows: Sequence[QueueRow]) -> npt.NDArray[np.intp]:
    """Members of an opened batch stay under it, however the queue is sorted."""
    heads = {row.item.key: place for place, row in enumerate(rows) if row.member is None}
    return np.array([heads[row.item.key] for row in rows], dtype=np.intp)


def _title(row: QueueRow, opened: set[str]) -> str:
    if row.member is not None:
        return MEMBER + plain(spoken(row.member.title))
    if not row.item.is_batch:
        return plain(item_title(row.item))
    return (OPEN if row.item.key in opened else CLOSED) + plain(item_title(row.item))


def _waits_ms(record: CommandRecord, now_us: int) -> float:
    end_us = now_us if record.settled_us is None else record.settled_us
    return (end_us - record.requested_us) / 1000


def _age_tone(item: Item, now_us: int) -> Tone:
    return Tone.ATTENTION if is_ageing(item.head, item.said, now_us) else Tone.SECONDARY


def _state(row: QueueRow, now_us: int) -> str:
    """Of what waits, whose turn it is; of the others, their state."""
    state = row.item.state if row.member is None else row.member.state
    if state is not CommandState.REQUESTED or row.member is not None:
        return WORDS[state]
    found = standings(row.item.head, row.item.said, now_us)
    roles = roles_words(role for standing in found if standing.missing for role in standing.roles)
    given = sum(len(standing.approvals) for standing in found)
    words = f"{mark_of(state)} {'escalated, ' if is_escalated(row.item.head, row.item.said, now_us) else ''}{roles}"
    return f"{words}, {given} given" if given else words
