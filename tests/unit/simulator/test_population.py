import numpy as np
import pytest
from small_server import small_config

from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.people import Profile
from dealerdesk.bridges.simulator.population import client_ids
from dealerdesk.bridges.simulator.tables import BOOK_A, BOOK_B, BOOK_C
from dealerdesk.trading import Platform


def state_of(platform, **changes):
    return Brokerage(small_config(platform, accounts=3_000, positions=100, symbols=70, **changes)).state


def test_each_server_has_its_own_clients_and_some_of_the_next_ones():
    mt4, mt5, ctrader = (set(client_ids(server, 1, 5_000).tolist()) for server in range(3))
    assert all(len(ids) > 4_300 for ids in (mt4, mt5, ctrader))
    assert 300 < len(mt4 & mt5) < 500
    assert 300 < len(mt5 & ctrader) < 500


def test_a_client_of_two_servers_is_the_same_person_on_both():
    mt4, mt5 = state_of(Platform.MT4).clients, state_of(Platform.MT5).clients
    shared = mt4.keys() & mt5.keys()
    assert len(shared) > 100
    assert all(mt4[number] == mt5[number] for number in shared)


@pytest.mark.parametrize(
    ("platform", "first"), [(Platform.MT4, 51_001), (Platform.MT5, 700_001), (Platform.CTRADER, 3_300_001)]
)
def test_logins_rise_with_the_time_of_opening(platform, first):
    accounts = state_of(platform).accounts
    assert accounts.column("login").tolist() == list(range(first, first + 3_000))
    assert (np.diff(accounts.column("opened_us")) >= 0).all()


def test_most_accounts_are_in_b_and_the_cover_fits_the_book():
    accounts = state_of(Platform.MT5).accounts
    book, cover = accounts.column("book"), accounts.column("covered_percent")
    assert (book == BOOK_B).mean() > 0.75
    assert set(cover[book == BOOK_A]) == {100}
    assert set(cover[book == BOOK_B]) == {0}
    assert set(cover[book == BOOK_C]) == {30, 50, 70}


def test_accounts_come_in_twelve_currencies_and_their_group_has_the_same():
    state = state_of(Platform.CTRADER)
    assert len(state.currencies) == 12
    assert set(state.accounts.column("currency").tolist()) == set(range(12))
    for account in range(0, 3_000, 37):
        assert state.terms(account).group.currency == state.currency(account)


def test_an_mt4_account_is_in_a_group_of_its_book():
    state = state_of(Platform.MT4)
    for account in range(0, 3_000, 37):
        assert state.terms(account).book == "ABC"[state.accounts.book[account]]


def test_bonus_abusers_come_in_pairs():
    accounts = state_of(Platform.MT5).accounts
    partner = accounts.column("partner")
    paired = np.flatnonzero(partner >= 0)
    assert len(paired) > 20
    assert (accounts.profile[paired] == Profile.BONUS_PAIR).all()
    assert (partner[partner[paired]] == paired).all()
