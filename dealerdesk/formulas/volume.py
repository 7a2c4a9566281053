"""Lots as each platform writes them: whole numbers of its own unit. Converts nothing else."""

from __future__ import annotations

from decimal import Decimal

MT4_PER_LOT = 100
MT5_PER_LOT = 10_000
MT5_EXTENDED_PER_LOT = 100_000_000
CTRADER_PER_UNIT = 100


def platform_volumes(lots: Decimal, lot_size: Decimal) -> dict[str, int | None]:
    """The volume in 1/100 lot (mt4), 1/10,000 and 1e-8 lot (mt5, mt5_ext) and 0.01 unit (ctrader); None where the
    platform's unit is too coarse for it."""
    return {
        "mt4": _whole(lots * MT4_PER_LOT),
        "mt5": _whole(lots * MT5_PER_LOT),
        "mt5_ext": _whole(lots * MT5_EXTENDED_PER_LOT),
        "ctrader": _whole(lots * lot_size * CTRADER_PER_UNIT),
    }


def _whole(amount: Decimal) -> int | None:
    number = int(amount)
    return number if number == amount else None
