"""Clients do what their kind does; each rule is seen over a quarter of an hour of one server."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
import pytest
from small_server import small_config

from dealerdesk.bridges.simulator.behaviour import DEALS_PER_ACCOUNT_AND_SECOND
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.people import Profile

ACCOUNTS = 3_000
STEPS = 18_000


@dataclass
class Trade:
    account: int
    profile: Profile
    symbol: int
    side: int
    volume: int
    opened_us: int
    closed_us: int = 0
    earned: int = 0


@pytest.fixture(scope="module")
def quarter():
    brokerage = Brokerage(small_config(accounts=ACCOUNTS, positions=15_000, symbols=40, ticks_per_second=500.0))
    first = brokerage.state.deals.count
    start_us = brokerage.time_us
    for _ in range(STEPS):
        brokerage.step()
    return brokerage, first, start_us


@pytest.fixture(scope="module")
def trades(quarter):
    brokerage, first, _start_us = quarter
    deals, accounts = brokerage.state.deals, brokerage.state.accounts
    made: dict[int, Trade] = {}
    for slot in range(first, deals.count):
        number = int(deals.position_id[slot])
        if deals.entry[slot] == 0:
            account = int(deals.account[slot])
            made.setdefault(
                number,
                Trade(
                    account,
                    Profile(int(accounts.profile[account])),
                    int(deals.symbol[slot]),
                    int(deals.side[slot]),
                    int(deals.volume[slot]),
                    int(deals.dealt_us[slot]),
                ),
            )
        elif number in made:
            made[number].closed_us = int(deals.dealt_us[slot])
            made[number].earned += int(deals.profit[slot])
    by_profile = defaultdict(list)
    for trade in made.values():
        by_profile[trade.profile].append(trade)
    return by_profile


def held_s(trades):
    return [(trade.closed_us - trade.opened_us) / 1e6 for trade in trades if trade.closed_us]


def test_deals_come_at_the_rate_that_was_meant(quarter):
    brokerage, first, _start_us = quarter
    per_second = (brokerage.state.deals.count - first) / (STEPS * 0.05)
    meant = DEALS_PER_ACCOUNT_AND_SECOND * ACCOUNTS
    assert 0.7 * meant < per_second < 2.5 * meant


def test_the_number_of_open_positions_stays_about_what_it_was(quarter):
    assert 14_500 < len(quarter[0].state.positions) < 15_500


def test_scalpers_hold_for_seconds(trades):
    seconds = held_s(trades[Profile.SCALPER])
    assert len(seconds) > 100
    assert np.median(seconds) < 90
    assert max(seconds) < 120


def test_arbitrageurs_trade_rarely_hold_briefly_and_win(trades):
    closed = [trade for trade in trades[Profile.LATENCY_ARBITRAGE] if trade.closed_us]
    assert closed
    assert max(held_s(closed)) < 5
    assert np.mean([trade.earned > 0 for trade in closed]) > 0.55


def test_bonus_abusers_stand_on_both_sides_at_once(quarter, trades):
    partner = quarter[0].state.accounts.partner
    pairs = trades[Profile.BONUS_PAIR]
    assert pairs
    by_key = {(trade.account, trade.symbol, trade.opened_us): trade for trade in pairs}
    matched = [
        (trade, by_key[int(partner[trade.account]), trade.symbol, trade.opened_us])
        for trade in pairs
        if (int(partner[trade.account]), trade.symbol, trade.opened_us) in by_key
    ]
    assert len(matched) > 0.6 * len(pairs)
    assert all(one.side != other.side and one.volume == other.volume for one, other in matched)


def test_swing_traders_hold_longer_than_the_quarter(trades):
    swing = trades[Profile.SWING]
    assert len([trade for trade in swing if not trade.closed_us]) > 0.7 * len(swing)


def test_martingales_trade_the_same_side_again_larger_after_a_loss(trades):
    by_account = defaultdict(list)
    for trade in sorted(trades[Profile.MARTINGALE], key=lambda trade: trade.opened_us):
        by_account[trade.account].append(trade)
    again = [
        (before, after)
        for own in by_account.values()
        for before in own
        for after in own
        if before.earned < 0
        and before.closed_us
        and before.symbol == after.symbol
        and 0 <= after.opened_us - before.closed_us <= 25_000_000
    ]
    assert len(again) >= 5
    assert np.mean([before.side == after.side for before, after in again]) > 0.7


def test_news_traders_act_in_the_direction_of_the_news(quarter, trades):
    brokerage, _first, start_us = quarter
    news = brokerage.market.news_between(start_us, brokerage.time_us)
    on_news = [
        (trade.side == 0) == (each.move > 0)
        for trade in trades[Profile.NEWS_TRADER]
        for each in news
        if trade.symbol == each.index and 0 <= trade.opened_us - each.time_us < 30_000_000
    ]
    assert not news or not on_news or np.mean(on_news) > 0.6
