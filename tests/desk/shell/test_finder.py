"""What the palette can find."""

from __future__ import annotations

from dealerdesk.desk.actions import all_actions
from dealerdesk.desk.finder import action_index, state_indexes, texts_of
from dealerdesk.desk.panels import PANELS
from dealerdesk.desk.search import search_all
from dealerdesk.live.state import LiveState


def found(state: LiveState, typed: str) -> list[tuple[str, object]]:
    indexes = [action_index(all_actions(PANELS)), *state_indexes(texts_of(state))]
    return [(one.kind, one.key) for one in search_all(indexes, typed, 5)]


def test_a_login_finds_its_account(state: LiveState) -> None:
    assert found(state, "102") == [("account", ("MT5", 102))]


def test_a_name_finds_the_client_and_the_client_leads_to_the_account(state: LiveState) -> None:
    assert ("client", ("MT5", 101)) in found(state, "ada ab")
    assert ("account", ("MT5", 101)) in found(state, "ada ab")


def test_a_symbol_is_found_by_its_name_and_by_its_words(state: LiveState) -> None:
    assert found(state, "eurus") == [("symbol", ("MT5", "EURUSD"))]
    assert found(state, "us dollar") == [("symbol", ("MT5", "EURUSD"))]


def test_every_panel_workspace_and_action_is_found_by_its_title() -> None:
    state = LiveState()
    for action in all_actions(PANELS):
        if action.scope == "window" and action.name != "palette":
            assert ("action", action.name) in found(state, action.title)


def test_accounts_that_are_gone_are_not_found() -> None:
    assert found(LiveState(), "101") == []
