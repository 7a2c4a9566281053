"""What a command would change: what is there now, and what would be instead. Live state and command in, lines out.

It reads what the desk holds and the command says, and computes nothing that decides anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite

import msgspec

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    RateClient,
    Rule,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.desk_kinds import scope_words
from dealerdesk.commands.inbox_queries import Evidence
from dealerdesk.commands.records import CommandRecord
from dealerdesk.commands.roles import Role
from dealerdesk.desk import numbers
from dealerdesk.desk.book_change import Standing, book_words, standing
from dealerdesk.desk.panels.sheet import Line, change, pair, sentence
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState
from dealerdesk.money import Money, currency
from dealerdesk.trading import ON_CREDIT

NOT_HERE = "not known here"
MASKED = "•••"
NAME_UNREAD = "kept encrypted"


@dataclass(frozen=True, slots=True)
class Sight:
    """What the desk sees while a command is looked at. `people`: staff id → (name, role). `names`: whether the reader's
    role sees clients' names."""

    state: LiveState
    frame: Frame
    people: Mapping[str, tuple[str, Role]]
    evidence: Evidence | None = None
    names: bool = False

    def slot(self, server: str, login: int | None) -> int | None:
        """Where an account stands in the frame; None for one that is not there."""
        found = self.state.accounts.slot(server, login) if login is not None else None
        return found if found is not None and found < self.frame.count else None


def login_of(record: CommandRecord, state: LiveState) -> int | None:
    """The account a command is about, by its position where it names only that."""
    if record.login is not None or not isinstance(record.body, ClosePosition):
        return record.login
    slot = state.positions.slot(record.server, record.body.position_id) if record.server in state.servers else None
    return int(state.accounts.login[int(state.positions.account[slot])]) if slot is not None else None


def changes(record: CommandRecord, sight: Sight) -> list[Line]:
    """What is there now and what would be, line by line."""
    body = record.body
    match body:
        case SetBook():
            return _book(record, body, sight)
        case SetGroup() | SetLeverage():
            return _terms(record, body, sight)
        case ChangeBalance():
            return _balance(record, body, sight)
        case ClosePosition():
            return _position(record, body, sight)
        case OpenAccount():
            words = f"{body.group} · 1 : {body.leverage} · {body.country}"
            read = sight.evidence.name if sight.evidence is not None else ""
            name = (read or NAME_UNREAD) if sight.names else MASKED
            return [change("Account", "none", words), pair("In the name of", name)]
        case AddStaff() | ChangeRole() | SetScopes() | SetActive() | MakeLogin() | DropLogin():
            return _staff(body, sight)
        case SetPolicy():
            return _policy(body, sight)
        case CoverAbsence():
            return _cover(body, sight)
        case RateClient() | SetContact() | EraseClient():
            return _client(body, sight)
        case SettleUnknown():
            return _settled(body, sight)
        case _:
            return []


def rule_words(rule: Rule) -> list[tuple[str, str]]:
    """A policy's rule as label and words; what it does not name is left out."""
    found = [
        ("Servers", ", ".join(rule.servers)),
        ("Groups", ", ".join(rule.groups)),
        ("To book", ", ".join(book.value for book in rule.to_books)),
        ("Open lots from", f"{rule.open_lots_min.normalize():f}" if rule.open_lots_min is not None else ""),
        ("Leverage from", f"1 : {rule.leverage_min}" if rule.leverage_min is not None else ""),
        ("Amount from", _amounts(rule.amounts_min)),
        ("Amount in a day from", _amounts(rule.daily_totals_min)),
        ("Client rated", ", ".join(rule.risks)),
        ("Against the advice", "yes" if rule.deviates_from_advice else ""),
        ("Asks for", f"{rule.approvals} × {' or '.join(role.words for role in rule.roles)}"),
        ("Escalates", _escalation(rule)),
    ]
    return [(label, words) for label, words in found if words]


def _book(record: CommandRecord, body: SetBook, sight: Sight) -> list[Line]:
    after = book_words(body.book, body.covered_percent)
    now = standing(sight.state, sight.frame, record.server, body.login)
    if now is None:
        return [change("Book", NOT_HERE, after)]
    lines = [change("Book", book_words(now.book, now.covered_percent), after)]
    if isfinite(now.net_usd):
        kept = [-now.net_usd * (100 - share) / 100 for share in (now.covered_percent, body.covered_percent)]
        lines.append(change("We keep of its net, USD", numbers.compact(kept[0]), numbers.compact(kept[1])))
    return [*lines, *_moved(record, now)]


def _moved(record: CommandRecord, now: Standing) -> list[Line]:
    """Says when the row is another than the one that the requester looked at: the bridge would not do it then."""
    if record.expected_version is None or now.version == record.expected_version:
        return []
    return [sentence("The account has moved since this was asked: it would be refused by the bridge.", Tone.ATTENTION)]


def _terms(record: CommandRecord, body: SetGroup | SetLeverage, sight: Sight) -> list[Line]:
    slot, accounts = sight.slot(record.server, body.login), sight.state.accounts
    if isinstance(body, SetGroup):
        return [change("Group", accounts.group_name[slot] if slot is not None else NOT_HERE, body.group)]
    before = f"1 : {int(accounts.leverage[slot])}" if slot is not None else NOT_HERE
    return [change("Leverage", before, f"1 : {body.leverage}")]


def _balance(record: CommandRecord, body: ChangeBalance, sight: Sight) -> list[Line]:
    slot, accounts = sight.slot(record.server, body.login), sight.state.accounts
    label = "Credit" if body.operation in ON_CREDIT else "Balance"
    if slot is None:
        return [pair(body.operation.value.capitalize(), f"{numbers.signed(body.amount, 0)} minor units")]
    unit = currency(accounts.currency_code[slot])
    before = Money(int((accounts.credit if body.operation in ON_CREDIT else accounts.balance)[slot]), unit)
    moved = Money(body.amount, unit)
    tone = Tone.POSITIVE if body.amount > 0 else Tone.NEGATIVE
    after = before + moved
    tone_of_balance = Tone.ALARM if after.minor < 0 else Tone.NORMAL
    lines = [
        pair(body.operation.value.capitalize(), numbers.money(moved, with_sign=True), tone),
        change(label, numbers.fixed(before.amount, unit.exponent), numbers.money(after), tone_of_balance),
    ]
    margin, equity = float(sight.frame.margin[slot]), float(sight.frame.equity[slot])
    if margin > 0:
        now, then = 100 * equity / margin, 100 * (equity + float(moved.amount)) / margin
        tone = Tone.ALARM if then < float(accounts.margin_call[slot]) else Tone.NORMAL
        lines.append(change("Margin level", numbers.percent(now, 1), numbers.percent(then, 1), tone))
    return [*lines, pair("Reference", body.reference)] if body.reference else lines


def _position(record: CommandRecord, body: ClosePosition, sight: Sight) -> list[Line]:
    state = sight.state
    slot = state.positions.slot(record.server, body.position_id) if record.server in state.servers else None
    if slot is None:
        return [change(f"Position {body.position_id}", NOT_HERE, "closed")]
    row = state.position_row(slot)
    left = row.volume - body.volume if body.volume else 0
    before = f"{row.side.value} {numbers.lots(row.volume)} {row.symbol}"
    return [change(f"Position {body.position_id}", before, f"{numbers.lots(left)} lots" if left else "closed")]


def _staff(body: AddStaff | ChangeRole | SetScopes | SetActive | MakeLogin | DropLogin, sight: Sight) -> list[Line]:
    name, role = sight.people.get(body.staff, (body.staff, None))
    before = role.words if role is not None else NOT_HERE
    match body:
        case AddStaff():
            lines = [change(f"{body.name} ({body.staff})", "not here", body.role.words)]
            lines.append(pair("Sees", scope_words(body.scopes)))
            return [*lines, pair("Signs in as", body.login)] if body.login else lines
        case ChangeRole():
            return [change(f"Role of {name}", before, body.role.words)]
        case SetScopes():
            return [pair(f"{name} would see", scope_words(body.scopes)), pair("Role", before)]
        case SetActive():
            words = ("may sign in", "may do nothing any more")
            after, now = words if body.active else words[::-1]
            return [change(name, now, after), pair("Role", before)]
        case MakeLogin():
            return [change(f"Login of {name}", "none", body.login), pair("Role", before)]
        case DropLogin():
            return [change(f"Login of {name}", body.login, "none"), pair("Role", before)]


def _policy(body: SetPolicy, sight: Sight) -> list[Line]:
    stored = sight.evidence.before if sight.evidence is not None else None
    now = msgspec.json.decode(stored, type=Rule | None) if stored is not None else None
    before = dict(rule_words(now)) if now is not None else {}
    after = dict(rule_words(body.rule)) if body.rule is not None else {}
    lines = [pair("Policy", body.policy), pair("For", body.of_kind.replace("_", " "))]
    lines += [pair("From", numbers.moment(body.effective_us) if body.effective_us else "at once")]
    lines += [
        change(label, before.get(label, numbers.NONE), after.get(label, numbers.NONE))
        if before.get(label) != after.get(label)
        else pair(label, after[label])
        for label in dict.fromkeys((*before, *after))
    ]
    if body.rule is None:
        lines.append(sentence("The policy would end: nobody would be asked by it any more.", Tone.ATTENTION))
    return [*lines, pair("Note", body.note)] if body.note else lines


def _cover(body: CoverAbsence, sight: Sight) -> list[Line]:
    absent, role = sight.people.get(body.absent, (body.absent, None))
    cover, own = sight.people.get(body.cover, (body.cover, None))
    return [
        change(f"Decides for {absent}", "nobody", cover),
        change(f"{cover} may decide as", own.words if own else NOT_HERE, f"also {role.words if role else NOT_HERE}"),
        pair("From", numbers.moment(body.from_us)),
        pair("Until", numbers.moment(body.until_us)),
    ]


def _client(body: RateClient | SetContact | EraseClient, sight: Sight) -> list[Line]:
    match body:
        case RateClient():
            before = (sight.evidence.rating if sight.evidence is not None else None) or NOT_HERE
            return [change(f"Rating of client {body.client_id}", before, body.rating.value)]
        case SetContact():
            what = body.field.value.replace("_", " ").capitalize()
            return [change(what, "what is kept now", "another, kept encrypted")]
        case EraseClient():
            words = "The name goes, and all that was encrypted under the client's key can never be read again."
            return [change(f"Client {body.client_id}", "known", "erased", Tone.ALARM), sentence(words, Tone.ATTENTION)]


def _settled(body: SettleUnknown, sight: Sight) -> list[Line]:
    about = sight.evidence.about if sight.evidence is not None else None
    lines = [change("Command", about.state.value if about else "unknown", body.outcome.value)]
    if about is not None:
        who, _ = sight.people.get(about.requested_by, (about.requested_by, None))
        lines = [pair("About", numbers.spoken(about.title)), *lines, pair("Asked by", who)]
    return [*lines, pair("Evidence", body.evidence)]


def _amounts(least: dict[str, int] | None) -> str:
    return ", ".join(numbers.money(Money(minor, currency(code))) for code, minor in (least or {}).items())


def _escalation(rule: Rule) -> str:
    if rule.escalate_after_s is None or not rule.escalate_roles:
        return ""
    after = numbers.age(rule.escalate_after_s * 1000)
    return f"after {after} to {' or '.join(role.words for role in rule.escalate_roles)}"
