from __future__ import annotations

import numpy as np

from dealerdesk.instruments import AssetClass
from dealerdesk.live.dimensions import Dimension, by_account, by_symbol, legs, rows_behind
from dealerdesk.live.state import LiveState
from live.live_rows import account, desk, position, say, thing


def world() -> LiveState:
    state = desk()
    say(state, "MT5", thing("US500", 3), thing("XAUUSD", 4, kind=AssetClass.METALS))
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.1"), position(2, 2, "US500", "1", "5000"))
    return state


def test_a_pair_has_two_legs_and_a_thing_one() -> None:
    state = world()
    found = legs(state, state.symbols.count)
    named = [
        (found.keys[base], found.keys[paid] if paid >= 0 else None)
        for base, paid in zip(found.base, found.profit, strict=True)
    ]

    assert named == [("EUR", "USD"), ("GBP", "USD"), ("USD", "JPY"), ("US500", None), ("XAUUSD", None)]


def test_rows_are_numbered_anew_when_something_comes_or_goes() -> None:
    state = world()
    before = by_account(state, Dimension.ACCOUNT, state.accounts.count).keys
    say(state, "MT5", account(9))

    assert before == [("MT5", 1), ("MT5", 2)]
    assert by_account(state, Dimension.ACCOUNT, state.accounts.count).keys == [("MT5", 1), ("MT5", 2), ("MT5", 9)]


def test_only_what_is_in_use_has_a_row() -> None:
    state = world()
    classes = by_symbol(state, Dimension.ASSET_CLASS, state.symbols.count)

    assert classes.labels == ["fx", "metals", "indices"]
    assert by_account(state, Dimension.BOOK, state.accounts.count).keys == ["B"]


def test_the_positions_behind_a_currency_are_those_of_all_its_pairs() -> None:
    state = world()

    assert state.positions.id[rows_behind(state, Dimension.CURRENCY, "USD")].tolist() == [1]
    assert state.positions.id[rows_behind(state, Dimension.CURRENCY, "US500")].tolist() == [2]
    assert state.positions.id[rows_behind(state, Dimension.CLIENT, 2)].tolist() == [2]


def test_nothing_is_behind_a_row_that_is_not_there() -> None:
    state = world()

    for dimension in Dimension:
        assert rows_behind(state, dimension, "no such row").tolist() == []
    assert np.array_equal(rows_behind(LiveState(), Dimension.BOOK, "B"), np.zeros(0, np.int64))


def test_accounts_are_called_as_everywhere_else_and_clients_without_a_name_by_their_number() -> None:
    state = world()
    state.clients[1].name = ""
    state.version.structure += 1

    assert by_account(state, Dimension.ACCOUNT, state.accounts.count).labels == ["MT5 1", "MT5 2"]
    assert by_account(state, Dimension.CLIENT, state.accounts.count).labels[0] == "••• 1"
