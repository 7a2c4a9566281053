from __future__ import annotations

from dealerdesk.desk.panels.staleness import all_stale_text, stale_since, stale_words
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US


def test_nothing_is_said_while_every_server_is_fresh(state: LiveState) -> None:
    assert stale_since(state) == {}
    assert stale_words(state) == ""
    assert all_stale_text(state) is None


def test_a_stale_server_is_named_with_its_time_and_all_of_them_make_everything_stale(state: LiveState) -> None:
    state.set_stale("cTrader", NOW_US - 9_000_000)
    assert stale_words(state) == "cTrader as of 09:59:51"
    assert all_stale_text(state) is None

    state.set_stale("MT5", NOW_US)
    assert all_stale_text(state) == "10:00:00"
