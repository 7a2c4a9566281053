from __future__ import annotations

import pytest

from dealerdesk.commands.records import CommandState
from dealerdesk.desk.panels.account_facts import account_facts, sign_tone
from dealerdesk.desk.panels.fact_grid import Fact
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US, command


def facts(state: LiveState, server: str, login: int, **under_way: CommandState) -> dict[str, Fact]:
    slot = state.accounts.slot(server, login)
    assert slot is not None
    asked = command(state=under_way["command"]) if under_way else None
    return {fact.key: fact for fact in account_facts(state, compute(state, NOW_US), slot, asked)}


def test_money_is_written_with_its_currencys_decimals_and_sign(state: LiveState) -> None:
    found = facts(state, "MT5", 101)

    assert found["equity"].text == "11\u2009000.00"
    assert found["floating"].text == "+1\u2009000.00"
    assert found["floating"].tone == Tone.POSITIVE
    assert found["equity"].explained
    assert not found["balance"].explained


def test_the_level_is_coloured_by_its_limits_which_stand_beside_it(state: LiveState) -> None:
    found = facts(state, "cTrader", 201)

    assert found["level"].tone == Tone.ALARM
    assert found["limits"].text == "100% / 50%"
    assert found["book"].text == "C · 40% covered"
    assert found["leverage"].text == "1 : 100"


def test_a_change_under_way_marks_the_book_and_says_where_it_stands(state: LiveState) -> None:
    waiting = facts(state, "MT5", 101, command=CommandState.REQUESTED)
    sent = facts(state, "MT5", 101, command=CommandState.DISPATCHED)

    assert waiting["book"] == Fact("book", "Book", "B ●", Tone.ATTENTION)
    assert waiting["command"] == Fact("command", "Under way", "● waits for approval", Tone.ATTENTION)
    assert sent["book"] == Fact("book", "Book", "B ○")
    assert sent["command"] == Fact("command", "Under way", "○ sent, not read back")
    assert "command" not in facts(state, "MT5", 101)


def test_the_most_important_facts_come_first(state: LiveState) -> None:
    assert list(facts(state, "MT5", 101))[:5] == ["equity", "level", "floating", "session", "book"]


def test_everything_of_a_stale_server_is_grey(state: LiveState) -> None:
    state.set_stale("MT5", NOW_US)

    assert {fact.tone for fact in facts(state, "MT5", 101).values()} == {Tone.STALE}
    assert facts(state, "cTrader", 201)["equity"].tone == Tone.NORMAL


def test_a_client_is_counted_with_all_their_accounts(state: LiveState) -> None:
    assert facts(state, "MT5", 101)["accounts"].text == "2"
    assert facts(state, "MT5", 102)["accounts"].text == "1"


@pytest.mark.parametrize(
    ("value", "tone"),
    [(1.0, Tone.POSITIVE), (-1.0, Tone.NEGATIVE), (0.001, Tone.NORMAL), (float("nan"), Tone.NORMAL)],
)
def test_the_tone_of_a_sign_is_that_of_the_figure_as_written(value: float, tone: Tone) -> None:
    assert sign_tone(value) == tone
