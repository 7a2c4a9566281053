"""Which LP fill covered which client fill, and what the broker earned in between. Pure; it books nothing.

An LP fill that was sent for a named client fill covers that one; all others cover what is still open of their
instrument and side, oldest first. What no link covers stays as a residual on either side and is told, never hidden.
Amounts are in the instrument's quote currency: units × price, exact.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dealerdesk.dealing.symbol_map import ZERO
from dealerdesk.trading import Side


@dataclass(frozen=True, slots=True)
class ClientFill:
    """A client's deal and the units of it that were to be covered; `asked_price` is what the client wanted, if any."""

    id: str
    instrument: str
    side: Side
    units: Decimal
    price: Decimal
    time_us: int
    asked_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class LpFill:
    """The broker's own fill at an LP, in our units; `client_fill_id` when it was sent for one, `expected_price` the
    LP's quote when it was sent."""

    id: str
    lp: str
    instrument: str
    side: Side
    units: Decimal
    price: Decimal
    time_us: int
    client_fill_id: str = ""
    expected_price: Decimal | None = None


@dataclass(frozen=True, slots=True)
class FillLink:
    """So many units of a client's fill were covered by so many of an LP's."""

    client: ClientFill
    lp: LpFill
    units: Decimal

    @property
    def markup_price(self) -> Decimal:
        """What the client paid more than the broker, per unit: (client price − LP price) · side; negative is a loss."""
        return self.client.side.sign * (self.client.price - self.lp.price)

    @property
    def markup(self) -> Decimal:
        """The broker's markup on these units."""
        return self.markup_price * self.units

    @property
    def client_slippage(self) -> Decimal:
        """(fill − asked) · side · units: positive is worse for the client (field/glossary)."""
        return _slippage(self.client.side, self.client.price, self.client.asked_price, self.units)

    @property
    def lp_slippage(self) -> Decimal:
        """(fill − expected) · side · units: positive is worse for the broker."""
        return _slippage(self.lp.side, self.lp.price, self.lp.expected_price, self.units)

    @property
    def delay_us(self) -> int:
        """How long after the client's fill the cover came; negative when it came first."""
        return self.lp.time_us - self.client.time_us


@dataclass(frozen=True, slots=True)
class Linked:
    """The links, and the units by fill id that nothing on the other side stands for."""

    links: tuple[FillLink, ...]
    client_residual: dict[str, Decimal]
    lp_residual: dict[str, Decimal]

    @property
    def markup(self) -> Decimal:
        """Σ markup of all links; meaningful within one quote currency."""
        return sum((link.markup for link in self.links), ZERO)


def link(client_fills: Iterable[ClientFill], lp_fills: Iterable[LpFill]) -> Linked:
    """Links every LP fill to the client fills that it covered. ValueError when an id stands there twice."""
    clients = sorted(client_fills, key=_client_order)
    covers = sorted(lp_fills, key=_lp_order)
    open_client = _by_id((fill.id, fill.units) for fill in clients)
    open_lp = _by_id((fill.id, fill.units) for fill in covers)
    by_id = {fill.id: fill for fill in clients}
    waiting: dict[tuple[str, Side], deque[ClientFill]] = defaultdict(deque)
    for fill in clients:
        waiting[fill.instrument, fill.side].append(fill)
    links: list[FillLink] = []
    for cover in (fill for fill in covers if fill.client_fill_id):
        named = by_id.get(cover.client_fill_id)
        if named is not None and (named.instrument, named.side) == (cover.instrument, cover.side):
            _join(links, named, cover, open_client, open_lp)
    for cover in covers:
        queue = waiting[cover.instrument, cover.side]
        while queue and open_lp[cover.id]:
            _join(links, queue[0], cover, open_client, open_lp)
            if not open_client[queue[0].id]:
                queue.popleft()
    return Linked(tuple(links), _left(open_client), _left(open_lp))


def _join(
    links: list[FillLink], fill: ClientFill, cover: LpFill, open_client: dict[str, Decimal], open_lp: dict[str, Decimal]
) -> None:
    units = min(open_client[fill.id], open_lp[cover.id])
    if units:
        open_client[fill.id] -= units
        open_lp[cover.id] -= units
        links.append(FillLink(fill, cover, units))


def _by_id(fills: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    open_units: dict[str, Decimal] = {}
    for fill_id, units in fills:
        if fill_id in open_units:
            raise ValueError(f"fill {fill_id} stands there twice")
        open_units[fill_id] = units
    return open_units


def _left(open_units: dict[str, Decimal]) -> dict[str, Decimal]:
    return {fill_id: units for fill_id, units in open_units.items() if units}


def _slippage(side: Side, price: Decimal, wanted: Decimal | None, units: Decimal) -> Decimal:
    return ZERO if wanted is None else side.sign * (price - wanted) * units


def _client_order(fill: ClientFill) -> tuple[int, str]:
    return fill.time_us, fill.id


def _lp_order(fill: LpFill) -> tuple[int, str]:
    return fill.time_us, fill.id
