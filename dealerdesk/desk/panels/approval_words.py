"""The decision on one page: what would be done, what it changes, who asked and why, and the account as it is now.

Records, people and live state in, lines out; no widgets. What would be done is said from the payload itself, never in
the words of the one who asks for it.
"""

from __future__ import annotations

from collections.abc import Sequence

from dealerdesk.commands.capacities import roles_words
from dealerdesk.commands.inbox import Item, NeedStanding, is_ageing, standings, together
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.account_facts import account_facts
from dealerdesk.desk.panels.changes import Sight, changes, login_of
from dealerdesk.desk.panels.command_rows import TONES, WORDS
from dealerdesk.desk.panels.sheet import Line, heading, pair, sentence, title
from dealerdesk.desk.theme import Tone

ACCOUNT_FACTS = (
    "equity",
    "level",
    "floating",
    "balance",
    "free_margin",
    "net_lots",
    "positions",
    "book",
    "group",
    "leverage",
)
MEMBERS_SHOWN = 40
NO_ACCOUNT = "This account is not on the desk: its server has not sent it."


def decision_page(
    item: Item, inbox: Inbox, sight: Sight, now_us: int, member: CommandRecord | None = None
) -> list[Line]:
    """The page of an item: whatever one needs to decide, the most important first. `member` is the command of a batch
    that is looked at more closely."""
    record = item.head
    lines = [title(item_title(item)), sentence(_asked(item, inbox, now_us))]
    lines.append(pair("Why", record.reason))
    lines += _standing(item, inbox, now_us)
    if item.is_batch:
        lines += _members(item)
        return lines if member is None else [*lines, *_change(member, sight, numbers.spoken(member.title))]
    return [*lines, *_change(record, sight, "Now → then")]


def _change(record: CommandRecord, sight: Sight, name: str) -> list[Line]:
    """What a command would change, and the account as it is."""
    found = changes(record, sight) or [sentence("Nothing is known of what it would change.", Tone.ATTENTION)]
    return [heading(name), *found, *account_now(record, sight)]


def item_title(item: Item) -> str:
    """What would be done; of a batch, the first of it and how many more."""
    more = len(item.members) - 1
    first = numbers.spoken(item.head.title)
    return f"{first}, and {more} more" if more else first


def account_now(record: CommandRecord, sight: Sight) -> list[Line]:
    """The account a command is about as it stands this moment; nothing for one that is about none."""
    login = login_of(record, sight.state)
    if login is None:
        return []
    lines = [heading(f"{numbers.account(record.server, login)} now")]
    slot = sight.slot(record.server, login)
    if slot is None:
        return [*lines, sentence(NO_ACCOUNT, Tone.ATTENTION)]
    state = sight.state
    stale_us = state.stale_since(record.server)
    if stale_us is not None:
        words = f"{record.server} does not answer: its figures are those of {numbers.clock_time(stale_us)}."
        lines.append(sentence(words, Tone.ATTENTION))
    facts = {fact.key: fact for fact in account_facts(state, sight.frame, slot, None)}
    lines.append(pair("Client", _client(state.accounts.name[slot], state.accounts.country[slot])))
    if sight.evidence is not None and sight.evidence.rating is not None:
        rating = sight.evidence.rating
        lines.append(pair("Rated", rating, _RATING_TONES.get(rating, Tone.NORMAL)))
    unit = state.accounts.currency_code[slot]
    lines.append(pair("Open lots", numbers.lots(_open_volume(sight, slot))))
    for key in ACCOUNT_FACTS:
        fact = facts[key]
        label = f"{fact.label}, {unit}" if key in ("equity", "floating", "balance", "free_margin") else fact.label
        lines.append(pair(label, fact.text, fact.tone))
    return lines


def what_changed(before: Item, after: Item, inbox: Inbox) -> str:
    """What others did to an item since it was looked at, for one who was about to decide it; "" for nothing."""
    known = {given.staff for given in before.said}
    told = []
    for given in after.said:
        if given.staff not in known and given.staff != inbox.me.id:
            verb = "approved" if given.approves else "refused"
            words = f": «{given.comment}»" if given.comment else ""
            at = numbers.clock_time(given.decided_us)
            was = "has" if after.state is CommandState.REQUESTED else "was first and"
            told.append(f"{inbox.name(given.staff)} {was} {verb} it at {at}{words}")
    if after.state is not before.state and not any(given.staff == inbox.me.id for given in after.said):
        by = f" by {inbox.name(after.head.requested_by)}" if after.state is CommandState.WITHDRAWN else ""
        told.append(f"it is {after.state.value}{by} now")
    sentences = "; ".join(told)
    return f"{sentences[:1].upper()}{sentences[1:]}." if sentences else ""


_RATING_TONES = {"high": Tone.ATTENTION, "prohibited": Tone.ALARM, "unrated": Tone.ATTENTION}


def _asked(item: Item, inbox: Inbox, now_us: int) -> str:
    record = item.head
    who = inbox.people.get(record.requested_by)
    name = f"{who[0]} ({who[1].words})" if who is not None else record.requested_by
    age = numbers.age((now_us - record.requested_us) / 1000)
    return f"Asked by {name} at {numbers.moment(record.requested_us)}, {age} ago"


def _standing(item: Item, inbox: Inbox, now_us: int) -> list[Line]:
    """How far it is: whose approval is there and missing, how long it lives, and whether it is mine to decide."""
    record, state = item.head, item.state
    if state is not CommandState.REQUESTED:
        return _settled(item, inbox)
    left_us = record.expires_us - now_us
    ageing = is_ageing(record, item.said, now_us)
    lives = f"{numbers.moment(record.expires_us)}, {numbers.age(left_us / 1000)} left" if left_us > 0 else "over"
    lines = [pair("Lives until", lives, Tone.ATTENTION if ageing else Tone.NORMAL)]
    lines.append(heading("Four eyes"))
    for alike in together(standings(record, item.said, now_us)):
        lines += _need(alike)
    lines += [
        pair(f"Approved by {inbox.name(given.staff)}", _said(given.comment, given.decided_us), Tone.POSITIVE)
        for given in item.said
        if given.approves
    ]
    lines.append(_mine(item, inbox, now_us))
    return lines


def _need(alike: Sequence[NeedStanding]) -> list[Line]:
    """What is needed of the same people, said once: the most that any policy asks for, and all reasons."""
    asked, missing = max(each.need.approvals for each in alike), max(each.missing for each in alike)
    left = f"{missing} of {asked} missing" if missing else "given"
    label = f"{asked} × {roles_words(alike[0].roles)}"
    lines = [pair(label, left, Tone.NORMAL if missing else Tone.POSITIVE)]
    if len(alike) > 1:
        lines += [sentence(f"  {numbers.spoken(each.need.words)}") for each in alike]
    if alike[0].escalated:
        words = f"  Escalated: {roles_words(alike[0].need.escalate_roles)} may decide it too."
        lines.append(sentence(words, Tone.ATTENTION))
    return lines


def _mine(item: Item, inbox: Inbox, now_us: int) -> Line:
    """Whether the reader may decide, and as what; or why not."""
    why_not = inbox.why_not_mine(item, now_us)
    if why_not:
        return sentence(f"○ {why_not}", Tone.SECONDARY)
    acting = inbox.capacity(item, now_us)
    if acting is not None and acting.of != inbox.me.id:
        name = inbox.name(acting.of)
        return sentence(f"● Yours to decide, for {name}: as {acting.role.words}.", Tone.ATTENTION)
    return sentence(f"● Yours to decide, as {inbox.me.role.words}.", Tone.ATTENTION)


def _settled(item: Item, inbox: Inbox) -> list[Line]:
    """What has become of it."""
    record, state = item.head, item.state
    lines = [pair("State", WORDS[state], TONES.get(state, Tone.NORMAL))]
    for given in item.said:
        verb = "approved" if given.approves else "refused"
        tone = Tone.POSITIVE if given.approves else Tone.NEGATIVE
        lines.append(pair(f"{verb} by {inbox.name(given.staff)}", _said(given.comment, given.decided_us), tone))
    if record.result:
        lines.append(pair("The platform says", record.result, TONES.get(state, Tone.NORMAL)))
    if state is CommandState.UNKNOWN:
        lines.append(
            sentence(
                f"Sent, and no answer came. Look for {record.id} in the comments on {record.server or 'the database'}:"
                " it is never sent again by itself. Then settle it with what you found.",
                Tone.ATTENTION,
            )
        )
    return lines


def _members(item: Item) -> list[Line]:
    lines = [heading(f"{len(item.members)} commands, approved as one and executed one by one")]
    for place, record in enumerate(item.members[:MEMBERS_SHOWN], 1):
        words = f"{place}  {numbers.spoken(record.title)}"
        lines.append(pair(words, WORDS[record.state], TONES.get(record.state, Tone.NORMAL)))
    if len(item.members) > MEMBERS_SHOWN:
        lines.append(sentence(f"… and {len(item.members) - MEMBERS_SHOWN} more: Enter opens the batch."))
    return lines


def _said(comment: str, at_us: int) -> str:
    return f"{numbers.clock_time(at_us)} · {comment}" if comment else numbers.clock_time(at_us)


def _client(name: str, country: str) -> str:
    return " · ".join(part for part in (name or "name not shown to your role", country) if part)


def _open_volume(sight: Sight, slot: int) -> int:
    positions = sight.state.positions
    return int(positions.volume[sight.state.positions_of(slot)].sum())
