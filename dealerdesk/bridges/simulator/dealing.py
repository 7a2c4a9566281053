"""Orders that wait for a dealer: raised when they are large, answered, expired or filled at the market in the end.

A waiting request may be claimed and released; confirming fills it at the market or at the dealer's price, a requote is
put to the client, who takes or leaves it. Answered and expired ones stay on the list for a few seconds.
"""

from __future__ import annotations

import numpy as np

from dealerdesk.bridges.protocol import AnswerVerb, RowSet
from dealerdesk.bridges.simulator.execution import Execution, Ticket
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import REQUEST_STATES
from dealerdesk.clock import SECOND_US
from dealerdesk.trading import RequestState

ANSWER_WITHIN_US = 20 * SECOND_US
LISTED_US = 8 * SECOND_US
FILLED_WHEN_DUE_SHARE = 0.7
REQUOTE_TAKEN_SHARE = 0.6
WAITING, CLAIMED, ANSWERED, EXPIRED = (REQUEST_STATES.index(state) for state in RequestState)


class DealingQueue:
    """The requests of one server."""

    def __init__(
        self, state: ServerState, publisher: Publisher, execution: Execution, generator: np.random.Generator
    ) -> None:
        self._state = state
        self._publisher = publisher
        self._execution = execution
        self._generator = generator

    def raise_request(self, ticket: Ticket) -> int:
        """Puts an order before the dealers; returns its slot."""
        state = self._state
        slot = state.requests.add(
            id=state.tickets.request(),
            account=ticket.account,
            symbol=ticket.symbol,
            side=ticket.side,
            volume=ticket.volume,
            price=self._execution.market_price(ticket.symbol, ticket.side),
            state=WAITING,
            raised_us=state.dialect.time_us(state.time_us),
            deadline_us=state.dialect.time_us(state.time_us) + ANSWER_WITHIN_US,
        )
        self._publisher.requests(slot)
        return slot

    def follow_time(self) -> None:
        """Settles what is past its deadline and clears the list of what has been settled for a while."""
        requests, now = self._state.requests, self._state.time_us
        for slot in requests.slots().tolist():
            pending = requests.state[slot] in (WAITING, CLAIMED)
            if pending and requests.deadline_us[slot] <= now:
                self._due(slot)
            elif not pending and requests.gone_us[slot] <= now:
                self._clear(slot)

    def answer(self, slot: int, verb: AnswerVerb, dealer: str, price_points: int) -> None:
        """A dealer's answer to a waiting or claimed request; `price_points` 0 is the market's price."""
        match verb:
            case AnswerVerb.CLAIM:
                self._mark(slot, CLAIMED, dealer)
            case AnswerVerb.RELEASE:
                self._mark(slot, WAITING, "")
            case AnswerVerb.CONFIRM:
                self._fill(slot, dealer, price_points)
            case AnswerVerb.REQUOTE:
                self._requote(slot, dealer, price_points)
            case AnswerVerb.REJECT:
                self._close(slot, ANSWERED, dealer)

    def _due(self, slot: int) -> None:
        if self._generator.random() < FILLED_WHEN_DUE_SHARE:
            self._fill(slot, "", 0)
        else:
            self._close(slot, EXPIRED, "")

    def _requote(self, slot: int, dealer: str, price_points: int) -> None:
        requests = self._state.requests
        side, symbol = int(requests.side[slot]), int(requests.symbol[slot])
        offered = price_points or self._execution.market_price(symbol, side)
        requests.price[slot] = offered
        if self._generator.random() < REQUOTE_TAKEN_SHARE:
            self._fill(slot, dealer, offered)
        else:
            self._close(slot, ANSWERED, dealer)

    def _fill(self, slot: int, dealer: str, price_points: int) -> None:
        requests = self._state.requests
        ticket = Ticket(
            account=int(requests.account[slot]),
            symbol=int(requests.symbol[slot]),
            side=int(requests.side[slot]),
            volume=int(requests.volume[slot]),
            price_points=price_points,
        )
        position = self._execution.open(ticket)
        requests.position_id[slot] = 0 if position is None else self._state.positions.id[position]
        self._close(slot, ANSWERED, dealer)

    def _close(self, slot: int, state: int, dealer: str) -> None:
        self._state.requests.gone_us[slot] = self._state.time_us + LISTED_US
        self._mark(slot, state, dealer)

    def _mark(self, slot: int, state: int, dealer: str) -> None:
        requests = self._state.requests
        requests.state[slot] = state
        self._state.dealers[int(requests.id[slot])] = dealer
        self._publisher.requests(slot)

    def _clear(self, slot: int) -> None:
        number = int(self._state.requests.id[slot])
        self._state.requests.remove(slot)
        self._state.dealers.pop(number, None)
        self._publisher.gone(RowSet.REQUEST, number)
