"""An order meets in the table what it would meet rule by rule."""

from __future__ import annotations

from dealerdesk.dealing.routing import Action, Target
from dealerdesk.dealing.routing_table import RoutingTable
from dealerdesk.trading import Book

from .routing_cases import NOW, order, rule


def test_a_rule_of_another_server_with_the_same_login_is_not_taken() -> None:
    table = RoutingTable([rule("other", target=Target(server="MT4", login=1001)), rule("all", Action.B)])

    found = table.first_match(order())
    assert found is not None
    assert found.id == "all"


def test_without_a_match_the_account_stays_in_its_book() -> None:
    verdict = RoutingTable([rule("de", target=Target(country="DE"))]).route(order(), Book.C, 25)

    assert (verdict.rule, verdict.book, verdict.covered * 4) == (None, Book.C, order().volume)


def test_a_rule_that_has_ended_lets_the_next_one_decide() -> None:
    table = RoutingTable([rule("first", expires_us=NOW), rule("second", Action.B, priority=1)])

    found = table.first_match(order())
    assert found is not None
    assert found.id == "second"
