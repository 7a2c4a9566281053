from __future__ import annotations

import math

import numpy as np

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.live.engine import SYMBOL_ROOM
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book
from live.live_rows import NOW, account, desk, pair, position, quotes, routing, say, snapshot


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def test_a_closed_position_leaves_nothing_behind() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "0.37", "1.09123"), position(2, 1, "EURUSD", "0.11", "1.2"))
    say(state, "MT5", Gone(set=RowSet.POSITION, key=1), Gone(set=RowSet.POSITION, key=2))
    frame = compute(state, NOW)

    assert (frame.floating[slot(state, 1)], frame.margin[slot(state, 1)]) == (0.0, 0.0)
    assert math.isnan(frame.level[slot(state, 1)])
    assert not frame.net_volume.any()


def test_a_partial_close_keeps_the_open_price() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(1, 1, "EURUSD", "0.25", "1.09"))

    assert round(compute(state, NOW).floating[slot(state, 1)], 6) == 250.0


def test_a_new_leverage_changes_the_margin_of_what_is_open() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"))
    before = compute(state, NOW).margin[slot(state, 1)]
    say(state, "MT5", account(1, leverage=50))

    assert (round(before, 6), round(compute(state, NOW).margin[slot(state, 1)], 6)) == (1100.0, 2200.0)


def test_an_account_that_moves_takes_its_volume_to_the_other_book() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"))
    kept = compute(state, NOW).net_volume[:, 0].tolist()
    say(state, "MT5", routing(1, Book.A, 100))

    assert kept == [0, 10**8, 0]
    assert compute(state, NOW).net_volume[:, 0].tolist() == [10**8, 0, 0]


def test_new_margin_settings_of_a_symbol_count_for_what_is_open() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(2, 1, "EURUSD", "-1", "1.09"))
    free = compute(state, NOW).margin[slot(state, 1)]
    say(state, "MT5", pair("EURUSD", 0, hedged=50_000))

    assert (free, round(compute(state, NOW).margin[slot(state, 1)], 6)) == (0.0, 550.0)


def test_more_symbols_than_there_was_room_for_change_no_figure() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"), position(2, 2, "USDJPY", "-1", "150.5"))
    before = compute(state, NOW)
    many = [pair("EURUSD", number) for number in range(SYMBOL_ROOM)]
    renamed = [
        type(row)(**{name: getattr(row, name) for name in row.__struct_fields__} | {"name": f"X{row.index}"})
        for row in many
    ]
    snapshot(state, "MT4", *renamed, sets=(RowSet.SYMBOL,))
    say(state, "MT5", position(3, 1, "GBPUSD", "1", "1.25"))
    after = compute(state, NOW)

    assert state.engine.symbol_room > SYMBOL_ROOM
    assert np.allclose(before.floating[:2], after.floating[:2], rtol=1e-12)
    assert after.net_volume.sum() == 10**8


def test_ticks_of_other_symbols_do_not_move_an_account() -> None:
    state = desk()
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.09"))
    before = compute(state, NOW).equity[slot(state, 1)]
    state.apply_quotes("MT5", quotes((1, 99_000, 99_001)), NOW)

    assert compute(state, NOW).equity[slot(state, 1)] == before
