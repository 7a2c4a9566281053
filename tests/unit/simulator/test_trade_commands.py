from decimal import Decimal

import pytest
from small_server import Server, small_server

from dealerdesk.bridges.protocol import AnswerRequest, AnswerVerb, ClosePosition, Command, CommandBody
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.limits import LIMITS, Limits
from dealerdesk.bridges.simulator.refusals import Refusal, RefusedError
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.bridges.simulator.trade_commands import TradeCommands
from dealerdesk.instruments import LOT
from dealerdesk.trading import Deal, DealReason, RequestState


def commands_of(server: Server, limits: Limits = LIMITS) -> TradeCommands:
    return TradeCommands(server.state, server.publisher, server.execution, server.queue, server.market, limits)


def asked(body: CommandBody, **changes) -> Command:
    return Command(**{"id": "cmd-9", "body": body, "actor": "ana", "deadline_us": 0, **changes})


def opened() -> tuple[Server, int]:
    server = small_server()
    slot = server.execution.open(Ticket(server.account(), server.symbol("EURUSD"), BUY, LOT))
    server.said()
    return server, int(server.state.positions.id[slot])


def close(server, number, volume=0, **changes):
    body = ClosePosition(number, volume)
    return commands_of(server).close_position(body, asked(body, **changes))


def test_closing_reads_back_the_deal_with_the_commands_id():
    server, number = opened()
    outcome = close(server, number)
    deal = outcome.row
    assert isinstance(deal, Deal)
    assert (deal.position_id, deal.reason, deal.comment, outcome.ticket) == (
        number,
        DealReason.DEALER,
        "cmd-9",
        str(deal.id),
    )
    assert len(server.state.positions) == 0


def test_a_part_is_closed_in_steps_only():
    server, number = opened()
    close(server, number, LOT // 4)
    assert server.state.positions.volume[0] == 3 * LOT // 4
    for volume in (LOT // 1_000, LOT, -1):
        with pytest.raises(RefusedError):
            close(server, number, volume)


def test_a_position_on_a_closed_market_stays():
    server, number = opened()
    server.market.open[server.symbol("EURUSD")] = False
    with pytest.raises(RefusedError, match="EURUSD does not trade now") as refused:
        close(server, number)
    assert refused.value.refusal is Refusal.MARKET_CLOSED


def test_an_old_version_and_a_dry_run_close_nothing():
    server, number = opened()
    with pytest.raises(RefusedError, match="expected version 1, it is 2"):
        close(server, number, expected_version=1)
    assert close(server, number, expected_version=2, dry_run=True).row.id == number
    assert server.said() == []


def test_a_position_that_is_not_there_is_named():
    with pytest.raises(RefusedError, match="there is no open position 5"):
        close(small_server(), 5)


def waiting() -> Server:
    server = small_server()
    server.queue.raise_request(Ticket(server.account(), server.symbol("EURUSD"), BUY, 5 * LOT))
    server.said()
    return server


def answer(server, verb, price="", actor="ana", limits=LIMITS):
    body = AnswerRequest(1, verb, price)
    return commands_of(server, limits).answer_request(body, asked(body, actor=actor))


def test_a_confirmed_request_is_read_back_with_its_position():
    server = waiting()
    row = answer(server, AnswerVerb.CONFIRM, "1.10020").row
    assert (row.state, row.dealer) == (RequestState.ANSWERED, "ana")
    assert row.position_id == server.state.positions.id[0]
    assert server.state.positions.open_points[0] == 110_020
    with pytest.raises(RefusedError, match="has been settled already"):
        answer(server, AnswerVerb.REJECT)


def test_only_who_holds_a_request_may_answer_it():
    server = waiting()
    answer(server, AnswerVerb.CLAIM)
    with pytest.raises(RefusedError, match="request 1 is held by ana"):
        answer(server, AnswerVerb.CONFIRM, actor="bob")
    answer(server, AnswerVerb.RELEASE)
    assert answer(server, AnswerVerb.REJECT, actor="bob").row.dealer == "bob"


def test_a_dealer_confirms_no_more_than_the_bridge_allows():
    with pytest.raises(RefusedError, match="5 lots are more than a dealer may confirm here"):
        answer(waiting(), AnswerVerb.CONFIRM, limits=Limits(confirm_volume_max=4 * LOT))


@pytest.mark.parametrize(
    ("price", "why"),
    [
        ("abc", "is no price"),
        ("NaN", "more than 2% away"),
        ("1.2", "more than 2% away"),
        ("1.100001", "more than 5 decimals"),
    ],
)
def test_a_price_that_is_none_or_far_away_is_refused(price, why):
    server = waiting()
    with pytest.raises(RefusedError, match=why):
        answer(server, AnswerVerb.CONFIRM, price)
    assert server.said() == []
    assert server.state.prices.price(server.symbol("EURUSD"), 110_010) == Decimal("1.10010")
