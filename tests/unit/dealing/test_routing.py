"""Which rule an order meets, and what becomes of it."""

from __future__ import annotations

from typing import Any

import pytest

from dealerdesk.dealing.routing import (
    Action,
    Looked,
    Range,
    Rule,
    Target,
    Window,
    decide,
    failed,
    fits,
    problems,
    rank,
    trace,
)
from dealerdesk.instruments import LOT, AssetClass
from dealerdesk.trading import Book

from .routing_cases import NOW, order, rule


@pytest.mark.parametrize(
    ("target", "facts", "condition"),
    [
        (Target(), {}, ""),
        (Target(server="MT4"), {}, "server"),
        (Target(server="MT5", login=1002), {}, "login"),
        (Target(client_id=7), {}, ""),
        (Target(segment="sharp"), {}, "segment"),
        (Target(segment="sharp"), {"segment": "sharp"}, ""),
        (Target(group="real\\retail\\*"), {}, ""),
        (Target(group="demo*"), {}, "group"),
        (Target(country="DE"), {}, "country"),
        (Target(introducer="IB8"), {}, "introducer"),
        (Target(symbol="EUR???"), {}, ""),
        (Target(symbol="eurusd"), {}, "symbol"),
        (Target(asset_class=AssetClass.CRYPTO), {}, "asset_class"),
        (Target(lots=Range(least=1, most=10)), {}, ""),
        (Target(lots=Range(least=10)), {"volume": 10 * LOT - 1}, "lots"),
        (Target(level=Range(most=100)), {}, "level"),
        (Target(level=Range(most=100)), {"level": 99.5}, ""),
        (Target(toxicity=Range(least=0.65)), {"toxicity": 0.65}, ""),
        (Target(exposure=Range(least=5)), {"exposure": float("nan")}, "exposure"),
        (Target(times=(Window(540, 600),)), {}, "times"),
        (Target(times=(Window(0, 10), Window(600, 601))), {}, ""),
        (Target(times=(Window(9_000, 700),)), {}, ""),
    ],
)
def test_an_order_meets_a_rule_when_every_condition_holds(
    target: Target, facts: dict[str, Any], condition: str
) -> None:
    assert failed(target, order(**facts)) == condition


def test_an_accounts_own_rule_comes_before_its_clients_before_its_segments_before_its_groups() -> None:
    rules = [
        rule("everybody", priority=1),
        rule("group", target=Target(group="real*"), priority=1),
        rule("segment", target=Target(segment="sharp"), priority=1),
        rule("client", target=Target(client_id=7), priority=1),
        rule("account", target=Target(server="MT5", login=1001), priority=9),
    ]

    assert [each.id for each in sorted(rules, key=rank)] == ["account", "client", "segment", "group", "everybody"]


def test_between_equals_the_smaller_priority_decides_and_then_the_id() -> None:
    rules = [rule("b", priority=2), rule("a", priority=2), rule("z", priority=1)]

    assert [each.id for each in sorted(rules, key=rank)] == ["z", "a", "b"]


def test_the_trace_says_why_each_rule_before_the_match_was_passed_over() -> None:
    rules = [
        rule("large", Action.A, Target(lots=Range(least=10))),
        rule("ended", Action.REJECT, expires_us=NOW),
        rule("night", Action.C, Target(times=(Window(1_200, 1_440),)), share=50),
        rule("rest", Action.B, priority=5),
        rule("never", Action.A, priority=6),
    ]
    looked = trace(rules, order())

    assert looked == [Looked(rules[0], "lots"), Looked(rules[2], "times"), Looked(rules[3], "")]


def test_a_rule_that_ended_or_has_not_begun_is_not_in_force() -> None:
    assert not rule("ended", expires_us=NOW).is_in_force(NOW)
    assert not rule("later", effective_us=NOW + 1, expires_us=NOW + 2).is_in_force(NOW)
    assert rule("reviewed", expires_us=0, review_us=NOW - 1).is_in_force(NOW)


@pytest.mark.parametrize(
    ("given", "covered", "kept", "book"),
    [
        (rule("a", Action.A), 100, 0, Book.A),
        (rule("b", Action.B), 0, 100, Book.B),
        (rule("c", Action.C, share=30), 30, 70, Book.C),
        (rule("capped", Action.B, cap_lots=0.4), 60, 40, Book.C),
        (rule("below the cap", Action.B, cap_lots=5), 0, 100, Book.B),
        (rule("no", Action.REJECT, reject_reason="Market is closed"), 0, 0, None),
    ],
)
def test_what_a_rule_does_with_one_lot(given: Rule, covered: int, kept: int, book: Book | None) -> None:
    verdict = decide(given, order(), Book.B, 0)

    assert (verdict.covered * 100 // LOT, verdict.kept * 100 // LOT, verdict.book) == (covered, kept, book)


def test_without_a_rule_the_accounts_own_book_decides() -> None:
    found = [decide(None, order(), book, 40) for book in (Book.A, Book.B, Book.C)]

    assert [(verdict.covered * 100 // LOT, verdict.book) for verdict in found] == [
        (100, Book.A),
        (0, Book.B),
        (40, Book.C),
    ]


def test_a_share_of_a_small_order_loses_nothing() -> None:
    verdict = decide(rule("c", Action.C, share=50), order(volume=3), Book.B, 0)

    assert (verdict.covered, verdict.kept) == (2, 1)


def test_a_rejected_order_says_why() -> None:
    verdict = decide(rule("no", Action.REJECT, reject_reason="No new positions"), order(), Book.B, 0)

    assert (verdict.reject_reason, verdict.book) == ("No new positions", None)


def test_a_mask_knows_stars_and_question_marks_and_takes_brackets_as_they_are() -> None:
    assert fits("real\\*", "real\\retail")
    assert fits("a[b]?", "a[b]c")
    assert not fits("a[b]", "ab")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"reason": " "}, "reason: expected why"),
        ({"owner": ""}, "owner: expected who"),
        ({"expires_us": 0}, "expires_us: expected a moment at which it ends, or review_us"),
        ({"effective_us": NOW + 2_000_000}, "expires_us: expected a moment after effective_us"),
        ({"priority": 1_001}, "priority: expected 0 to 1000, got 1001"),
        ({"action": Action.C}, "share: expected 1 to 99 percent for C, got 0"),
        ({"share": 10}, "share: expected 0 unless the action is C"),
        ({"cap_lots": 1.0}, "cap_lots: expected more than 0, and only for B"),
        ({"action": Action.REJECT}, "reject_reason: expected 1 to 31 characters"),
        ({"action": Action.REJECT, "reject_reason": "x" * 32}, "reject_reason: expected 1 to 31 characters"),
        ({"target": Target(login=5)}, "target.server: expected the server of the account"),
        ({"target": Target(lots=Range())}, "target.lots: expected least or most"),
        ({"target": Target(level=Range(5, 4))}, "target.level: expected least to be no more than most"),
        ({"target": Target(times=(Window(5, 5),))}, "target.times: expected minutes of the week, got 5 to 5"),
    ],
)
def test_a_rule_that_may_not_be_asked_for_says_what_was_expected(wrong: dict[str, Any], words: str) -> None:
    found = problems(rule("r", **wrong))

    assert len(found) == 1
    assert found[0].startswith(words)


def test_a_sound_rule_has_no_problems() -> None:
    assert problems(rule("r", Action.C, Target(server="MT5", login=1001), share=50)) == []
    assert problems(rule("r", Action.B, expires_us=0, review_us=NOW, cap_lots=10)) == []
