"""Equity, free margin and margin level of an account. No positions, no prices: sums of what others computed."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.rounding import round_money

LEVEL_DIGITS = 2


def equity(balance: Decimal, credit: Decimal, floating: Decimal, accrued: Decimal) -> Decimal:
    """What the account is worth now; `accrued` are swaps and commissions that have not reached the balance yet."""
    return balance + credit + floating + accrued


def free_margin(equity_now: Decimal, margin: Decimal) -> Decimal:
    """What is left for new positions; negative when the positions need more than there is."""
    return equity_now - margin


def margin_level(equity_now: Decimal, margin: Decimal) -> Decimal | None:
    """Equity in percent of the margin, two decimals; None without margin."""
    return round_money(equity_now / margin * 100, LEVEL_DIGITS) if margin else None
