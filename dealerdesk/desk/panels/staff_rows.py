"""Members of staff as columns and as a page of words. Text in, text out; no widgets, no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dealerdesk.commands.bodies import Scope
from dealerdesk.commands.desk_kinds import scope_words
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.roles import role_words
from dealerdesk.commands.staff_queries import Colleague
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.command_rows import TONES, WORDS, mark_of
from dealerdesk.desk.panels.sheet import Line, heading, pair, sentence, title
from dealerdesk.desk.staff_names import staff_name, staff_name_and_id
from dealerdesk.desk.table import Column, ColumnRows
from dealerdesk.desk.theme import Tone

STAFF_COLUMNS = (
    Column("name", "Name", width=12, frozen=True, tone_key="tone"),
    Column("id", "Id", width=10, priority=3),
    Column("role", "Role", width=15, priority=1, tone_key="role_tone", mark_key="mark"),
    Column("sees", "Sees and acts on", width=20, priority=3, tone_key="tone"),
    Column("logins", "Signs in as", width=14, priority=4, tone_key="tone"),
    Column("active", "Active", width=8, priority=2, tone_key="active_tone"),
    Column("covers", "Covers", width=18, priority=5),
    Column("asked", "Under way", width=18, priority=1, tone_key="asked_tone"),
)
EVERYTHING = "everything"
NOT_HERE = "not here yet"


class ScopesError(ValueError):
    """What was typed says no scopes; the message says what would."""


def staff_rows(people: Sequence[Colleague]) -> ColumnRows:
    """The table's rows; a key is the person's id."""
    names = {each.id: each.name for each in people}
    faint = [Tone.NORMAL if each.active else Tone.SECONDARY for each in people]
    return ColumnRows(
        {
            "name": [numbers.plain(each.name) for each in people],
            "id": [each.id for each in people],
            "role": [role_words(each.role) for each in people],
            "mark": [mark_of(each.under_way[0].state) if each.under_way else "" for each in people],
            "sees": [numbers.plain(scope_words(each.scopes)) for each in people],
            "logins": [numbers.plain(", ".join(each.logins)) or numbers.NONE for each in people],
            "active": [_active_words(each) for each in people],
            "covers": [_cover_words(each, names) for each in people],
            "asked": [numbers.plain(" · ".join(map(asked_words, each.under_way))) for each in people],
            "tone": np.array(faint, dtype=np.int8),
            "role_tone": np.array(
                [_asked_tone(each) if each.under_way else tone for each, tone in zip(people, faint, strict=True)],
                np.int8,
            ),
            "active_tone": np.array([Tone.NORMAL if each.active else Tone.SECONDARY for each in people], np.int8),
            "asked_tone": np.array([_asked_tone(each) for each in people], dtype=np.int8),
        },
        [each.id for each in people],
    )


def asked_words(record: CommandRecord) -> str:
    """What is asked and how far it is: «● Make ana a head dealer»."""
    return f"{mark_of(record.state)} {record.title}".strip()


def page(person: Colleague, people: Mapping[str, str], may_ask: bool, me: str) -> list[Line]:
    """One person, whole. `people`: staff id → name."""
    lines = [title(person.name), sentence(f"{role_words(person.role)} · {_active_words(person)}", Tone.NORMAL)]
    lines += [pair("Id", person.id), pair("Signs in as", ", ".join(person.logins) or "nothing yet")]
    lines += [pair("Sees and acts on", scope_words(person.scopes))]
    if person.is_here:
        lines.append(pair("Changed", f"{numbers.moment(person.changed_us)} UTC"))
    for words, covers in (("Decides for", person.covers_for), ("Is covered by", person.covered_by)):
        lines += [
            pair(f"{words} {staff_name(people, who)} until", f"{numbers.moment(until)} UTC") for who, until in covers
        ]
    if person.under_way:
        lines.append(heading("Under way"))
    for record in person.under_way:
        lines += [
            sentence(record.title, Tone.NORMAL),
            sentence(WORDS[record.state], TONES.get(record.state, Tone.SECONDARY)),
            pair("Asked by", staff_name_and_id(people, record.requested_by)),
            pair("Why", record.reason),
        ]
    if may_ask and person.id == me:
        lines.append(sentence("This is you: somebody else must ask for what concerns you.", Tone.ATTENTION))
    return lines


def read_scopes(typed: str) -> tuple[Scope, ...]:
    """«everything», «MT5», «MT5: real\\usd; MT4» as scopes; raises ScopesError."""
    found = []
    for part in typed.split(";"):
        server, colon, group = (piece.strip() for piece in part.partition(":"))
        if not server or (colon and not group):
            raise ScopesError("Say what they see: everything, or MT5, or MT5: a group; several with ; between")
        found.append(Scope() if server.casefold() == EVERYTHING else Scope(server, group))
    return tuple(sorted(set(found)))


def scopes_text(scopes: Sequence[Scope]) -> str:
    """Scopes as they are typed."""
    return "; ".join(
        f"{scope.server}: {scope.group}" if scope.group else scope.server or EVERYTHING for scope in scopes
    )


def _active_words(person: Colleague) -> str:
    if not person.is_here:
        return NOT_HERE
    return "active" if person.active else "not active"


def _cover_words(person: Colleague, people: Mapping[str, str]) -> str:
    words = [f"for {staff_name(people, who)} until {numbers.moment(until)}" for who, until in person.covers_for]
    words += [f"by {staff_name(people, who)} until {numbers.moment(until)}" for who, until in person.covered_by]
    return numbers.plain(" · ".join(words))


def _asked_tone(person: Colleague) -> Tone:
    waits = any(record.state in (CommandState.REQUESTED, CommandState.UNKNOWN) for record in person.under_way)
    return Tone.ATTENTION if waits else Tone.NORMAL
