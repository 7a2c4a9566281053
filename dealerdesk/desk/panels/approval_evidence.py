"""What stands beside a decision: the policies that asked, the advice at the time, and how the like was decided before.

Text only, made from what the database gave; it weighs nothing.
"""

from __future__ import annotations

import msgspec

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Inbox, Precedent
from dealerdesk.commands.kinds import title as kind_title
from dealerdesk.commands.records import CommandState
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.changes import Sight
from dealerdesk.desk.panels.sheet import Line, heading, pair, sentence
from dealerdesk.desk.theme import Tone

_bodies: msgspec.json.Decoder[Body] = msgspec.json.Decoder(Body)
SHORT_HASH = 12


def evidence_page(item: Item, inbox: Inbox, sight: Sight, now_us: int) -> list[Line]:
    """Policies, advice, precedents and covers; what the database has not answered yet is said."""
    record, evidence = item.head, sight.evidence
    lines = [heading("Why it needs approval")]
    for need in record.needs:
        lines.append(pair(need.policy or "always", numbers.spoken(need.words)))
        if need.escalate_after_s is not None and need.escalate_roles:
            after = numbers.age(need.escalate_after_s * 1000)
            roles = " or ".join(role.words for role in need.escalate_roles)
            lines.append(sentence(f"escalates after {after} to {roles}"))
        if evidence is not None and need.policy in evidence.notes:
            lines.append(sentence(evidence.notes[need.policy]))
    if not record.needs:
        lines.append(sentence("No policy asked for anybody's approval."))
    lines += _advice(item)
    lines += _precedents(inbox, sight, now_us)
    lines += covers_in_force(inbox, now_us)
    lines.append(heading("Record"))
    lines.append(pair("Id", record.batch_id or record.id))
    if hash_words := _hash_words(item):
        whole = item.batch_hash if item.is_batch else record.payload_hash
        lines.append(pair(hash_words, f"{whole[:SHORT_HASH]}…"))
    if record.origin:
        lines.append(pair("Asked from", record.origin))
    return lines


def _hash_words(item: Item) -> str:
    """What the hash stands for: what an approval would be given to, or was; nothing where nothing was approved."""
    if item.state is CommandState.REQUESTED:
        return "Hash you approve"
    return "Hash approved" if any(given.approves for given in item.said) else ""


def covers_in_force(inbox: Inbox, now_us: int) -> list[Line]:
    """Who decides for whom now."""
    holding = [cover for cover in inbox.covers if cover.holds(now_us)]
    if not holding:
        return []
    lines = [heading("Absent")]
    for cover in holding:
        mine = cover.cover == inbox.me.id
        who = "you decide" if mine else f"{inbox.name(cover.cover)} decides"
        words = f"{who} until {numbers.moment(cover.until_us)[:-3]}"
        lines.append(
            pair(f"{inbox.name(cover.absent)} ({cover.role.words})", words, Tone.POSITIVE if mine else Tone.NORMAL)
        )
    return lines


def _advice(item: Item) -> list[Line]:
    record = item.head
    if record.advised is None or item.is_batch:
        return []
    advised = _bodies.decode(record.advised)
    lines = [heading("Advice when it was asked")]
    if canonical(advised) == canonical(record.body):
        return [*lines, sentence("The advice said the same.", Tone.NORMAL)]
    words = numbers.spoken(kind_title(record.server, advised, record.currency))
    return [*lines, sentence(words, Tone.ATTENTION), sentence("What is asked for is something else.", Tone.ATTENTION)]


def _precedents(inbox: Inbox, sight: Sight, now_us: int) -> list[Line]:
    evidence = sight.evidence
    lines = [heading("Decided before")]
    if evidence is None:
        return [*lines, sentence("Reading the earlier decisions.")]
    if not evidence.precedents:
        return [*lines, sentence("Nothing of this kind has been decided before.")]
    was_same = True
    for precedent in evidence.precedents:
        if was_same and not precedent.same_account and evidence.precedents[0].same_account:
            lines.append(sentence("Other accounts"))
        was_same = precedent.same_account
        lines += _precedent(precedent, inbox, now_us)
    return lines


def _precedent(precedent: Precedent, inbox: Inbox, now_us: int) -> list[Line]:
    """What was asked, and what each said of it: the verdict right, where the eye looks for it."""
    lines = [pair(numbers.spoken(precedent.record.title), "")]
    for given in precedent.decisions:
        verdict, tone = ("approved", Tone.POSITIVE) if given.approves else ("refused", Tone.NEGATIVE)
        ago = numbers.age((now_us - given.decided_us) / 1000)
        lines.append(pair(f"  {inbox.name(given.staff)}, {ago} ago", verdict, tone))
        if given.comment:
            lines.append(sentence(f"  «{given.comment}»"))
    return lines
