from __future__ import annotations

from dealerdesk.desk.panels.identity import AccountLabels, server_prefixes
from dealerdesk.live.state import LiveState

from .small_broker import account


def test_platforms_are_shortened_and_what_follows_them_stays() -> None:
    assert server_prefixes(["MT4", "MT5", "cTrader"]) == {"MT4": "M4", "MT5": "M5", "cTrader": "cT"}
    assert server_prefixes(["MT5 Live 1", "mt5-2"]) == {"MT5 Live 1": "M5 Live 1", "mt5-2": "M5-2"}


def test_two_servers_never_read_alike() -> None:
    assert server_prefixes(["MT5", "mt5", "Alpha"]) == {"MT5": "MT5", "mt5": "mt5", "Alpha": "Alpha"}


def test_accounts_are_named_by_slot_and_the_list_stays_the_same_while_no_account_comes(state: LiveState) -> None:
    labels = AccountLabels(state)
    slot = state.accounts.slot("cTrader", 201)
    assert slot is not None
    first = labels.all()

    assert first[slot] == "cT 201"
    assert labels.all() is first
    state.load("MT5", [account(103, 1, "real\\usd", "USD", 0)], [5])
    new = state.accounts.slot("MT5", 103)
    assert new is not None
    assert labels.all()[new] == "M5 103"


def test_an_account_of_a_server_not_heard_of_yet_has_a_name_too(state: LiveState) -> None:
    assert AccountLabels(state).of("MT4", 7) == "M4 7"
