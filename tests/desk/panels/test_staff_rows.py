"""Members of staff in words."""

from __future__ import annotations

from typing import Any

import pytest

from dealerdesk.commands.bodies import ChangeRole, Scope
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.commands.staff_queries import Colleague
from dealerdesk.desk.panels.staff_rows import ScopesError, page, read_scopes, scopes_text, staff_rows
from dealerdesk.desk.theme import Tone

from .small_broker import NAMES, NOW_US, command

ASKED = command(1, body=ChangeRole(staff="ana", role=Role.HEAD_DEALER), title="Make ana a head dealer", login=None)


def ana(**changes: Any) -> Colleague:
    fields: dict[str, Any] = {"id": "ana", "name": "Ana Petrov", "role": "dealer", "active": True}
    return Colleague(**(fields | {"changed_us": NOW_US, "scopes": (Scope("MT5"),)} | changes))


def test_a_person_is_a_row_of_words() -> None:
    rows = staff_rows([ana(logins=("ana_db",), covers_for=(("carol", NOW_US),))])

    assert [rows.column(key)[0] for key in ("name", "role", "sees", "logins", "active", "covers")] == [
        "Ana Petrov",
        "dealer",
        "all of MT5",
        "ana_db",
        "active",
        "for carol until 11 Mar 10:00:00",
    ]


def test_what_waits_has_an_amber_dot_and_what_is_sent_a_hollow_one() -> None:
    waiting, sent = ASKED, command(2, CommandState.DISPATCHED, title="Make ana a head dealer", body=ASKED.body)
    rows = staff_rows([ana(under_way=(waiting,)), ana(id="b", under_way=(sent,)), ana(id="c")])

    assert list(rows.column("asked")) == ["● Make ana a head dealer", "○ Make ana a head dealer", ""]
    assert list(rows.column("mark")) == ["●", "○", ""]
    assert list(rows.column("asked_tone")) == [Tone.ATTENTION, Tone.NORMAL, Tone.NORMAL]


def test_somebody_asked_for_is_not_here_yet() -> None:
    rows = staff_rows([ana(is_here=False, active=False, under_way=(ASKED,))])

    assert rows.column("active")[0] == "not here yet"


def test_the_page_of_oneself_says_that_somebody_else_must_ask() -> None:
    mine = [line.text for line in page(ana(), NAMES, may_ask=True, me="ana")]
    others = [line.text for line in page(ana(under_way=(ASKED,)), NAMES, may_ask=True, me="adam")]

    assert mine[-1] == "This is you: somebody else must ask for what concerns you."
    assert "Make ana a head dealer" in others
    assert "● waits for approval" in others


@pytest.mark.parametrize(
    ("typed", "scopes"),
    [
        ("Everything", (Scope(),)),
        ("MT5", (Scope("MT5"),)),
        ("MT5: real\\usd; MT4", (Scope("MT4"), Scope("MT5", "real\\usd"))),
    ],
)
def test_scopes_are_typed_in_words(typed: str, scopes: tuple[Scope, ...]) -> None:
    assert read_scopes(typed) == scopes
    assert read_scopes(scopes_text(scopes)) == scopes


@pytest.mark.parametrize("typed", ["", "MT5:", ": real", "MT5;"])
def test_half_a_scope_is_refused(typed: str) -> None:
    with pytest.raises(ScopesError, match="Say what they see"):
        read_scopes(typed)


def test_others_are_said_by_name_beside_a_person() -> None:
    carol = ana(id="carol", name="Carol Ferreira", covered_by=(("ana", NOW_US),))
    covering = ana(covers_for=(("carol", NOW_US),), under_way=(ASKED,))
    words = [f"{line.text} {line.value}" for line in page(covering, NAMES, may_ask=True, me="adam")]

    assert list(staff_rows([covering, carol]).column("covers")) == [
        "for Carol Ferreira until 11 Mar 10:00:00",
        "by Ana Petrov until 11 Mar 10:00:00",
    ]
    assert "Decides for Carol Ferreira until 11 Mar 10:00:00 UTC" in words
    assert "Asked by Dana Novak (dana)" in words
