"""Opens, adds to, closes and partly closes positions at the server's prices, and books what that earns.

Every change of a balance is here or in `till.py`: a deal goes into the deal table, onto the balance and into the
session's figures together, and each is published. Who wants to trade, and whether they may, is decided elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.simulator.accounting import Booked, commission, deal_profit, part_of, scaled_rate
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BUY, ENTRIES, REASONS, SELL, cell_of
from dealerdesk.trading import DealReason, Entry

LOSSES_COUNTED_MAX = 100


@dataclass(frozen=True, slots=True)
class Ticket:
    """An order to be filled: `price_points` 0 takes the market's price; `order_id` 0 makes a new order."""

    account: int
    symbol: int
    side: int
    volume: int
    stop_loss: int = 0
    take_profit: int = 0
    reason: DealReason = DealReason.CLIENT
    price_points: int = 0
    order_id: int = 0
    comment: str = ""


class Execution:
    """Fills tickets against a server's state."""

    def __init__(self, state: ServerState, publisher: Publisher) -> None:
        self._state = state
        self._publisher = publisher

    def market_price(self, symbol: int, side: int) -> int:
        """What a deal on `side` gets: a buy the ask, a sell the bid, in points."""
        prices = self._state.prices
        return int(prices.ask[symbol] if side == BUY else prices.bid[symbol])

    def open(self, ticket: Ticket) -> int | None:
        """Fills an order; returns the slot of its position, or None where a netting account's was closed by it."""
        state = self._state
        if state.nets(ticket.account):
            held = self._held(ticket.account, ticket.symbol)
            if held is not None:
                return self._net(held, ticket)
        order = ticket.order_id or state.tickets.order()
        price = ticket.price_points or self.market_price(ticket.symbol, ticket.side)
        fee = commission(state, ticket.account, ticket.volume)
        at_close = state.dialect.commission_at_close
        slot = state.positions.add(
            id=state.tickets.position(order),
            account=ticket.account,
            symbol=ticket.symbol,
            side=ticket.side,
            volume=ticket.volume,
            open_points=price,
            opened_us=state.dialect.time_us(state.time_us),
            stop_loss=ticket.stop_loss,
            take_profit=ticket.take_profit,
            commission=2 * fee if at_close else 0,
            reason=REASONS.index(ticket.reason),
        )
        state.bounds.note_position(ticket.symbol, ticket.side, ticket.stop_loss, ticket.take_profit)
        self._deal_in(slot, ticket, order, price, 0 if at_close else fee)
        return slot

    def close(self, slot: int, volume: int, reason: DealReason, price_points: int = 0, comment: str = "") -> int:
        """Closes `volume` of a position, whole or part; returns the profit with swap and commission, minor units.

        On MT4 the rest of a partly closed position is a new one, with a new ticket, at the old price and time.
        """
        state, table = self._state, self._state.positions
        whole, account = int(table.volume[slot]), int(table.account[slot])
        symbol, side = int(table.symbol[slot]), int(table.side[slot])
        price = price_points or self.market_price(symbol, 1 - side)
        booked = deal_profit(state, account, symbol, side, volume, int(table.open_points[slot]), price)
        swap = part_of(int(table.swap[slot]), volume, whole)
        carried = part_of(int(table.commission[slot]), volume, whole)
        fee = carried if state.dialect.commission_at_close else commission(state, account, volume)
        self._deal_out(slot, volume, price, booked, swap, fee, reason, comment)
        if volume == whole:
            table.remove(slot)
        else:
            table.volume[slot] = whole - volume
            table.swap[slot] -= swap
            table.commission[slot] -= carried
        self._publish_rest(slot, volume == whole)
        earned = booked.minor + swap + fee
        self._settle(account, symbol, earned)
        streak = int(state.accounts.losses_in_a_row[account])
        state.accounts.losses_in_a_row[account] = min(streak + 1, LOSSES_COUNTED_MAX) if earned < 0 else 0
        return earned

    def _held(self, account: int, symbol: int) -> int | None:
        table = self._state.positions
        slots = table.where("account", account)
        here = slots[table.symbol[slots] == symbol]
        return int(here[0]) if len(here) else None

    def _net(self, slot: int, ticket: Ticket) -> int | None:
        """A netting account's position takes an order in: the same side adds at the average, the other closes."""
        state, table = self._state, self._state.positions
        held = int(table.volume[slot])
        price = ticket.price_points or self.market_price(ticket.symbol, ticket.side)
        if ticket.side != table.side[slot]:
            self.close(slot, min(held, ticket.volume), ticket.reason, price, ticket.comment)
            return slot if ticket.volume < held else None
        total = held + ticket.volume
        twice = 2 * (held * int(table.open_points[slot]) + ticket.volume * price)
        table.open_points[slot] = (twice + total) // (2 * total)
        table.volume[slot] = total
        order = ticket.order_id or state.tickets.order()
        self._deal_in(slot, ticket, order, price, commission(state, ticket.account, ticket.volume))
        return slot

    def _deal_in(self, slot: int, ticket: Ticket, order: int, price: int, fee: int) -> None:
        state = self._state
        position = int(state.positions.id[slot])
        facts = state.symbols[ticket.symbol]
        rate = state.prices.rate(facts.profit_currency, state.currency(ticket.account))
        self._record(
            ticket.comment,
            id=state.tickets.deal(position, Entry.IN),
            position_id=position,
            order_id=order,
            account=ticket.account,
            symbol=ticket.symbol,
            side=ticket.side,
            entry=ENTRIES.index(Entry.IN),
            volume=ticket.volume,
            price=price,
            commission=fee,
            rate=scaled_rate(rate),
            reason=REASONS.index(ticket.reason),
        )
        self._publisher.positions(slot)
        if fee:
            self._settle(ticket.account, ticket.symbol, fee)

    def _deal_out(
        self, slot: int, volume: int, price: int, booked: Booked, swap: int, fee: int, reason: DealReason, comment: str
    ) -> None:
        state, table = self._state, self._state.positions
        position = int(table.id[slot])
        self._record(
            comment,
            id=state.tickets.deal(position, Entry.OUT),
            position_id=position,
            order_id=state.tickets.closing_order(position),
            account=int(table.account[slot]),
            symbol=int(table.symbol[slot]),
            side=SELL if table.side[slot] == BUY else BUY,
            entry=ENTRIES.index(Entry.OUT),
            volume=volume,
            price=price,
            profit=booked.minor,
            swap=swap,
            commission=fee,
            rate=booked.rate,
            reason=REASONS.index(reason),
        )

    def _record(self, comment: str, **columns: int) -> None:
        state = self._state
        book = int(state.accounts.book[columns["account"]])
        slot = state.deals.add(**columns, dealt_us=state.dialect.time_us(state.time_us), book=book)
        if comment:
            state.deal_comments[columns["id"]] = comment
        self._publisher.deals(slot)

    def _publish_rest(self, slot: int, whole: bool) -> None:
        table = self._state.positions
        old = int(table.id[slot])
        if whole:
            self._publisher.gone(RowSet.POSITION, old)
            return
        if self._state.dialect.new_ticket_after_partial_close:
            self._publisher.gone(RowSet.POSITION, old)
            table.id[slot] = self._state.tickets.order()
            table.from_ticket[slot] = old
        self._publisher.positions(slot)

    def _settle(self, account: int, symbol: int, amount: int) -> None:
        """Puts a deal's result on the balance and into the session's figures."""
        state = self._state
        state.accounts.balance[account] += amount
        state.accounts.session_realised[account] += amount
        cell = cell_of(account, symbol)
        result = state.results.find("cell", cell)
        if result is None:
            result = state.results.add(cell=cell)
        state.results.realised[result] += amount
        self._publisher.accounts(account)
        self._publisher.results(result)
