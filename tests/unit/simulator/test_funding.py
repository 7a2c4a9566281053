from collections import Counter

import numpy as np
import pytest
from small_server import NOON_US, small_config

from dealerdesk.bridges.simulator.accounting import account_margin, equity, positions_of
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.funding import CREDIT
from dealerdesk.bridges.simulator.people import Profile
from dealerdesk.clock import HOUR_US
from dealerdesk.trading import Platform

SINCE_US = NOON_US - 14 * HOUR_US


@pytest.fixture(scope="module", params=list(Platform))
def state(request):
    return Brokerage(small_config(request.param, accounts=800, positions=5_000, symbols=70)).state


def test_every_balance_is_the_sum_of_what_was_booked(state):
    balance, credit = Counter(), Counter()
    operations, deals, accounts = state.operations, state.deals, state.accounts
    for slot in range(len(operations)):
        sums = credit if operations.kind[slot] == CREDIT else balance
        sums[int(operations.account[slot])] += int(operations.amount[slot])
    for slot in range(len(deals)):
        balance[int(deals.account[slot])] += int(deals.profit[slot] + deals.swap[slot] + deals.commission[slot])
    for account in range(800):
        assert accounts.balance[account] == balance[account]
        assert accounts.credit[account] == credit[account]


def test_most_accounts_are_comfortable_a_few_are_tight_and_none_is_at_its_stop_out(state):
    levels = []
    for account in range(800):
        held = positions_of(state, account)
        margin = account_margin(state, held) if len(held) else 0
        if margin:
            levels.append(100 * equity(state, account, held) / margin)
            assert levels[-1] > float(state.terms(account).group.stop_out_percent)
    levels = np.array(levels)
    assert (levels > 300).mean() > 0.7
    assert (levels < 150).any()


def test_session_figures_count_from_the_last_rollover(state):
    deals, operations = state.deals, state.operations
    realised, deposits = Counter(), Counter()
    for slot in range(len(deals)):
        if deals.dealt_us[slot] >= SINCE_US:
            realised[int(deals.account[slot])] += int(deals.profit[slot] + deals.swap[slot] + deals.commission[slot])
    for slot in range(len(operations)):
        if operations.booked_us[slot] >= SINCE_US:
            deposits[int(operations.account[slot])] += int(operations.amount[slot])
    by_results, at_start = Counter(), Counter()
    for slot in range(len(state.results)):
        by_results[int(state.results.cell[slot]) >> 16] += int(state.results.realised[slot])
        at_start[int(state.results.cell[slot]) >> 16] += int(state.results.start_floating[slot])
    accounts = state.accounts
    for account in range(800):
        assert accounts.session_realised[account] == realised[account] == by_results[account]
        assert accounts.session_deposits[account] == deposits[account]
        money = int(accounts.balance[account] + accounts.credit[account])
        started = money - realised[account] - deposits[account] + at_start[account]
        assert accounts.session_start_equity[account] == started


def test_operations_are_numbered_in_time_and_name_their_provider(state):
    operations = state.operations
    assert (np.diff(operations.column("booked_us")) >= 0).all()
    assert (np.diff(operations.column("id")) == 1).all()
    paid = operations.column("kind") != CREDIT
    assert (operations.column("provider")[paid] > 0).all()


def test_bonus_abusers_have_credit(state):
    abusers = state.accounts.column("profile") == Profile.BONUS_PAIR
    assert (state.accounts.column("credit")[abusers] > 0).all()
    assert (state.accounts.column("credit")[~abusers] == 0).all()
