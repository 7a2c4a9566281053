from __future__ import annotations

import numpy as np

from dealerdesk.live.holdings import CellTable, PositionTable, cell_key, cell_keys, cell_parts


def test_a_cell_is_found_by_account_and_symbol_until_it_leaves() -> None:
    cells = CellTable()
    cell = cells.enter(45_000, 999)
    cells.long_volume_at[cell] = 5

    assert cells.find(45_000, 999) == cell
    cells.leave(cell)
    assert cells.find(45_000, 999) == -1
    assert cells.long_volume_at[cells.enter(1, 2)] == 0


def test_keys_of_many_cells_are_those_of_each() -> None:
    accounts, symbols = np.array([0, 7, 45_000], np.int32), np.array([3, 0, 999], np.int32)
    keys = cell_keys(accounts, symbols)

    assert keys.tolist() == [cell_key(0, 3), cell_key(7, 0), cell_key(45_000, 999)]
    assert [part.tolist() for part in cell_parts(keys)] == [accounts.tolist(), symbols.tolist()]


def test_the_same_id_on_two_servers_is_two_positions() -> None:
    table = PositionTable()
    table.index(0, "MT4").put(77, 1)
    table.index(1, "MT5").put(77, 2)

    assert (table.slot("MT4", 77), table.slot("MT5", 77), table.slot("cTrader", 77)) == (1, 2, None)
