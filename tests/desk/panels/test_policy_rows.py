"""Policies in words."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dealerdesk.commands.bodies import Rule, SetPolicy
from dealerdesk.commands.policy_queries import PolicyBook, PolicyVersion, Standing
from dealerdesk.commands.policy_replay import Replayed
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.policy_rows import (
    asked_page,
    asks_words,
    policy_rows,
    replay_page,
    version_page,
    when_words,
)
from dealerdesk.desk.theme import Tone

from .small_broker import NAMES, NOW_US, command

LARGE = Rule(open_lots_min=Decimal(50), escalate_after_s=1_800, escalate_roles=(Role.HEAD_DEALER,))


def version(number: int = 1, standing: Standing = Standing.IN_FORCE, **changes: Any) -> PolicyVersion:
    fields: dict[str, Any] = {"id": "large", "version": number, "kind": "set_book", "rule": LARGE, "author": "adam"}
    fields |= {"effective_us": NOW_US, "note": "Large books", "command_id": None, "standing": standing}
    return PolicyVersion(**(fields | changes))


def test_a_policy_says_when_and_what_it_asks() -> None:
    assert when_words(LARGE) == "open lots from 50"
    assert asks_words(LARGE) == "1 × supervisor · escalates after 30 min to head dealer"
    assert when_words(Rule()) == "always"
    assert (when_words(None), asks_words(None)) == ("ends the policy", "nothing")


def test_amounts_of_many_currencies_are_told_by_one() -> None:
    rule = Rule(amounts_min={"EUR": 1_000_000, "USD": 1_000_000, "JPY": 1_500_000})

    assert when_words(rule).replace("\u2009", " ") == "amount from 10 000.00 USD, or its like in 2 currencies"


def test_what_is_asked_for_stands_first_and_waits_and_the_past_is_shown_on_demand() -> None:
    asked = command(1, body=SetPolicy(policy="new", of_kind="set_book", rule=Rule()), login=None)
    book = PolicyBook((version(2), version(1, Standing.REPLACED)), (asked,))
    now, everything = policy_rows(book, NAMES, with_history=False), policy_rows(book, NAMES, with_history=True)

    assert list(now.column("policy")) == ["new", "large"]
    assert list(now.column("standing")) == ["● waits for approval", "in force"]
    assert list(everything.column("standing"))[-1] == "replaced"
    assert [now.key(row) for row in range(2)] == ["dd1", ("large", 2)]
    assert everything.column("struck").tolist() == [False, False, True]
    assert now.column("standing_tone").tolist() == [Tone.ATTENTION, Tone.RUNNING]


def test_the_page_has_the_rule_and_the_other_versions() -> None:
    first, second = version(1, Standing.REPLACED), version(2)
    words = [f"{line.text} {line.value}".strip() for line in version_page(second, (second, first), NAMES)]

    assert words[0] == "large v2"
    assert "Open lots from 50" in words
    assert "v1 from 11 Mar 10:00:00 replaced, by adam" in words


def test_what_it_would_have_asked_is_counted_and_listed_newest_first() -> None:
    found = [Replayed(f"dd{n}", f"Move {n}", "dana", NOW_US + n, "50 lots are open") for n in (1, 2)]
    words = [line.text for line in replay_page("set_book", found, NOW_US - 1, NOW_US, NAMES)]
    nothing = [line.text for line in replay_page("set_book", [], NOW_US - 1, NOW_US, NAMES)]

    assert "It would have stopped 2 commands until somebody had approved." in words
    values = [line.value for line in replay_page("set_book", found, NOW_US - 1, NOW_US, NAMES) if line.value]
    assert values == ["Move 2", "Move 1"]
    assert nothing[-1] == "Nothing: no command of that time would have been stopped by it."


def test_people_are_said_by_name() -> None:
    asked = command(1, body=SetPolicy(policy="new", of_kind="set_book", rule=Rule()), login=None)
    mine = version(2, author="carol")
    rows = policy_rows(PolicyBook((mine, version(1)), (asked,)), NAMES, with_history=True)
    page = [f"{line.text} {line.value}" for line in version_page(mine, (mine, version(1, author="ben")), NAMES)]
    found = [Replayed("dd1", "Move 1", "dana", NOW_US, "50 lots are open")]
    replayed = [line.text for line in replay_page("set_book", found, NOW_US - 1, NOW_US, NAMES)]

    assert list(rows.column("author")) == ["Dana Novak", "Carol Ferreira", "adam"]
    assert "By Carol Ferreira (carol)" in page
    assert "v1 from 11 Mar 10:00:00 in force, by Ben Osei" in page
    assert "Asked by Dana Novak (dana)" in [f"{line.text} {line.value}" for line in asked_page(asked, NAMES)]
    assert "11 Mar 10:00:00 Dana Novak" in replayed
