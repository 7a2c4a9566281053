from __future__ import annotations

from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.live.state import LiveState
from dealerdesk.live.tables import AccountTable, Codes
from live.live_rows import account, desk, quotes, say


def test_a_code_keeps_its_word() -> None:
    codes: Codes[str] = Codes()

    assert [codes.code(word) for word in ("USD", "EUR", "USD")] == [0, 1, 0]
    assert (codes.names, codes.find("GBP")) == (["USD", "EUR"], None)


def test_servers_never_share_a_block_of_account_rows() -> None:
    table = AccountTable()
    slots = [table.enter(server, f"S{server}", 1001) for server in (0, 1, 0)][:2]

    assert [slot // BLOCK_ROWS for slot in slots] == [0, 1]
    assert (table.blocks_of(0), table.blocks_of(1), table.living) == ([0], [1], 3)


def test_an_account_that_left_gives_its_row_to_the_next_one_of_its_server() -> None:
    state = desk()
    slot = state.accounts.slot("MT5", 1)
    assert slot is not None
    state.accounts.leave(slot)

    assert state.accounts.slot("MT5", 1) is None
    assert state.accounts.enter(0, "MT5", 9) == slot


def test_a_new_symbol_in_an_old_row_starts_without_a_quote() -> None:
    state = desk()
    old = state.symbols.slot("MT5", "GBPUSD")
    assert old is not None
    state.symbols.leave(old)

    assert state.symbols.enter("MT5", "AUDUSD") == old
    assert state.symbols.bid[old] != state.symbols.bid[old]


def test_an_account_is_found_by_server_and_login() -> None:
    state = LiveState()
    state.begin_snapshot("MT4", ())
    state.end_snapshot("MT4", 0)
    say(state, "MT4", account(1001))
    say(state, "MT5", account(1001))
    state.apply_quotes("MT4", quotes((0, 1, 1)), 0)

    assert state.accounts.slot("MT4", 1001) != state.accounts.slot("MT5", 1001)
    assert state.accounts.slot("cTrader", 1001) is None
