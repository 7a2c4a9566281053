"""Books money that moves without a trade: deposits, withdrawals, credit, corrections. Decides nothing."""

from __future__ import annotations

from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BALANCE_KINDS
from dealerdesk.trading import BalanceKind

CREDIT_KINDS = frozenset({BalanceKind.CREDIT, BalanceKind.BONUS})
"""Kinds that change the credit, not the balance."""


class Till:
    """Books balance operations of one server."""

    def __init__(self, state: ServerState, publisher: Publisher) -> None:
        self._state = state
        self._publisher = publisher

    def book(
        self, account: int, kind: BalanceKind, amount: int, provider: int = 0, reference: str = "", comment: str = ""
    ) -> int:
        """Books `amount` minor units, negative takes out; `provider` counts from 1. Returns the operation's slot."""
        state = self._state
        number = state.tickets.balance()
        if reference or comment:
            state.operation_notes[number] = (reference, comment)
        slot = state.operations.add(
            id=number,
            account=account,
            kind=BALANCE_KINDS.index(kind),
            amount=amount,
            booked_us=state.dialect.time_us(state.time_us),
            provider=provider,
        )
        column = state.accounts.credit if kind in CREDIT_KINDS else state.accounts.balance
        column[account] += amount
        state.accounts.session_deposits[account] += amount
        self._publisher.operations(slot)
        self._publisher.accounts(account)
        return slot
