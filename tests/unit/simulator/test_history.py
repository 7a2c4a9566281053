import numpy as np
import pytest
from small_server import NOON_US, small_config

from dealerdesk.bridges.simulator.accounting import deal_profit
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.clock import SECOND_US
from dealerdesk.trading import Platform


@pytest.fixture(scope="module", params=list(Platform))
def state(request):
    return Brokerage(small_config(request.param, accounts=1_500, positions=10_000, symbols=70)).state


def test_as_many_positions_are_open_as_were_asked_for(state):
    assert len(state.positions) == 10_000
    assert len(state.deals) == 10_000 + 2 * 1_000


def test_a_few_accounts_and_symbols_hold_most_of_the_positions(state):
    by_account = np.sort(np.bincount(state.positions.column("account"), minlength=1_500))[::-1]
    assert by_account[:150].sum() > 0.4 * 10_000
    assert (by_account == 0).mean() > 0.1
    by_symbol = np.sort(np.bincount(state.positions.column("symbol"), minlength=70))[::-1]
    assert by_symbol[:10].sum() > 0.35 * 10_000


def test_some_accounts_are_hedged(state):
    cell = state.positions.column("account").astype(np.int64) * 1_000 + state.positions.column("symbol")
    buys = state.positions.column("side") == BUY
    hedged = np.intersect1d(cell[buys], cell[~buys])
    assert len(hedged) > 50


def test_every_position_was_opened_after_its_account_by_a_deal_of_its_own(state):
    positions, deals = state.positions, state.deals
    assert (positions.column("opened_us") >= state.accounts.opened_us[positions.column("account")]).all()
    assert positions.column("opened_us").max() < NOON_US
    assert len(set(positions.column("id").tolist())) == 10_000
    assert set(positions.column("id").tolist()) <= set(deals.column("position_id").tolist())
    assert len(set(deals.column("id").tolist())) == len(deals)


def test_numbers_rise_with_time_and_times_fit_the_platforms_clock(state):
    opened = state.positions.column("opened_us")[np.argsort(state.positions.column("id"))]
    assert (np.diff(opened) >= 0).all()
    assert (opened % state.dialect.resolution_us == 0).all()
    if state.dialect.platform is Platform.MT4:
        assert (opened % SECOND_US == 0).all()


def test_volumes_fit_the_symbols_steps_and_limits(state):
    for slot in range(0, 10_000, 53):
        symbol = state.symbols[state.positions.symbol[slot]]
        volume = int(state.positions.volume[slot])
        assert symbol.volume_min <= volume <= symbol.volume_max
        assert volume % state.dialect.volume_step(symbol) == 0


def test_a_closed_trades_profit_is_the_formulas(state):
    deals = state.deals
    closing = np.flatnonzero(deals.column("entry") == 1)
    first = {int(deals.position_id[slot]): slot for slot in reversed(range(len(deals))) if deals.entry[slot] == 0}
    assert len(closing) == 1_000
    for out in closing[::37].tolist():
        start = first[int(deals.position_id[out])]
        booked = deal_profit(
            state,
            int(deals.account[out]),
            int(deals.symbol[out]),
            int(deals.side[start]),
            int(deals.volume[out]),
            int(deals.price[start]),
            int(deals.price[out]),
        )
        assert (deals.profit[out], deals.rate[out]) == (booked.minor, booked.rate)


def test_no_stop_and_no_pending_order_is_touched_at_the_start(state):
    assert state.bounds.touched(state.prices.bid, state.prices.ask) == []
    assert len(state.orders) == 300


def test_a_netting_account_has_one_position_a_symbol(state):
    netting = [slot for slot in range(10_000) if state.nets(int(state.positions.account[slot]))]
    cells = {(int(state.positions.account[slot]), int(state.positions.symbol[slot])) for slot in netting}
    assert len(cells) == len(netting)
    assert bool(netting) == (state.dialect.platform is Platform.MT5)
