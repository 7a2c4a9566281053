from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from dealerdesk.formulas.margin import Leg, lots_of, position_margin, terms_of
from dealerdesk.formulas.symbol_margin import symbol_margin
from dealerdesk.live.margins import cell_margin, cell_margins, facts_of, position_margins
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Side
from live.live_rows import account, pair, position, snapshot, thing

ROWS = (
    position(1, 1, "EURUSD", "2", "1.1"),
    position(2, 1, "EURUSD", "-0.5", "1.3"),
    position(3, 1, "US500", "-3", "5000"),
    position(4, 1, "US500", "1", "5100"),
)


@pytest.fixture
def state() -> LiveState:
    made = LiveState()
    snapshot(made, "MT5", pair("EURUSD", 0, hedged=50_000), thing("US500", 1), account(1, leverage=200), *ROWS)
    return made


def test_one_cell_many_cells_and_the_formula_agree(state: LiveState) -> None:
    cells, account_slot = state.engine.cells, state.accounts.slot("MT5", 1)
    slots = cells.living_slots()
    together = cell_margins(cells, slots, state.symbols, state.accounts.leverage[cells.account[slots]])
    for cell, margin in zip(slots.tolist(), together.tolist(), strict=True):
        symbol = int(cells.symbol[cell])
        legs = [
            Leg(row.side, lots_of(row.volume), row.open_price)
            for row in ROWS
            if row.symbol == state.symbols.name[symbol]
        ]
        record = state.symbols.record[symbol]
        assert record is not None
        expected = float(symbol_margin(terms_of(record), legs, 200).unrounded)
        alone = cell_margin(
            facts_of(state.symbols, symbol),
            int(state.accounts.leverage[account_slot]),
            int(cells.long_volume[cell]),
            int(cells.short_volume[cell]),
            float(cells.long_cost[cell]),
            float(cells.short_cost[cell]),
        )
        assert margin == pytest.approx(expected, rel=1e-12)
        assert alone == pytest.approx(expected, rel=1e-12)


def test_the_margin_of_a_hedge_is_written_out(state: LiveState) -> None:
    slots = state.engine.cells.living_slots()
    leverage = np.full(len(slots), 200, np.int32)
    margins = dict(
        zip(
            [state.symbols.name[symbol] for symbol in state.engine.cells.symbol[slots].tolist()],
            cell_margins(state.engine.cells, slots, state.symbols, leverage).tolist(),
            strict=True,
        )
    )

    assert margins["EURUSD"] == pytest.approx(1.5 * 100_000 / 200 + 0.5 * 50_000 / 200)
    assert margins["US500"] == pytest.approx(2 * 10 * 5000 / 200)


def test_an_empty_cell_needs_nothing(state: LiveState) -> None:
    facts = facts_of(state.symbols, 0)

    assert cell_margin(facts, 100, 0, 0, 0.0, 0.0) == 0.0
    assert lots_of(0) == Decimal(0)
    assert Side.BUY.sign == 1


def test_a_position_by_itself_demands_what_the_formula_says(state: LiveState) -> None:
    slots = state.positions.living_slots()
    leverage = state.accounts.leverage[state.positions.account[slots]]
    found = dict(
        zip(
            state.positions.id[slots].tolist(),
            position_margins(state.positions, slots, state.symbols, leverage).tolist(),
            strict=True,
        )
    )

    for row in ROWS:
        symbol = state.symbols.slot("MT5", row.symbol)
        record = state.symbols.record[symbol] if symbol is not None else None
        assert record is not None
        leg = Leg(row.side, lots_of(row.volume), row.open_price)
        assert found[row.id] == pytest.approx(float(position_margin(terms_of(record), leg, 200).unrounded), rel=1e-12)
