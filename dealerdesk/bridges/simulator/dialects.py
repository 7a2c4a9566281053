"""What each platform can represent: volume units, clock resolution, first logins, when a commission is booked.

The brokerage trades only in values that its platform could hold, so that a native record and its row say the same;
the records themselves are in `native_mt4.py`, `native_mt5.py` and `native_ctrader.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import lcm

from dealerdesk.bridges.simulator import server_clock
from dealerdesk.clock import SECOND_US
from dealerdesk.instruments import LOT, Symbol
from dealerdesk.trading import Platform

COMMENT_CHARS_MAX = 31


@dataclass(frozen=True, slots=True)
class Dialect:
    """`resolution_us` of its clock; with `new_ticket_after_partial_close` the rest of a position is a new one; with
    `commission_at_close` a position carries its commission until it closes instead of paying it at each deal."""

    platform: Platform
    first_login: int
    resolution_us: int
    server_time: bool
    new_ticket_after_partial_close: bool
    commission_at_close: bool

    def time_us(self, utc_us: int) -> int:
        """The moment as the platform records it, cut to its clock's resolution."""
        return utc_us - utc_us % self.resolution_us

    def clock_offset_s(self, utc_us: int) -> int:
        """How far the platform's clock is ahead of UTC."""
        return server_clock.offset_s(utc_us) if self.server_time else 0

    def volume_step(self, symbol: Symbol) -> int:
        """The smallest step, in 1e-8 lot, that both the symbol and the platform's volume unit allow."""
        return lcm(symbol.volume_step, volume_unit(self.platform, symbol))


def volume_unit(platform: Platform, symbol: Symbol) -> int:
    """The platform's unit of volume in 1e-8 lot: 1/100 lot, 1e-8 lot, or 0.01 of a unit of the contract."""
    match platform:
        case Platform.MT4:
            return LOT // 100
        case Platform.MT5:
            return 1
        case Platform.CTRADER:
            cents = int(symbol.contract_size * 100)
            return max(LOT // cents, 1)


DIALECTS = {
    Platform.MT4: Dialect(Platform.MT4, 51_001, SECOND_US, True, True, True),
    Platform.MT5: Dialect(Platform.MT5, 700_001, 1_000, True, False, False),
    Platform.CTRADER: Dialect(Platform.CTRADER, 3_300_001, 1_000, False, False, False),
}
