"""Commands as columns, in the one look that every state has everywhere. Holds no widgets.

Waiting for approval: an amber dot. On its way, not read back yet: a hollow ring. Unknown: an amber broken ring,
«looking». Refused and the like: crossed out, with the reason in words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.staff_names import staff_name, staff_name_and_id
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone

COMMAND_COLUMNS = (
    Column("state", "State", width=19, frozen=True, tone_key="tone"),
    Column("asked", "Asked", Kind.TIME, width=8, priority=3),
    Column("title", "What", width=26, priority=1, tone_key="title_tone", struck_key="struck"),
    Column("who", "Who", width=10, priority=4, tip_key="who_tip"),
    Column("why", "Why", width=18, priority=5),
    Column("outcome", "Outcome", width=16, priority=2, tone_key="tone"),
    Column("took", "Took", Kind.AGE, width=7, priority=6, tip="From asking to being settled"),
    Column("account", "Account", width=10, priority=6, whole=True),
    Column("id", "Id", width=26, priority=7, shown=False),
)
WORDS = {
    CommandState.REQUESTED: "● waits for approval",
    CommandState.APPROVED: "○ approved, on its way",
    CommandState.DISPATCHED: "○ sent, not read back",
    CommandState.CONFIRMED: "confirmed",
    CommandState.FAILED: "✕ failed",
    CommandState.UNKNOWN: "◌ unknown, looking",
    CommandState.REFUSED: "✕ refused",
    CommandState.EXPIRED: "✕ expired",
    CommandState.WITHDRAWN: "✕ withdrawn",
}
TONES = {
    CommandState.REQUESTED: Tone.ATTENTION,
    CommandState.UNKNOWN: Tone.ATTENTION,
    CommandState.FAILED: Tone.ALARM,
    CommandState.REFUSED: Tone.SECONDARY,
    CommandState.EXPIRED: Tone.SECONDARY,
    CommandState.WITHDRAWN: Tone.SECONDARY,
}
MARKS = ("●", "○", "◌")
"""What stands beside a thing that is being changed: it waits for approval, is not read back yet, is looked for."""
STRUCK = frozenset((CommandState.REFUSED, CommandState.EXPIRED, CommandState.WITHDRAWN, CommandState.FAILED))
"""What was asked and will not be."""


def command_rows(
    records: Sequence[CommandRecord], labels: AccountLabels, people: Mapping[str, str], now_us: int
) -> ColumnRows:
    """The table's rows; a key is the command's id. `people`: staff id → name."""
    return ColumnRows(
        {
            "state": [state_words(record) for record in records],
            "tone": np.array([TONES.get(record.state, Tone.NORMAL) for record in records], dtype=np.int8),
            "struck": np.array([record.state in STRUCK for record in records], dtype=np.bool_),
            "title_tone": np.array(
                [Tone.SECONDARY if record.state in STRUCK else Tone.NORMAL for record in records], dtype=np.int8
            ),
            "asked": np.array([record.requested_us for record in records], dtype=np.int64),
            "title": [numbers.spoken(record.title) for record in records],
            "who": [numbers.plain(staff_name(people, record.requested_by)) for record in records],
            "who_tip": [staff_name_and_id(people, record.requested_by) for record in records],
            "why": [record.reason for record in records],
            "outcome": [outcome_words(record, people, now_us) for record in records],
            "took": np.array([took_ms(record) for record in records], dtype=np.float64),
            "account": [labels.of(record.server, record.login) if record.login else "" for record in records],
            "id": [record.id for record in records],
        },
        [record.id for record in records],
    )


def mark_of(state: CommandState) -> str:
    """The sign of a state, beside a thing that is being changed; empty where nothing is under way."""
    sign = WORDS[state][0]
    return sign if sign in MARKS else ""


def state_words(record: CommandRecord) -> str:
    """The state; where nothing will be done any more, with the reason."""
    reason = record.result or record.comment if record.state in STRUCK else ""
    return f"{WORDS[record.state]}: {reason}" if reason else WORDS[record.state]


def outcome_words(record: CommandRecord, people: Mapping[str, str], now_us: int) -> str:
    """Who has to decide, who did and why, and what came of it."""
    if record.state is CommandState.REQUESTED:
        waited_us = now_us - record.requested_us
        roles = sorted({role.words for need in record.needs for role in need.deciders(waited_us)})
        return f"needs {' or '.join(roles)}" if roles else "needs approval"
    decided = numbers.plain(staff_name(people, record.decided_by or ""))
    if record.comment:
        decided = f"{decided}: {record.comment}" if decided else record.comment
    return " · ".join(words for words in (decided, record.result) if words)


def took_ms(record: CommandRecord) -> float:
    """From asking to being settled; nan while it is not."""
    return float("nan") if record.settled_us is None else (record.settled_us - record.requested_us) / 1_000
