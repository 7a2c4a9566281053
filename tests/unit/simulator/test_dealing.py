from decimal import Decimal

import numpy as np
import pytest
from small_server import NOON_US, small_server

from dealerdesk.bridges.protocol import AnswerVerb, Gone, RowSet
from dealerdesk.bridges.simulator.dealing import ANSWER_WITHIN_US, LISTED_US, DealingQueue
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.instruments import LOT
from dealerdesk.trading import Deal, Request, RequestState


class Fixed:
    """Chance that always says the same."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


def raised(chance: float = 0.0):
    server = small_server()
    queue = DealingQueue(server.state, server.publisher, server.execution, Fixed(chance))
    slot = queue.raise_request(Ticket(server.account(), server.symbol("EURUSD"), BUY, 5 * LOT))
    return server, queue, slot


def requests(server):
    return [delta.row for delta in server.said() if isinstance(delta.row, Request)]


def test_a_request_waits_at_the_markets_price_with_a_deadline():
    server, _queue, _slot = raised()
    (row,) = requests(server)
    assert (row.state, row.price, row.volume) == (RequestState.WAITING, Decimal("1.10010"), 5 * LOT)
    assert row.deadline_us == NOON_US + ANSWER_WITHIN_US


def test_a_claimed_request_names_its_dealer_until_it_is_released():
    server, queue, slot = raised()
    queue.answer(slot, AnswerVerb.CLAIM, "ana", 0)
    queue.answer(slot, AnswerVerb.RELEASE, "ana", 0)
    states = [(row.state, row.dealer) for row in requests(server)]
    assert states == [(RequestState.WAITING, ""), (RequestState.CLAIMED, "ana"), (RequestState.WAITING, "")]


def test_a_confirmed_request_is_filled_at_the_dealers_price_and_names_its_position():
    server, queue, slot = raised()
    server.said()
    queue.answer(slot, AnswerVerb.CONFIRM, "ana", 110_020)
    said = [delta.row for delta in server.said()]
    (deal,) = [row for row in said if isinstance(row, Deal)]
    request = said[-1]
    assert deal.price == Decimal("1.10020")
    assert (request.state, request.dealer, request.position_id) == (RequestState.ANSWERED, "ana", deal.position_id)


@pytest.mark.parametrize(("chance", "taken"), [(0.5, 1), (0.7, 0)])
def test_a_requote_is_taken_or_left(chance, taken):
    server, queue, slot = raised(chance)
    queue.answer(slot, AnswerVerb.REQUOTE, "ana", 110_030)
    assert len(server.state.positions) == taken
    assert requests(server)[-1].price == Decimal("1.10030")


def test_a_rejected_request_opens_nothing():
    server, queue, slot = raised()
    queue.answer(slot, AnswerVerb.REJECT, "ana", 0)
    assert len(server.state.positions) == 0
    assert requests(server)[-1].state is RequestState.ANSWERED


@pytest.mark.parametrize(
    ("chance", "state", "filled"), [(0.1, RequestState.ANSWERED, 1), (0.9, RequestState.EXPIRED, 0)]
)
def test_an_unanswered_request_is_filled_or_expires_and_leaves_the_list(chance, state, filled):
    server, queue, _slot = raised(chance)
    queue.follow_time()
    assert len(requests(server)) == 1
    server.state.time_us = NOON_US + ANSWER_WITHIN_US
    queue.follow_time()
    assert requests(server)[-1].state is state
    assert len(server.state.positions) == filled
    server.state.time_us += LISTED_US
    queue.follow_time()
    assert [delta.row for delta in server.said()] == [Gone(RowSet.REQUEST, 1)]
    assert np.count_nonzero(server.state.requests.alive) == 0
