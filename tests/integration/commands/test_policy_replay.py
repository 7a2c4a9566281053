"""What a rule would have asked for, judged by what was known when each command was asked."""

from __future__ import annotations

from decimal import Decimal

from office import TO_A, Office

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import DAY_US
from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.policy_replay import Replayed, what_would
from dealerdesk.store.engine import reading
from dealerdesk.trading import Book


def replay(office: Office, rule: Rule, kind: str = "set_book", days: int = 30) -> list[Replayed]:
    with reading(office.engine) as connection:
        return what_would(connection, rule, kind, office.now_us - days * DAY_US, office.now_us + 1)


def test_the_commands_that_a_rule_would_have_stopped_are_named_with_the_reason(office: Office) -> None:
    first = office.request()
    office.request(body=SetBook(login=1002, book=Book.C, covered_percent=40))

    (found,) = replay(office, Rule(to_books=(Book.A,)))
    assert (found.command_id, found.requested_by, found.title) == (first.id, "dana", first.title)
    assert found.requested_us == office.now_us
    assert "book A" in found.words


def test_a_rule_that_asks_for_more_than_there_was_stops_nothing(office: Office) -> None:
    office.request(body=TO_A)

    assert replay(office, Rule(open_lots_min=Decimal(1_000_000))) == []
    assert replay(office, Rule(), kind="change_balance") == []


def test_what_was_asked_before_the_time_does_not_count(office: Office) -> None:
    office.request()
    office.now_us += 2 * DAY_US

    assert len(replay(office, Rule(), days=3)) == 1
    assert replay(office, Rule(), days=1) == []
