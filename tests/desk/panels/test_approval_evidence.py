from __future__ import annotations

from typing import Any

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import HOUR_US
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.inbox import APPROVE, REFUSE, Cover, Decision, Person, items
from dealerdesk.commands.inbox_queries import Evidence, Inbox, Precedent
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.approval_evidence import evidence_page
from dealerdesk.desk.panels.changes import Sight
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book

from .small_broker import NOW_US, PEOPLE, command


def beside(
    state: LiveState,
    evidence: Evidence | None,
    covers: tuple[Cover, ...] = (),
    said: tuple[Decision, ...] = (),
    become: CommandState = CommandState.REQUESTED,
    **terms: Any,
) -> list[str]:
    item = items([command(1, become, **terms)], said)[0]
    inbox = Inbox(Person("carol", "Carol Ferreira", Role.SUPERVISOR), (item,), covers, dict(PEOPLE))
    lines = evidence_page(item, inbox, Sight(state, compute(state, NOW_US), PEOPLE, evidence), NOW_US)
    return [f"{line.text}: {line.value}" if line.value else line.text for line in lines]


def test_before_the_database_has_answered_it_says_that_it_reads(state: LiveState) -> None:
    assert "Reading the earlier decisions." in beside(state, None)
    assert "Nothing of this kind has been decided before." in beside(state, Evidence("dd1", (), {}))


def test_decisions_on_the_same_account_stand_before_those_on_others(state: LiveState) -> None:
    said = (Decision("dd7", "ben", Role.SUPERVISOR, APPROVE, "", NOW_US - HOUR_US),)
    before = (Precedent(command(7, title="Same"), said, True), Precedent(command(8, title="Other"), said, False))
    found = beside(state, Evidence("dd1", before, {}))
    start = found.index("Same")

    assert found[start : start + 4] == ["Same", "  Ben Osei, 60 min ago: approved", "Other accounts", "Other"]


def test_advice_that_says_something_else_is_pointed_out(state: LiveState) -> None:
    other = canonical(SetBook(login=101, book=Book.C, covered_percent=40))
    same = canonical(SetBook(login=101, book=Book.A, covered_percent=100))

    found = beside(state, None, advised=other)
    assert "Set the book of MT5 101 to C (40 % covered)" in found
    assert "What is asked for is something else." in found
    assert "The advice said the same." in beside(state, None, advised=same)
    assert "Advice when it was asked" not in beside(state, None)


def test_covers_in_force_are_said_and_those_to_come_are_not(state: LiveState) -> None:
    now = Cover("ben", "carol", Role.PAYMENTS, NOW_US - HOUR_US, NOW_US + 8 * HOUR_US)
    later = Cover("dana", "carol", Role.HEAD_DEALER, NOW_US + HOUR_US, NOW_US + 8 * HOUR_US)
    found = beside(state, None, covers=(now, later))

    assert "Ben Osei (payments officer): you decide until 11 Mar 18:00" in found
    assert not any(line.startswith("Dana Novak (") for line in found)


def test_the_hash_is_that_which_one_approves_or_that_which_was_approved(state: LiveState) -> None:
    approved = (Decision("dd1", "carol", Role.SUPERVISOR, APPROVE, "", NOW_US),)
    refused = (Decision("dd1", "carol", Role.SUPERVISOR, REFUSE, "no", NOW_US),)

    assert hashes(beside(state, None)) == ["Hash you approve"]
    assert hashes(beside(state, None, said=approved, become=CommandState.CONFIRMED)) == ["Hash approved"]
    assert hashes(beside(state, None, said=refused, become=CommandState.REFUSED)) == []
    assert hashes(beside(state, None, become=CommandState.WITHDRAWN)) == []


def hashes(lines: list[str]) -> list[str]:
    return [line.partition(":")[0] for line in lines if line.startswith("Hash")]
