"""Recorded prices at chosen moments, from the samples of minutes: what returns over a horizon are made of."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from dealerdesk.clock import MINUTE_US
from dealerdesk.store.schema import quote_samples

MINUTES_BEFORE = 5
"""A symbol need not tick in every minute: the newest sample of so many minutes before a moment stands for it."""


def moments_before(until_us: int, step_us: int, count: int) -> list[int]:
    """`count` + 1 whole minutes, `step_us` apart, the last not after `until_us`; oldest first."""
    last = until_us // MINUTE_US * MINUTE_US
    return [last - step_us * number for number in range(count, -1, -1)]


def middles_at(connection: Connection, server: str, symbol: str, moments_us: Sequence[int]) -> list[float | None]:
    """The middle of bid and ask at each moment, from the newest sample of the five minutes before it."""
    if not moments_us:
        return []
    wanted = {moment - MINUTE_US * back for moment in moments_us for back in range(1, MINUTES_BEFORE + 1)}
    table = quote_samples
    query = select(table.c.minute_us, table.c.bid, table.c.ask).where(
        table.c.server == server, table.c.symbol == symbol, table.c.minute_us.in_(sorted(wanted))
    )
    found = {row.minute_us: float(row.bid + row.ask) / 2 for row in connection.execute(query)}
    return [_newest(found, moment) for moment in moments_us]


def _newest(found: dict[int, float], moment: int) -> float | None:
    return next(
        (found[at] for back in range(1, MINUTES_BEFORE + 1) if (at := moment - MINUTE_US * back) in found), None
    )
