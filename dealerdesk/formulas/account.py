"""Equity, free margin and margin level of an account. No positions, no prices: sums of what others computed."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from dealerdesk.formulas.rounding import round_money

LEVEL_DIGITS = 2


def equity(balance: Decimal, credit: Decimal, floating: Decimal, accrued: Decimal) -> Decimal:
    """What the account is worth now; `accrued` are swaps and commissions that have not reached the balance yet."""
    return balance + credit + floating + accrued


class FreeMarginMode(StrEnum):
    """Which floating result counts for new positions (field/formulas 4.4; MT5's modes 1, 0, 2 and 3)."""

    ALL = "all"
    NONE = "none"
    PROFIT = "profit"
    LOSS = "loss"


def free_margin(
    equity_now: Decimal, margin: Decimal, floating: Decimal = Decimal(0), mode: FreeMarginMode = FreeMarginMode.ALL
) -> Decimal:
    """What is left for new positions; negative when the positions need more than there is.

    `floating` is the part of the equity that the mode may leave out: all of it, what is lost, or what is won.
    """
    match mode:
        case FreeMarginMode.ALL:
            left_out = Decimal(0)
        case FreeMarginMode.NONE:
            left_out = floating
        case FreeMarginMode.PROFIT:
            left_out = min(floating, Decimal(0))
        case FreeMarginMode.LOSS:
            left_out = max(floating, Decimal(0))
    return equity_now - left_out - margin


def margin_level(equity_now: Decimal, margin: Decimal) -> Decimal | None:
    """Equity in percent of the margin, two decimals; None without margin."""
    return round_money(equity_now / margin * 100, LEVEL_DIGITS) if margin else None
