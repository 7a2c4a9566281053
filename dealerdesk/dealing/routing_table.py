"""All rules in force, laid out so that an order meets the few that could be about it. Pure; the rules are `routing`'s.

A thousand rules are mostly about single accounts, clients or symbols: rules that name one wait under its name, the
others are looked at for every order. What is found is what looking at every rule in order would find.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from heapq import merge

from dealerdesk.dealing.routing import Facts, Rule, Verdict, decide, failed, rank
from dealerdesk.trading import Book

WILD = frozenset("*?")
Placed = tuple[tuple[int, int, str], Rule]


class RoutingTable:
    """Rules by what they name. Made anew when a rule changes; never changed itself."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._named: dict[Hashable, list[Placed]] = defaultdict(list)
        for rule in sorted(rules, key=rank):
            self._named[_name(rule)].append((rank(rule), rule))

    def first_match(self, facts: Facts) -> Rule | None:
        """The first rule in force that the order meets, None without one."""
        found = (self._named[key] for key in _names(facts) if key in self._named)
        for _place, rule in merge(*found, key=_place_of):
            if rule.is_in_force(facts.moment_us) and not failed(rule.target, facts):
                return rule
        return None

    def route(self, facts: Facts, book: Book, covered_percent: int) -> Verdict:
        """What becomes of an order of an account that stands in a book."""
        return decide(self.first_match(facts), facts, book, covered_percent)


def _name(rule: Rule) -> Hashable:
    """The most telling thing that a rule names exactly."""
    target = rule.target
    if target.login:
        return "login", target.login
    if target.client_id:
        return "client", target.client_id
    if target.symbol and not WILD & frozenset(target.symbol):
        return "symbol", target.symbol
    if target.group and not WILD & frozenset(target.group):
        return "group", target.group
    if target.country:
        return "country", target.country
    if target.introducer:
        return "introducer", target.introducer
    return "any"


def _names(facts: Facts) -> tuple[Hashable, ...]:
    """Under which names rules could be about an order."""
    return (
        ("login", facts.login),
        ("client", facts.client_id),
        ("symbol", facts.symbol),
        ("group", facts.group),
        ("country", facts.country),
        ("introducer", facts.introducer),
        "any",
    )


def _place_of(placed: Placed) -> tuple[int, int, str]:
    return placed[0]
