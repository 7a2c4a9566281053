"""Audit entries as columns and as a page of words: who did what to what, before and after, and under which seal.

Text in, text out; holds no widgets and reads no database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_queries import AuditRow
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.sheet import Line, change, heading, pair, sentence, title
from dealerdesk.desk.staff_names import staff_name, staff_name_and_id
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone

AUDIT_COLUMNS = (
    Column("at", "When", Kind.TIME, width=13, frozen=True, dates=True),
    Column("who", "Who", width=8, priority=1),
    Column("what", "What", width=14, priority=1, tone_key="tone"),
    Column("kind", "Kind", width=12, priority=4),
    Column("about", "About", width=16, priority=1),
    Column("change", "Before → after", width=18, priority=3),
    Column("why", "Why", width=12, priority=5),
    Column("client", "Client", Kind.TEXT, width=8, priority=6),
    Column("origin", "From", width=10, priority=7),
    Column("seal", "Seal", width=9, priority=4, tone_key="seal_tone"),
    Column("id", "No.", Kind.INTEGER, width=8, priority=8, shown=False),
)
ALARMING = ("refused", "denied", "locked out", "failed", "turned away")
QUIET = frozenset({"payload", "payload_hash", "needs", "facts", "requested_by", "requested_us", "approvals_needed"})
"""What an entry keeps for the machine: not in the one line, though on the page."""
MOMENT = "_us"
SHORT_MAX = 60
CHANGES_IN_LINE = 3


def audit_rows(rows: Sequence[AuditRow], people: Mapping[str, str]) -> ColumnRows:
    """The table's rows; a key is the entry's number."""
    entries = [row.entry for row in rows]
    return ColumnRows(
        {
            "at": np.array([entry.at_us for entry in entries], dtype=np.int64),
            "who": [numbers.plain(staff_name(people, entry.actor)) for entry in entries],
            "what": [numbers.plain(action_words(entry)) for entry in entries],
            "tone": np.array([_tone(entry) for entry in entries], dtype=np.int8),
            "kind": [entry.kind.replace("_", " ") for entry in entries],
            "about": [about(row, people) for row in rows],
            "change": [change_line(entry) for entry in entries],
            "why": [numbers.plain(entry.reason) for entry in entries],
            "client": ["" if entry.client_id is None else str(entry.client_id) for entry in entries],
            "origin": [numbers.plain(entry.origin) for entry in entries],
            "seal": [seal_words(row) for row in rows],
            "seal_tone": np.array([Tone.ATTENTION if row.seal is None else Tone.SECONDARY for row in rows], np.int8),
            "id": np.array([row.id for row in rows], dtype=np.int64),
        },
        [row.id for row in rows],
    )


def action_words(entry: Entry) -> str:
    """What was done: «Command approved»."""
    return entry.action[:1].upper() + entry.action[1:]


def about(row: AuditRow, people: Mapping[str, str]) -> str:
    """What it is about: a command's sentence, a client's field, an account, a person, else its subject."""
    entry = row.entry
    if row.title:
        return numbers.plain(numbers.spoken(row.title))
    if isinstance(what := entry.after.get("what"), str):
        return numbers.plain(f"{words(what)} of {entry.subject}")
    account = numbers.account(entry.server, entry.login) if entry.login is not None else ""
    subject = staff_name(people, entry.subject)
    return numbers.plain(" · ".join(part for part in (account, subject) if part))


def change_line(entry: Entry) -> str:
    """Before → after in one line, the machine's own columns left out."""
    shown = [(label, before, after) for label, before, after in changes(entry) if label not in QUIET]
    states = [f"{before} → {after}" for label, before, after in shown if label == "state" and before]
    rest = [
        f"{words(label)} {before} → {after}" if before else f"{words(label)} {after}"
        for label, before, after in shown
        if label not in ("state", "title", "kind", "server", "login", "reason", "changed")
    ]
    return numbers.plain(" · ".join([*states, *rest][:CHANGES_IN_LINE]))


def changes(entry: Entry) -> list[tuple[str, str, str]]:
    """Each thing that changed as (key, before, after), the empty ones left out."""
    keys = dict.fromkeys((*entry.before, *entry.after))
    found = [(key, value_words(key, entry.before.get(key)), value_words(key, entry.after.get(key))) for key in keys]
    return [(key, before, after) for key, before, after in found if before != after or before]


def value_words(key: str, value: Any) -> str:
    """One value as a person reads it; a moment as a moment, what is not there as nothing."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() if key.endswith(MOMENT):
            return numbers.moment(value)
        case str() if value[:1] in "{[":
            return _decoded(key, value)
        case dict():
            return ", ".join(f"{words(k)} {said}" for k, v in value.items() if (said := value_words(k, v)))
        case list():
            return ", ".join(said for item in value if (said := value_words(key, item)))
        case _:
            return str(value)


def words(key: str) -> str:
    """A column's name as words: payload_hash → «payload hash»."""
    return key.removesuffix(MOMENT).replace("_", " ")


def seal_words(row: AuditRow) -> str:
    """Under which seal it lies."""
    return "○ not sealed" if row.seal is None else f"seal {row.seal}"


def page(row: AuditRow, people: Mapping[str, str]) -> list[Line]:
    """One entry, whole: what, who, when, from where, before and after, why, and its proof."""
    entry = row.entry
    lines = [title(action_words(entry)), sentence(about(row, people), Tone.NORMAL)]
    lines += [pair("Who", staff_name_and_id(people, entry.actor)), pair("When", f"{numbers.moment(entry.at_us)} UTC")]
    facts = (
        ("From", entry.origin),
        ("Kind", entry.kind.replace("_", " ")),
        ("Account", numbers.account(entry.server, entry.login) if entry.login is not None else ""),
        ("Server", entry.server if entry.login is None else ""),
        ("Client", "" if entry.client_id is None else str(entry.client_id)),
        ("Subject", entry.subject),
        ("Why", entry.reason),
    )
    lines += [pair(label, value) for label, value in facts if value]
    found = changes(entry)
    if found:
        lines.append(heading("Before → after"))
        lines += [
            change(words(key), before or numbers.NONE, after or numbers.NONE)
            if key in entry.before
            else pair(words(key), after)
            for key, before, after in found
        ]
    return [*lines, *_proof(row)]


def _proof(row: AuditRow) -> list[Line]:
    lines = [heading("In the log"), pair("Entry", numbers.integer(row.id)), sentence(f"Leaf hash {row.leaf_hash}")]
    if row.seal is None or row.sealed_us is None or row.leaf is None:
        return [*lines, sentence("Not sealed yet: the next seal closes over it within a second.", Tone.ATTENTION)]
    return [
        *lines,
        pair("Leaf", numbers.integer(row.leaf)),
        pair("Sealed", f"by seal {row.seal}, {numbers.moment(row.sealed_us)} UTC"),
    ]


def _decoded(key: str, value: str) -> str:
    try:
        inside = msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value
    return value_words(key, inside)


def _tone(entry: Entry) -> Tone:
    return Tone.ALARM if any(word in entry.action for word in ALARMING) else Tone.NORMAL
