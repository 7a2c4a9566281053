"""Answers the questions of `dealerdesk calc` from the formula library. Reads no lines, writes none.

A question that cannot be answered raises ValueError as «field: what was expected».
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dealerdesk.calc import questions as ask
from dealerdesk.calc.answer import Answer, given, more_than_nothing, of_result, text
from dealerdesk.calc.margin_answers import margin
from dealerdesk.formulas.account import margin_level
from dealerdesk.formulas.commission import ChargedDeal, CommissionTerms, CommissionTier, RangeBy, Unit, commissions
from dealerdesk.formulas.corporate_actions import Split, dividend, split_position
from dealerdesk.formulas.profit import FOREX_MODES, Contract, profit_converted
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Step
from dealerdesk.formulas.stop_out import ClosingOrder, Funds, Resting, StopOutTerms, Threatened, stop_out
from dealerdesk.formulas.swap import WEEKDAYS, SwapKind, SwapTerms, reopened_at, swap, swap_days
from dealerdesk.formulas.volume import platform_volumes
from dealerdesk.instruments import CalculationMode
from dealerdesk.trading import Platform, Side

PROFIT_DIGITS = 2


def answer(question: ask.Asked) -> Answer:
    """The answer to any question; raises ValueError naming the field that prevents one."""
    if not 0 <= question.digits <= ask.DIGITS_MAX:
        raise ValueError(f"digits: expected 0 to {ask.DIGITS_MAX}, got {question.digits}")
    find: Callable[[Any], Answer] = _OF[type(question)]
    return find(question)


def _round(question: ask.Round) -> Answer:
    value = round_money(question.amount, question.digits)
    return Answer(text(value), (Step("rounded", question.amount, value),))


def _profit(question: ask.Profit) -> Answer:
    more_than_nothing("lots", question.lots)
    if question.mode is CalculationMode.BONDS:
        more_than_nothing("face_value", question.face_value)
    if question.mode is CalculationMode.FUTURES:
        more_than_nothing("tick_size", question.tick_size)
    else:
        more_than_nothing("contract_size", question.contract_size)
    result = profit_converted(
        question.mode,
        question.side,
        question.lots,
        question.open,
        question.close,
        Contract(question.contract_size, question.tick_value, question.tick_size, question.face_value),
        question.rate,
        question.digits,
        # of another currency than the deposit's nothing is said; nearly all have two decimals
        question.digits if question.rate == 1 else PROFIT_DIGITS,
    )
    return of_result(result)


def _level(question: ask.Level) -> Answer:
    level = margin_level(question.equity, question.margin)
    if level is None:
        raise ValueError("margin: expected an amount other than 0, a level is equity in percent of it")
    return Answer(text(level), (Step("level", question.equity / question.margin * 100, level),))


def _swap(question: ask.Swap) -> Answer:
    kind, futures = question.mode, question.calc_mode is CalculationMode.FUTURES
    rate = _rate_of_side(question)
    by_value = kind in {SwapKind.INTEREST_CURRENT, SwapKind.INTEREST_OPEN}
    reopens = kind in {SwapKind.REOPEN_CLOSE, SwapKind.REOPEN_BID}
    if kind is SwapKind.POINTS or reopens:
        more_than_nothing("point", question.point)
    if not reopens:
        more_than_nothing("lots", question.lots)
    if by_value or kind is SwapKind.POINTS:
        if by_value or not futures:
            more_than_nothing("contract_size", question.contract_size)
        if futures:
            more_than_nothing("tick_size", question.tick_size)
        if question.calc_mode is CalculationMode.BONDS:
            more_than_nothing("face_value", question.face_value)
    if by_value and question.calc_mode not in FOREX_MODES:
        given("price", question.price)
    more_than_nothing("days_in_year", Decimal(question.days_in_year))
    terms = SwapTerms(
        kind,
        question.calc_mode,
        Contract(question.contract_size, question.tick_value, question.tick_size, question.face_value),
        question.point,
        question.long or ask.NOTHING,
        question.short or ask.NOTHING,
        question.days_in_year,
        rounds_point=question.platform is Platform.MT5,
    )
    if reopens:
        if question.close_price is None:
            raise ValueError(f"close_price: expected a price for {kind.value}")
        price = reopened_at(terms, question.side, question.close_price)
        return Answer(text(price), (Step("open price", price, price, rate),))
    found = swap(
        terms,
        question.side,
        question.lots,
        question.price or ask.NOTHING,
        conversion=question.rate,
        multiplier=question.multiplier,
        digits=question.digits,
    )
    return of_result(found)


def _rate_of_side(question: ask.Swap) -> Decimal:
    name, rate = ("long", question.long) if question.side is Side.BUY else ("short", question.short)
    if rate is None:
        raise ValueError(f"{name}: expected the rate of a {question.side.value}")
    return rate


def _swap_days(question: ask.SwapDays) -> Answer:
    for name, days in (("multipliers", question.multipliers), ("holidays", question.holidays)):
        for day in days:
            if day not in WEEKDAYS:
                raise ValueError(f"{name}: expected names of weekdays from sunday to saturday, got {day!r}")
    charged = swap_days(
        question.multipliers, tuple(dict.fromkeys(question.holidays)), considers_holidays=question.consider_holidays
    )
    steps = tuple(Step(day, question.multipliers.get(day, ask.NOTHING), many) for day, many in charged.items())
    return Answer({day: text(many) for day, many in charged.items()}, steps)


def _commission(question: ask.Commission) -> Answer:
    if question.unit is Unit.PIPS:
        more_than_nothing("point", question.point)
    priced = question.unit is Unit.PERCENT or question.range_by in {RangeBy.NOTIONAL, RangeBy.TURNOVER_MONEY}
    by_profit = question.unit is Unit.PERCENT_OF_PROFIT or question.range_by is RangeBy.PROFIT
    for place, deal in enumerate(question.deals):
        if priced:
            given(f"deals[{place}].price", deal.price)
        if by_profit:
            given(f"deals[{place}].profit", deal.profit, "an amount")
    tiers = [
        CommissionTier(band.begin, band.end, band.rate, band.least or ask.NOTHING, band.most or ask.NOTHING)
        for band in question.tiers
    ]
    terms = CommissionTerms(
        question.range_by,
        question.entry,
        question.per,
        question.unit,
        tiers,
        question.contract_size,
        question.point,
    )
    deals = [
        ChargedDeal(each.entry, each.lots, each.price or ask.NOTHING, each.profit or ask.NOTHING, each.closes)
        for each in question.deals
    ]
    found = commissions(terms, deals, question.digits)
    return Answer([text(amount) for amount in found.amounts], found.steps)


def _split(question: ask.SplitOf) -> Answer:
    for name in ("new_shares", "old_shares", "contract_size", "step"):
        more_than_nothing(name, getattr(question, name))
    if not 0 <= question.price_digits <= ask.DIGITS_MAX:
        raise ValueError(f"price_digits: expected 0 to {ask.DIGITS_MAX}, got {question.price_digits}")
    split = Split(
        question.new_shares,
        question.old_shares,
        question.contract_size,
        question.step,
        question.price_digits,
        question.price_rounding,
    )
    after = split_position(split, question.price, question.lots)
    value = {"price": text(after.price), "lots": text(after.lots), "contracts": text(after.contracts)}
    return Answer(value, after.steps)


def _dividend(question: ask.Dividend) -> Answer:
    more_than_nothing("lots", question.lots)
    return of_result(
        dividend(question.side, question.lots, question.amount_per_lot, question.tax_percent, question.digits)
    )


def _stop_out(question: ask.StoppedOut) -> Answer:
    account = question.account
    # a platform's own ids come back as they were given
    names = {str(each.id): each.id for each in question.positions} | {str(each.id): each.id for each in question.orders}
    by_margin = question.platform is Platform.CTRADER
    terms = StopOutTerms(
        account.stop_out_percent,
        order=ClosingOrder.MOST_MARGIN if by_margin else ClosingOrder.LARGEST_LOSS,
        negative_balance_protection=account.negative_balance_protection,
    )
    found = stop_out(
        Funds(account.balance, account.credit),
        [Threatened(str(each.id), each.profit, each.margin) for each in question.positions],
        [Resting(str(each.id), each.margin) for each in question.orders],
        terms,
        digits=question.digits,
    )
    gone = [names[action.id] for action in found.actions]
    return Answer(gone, found.steps, (("compensation", text(found.compensation)),))


def _volume(question: ask.Volume) -> Answer:
    more_than_nothing("lot_size", question.lot_size)
    return Answer(platform_volumes(question.lots, question.lot_size))


_OF: dict[type, Callable[[Any], Answer]] = {
    ask.Round: _round,
    ask.Profit: _profit,
    ask.Margin: margin,
    ask.Level: _level,
    ask.Swap: _swap,
    ask.SwapDays: _swap_days,
    ask.Commission: _commission,
    ask.SplitOf: _split,
    ask.Dividend: _dividend,
    ask.StoppedOut: _stop_out,
    ask.Volume: _volume,
}
