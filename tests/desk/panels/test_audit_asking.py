"""What is typed over the audit log, read as a query."""

from __future__ import annotations

import pytest

from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US
from dealerdesk.commands.audit_query import AuditQuery
from dealerdesk.desk.panels.audit_asking import AskingError, moment_of, read_query

from .small_broker import NOW_US

TODAY_US = NOW_US - 10 * HOUR_US
"""Midnight of Wednesday, 11 March 2026; now is 10:00."""


def test_nothing_typed_asks_for_everything() -> None:
    assert read_query({}, NOW_US) == AuditQuery()


def test_each_field_says_what_must_hold() -> None:
    typed = {"actor": " dana ", "what": "set book", "client": "20013", "since": "2h", "until": "", "text": "hedged"}

    assert read_query(typed, NOW_US) == AuditQuery(
        actor="dana", what="set book", client_id=20013, from_us=NOW_US - 2 * HOUR_US, text="hedged"
    )


@pytest.mark.parametrize(
    ("typed", "moment_us"),
    [
        ("09:30", TODAY_US + 9 * HOUR_US + 30 * MINUTE_US),
        ("2026-03-10", TODAY_US - DAY_US),
        ("2026-03-10 14:05", TODAY_US - DAY_US + 14 * HOUR_US + 5 * MINUTE_US),
        ("3d", NOW_US - 3 * DAY_US),
        ("15 min", NOW_US - 15 * MINUTE_US),
    ],
)
def test_moments_are_typed_in_a_few_ways(typed: str, moment_us: int) -> None:
    assert moment_of(typed, NOW_US) == moment_us


def test_a_day_or_a_minute_that_ends_the_time_is_included() -> None:
    assert read_query({"until": "2026-03-10"}, NOW_US).until_us == TODAY_US
    assert read_query({"until": "09:30"}, NOW_US).until_us == TODAY_US + 9 * HOUR_US + 31 * MINUTE_US


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"client": "Ada"}, "Ada is no client's number: type digits such as 20013"),
        ({"since": "soon"}, "soon is no moment: type 2026-03-12, 2026-03-12 14:30, 14:30 or 2h (UTC)"),
        ({"since": "2026-02-30"}, "2026-02-30 is no moment: type 2026-03-12, 2026-03-12 14:30, 14:30 or 2h (UTC)"),
        ({"since": "1h", "until": "2h"}, "It ends before it begins"),
    ],
)
def test_what_cannot_be_asked_is_said_in_a_sentence(typed: dict[str, str], sentence: str) -> None:
    with pytest.raises(AskingError) as error:
        read_query(typed, NOW_US)
    assert str(error.value) == sentence
