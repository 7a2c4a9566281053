from __future__ import annotations

from dealerdesk.desk.finder import state_indexes, texts_of
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.live.state import LiveState

from .small_broker import account


def test_accounts_are_named_by_slot_and_the_list_stays_the_same_while_no_account_comes(state: LiveState) -> None:
    labels = AccountLabels(state)
    slot = state.accounts.slot("cTrader", 201)
    assert slot is not None
    first = labels.all()

    assert first[slot] == "cTrader 201"
    assert labels.all() is first
    state.load("MT5", [account(103, 1, "real\\usd", "USD", 0)], [5])
    new = state.accounts.slot("MT5", 103)
    assert new is not None
    assert labels.all()[new] == "MT5 103"


def test_an_account_of_a_server_not_heard_of_yet_has_a_name_too(state: LiveState) -> None:
    assert AccountLabels(state).of("MT4", 7) == "MT4 7"


def test_an_account_is_called_the_same_in_tables_and_in_the_palette(state: LiveState) -> None:
    accounts = state_indexes(texts_of(state))[-1]
    found = {one.title for _, one in accounts.search("", 10)}

    assert found == {"MT5 101", "MT5 102", "cTrader 201"}
    assert found <= set(AccountLabels(state).all())
