"""The end of the server's day at 22:00 UTC: swaps, day-end states, and a new session for every account.

Accounts are taken a few at a time over about a minute of simulated time, each one whole: its swaps, its day-end row,
its session results and its session figures change in one step, so that no account is ever between two days.
"""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.simulator.accounting import account_margin, floating
from dealerdesk.bridges.simulator.columns import Slots
from dealerdesk.bridges.simulator.past import ROLLOVER_US, last_rollover_us
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.swaps import nightly_swaps, nights_of
from dealerdesk.clock import DAY_US

STEPS_A_ROLLOVER = 1_200


class Rollover:
    """Watches for 22:00 UTC and then takes one server's accounts through it."""

    def __init__(self, state: ServerState, publisher: Publisher, start_us: int) -> None:
        self._state = state
        self._publisher = publisher
        self._last_us = last_rollover_us(start_us)
        self._next_account: int | None = None
        self._nights = np.zeros(len(state.symbols), np.int64)

    def follow_time(self) -> None:
        """Begins a rollover when it is due, and does this step's share of one that is under way."""
        due_us = last_rollover_us(self._state.time_us)
        if self._next_account is None and due_us > self._last_us:
            self._last_us = due_us
            self._nights = nights_of(self._state, due_us)
            self._next_account = 0
        if self._next_account is not None:
            self._some_accounts(self._next_account)

    def _some_accounts(self, first: int) -> None:
        accounts = self._state.accounts
        share = -(-accounts.count // STEPS_A_ROLLOVER)
        last = min(first + share, accounts.count)
        table = self._state.positions
        owner = table.column("account")
        held = np.flatnonzero(table.column("alive") & (owner >= first) & (owner < last))
        self._charge_swaps(held)
        worth = floating(self._state, held)
        results = self._results_by_account(first, last)
        for account in range(first, last):
            mine = table.account[held] == account
            self._close_day(account, held[mine], int(worth[mine].sum()))
            self._new_results(account, held[mine], worth[mine], results.get(account, []))
        self._next_account = last if last < accounts.count else None

    def _charge_swaps(self, held: Slots) -> None:
        table = self._state.positions
        owner = self._state.accounts.currency[table.account[held]].astype(np.int64)
        symbols = table.symbol[held].astype(np.int64)
        nightly = nightly_swaps(self._state, symbols, table.side[held].astype(np.int64), table.volume[held], owner)
        charged = np.rint(nightly * self._nights[symbols]).astype(np.int64)
        changed = held[charged != 0]
        table.swap[held] += charged
        self._publisher.positions(*changed.tolist())

    def _close_day(self, account: int, held: Slots, worth: int) -> None:
        state, accounts, table = self._state, self._state.accounts, self._state.positions
        slot = state.day_ends.add(
            account=account,
            day=(self._last_us - ROLLOVER_US) // DAY_US,
            balance=int(accounts.balance[account]),
            credit=int(accounts.credit[account]),
            floating=worth,
            margin=account_margin(state, held) if len(held) else 0,
            realised=int(accounts.session_realised[account]),
            deposits=int(accounts.session_deposits[account]),
        )
        self._publisher.day_ends([slot])
        accrued = int(table.swap[held].sum() + table.commission[held].sum())
        start = int(accounts.balance[account] + accounts.credit[account]) + worth + accrued
        accounts.session_start_equity[account] = start
        accounts.session_deposits[account] = 0
        accounts.session_realised[account] = 0
        self._publisher.accounts(account)

    def _results_by_account(self, first: int, last: int) -> dict[int, list[int]]:
        results = self._state.results
        cells = results.column("cell")
        mine = np.flatnonzero(results.column("alive") & (cells >= first << 16) & (cells < last << 16))
        by_account: dict[int, list[int]] = {}
        for slot in mine.tolist():
            by_account.setdefault(int(cells[slot]) >> 16, []).append(slot)
        return by_account

    def _new_results(self, account: int, held: Slots, worth: Slots, old: list[int]) -> None:
        """Every symbol that is held starts the session at its floating P&L; the other results go."""
        table, results = self._state.positions, self._state.results
        start: dict[int, int] = {}
        accrued = table.swap[held] + table.commission[held]
        for symbol, amount in zip(table.symbol[held].tolist(), (worth + accrued).tolist(), strict=True):
            start[symbol] = start.get(symbol, 0) + amount
        for slot in old:
            symbol = int(results.cell[slot]) & 0xFFFF
            if symbol in start:
                results.realised[slot], results.start_floating[slot] = 0, start.pop(symbol)
                self._publisher.results(slot)
            else:
                self._drop(account, symbol, slot)
        for symbol, amount in start.items():
            self._publisher.results(results.add(cell=(account << 16) | symbol, start_floating=amount))

    def _drop(self, account: int, symbol: int, slot: int) -> None:
        self._state.results.remove(slot)
        login = int(self._state.accounts.login[account])
        self._publisher.gone(RowSet.SESSION_RESULT, f"{login}/{self._state.symbols[symbol].name}")
