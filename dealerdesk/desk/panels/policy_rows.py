"""Policies as columns and as a page of words: for what, when, what each asks; and what a rule would have asked.

Text in, text out; no widgets, no database.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

import numpy as np

from dealerdesk.commands.bodies import Rule, SetPolicy
from dealerdesk.commands.policy_queries import PolicyBook, PolicyVersion, Standing
from dealerdesk.commands.policy_replay import Replayed
from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.changes import rule_words
from dealerdesk.desk.panels.command_rows import TONES, WORDS
from dealerdesk.desk.panels.sheet import Line, heading, pair, sentence, title
from dealerdesk.desk.staff_names import staff_name, staff_name_and_id
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone
from dealerdesk.money import Money, currency

POLICY_COLUMNS = (
    Column("policy", "Policy", width=20, frozen=True, tone_key="tone"),
    Column("kind", "For", width=13, priority=2, tone_key="tone"),
    Column("when", "When", width=26, priority=1, tone_key="tone", struck_key="struck"),
    Column("asks", "Asks for", width=18, priority=1, tone_key="tone", struck_key="struck"),
    Column("standing", "Standing", width=16, priority=2, tone_key="standing_tone"),
    Column("from", "From", Kind.TIME, width=15, priority=3, dates=True),
    Column("version", "Version", Kind.INTEGER, width=7, priority=5),
    Column("author", "By", width=10, priority=6, tip_key="author_tip"),
    Column("note", "Note", width=24, priority=4),
)
ALWAYS = "always"
FIRST_CURRENCIES = ("USD", "EUR")
REPLAYED_MAX = 200
ASKS = ("Asks for", "Escalates")


def policy_rows(book: PolicyBook, people: Mapping[str, str], with_history: bool) -> ColumnRows:
    """What is asked for first, then the policies; replaced and ended versions only `with_history`. `people`: staff id →
    name."""
    shown = [each for each in book.versions if with_history or each.standing in (Standing.IN_FORCE, Standing.LATER)]
    asked = [(record, record.body) for record in book.asked if isinstance(record.body, SetPolicy)]
    rules = [body.rule for _, body in asked] + [each.rule for each in shown]
    past = [False] * len(asked) + [each.standing in (Standing.REPLACED, Standing.ENDED) for each in shown]
    authors = [record.requested_by for record, _ in asked] + [each.author for each in shown]
    tones = [Tone.SECONDARY if gone else Tone.NORMAL for gone in past]
    standing_tones = [TONES.get(record.state, Tone.NORMAL) for record, _ in asked]
    return ColumnRows(
        {
            "policy": [body.policy for _, body in asked] + [each.id for each in shown],
            "kind": [_kind(body.of_kind) for _, body in asked] + [_kind(each.kind) for each in shown],
            "when": [when_words(rule) for rule in rules],
            "asks": [asks_words(rule) for rule in rules],
            "standing": [WORDS[record.state] for record, _ in asked] + [each.standing.value for each in shown],
            "from": np.array(
                [body.effective_us for _, body in asked] + [each.effective_us for each in shown], np.int64
            ),
            "version": np.array([0] * len(asked) + [each.version for each in shown], dtype=np.int64),
            "author": [numbers.plain(staff_name(people, author)) for author in authors],
            "author_tip": [staff_name_and_id(people, author) for author in authors],
            "note": [numbers.plain(body.note) for _, body in asked] + [numbers.plain(each.note) for each in shown],
            "tone": np.array(tones, dtype=np.int8),
            "struck": np.array(past, dtype=np.bool_),
            "standing_tone": np.array(
                [*standing_tones, *(_standing_tone(each.standing) for each in shown)], dtype=np.int8
            ),
        },
        [record.id for record, _ in asked] + [key_of(each) for each in shown],
    )


def key_of(version: PolicyVersion) -> Hashable:
    """The key of a version's row."""
    return version.id, version.version


def when_words(rule: Rule | None) -> str:
    """When a rule applies, in one line."""
    if rule is None:
        return "ends the policy"
    parts = []
    amounts = {"Amount from": rule.amounts_min, "Amount in a day from": rule.daily_totals_min}
    for label, whole in rule_words(rule):
        if label not in ASKS:
            words = _few_amounts(amounts.get(label) or {}) or whole
            parts.append(label.lower() if words == "yes" else f"{label.lower()} {words}")
    return numbers.plain(" and ".join(parts)) or ALWAYS


def asks_words(rule: Rule | None) -> str:
    """What a rule asks for: «1 × supervisor · escalates after 30 min to head dealer»."""
    if rule is None:
        return "nothing"
    found = dict(rule_words(rule))
    escalates = f"escalates {found['Escalates']}" if "Escalates" in found else ""
    return " · ".join(part for part in (found["Asks for"], escalates) if part)


def version_page(
    version: PolicyVersion, all_versions: Sequence[PolicyVersion], people: Mapping[str, str]
) -> list[Line]:
    """One version whole, and the policy's history."""
    lines = [title(f"{version.id} v{version.version}"), sentence(version.note or "Without a note.", Tone.NORMAL)]
    lines += [
        pair("For", _kind(version.kind)),
        pair("Standing", version.standing.value, _standing_tone(version.standing)),
    ]
    lines.append(pair("From", f"{numbers.moment(version.effective_us)} UTC"))
    lines.append(pair("By", staff_name_and_id(people, version.author)))
    lines += _rule_lines(version.rule)
    others = [each for each in all_versions if each.id == version.id and each.version != version.version]
    if others:
        lines.append(heading("Other versions"))
        lines += [
            pair(
                f"v{each.version} from {numbers.moment(each.effective_us)}",
                f"{each.standing.value}, by {staff_name(people, each.author)}",
            )
            for each in others
        ]
    return lines


def asked_page(record: CommandRecord, people: Mapping[str, str]) -> list[Line]:
    """A version that is asked for."""
    body = record.body
    state = sentence(WORDS[record.state], TONES.get(record.state, Tone.SECONDARY))
    lines = [title(numbers.spoken(record.title)), state]
    lines += [pair("Asked by", staff_name_and_id(people, record.requested_by)), pair("Why", record.reason)]
    return [*lines, *_rule_lines(body.rule)] if isinstance(body, SetPolicy) else lines


def replay_page(
    of_kind: str, found: Sequence[Replayed], from_us: int, until_us: int, people: Mapping[str, str]
) -> list[Line]:
    """What a rule would have asked of the commands between two moments."""
    span = f"{numbers.moment(from_us)} to {numbers.moment(until_us)} UTC"
    lines = [title("What would it have asked?"), sentence(f"{_kind(of_kind)}, {span}", Tone.NORMAL)]
    if not found:
        return [*lines, sentence("Nothing: no command of that time would have been stopped by it.", Tone.NORMAL)]
    count = numbers.counted(len(found), "commands")
    lines.append(sentence(f"It would have stopped {count} until somebody had approved.", Tone.ATTENTION))
    lines.append(heading("Newest first"))
    for each in sorted(found, key=_asked_us, reverse=True)[:REPLAYED_MAX]:
        who = staff_name(people, each.requested_by)
        lines.append(pair(f"{numbers.moment(each.requested_us)} {who}", numbers.spoken(each.title)))
        lines.append(sentence(numbers.spoken(each.words)))
    return lines


def _rule_lines(rule: Rule | None) -> list[Line]:
    if rule is None:
        return [sentence("It ends the policy: nobody is asked by it from then on.", Tone.ATTENTION)]
    conditions = [pair(label, words) for label, words in rule_words(rule) if label not in ASKS]
    return [
        heading("When"),
        *(conditions or [sentence("Always.", Tone.NORMAL)]),
        heading("Then it"),
        *(pair(label, words) for label, words in rule_words(rule) if label in ASKS),
    ]


def _few_amounts(amounts: dict[str, int]) -> str:
    first = next((code for code in FIRST_CURRENCIES if code in amounts), next(iter(amounts), ""))
    words = numbers.money(Money(amounts[first], currency(first))) if first else ""
    return f"{words}, or its like in {len(amounts) - 1} currencies" if len(amounts) > 1 else words


def _kind(name: str) -> str:
    return name.replace("_", " ")


def _standing_tone(standing: Standing) -> Tone:
    match standing:
        case Standing.IN_FORCE:
            return Tone.RUNNING
        case Standing.LATER:
            return Tone.ATTENTION
        case _:
            return Tone.SECONDARY


def _asked_us(each: Replayed) -> int:
    return each.requested_us
