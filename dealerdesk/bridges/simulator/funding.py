"""The money that the accounts of a new server have received: deposits, withdrawals, credit, and the balances.

An account gets what its positions need for a margin level out of a realistic spread: most above 300 percent, some near
the margin call. Balances are then sums of what was booked, to the minor unit.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.accounting import floating, margin_each
from dealerdesk.bridges.simulator.cashier import WEIGHTS
from dealerdesk.bridges.simulator.past import Past, last_rollover_us
from dealerdesk.bridges.simulator.people import Profile
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BALANCE_KINDS, BUY
from dealerdesk.clock import HOUR_US, MINUTE_US
from dealerdesk.trading import BalanceKind

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

LEVEL_MEDIAN_PERCENT = 900.0
LEVEL_SPREAD = 1.0
TIGHT_SHARE = 0.03
TIGHT_PERCENT = (60.0, 160.0)
SAFE_PERCENT = 58.0
IDLE_FUND_USD = 400.0
DEPOSITS_MAX = 4
WITHDRAWING_SHARE = 0.15
CREDIT_PERCENT = 30
DEPOSIT, WITHDRAWAL, CREDIT = (
    BALANCE_KINDS.index(kind) for kind in (BalanceKind.DEPOSIT, BalanceKind.WITHDRAWAL, BalanceKind.CREDIT)
)


def fund(state: ServerState, past: Past, start_us: int, generator: np.random.Generator) -> None:
    """Books balance operations for every account, and from them and the deals its balance and session figures."""
    accounts = state.accounts
    count = accounts.count
    worth = _per_account(state, floating(state, state.positions.slots()) + _accrued(state))
    margin = _per_account(state, margin_each(state, state.positions.slots()))
    traded = np.bincount(state.deals.account[: state.deals.count], _net(state), count)
    wanted = _wanted_equity(state, margin, generator) - worth - traded
    amounts, kinds, owner = _operations(state, wanted, margin, worth + traded, generator)
    booked = _moments(state, owner, start_us, generator)
    order = np.argsort(booked, kind="stable")
    _book(state, owner[order], kinds[order], amounts[order], booked[order], generator)
    _balances(state)
    _session(state, past, start_us)


def _accrued(state: ServerState) -> Int64s:
    slots = state.positions.slots()
    return state.positions.swap[slots] + state.positions.commission[slots]


def _net(state: ServerState) -> Int64s:
    deals = state.deals
    used = slice(0, deals.count)
    return deals.profit[used] + deals.swap[used] + deals.commission[used]


def _per_account(state: ServerState, amounts: NDArray[np.generic]) -> Floats:
    owner = state.positions.account[state.positions.slots()]
    sums: Floats = np.bincount(owner, amounts, state.accounts.count).astype(np.float64)
    return sums


def _wanted_equity(state: ServerState, margin: Floats, generator: np.random.Generator) -> Floats:
    """Minor units of equity that each account should have about."""
    count = state.accounts.count
    level = LEVEL_MEDIAN_PERCENT * np.exp(LEVEL_SPREAD * generator.standard_normal(count))
    level = np.maximum(level, 180.0)
    tight = generator.random(count) < TIGHT_SHARE
    level = np.where(tight, generator.uniform(*TIGHT_PERCENT, count), level)
    idle = IDLE_FUND_USD * np.exp(1.2 * generator.standard_normal(count)) * _minor_per_usd(state)
    return np.where(margin > 0, margin * level / 100, idle)


def _minor_per_usd(state: ServerState) -> Floats:
    """Minor units of each account's currency that a USD is worth."""
    rates = [float(state.prices.rate("USD", code)) for code in state.currencies]
    units = np.array(rates) * 10.0 ** np.array(state.exponents, np.float64)
    per_account: Floats = units[state.accounts.currency[: state.accounts.count]]
    return per_account


def _nice(amounts: Floats) -> Int64s:
    """Amounts with two leading figures, as people pay in."""
    size = np.floor(np.log10(np.maximum(amounts, 10.0))) - 1
    step = 10.0**size
    rounded: Int64s = (np.maximum(np.rint(amounts / step), 1) * step).astype(np.int64)
    return rounded


def _operations(
    state: ServerState, wanted: Floats, margin: Floats, earned: Floats, generator: np.random.Generator
) -> tuple[Int64s, Int64s, Int64s]:
    """Amounts, kinds and accounts of all operations that bring each account about `wanted` minor units."""
    count = state.accounts.count
    least = 20 * _minor_per_usd(state)
    withdraws = (generator.random(count) < WITHDRAWING_SHARE) & (wanted > least)
    out = np.where(withdraws, _nice(np.maximum(wanted, least) * generator.uniform(0.1, 0.6, count)), 0)
    need = np.maximum(wanted, least) + out
    parts = 1 + generator.integers(0, DEPOSITS_MAX, count)
    owner = np.repeat(np.arange(count), parts)
    deposits = _nice((need / parts)[owner] * generator.uniform(0.7, 1.3, len(owner)))
    paid = np.bincount(owner, deposits, count) - out
    short = np.ceil(np.maximum(margin * SAFE_PERCENT / 100 - earned - paid, 0)).astype(np.int64)
    topped = np.flatnonzero(short)
    leaving = np.flatnonzero(out)
    bonus = np.flatnonzero(state.accounts.profile[:count] == Profile.BONUS_PAIR)
    credit = _nice(np.maximum(paid[bonus], 1) * CREDIT_PERCENT / 100)
    amounts = np.concatenate((deposits, short[topped], -out[leaving], credit))
    owners = np.concatenate((owner, topped, leaving, bonus))
    kinds = np.full(len(amounts), DEPOSIT)
    kinds[amounts < 0] = WITHDRAWAL
    kinds[len(amounts) - len(bonus) :] = CREDIT
    return amounts.astype(np.int64), kinds, owners


def _moments(state: ServerState, owner: Int64s, start_us: int, generator: np.random.Generator) -> Int64s:
    """When each operation was booked: an account's first one within the hour of its opening, the others later."""
    opened = state.accounts.opened_us[owner]
    first = np.zeros(len(owner), np.bool_)
    first[np.unique(owner, return_index=True)[1]] = True
    life = np.maximum(start_us - MINUTE_US - opened, 0)
    share = np.where(first, np.minimum(HOUR_US / np.maximum(life, 1), 1) * 0.5, 1.0)
    moment = opened + (life * share * generator.random(len(owner))).astype(np.int64)
    return moment // state.dialect.resolution_us * state.dialect.resolution_us


def _book(
    state: ServerState,
    owner: Int64s,
    kinds: Int64s,
    amounts: Int64s,
    booked_us: Int64s,
    generator: np.random.Generator,
) -> None:
    first = state.tickets.balance_block(len(owner))
    shares = np.cumsum(WEIGHTS) / sum(WEIGHTS)
    provider = 1 + np.searchsorted(shares, generator.random(len(owner))).clip(0, len(WEIGHTS) - 1)
    state.operations.extend(
        len(owner),
        id=first + np.arange(len(owner)),
        account=owner,
        kind=kinds,
        amount=amounts,
        booked_us=booked_us,
        provider=np.where(kinds == CREDIT, 0, provider),
    )


def _balances(state: ServerState) -> None:
    """Balance = Σ balance operations + Σ (deal profit + swap + commission); credit = Σ credit operations."""
    accounts, operations = state.accounts, state.operations
    used = slice(0, operations.count)
    credit = operations.kind[used] == CREDIT
    balance, lent = np.zeros(accounts.count, np.int64), np.zeros(accounts.count, np.int64)
    np.add.at(balance, operations.account[used][~credit], operations.amount[used][~credit])
    np.add.at(lent, operations.account[used][credit], operations.amount[used][credit])
    np.add.at(balance, state.deals.account[: state.deals.count], _net(state))
    accounts.balance[: accounts.count] = balance
    accounts.credit[: accounts.count] = lent


def _session(state: ServerState, past: Past, start_us: int) -> None:
    """Session figures since the last rollover, and each account's and symbol's floating P&L at it."""
    accounts, deals, operations = state.accounts, state.deals, state.operations
    count = accounts.count
    since = last_rollover_us(start_us)
    today = deals.dealt_us[: deals.count] >= since
    moved = operations.booked_us[: operations.count] >= since
    realised, deposits = np.zeros(count, np.int64), np.zeros(count, np.int64)
    np.add.at(realised, deals.account[: deals.count][today], _net(state)[today])
    np.add.at(deposits, operations.account[: operations.count][moved], operations.amount[: operations.count][moved])
    held = state.positions.slots()
    held = held[state.positions.opened_us[held] < since]
    start = _floating_then(state, past, held, start_us, since) + (
        state.positions.swap[held] + state.positions.commission[held]
    )
    began = np.zeros(count, np.int64)
    np.add.at(began, state.positions.account[held], start)
    accounts.session_realised[:count] = realised
    accounts.session_deposits[:count] = deposits
    start_balance = accounts.balance[:count] + accounts.credit[:count] - realised - deposits
    accounts.session_start_equity[:count] = start_balance + began
    _results(state, held, start, today)


def _floating_then(state: ServerState, past: Past, held: Int64s, start_us: int, then_us: int) -> Int64s:
    """Floating P&L of positions at an earlier moment: today's, less what the price has moved since."""
    table, prices = state.positions, state.prices
    symbols = table.symbol[held].astype(np.int64)
    moved = past.mid_points(symbols, np.zeros(len(held), np.int64)) - past.mid_points(
        symbols, np.full(len(held), start_us - then_us)
    )
    owner = state.accounts.currency[table.account[held]]
    rates = np.nan_to_num(prices.rates_to_targets()[prices.profit_currency[symbols], owner])
    units = 10.0 ** np.array(state.exponents, np.float64)[owner]
    change = np.where(table.side[held] == BUY, 1, -1) * moved * prices.point_value[symbols]
    return floating(state, held) - np.rint(change * table.volume[held] / 1e8 * rates * units).astype(np.int64)


def _results(state: ServerState, held: Int64s, start: Int64s, today: NDArray[np.bool_]) -> None:
    deals = state.deals
    held_cells = (state.positions.account[held].astype(np.int64) << 16) | state.positions.symbol[held]
    used = np.flatnonzero(today)
    deal_cells = (deals.account[used].astype(np.int64) << 16) | deals.symbol[used]
    cells = np.unique(np.concatenate((held_cells, deal_cells)))
    realised, floating_then = np.zeros(len(cells), np.int64), np.zeros(len(cells), np.int64)
    np.add.at(realised, np.searchsorted(cells, deal_cells), _net(state)[used])
    np.add.at(floating_then, np.searchsorted(cells, held_cells), start)
    state.results.extend(len(cells), cell=cells, realised=realised, start_floating=floating_then)
