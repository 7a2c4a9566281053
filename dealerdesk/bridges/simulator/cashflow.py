"""Money that clients pay in and take out while the server runs: who, when and how much."""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.simulator.accounting import equity, margin_each, positions_of
from dealerdesk.bridges.simulator.cashier import WEIGHTS
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.till import Till
from dealerdesk.clock import SECOND_US
from dealerdesk.trading import BalanceKind

OPERATIONS_PER_ACCOUNT_AND_SECOND = 0.000012
WITHDRAWAL_SHARE = 0.3
USUAL_USD = 350.0


class Cashflow:
    """Deposits and withdrawals of one server's clients."""

    def __init__(self, state: ServerState, till: Till, generator: np.random.Generator) -> None:
        self._state = state
        self._till = till
        self._generator = generator
        self._providers = np.cumsum(WEIGHTS) / sum(WEIGHTS)

    def flow(self, step_us: int) -> None:
        """Lets some clients pay in or out in a step."""
        accounts = self._state.accounts
        expected = OPERATIONS_PER_ACCOUNT_AND_SECOND * accounts.count * step_us / SECOND_US
        for _ in range(int(self._generator.poisson(expected))):
            account = int(self._generator.integers(accounts.count))
            if accounts.enabled[account]:
                self._operate(account)

    def _operate(self, account: int) -> None:
        usual = USUAL_USD * float(np.exp(self._generator.standard_normal())) * self._minor_per_usd(account)
        provider = 1 + int(np.searchsorted(self._providers, self._generator.random()).clip(0, len(WEIGHTS) - 1))
        if self._generator.random() >= WITHDRAWAL_SHARE:
            self._till.book(account, BalanceKind.DEPOSIT, _nice(usual), provider)
            return
        amount = _nice(min(usual, 0.5 * self._withdrawable(account)))
        if 0 < amount <= self._withdrawable(account):
            self._till.book(account, BalanceKind.WITHDRAWAL, -amount, provider)

    def _minor_per_usd(self, account: int) -> float:
        rate = self._state.prices.rate("USD", self._state.currency(account))
        return float(rate) * 10.0 ** self._state.exponent(account)

    def _withdrawable(self, account: int) -> float:
        """The lesser of balance and free margin, less credit; minor units."""
        state = self._state
        slots = positions_of(state, account)
        free = equity(state, account, slots) - 2 * float(margin_each(state, slots).sum())
        return min(free - int(state.accounts.credit[account]), float(state.accounts.balance[account]))


def _nice(minor: float) -> int:
    """An amount with two leading figures; 0 for less than 10 minor units."""
    if minor < 10:
        return 0
    step = 10 ** (len(str(int(minor))) - 2)
    return int(round(minor / step) * step)
