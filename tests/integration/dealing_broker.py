"""A broker whose script is a dealing desk's day: requests are raised, claimed, released, answered, expire and go."""

from __future__ import annotations

import random
from decimal import Decimal

import msgspec
from scripted_broker import FIRST_LOGIN, ScriptedBroker

from dealerdesk.bridges.protocol import Gone, Row, RowSet
from dealerdesk.commands import dealing_answers
from dealerdesk.instruments import LOT
from dealerdesk.trading import Request, RequestState, Side

LISTED_MAX = 6
DEALERS = ("ana", "dana")


class DealingBroker(ScriptedBroker):
    """The same seed and the same number of steps give the same answers."""

    def _next_row(self, chance: random.Random) -> Row | Gone:
        listed = [row for row, _version in self.books[RowSet.REQUEST].values() if isinstance(row, Request)]
        if len(listed) < LISTED_MAX and (not listed or chance.random() < 0.3):
            return self._raised(chance)
        row = chance.choice(listed)
        match row.state:
            case RequestState.WAITING:
                return self._answer_waiting(row, chance)
            case RequestState.CLAIMED if chance.random() < 0.3:
                return msgspec.structs.replace(row, state=RequestState.WAITING, dealer="")
            case RequestState.CLAIMED:
                return self._answered(row, row.dealer, chance)
            case _:
                return Gone(RowSet.REQUEST, row.id)

    def _raised(self, chance: random.Random) -> Request:
        return Request(
            id=100_000 + self.steps,
            login=FIRST_LOGIN + chance.randrange(self.accounts),
            symbol="EURUSD",
            side=Side.BUY,
            volume=chance.randrange(1, 90) * LOT,
            price=Decimal("1.08500"),
            state=RequestState.WAITING,
            raised_us=self.steps,
            deadline_us=self.steps + 20_000_000,
        )

    def _answer_waiting(self, row: Request, chance: random.Random) -> Request:
        dealer, share = chance.choice(DEALERS), chance.random()
        if share < 0.2:
            return msgspec.structs.replace(row, state=RequestState.EXPIRED)
        if share < 0.5:
            return self._answered(row, dealer, chance)
        return msgspec.structs.replace(row, state=RequestState.CLAIMED, dealer=dealer)

    def _answered(self, row: Request, dealer: str, chance: random.Random) -> Request:
        price = Decimal(chance.randrange(108_000, 109_000)).scaleb(-5)
        return msgspec.structs.replace(
            row, state=RequestState.ANSWERED, dealer=dealer, price=price, position_id=chance.choice((0, self.steps))
        )


def answers_of(seed: int, steps: int) -> list[tuple[int, str, int, str, str]]:
    """(version, action, request, dealer, price) of what dealers did in that script, in order."""
    broker, found = DealingBroker(seed), []
    for _ in range(steps):
        held = {key: row for key, (row, _version) in broker.books[RowSet.REQUEST].items()}
        delta = broker.step()
        row = delta.row
        before = held.get(row.id) if isinstance(row, Request) else None
        if not isinstance(row, Request) or before is None:
            continue
        assert isinstance(before, Request)
        if row.state is RequestState.WAITING:
            action, dealer = dealing_answers.RELEASED, before.dealer
        elif row.state is RequestState.CLAIMED:
            action, dealer = dealing_answers.CLAIMED, row.dealer
        elif row.state is RequestState.ANSWERED:
            action, dealer = dealing_answers.ANSWERED, row.dealer
        else:
            continue
        found.append((delta.version, action, row.id, dealer, format(row.price, "f")))
    return found
