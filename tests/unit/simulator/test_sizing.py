import numpy as np
import pytest
from small_server import small_config

from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.sizing import Sizing
from dealerdesk.instruments import LOT
from dealerdesk.trading import Platform


@pytest.fixture(scope="module", params=list(Platform))
def sized(request):
    state = Brokerage(small_config(request.param, accounts=500, positions=10, symbols=70)).state
    return state, Sizing(state, 1)


def test_an_account_has_favourites_and_the_server_a_few_popular_symbols(sized):
    _state, sizing = sized
    generator = np.random.default_rng(2)
    one = np.bincount(sizing.symbols(np.full(3_000, 7), generator), minlength=70)
    assert np.sort(one)[-3:].sum() > 0.7 * 3_000
    everyone = np.bincount(sizing.symbols(np.arange(3_000) % 500, generator), minlength=70)
    assert everyone[:10].sum() > 0.35 * 3_000
    assert everyone[0] > everyone[40]


def test_volumes_are_steps_between_the_symbols_least_and_most(sized):
    state, sizing = sized
    generator = np.random.default_rng(2)
    symbols = np.arange(70).repeat(20)
    volumes = sizing.volumes(np.arange(len(symbols)) % 500, symbols, generator)
    for symbol, volume in zip(symbols.tolist(), volumes.tolist(), strict=True):
        facts = state.symbols[symbol]
        assert facts.volume_min <= volume <= facts.volume_max
        assert volume % state.dialect.volume_step(facts) == 0


def test_a_lot_of_euro_is_worth_its_contract_in_dollars(sized):
    state, sizing = sized
    euro = next(s.index for s in state.symbols if s.instrument == "EURUSD")
    expected = 100_000 * float(state.prices.mid()[euro])
    assert sizing.notional_usd(euro, LOT) == pytest.approx(expected)


def test_an_account_mostly_keeps_its_opinion(sized):
    _state, sizing = sized
    buys = sizing.buys(np.full(2_000, 3), np.full(2_000, 5), np.random.default_rng(2))
    assert 0.82 < max(buys.mean(), 1 - buys.mean()) < 0.88
