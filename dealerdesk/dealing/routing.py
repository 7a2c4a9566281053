"""Routing rules: which order goes to the A-book, stays in the B-book, is shared or rejected, and why. Pure.

Rules are rows in a fixed order: by whom they are about (an account's own before a client's, a segment's, a group's,
and everybody's), then by priority, then by id; the first that matches an order decides. Nothing is asked of a clock or
a database: an order comes with the facts that rules look at, and a fact that is not known matches no rule that asks
for it. Company's view: a share is that of the client's order to be covered at the LP.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from enum import StrEnum
from fnmatch import fnmatchcase

import msgspec

from dealerdesk.clock import WEEK_MINUTES, is_within_week
from dealerdesk.instruments import LOT, AssetClass
from dealerdesk.trading import Book

REASON_MAX = 31
"""A platform shows a client no more characters of a reject's reason."""
PRIORITY_MAX = 1_000


class Action(StrEnum):
    """What a rule does with an order: cover it, keep it, cover a share of it, or refuse it."""

    A = "a"
    B = "b"
    C = "c"
    REJECT = "reject"


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """From `least` to `most`, both included; None is without end on that side."""

    least: float | None = None
    most: float | None = None

    def holds(self, value: float | None) -> bool:
        """Whether the value lies within; what is not known does not."""
        if value is None or value != value:
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)


class Window(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Minutes since Monday 00:00 UTC, the end excluded; a window may run over Sunday's end."""

    begin: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether the minute of the week lies within."""
        return is_within_week(minute, self.begin, self.end)


class Target(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whom and what a rule is about; empty fields ask for nothing. Masks know * and ?, and upper from lower case.

    `lots` is the size of the order, `level` the account's margin level in percent, `toxicity` its score from 0 to 1,
    `exposure` the book's own net exposure in the symbol's instrument, millions of the reporting currency, by size.
    """

    server: str = ""
    login: int = 0
    client_id: int = 0
    segment: str = ""
    group: str = ""
    country: str = ""
    introducer: str = ""
    symbol: str = ""
    asset_class: AssetClass | None = None
    lots: Range | None = None
    level: Range | None = None
    toxicity: Range | None = None
    exposure: Range | None = None
    times: tuple[Window, ...] = ()


class Rule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One version of a rule. `share` in percent is what C covers; `cap_lots` is the greatest size that B keeps, what
    is above overflows to A. It ends at `expires_us`, and one that does not end is looked at again by `review_us`."""

    id: str
    version: int
    target: Target
    action: Action
    owner: str
    reason: str
    priority: int = 0
    share: int = 0
    cap_lots: float | None = None
    reject_reason: str = ""
    effective_us: int = 0
    expires_us: int = 0
    review_us: int = 0

    def is_in_force(self, moment_us: int) -> bool:
        """Whether the rule counts at that moment."""
        return self.effective_us <= moment_us and (not self.expires_us or moment_us < self.expires_us)


class Facts(msgspec.Struct, frozen=True):
    """An order, and what is known of whose it is, at a moment. None is not known."""

    server: str
    login: int
    client_id: int
    group: str
    country: str
    introducer: str
    symbol: str
    asset_class: AssetClass
    volume: int
    """1e-8 lot."""
    moment_us: int
    minute: int
    """Since Monday 00:00 UTC."""
    segment: str = ""
    level: float | None = None
    toxicity: float | None = None
    exposure: float | None = None

    @property
    def lots(self) -> float:
        return self.volume / LOT


class Verdict(msgspec.Struct, frozen=True):
    """What becomes of an order: the covered and the kept part (1e-8 lot; both 0 when it is rejected), and the rule
    that said so, None where none matched and the account's book decides."""

    rule: Rule | None
    action: Action
    covered: int
    kept: int
    reject_reason: str = ""

    @property
    def book(self) -> Book | None:
        """The book that follows; None for a rejected order."""
        if self.action is Action.REJECT:
            return None
        if not self.kept:
            return Book.A
        return Book.C if self.covered else Book.B


class Looked(msgspec.Struct, frozen=True):
    """A rule that was looked at, and the first condition that failed; empty for the one that matched."""

    rule: Rule
    failed: str


def problems(rule: Rule) -> list[str]:
    """What is wrong with a rule, as «field: what was expected»; empty when it may be asked for."""
    found = []
    if not rule.reason.strip():
        found.append("reason: expected why this rule is needed")
    if not rule.owner:
        found.append("owner: expected who looks after this rule")
    if not 0 <= rule.priority <= PRIORITY_MAX:
        found.append(f"priority: expected 0 to {PRIORITY_MAX}, got {rule.priority}")
    if not (rule.expires_us or rule.review_us):
        found.append("expires_us: expected a moment at which it ends, or review_us at which it is looked at again")
    if rule.expires_us and rule.expires_us <= rule.effective_us:
        found.append("expires_us: expected a moment after effective_us")
    if rule.action is Action.C and not 0 < rule.share < 100:
        found.append(f"share: expected 1 to 99 percent for C, got {rule.share}")
    if rule.action is not Action.C and rule.share:
        found.append("share: expected 0 unless the action is C")
    if rule.cap_lots is not None and (rule.action is not Action.B or not rule.cap_lots > 0):
        found.append("cap_lots: expected more than 0, and only for B")
    if rule.action is Action.REJECT and not 0 < len(rule.reject_reason) <= REASON_MAX:
        found.append(f"reject_reason: expected 1 to {REASON_MAX} characters that the client is shown")
    return [*found, *_problems_of(rule.target)]


def rank(rule: Rule) -> tuple[int, int, str]:
    """The place of a rule in the order: whom it is about first, then its priority (1 before 2), then its id."""
    target = rule.target
    named = (target.login, target.client_id, target.segment, target.group)
    about = next((place for place, name in enumerate(named) if name), len(named))
    return about, rule.priority, rule.id


def failed(target: Target, facts: Facts) -> str:
    """The name of the first condition that the order does not meet; empty when it meets all."""
    for name, wanted, found in (
        ("server", target.server, facts.server),
        ("login", target.login, facts.login),
        ("client_id", target.client_id, facts.client_id),
        ("segment", target.segment, facts.segment),
        ("country", target.country, facts.country),
        ("introducer", target.introducer, facts.introducer),
        ("asset_class", target.asset_class, facts.asset_class),
    ):
        if wanted and wanted != found:
            return name
    for name, mask, text in (("group", target.group, facts.group), ("symbol", target.symbol, facts.symbol)):
        if mask and not fits(mask, text):
            return name
    for name, bounds, value in (
        ("lots", target.lots, facts.lots),
        ("level", target.level, facts.level),
        ("toxicity", target.toxicity, facts.toxicity),
        ("exposure", target.exposure, facts.exposure),
    ):
        if bounds is not None and not bounds.holds(value):
            return name
    if target.times and not any(window.holds(facts.minute) for window in target.times):
        return "times"
    return ""


def fits(mask: str, text: str) -> bool:
    """Whether a text fits a mask of * and ?; a bracket is a bracket."""
    return fnmatchcase(text, mask.replace("[", "[[]"))


def decide(rule: Rule | None, facts: Facts, book: Book, covered_percent: int) -> Verdict:
    """The verdict of a rule on an order; without a rule that of the account's own book. Shares are rounded to whole
    units of 1e-8 lot, half up, so that covered and kept are always the order's volume together."""
    if rule is None:
        share = {Book.A: 100, Book.B: 0, Book.C: covered_percent}[book]
        covered = _share(facts.volume, share)
        return Verdict(None, Action(book.value.lower()), covered, facts.volume - covered)
    match rule.action:
        case Action.REJECT:
            return Verdict(rule, rule.action, 0, 0, rule.reject_reason)
        case Action.A:
            return Verdict(rule, rule.action, facts.volume, 0)
        case Action.C:
            covered = _share(facts.volume, rule.share)
            return Verdict(rule, rule.action, covered, facts.volume - covered)
        case Action.B:
            kept = facts.volume if rule.cap_lots is None else min(facts.volume, round(rule.cap_lots * LOT))
            return Verdict(rule, rule.action, facts.volume - kept, kept)


def trace(rules: Sequence[Rule], facts: Facts) -> list[Looked]:
    """Every rule in force in its order down to the one that matched, with what kept each from matching."""
    looked = []
    for rule in sorted((each for each in rules if each.is_in_force(facts.moment_us)), key=rank):
        looked.append(Looked(rule, failed(rule.target, facts)))
        if not looked[-1].failed:
            break
    return looked


def _share(volume: int, percent: int) -> int:
    return int((Decimal(volume) * percent / 100).to_integral_value(rounding="ROUND_HALF_UP"))


def _problems_of(target: Target) -> list[str]:
    found = []
    if target.login and not target.server:
        found.append("target.server: expected the server of the account")
    for name in ("lots", "level", "toxicity", "exposure"):
        bounds = getattr(target, name)
        if bounds is None:
            continue
        if bounds.least is None and bounds.most is None:
            found.append(f"target.{name}: expected least or most")
        elif bounds.least is not None and bounds.most is not None and bounds.least > bounds.most:
            found.append(f"target.{name}: expected least to be no more than most")
    wrong = [window for window in target.times if not _is_in_week(window)]
    found += [f"target.times: expected minutes of the week, got {window.begin} to {window.end}" for window in wrong]
    return found


def _is_in_week(window: Window) -> bool:
    return 0 <= window.begin < WEEK_MINUTES and 0 < window.end <= WEEK_MINUTES and window.begin != window.end
