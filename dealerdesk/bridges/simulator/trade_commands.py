"""Commands on trades: closing a position, answering a dealing request. Checked whole before anything changes."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from dealerdesk.bridges.protocol import AnswerRequest, AnswerVerb, ClosePosition, Command, RowSet
from dealerdesk.bridges.simulator.account_commands import Outcome
from dealerdesk.bridges.simulator.dealing import CLAIMED, WAITING, DealingQueue
from dealerdesk.bridges.simulator.dialects import COMMENT_CHARS_MAX
from dealerdesk.bridges.simulator.execution import Execution
from dealerdesk.bridges.simulator.limits import Limits
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.refusals import Refusal, RefusedError
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.formulas.margin import lots_of
from dealerdesk.trading import DealReason

PRICE_OFF_MARKET_MAX = Decimal("0.02")
"""A dealer's price may be this share away from the market at most."""


class TradeCommands:
    """Commands on the positions and requests of one server."""

    def __init__(
        self,
        state: ServerState,
        publisher: Publisher,
        execution: Execution,
        queue: DealingQueue,
        market: Market,
        limits: Limits,
    ) -> None:
        self._state = state
        self._publisher = publisher
        self._execution = execution
        self._queue = queue
        self._market = market
        self._limits = limits

    def close_position(self, body: ClosePosition, command: Command) -> Outcome:
        """Closes a position, or `volume` of it, at the market; reads back the closing deal."""
        table = self._state.positions
        slot = table.find("id", body.position_id)
        if slot is None:
            raise RefusedError(Refusal.NOT_FOUND, f"there is no open position {body.position_id} on this server")
        _same_version(command, int(table.version[slot]))
        volume = self._closing_volume(slot, body.volume)
        self._check_open(int(table.symbol[slot]))
        if command.dry_run:
            row = self._publisher.row_of(RowSet.POSITION, table, slot)
            return Outcome(row, int(table.version[slot]))
        comment = command.id[:COMMENT_CHARS_MAX]
        self._execution.close(slot, volume, DealReason.DEALER, comment=comment)
        deals = self._state.deals
        deal = deals.count - 1
        row = self._publisher.row_of(RowSet.DEAL, deals, deal)
        return Outcome(row, int(deals.version[deal]), str(deals.id[deal]))

    def answer_request(self, body: AnswerRequest, command: Command) -> Outcome:
        """A dealer's answer to a request that is still waiting, and not claimed by someone else."""
        requests = self._state.requests
        slot = requests.find("id", body.request_id)
        if slot is None:
            raise RefusedError(Refusal.NOT_FOUND, f"there is no request {body.request_id} on this server")
        _same_version(command, int(requests.version[slot]))
        self._check_answer(slot, body, command.actor)
        price = self._price_points(slot, body.price)
        if not command.dry_run:
            self._queue.answer(slot, body.verb, command.actor, price)
        row = self._publisher.row_of(RowSet.REQUEST, requests, slot)
        return Outcome(row, int(requests.version[slot]), str(body.request_id))

    def _closing_volume(self, slot: int, wanted: int) -> int:
        table = self._state.positions
        held, facts = int(table.volume[slot]), self._state.symbols[int(table.symbol[slot])]
        volume = wanted or held
        step = self._state.dialect.volume_step(facts)
        rest = held - volume
        if not 0 < volume <= held:
            raise RefusedError(Refusal.INVALID, f"{lots_of(volume)} lots of a position of {lots_of(held)} lots")
        if rest and (volume % step or volume < facts.volume_min or rest < facts.volume_min):
            raise RefusedError(
                Refusal.INVALID,
                f"{lots_of(volume)} of {lots_of(held)} lots: {facts.name} trades in steps of {lots_of(step)}, "
                f"at least {lots_of(facts.volume_min)}",
            )
        return volume

    def _check_open(self, symbol: int) -> None:
        if not self._market.open[symbol]:
            raise RefusedError(Refusal.MARKET_CLOSED, f"{self._state.symbols[symbol].name} does not trade now")

    def _check_answer(self, slot: int, body: AnswerRequest, dealer: str) -> None:
        requests = self._state.requests
        if requests.state[slot] not in (WAITING, CLAIMED):
            raise RefusedError(Refusal.CHANGED, f"request {body.request_id} has been settled already")
        holder = self._state.dealers.get(body.request_id, "")
        if requests.state[slot] == CLAIMED and holder != dealer:
            raise RefusedError(Refusal.TAKEN, f"request {body.request_id} is held by {holder}")
        if body.verb is not AnswerVerb.CONFIRM:
            return
        self._check_open(int(requests.symbol[slot]))
        volume = int(requests.volume[slot])
        if volume > self._limits.confirm_volume_max:
            raise RefusedError(
                Refusal.LIMIT,
                f"{lots_of(volume)} lots are more than a dealer may confirm here "
                f"({lots_of(self._limits.confirm_volume_max)})",
            )

    def _price_points(self, slot: int, text: str) -> int:
        """A dealer's price in points; 0 for the market's."""
        if not text:
            return 0
        requests = self._state.requests
        symbol, side = int(requests.symbol[slot]), int(requests.side[slot])
        digits = self._state.symbols[symbol].digits
        market = self._state.prices.price(symbol, self._execution.market_price(symbol, side))
        try:
            price = Decimal(text)
        except InvalidOperation:
            raise RefusedError(Refusal.INVALID, f"{text!r} is no price") from None
        if not price.is_finite() or abs(price - market) > market * PRICE_OFF_MARKET_MAX:
            raise RefusedError(Refusal.LIMIT, f"{text} is more than 2% away from the market at {market}")
        points = price.scaleb(digits)
        if points != int(points):
            raise RefusedError(Refusal.INVALID, f"{text} has more than {digits} decimals")
        return int(points)


def _same_version(command: Command, version: int) -> None:
    if command.expected_version is not None and command.expected_version != version:
        raise RefusedError(
            Refusal.CHANGED,
            f"the row has changed since it was read: expected version {command.expected_version}, it is {version}",
        )
