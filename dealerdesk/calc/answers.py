"""Answers the questions of `dealerdesk calc` from the formula library. Reads no lines, writes none.

A question that cannot be answered raises ValueError as «field: what was expected».
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dealerdesk.calc import questions as ask
from dealerdesk.formulas.account import margin_level
from dealerdesk.formulas.commission import ChargedDeal, CommissionTerms, CommissionTier, Unit, commissions
from dealerdesk.formulas.corporate_actions import Split, dividend, split_position
from dealerdesk.formulas.margin import HedgeRule, Leg, MarginTerms
from dealerdesk.formulas.profit import Contract, profit_converted
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
from dealerdesk.formulas.stop_out import ClosingOrder, Funds, Resting, StopOutTerms, Threatened, stop_out
from dealerdesk.formulas.swap import WEEKDAYS, SwapKind, SwapTerms, reopened_at, swap, swap_days
from dealerdesk.formulas.symbol_margin import (
    ConvertAt,
    GroupRules,
    Holdings,
    Pending,
    lots_charged,
    margin_parts,
    result_of,
)
from dealerdesk.formulas.tiers import Tier, TiersBy, tiered_margin
from dealerdesk.formulas.volume import platform_volumes
from dealerdesk.instruments import CalculationMode
from dealerdesk.trading import OrderType, Platform

PROFIT_DIGITS = 2
LEVERED = frozenset({CalculationMode.FOREX, CalculationMode.CFD_LEVERAGE})
TICKED = frozenset({CalculationMode.FUTURES, CalculationMode.CFD_INDEX})
HEDGE_RULES = {Platform.MT4: HedgeRule.BOTH_LEGS, Platform.MT5: HedgeRule.BASIC, Platform.CTRADER: HedgeRule.LARGER_LEG}


@dataclass(frozen=True, slots=True)
class Answer:
    """A value as JSON takes it, the steps to it, and what stands beside it."""

    value: Any
    steps: tuple[Step, ...] = ()
    beside: tuple[tuple[str, str], ...] = ()


def answer(question: ask.Asked) -> Answer:
    """The answer to any question; raises ValueError naming the field that prevents one."""
    if not 0 <= question.digits <= ask.DIGITS_MAX:
        raise ValueError(f"digits: expected 0 to {ask.DIGITS_MAX}, got {question.digits}")
    find: Callable[[Any], Answer] = _OF[type(question)]
    return find(question)


def _round(question: ask.Round) -> Answer:
    value = round_money(question.amount, question.digits)
    return Answer(_text(value), (Step("rounded", question.amount, value),))


def _profit(question: ask.Profit) -> Answer:
    _more_than_nothing("lots", question.lots)
    result = profit_converted(
        question.mode,
        question.side,
        question.lots,
        question.open,
        question.close,
        _contract(question),
        question.rate,
        question.digits,
        # of another currency than the deposit's nothing is said; nearly all have two decimals
        question.digits if question.rate == 1 else PROFIT_DIGITS,
    )
    return _result(result)


def _margin(question: ask.Margin) -> Answer:
    if question.margins:
        margin = sum((each.margin for each in question.margins), ask.NOTHING)
        lots = sum((each.lots for each in question.margins), ask.NOTHING)
        return _result(_tiered(question, margin, lots, Step("margins", margin, round_money(margin, question.digits))))
    if not (question.positions or question.orders or question.placing):
        raise ValueError("positions: expected at least one, or orders, placing or margins")
    terms = _terms(question)
    held = _total(question, terms, None)
    if question.placing is None:
        return _result(held)
    placing = question.placing
    _more_than_nothing("placing.lots", placing.lots)
    on_top = _total(question, terms, Leg(placing.side, placing.lots, placing.price))
    needed = max(round_money(ask.NOTHING, question.digits), on_top.value - held.value)
    step = Step("needed to place it", on_top.unrounded - held.unrounded, needed)
    return Answer(_text(needed), (*held.steps, *on_top.steps, step))


def _total(question: ask.Margin, terms: MarginTerms, placing: Leg | None) -> Result:
    held = Holdings(
        tuple(Leg(each.side, each.lots, each.open) for each in question.positions),
        tuple(Pending(each.type, each.lots, each.price) for each in question.orders),
        placing,
    )
    conversion = ConvertAt(None if question.convert_at_open else question.conversion)
    rule = question.hedge_rule or HEDGE_RULES[question.platform]
    if rule is HedgeRule.BASIC and question.platform is Platform.MT4:
        rule = HedgeRule.BOTH_LEGS
    rules = GroupRules(_leverage(question), question.accounting, rule, conversion)
    result = result_of(margin_parts(terms, held, rules), question.digits)
    if question.tiers is None:
        return result
    return _tiered(question, result.unrounded, lots_charged(terms, held), *result.steps)


def _tiered(question: ask.Margin, margin: Decimal, lots: Decimal, *before: Step) -> Result:
    """The margin after the question's tiers; without any it is rounded."""
    if question.tiers is None:
        value = round_money(margin, question.digits)
        return Result(value, margin, (*before, Step("margin", margin, value)))
    by_value = question.tiers.by is TiersBy.VALUE
    if by_value and question.leverage is None:
        raise ValueError("leverage: expected a number, since tiers by value need it")
    tiers = [Tier(band.begin, band.end, band.rate) for band in question.tiers.bands]
    whole = margin * _leverage(question) if by_value else lots
    result = tiered_margin(margin, whole, tiers, question.digits)
    return Result(result.value, result.unrounded, (*before, *result.steps))


def _terms(question: ask.Margin) -> MarginTerms:
    rates = question.rates
    terms = MarginTerms(
        question.mode,
        _contract(question),
        question.initial_margin,
        question.hedged,
        rates.buy,
        rates.sell,
        question.maintenance_margin,
        {kind: getattr(rates, kind.value) for kind in OrderType},
    )
    if question.mode in LEVERED and question.leverage is None:
        raise ValueError(f"leverage: expected a number for {question.mode.value}")
    if not terms.is_fixed and not question.contract_size:
        raise ValueError("contract_size: expected a number other than 0")
    if question.mode is CalculationMode.FUTURES and not (question.initial_margin or question.maintenance_margin):
        raise ValueError("initial_margin: expected an amount per lot for futures")
    for place, held in enumerate(question.positions):
        _more_than_nothing(f"positions[{place}].lots", held.lots)
    for place, ordered in enumerate(question.orders):
        _more_than_nothing(f"orders[{place}].lots", ordered.lots)
    return terms


def _leverage(question: ask.Margin) -> Decimal:
    leverage = ask.ONE if question.leverage is None else question.leverage
    _more_than_nothing("leverage", leverage)
    return leverage


def _level(question: ask.Level) -> Answer:
    level = margin_level(question.equity, question.margin)
    if level is None:
        raise ValueError("margin: expected an amount other than 0, a level is equity in percent of it")
    return Answer(_text(level), (Step("level", question.equity / question.margin * 100, level),))


def _swap(question: ask.Swap) -> Answer:
    if question.days_in_year <= 0:
        raise ValueError(f"days_in_year: expected more than 0, got {question.days_in_year}")
    terms = SwapTerms(
        question.mode,
        question.calc_mode,
        _contract(question),
        question.point,
        question.long,
        question.short,
        question.days_in_year,
        rounds_point=question.platform is Platform.MT5,
    )
    if question.mode in {SwapKind.REOPEN_CLOSE, SwapKind.REOPEN_BID}:
        if question.close_price is None:
            raise ValueError(f"close_price: expected a price for {question.mode.value}")
        price = reopened_at(terms, question.side, question.close_price)
        return Answer(_text(price), (Step("open price", price, price, terms.rate(question.side)),))
    if question.mode is SwapKind.POINTS:
        _more_than_nothing("point", question.point)
    return _result(
        swap(
            terms,
            question.side,
            question.lots,
            question.price,
            conversion=question.rate,
            multiplier=question.multiplier,
            digits=question.digits,
        )
    )


def _swap_days(question: ask.SwapDays) -> Answer:
    for name, days in (("multipliers", question.multipliers), ("holidays", question.holidays)):
        for day in days:
            if day not in WEEKDAYS:
                raise ValueError(f"{name}: expected names of weekdays from sunday to saturday, got {day!r}")
    charged = swap_days(
        question.multipliers, tuple(dict.fromkeys(question.holidays)), considers_holidays=question.consider_holidays
    )
    steps = tuple(Step(day, question.multipliers.get(day, ask.NOTHING), many) for day, many in charged.items())
    return Answer({day: _text(many) for day, many in charged.items()}, steps)


def _commission(question: ask.Commission) -> Answer:
    if question.unit is Unit.PIPS:
        _more_than_nothing("point", question.point)
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
    deals = [ChargedDeal(each.entry, each.lots, each.price, each.profit, each.closes) for each in question.deals]
    found = commissions(terms, deals, question.digits)
    return Answer([_text(amount) for amount in found.amounts], found.steps)


def _split(question: ask.SplitOf) -> Answer:
    for name in ("new_shares", "old_shares", "contract_size", "step"):
        _more_than_nothing(name, getattr(question, name))
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
    value = {"price": _text(after.price), "lots": _text(after.lots), "contracts": _text(after.contracts)}
    return Answer(value, after.steps)


def _dividend(question: ask.Dividend) -> Answer:
    return _result(
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
    return Answer(gone, found.steps, (("compensation", _text(found.compensation)),))


def _volume(question: ask.Volume) -> Answer:
    return Answer(platform_volumes(question.lots, question.lot_size))


def _contract(question: ask.Profit | ask.Margin | ask.Swap) -> Contract:
    mode = question.calc_mode if isinstance(question, ask.Swap) else question.mode
    is_margin_of_futures = isinstance(question, ask.Margin) and mode is CalculationMode.FUTURES
    if mode in TICKED and not is_margin_of_futures and _uses_ticks(question, mode):
        _more_than_nothing("tick_size", question.tick_size)
    if mode is CalculationMode.BONDS:
        _more_than_nothing("face_value", question.face_value)
    return Contract(question.contract_size, question.tick_value, question.tick_size, question.face_value)


def _uses_ticks(question: ask.Profit | ask.Margin | ask.Swap, mode: CalculationMode) -> bool:
    """Futures pay by ticks; an index only binds margin by them."""
    return mode is CalculationMode.FUTURES or isinstance(question, ask.Margin)


def _more_than_nothing(name: str, amount: Decimal) -> None:
    if amount <= 0:
        raise ValueError(f"{name}: expected more than 0, got {amount}")


def _result(result: Result) -> Answer:
    return Answer(_text(result.value), result.steps)


def _text(amount: Decimal) -> str:
    return format(amount, "f")


def steps_as_json(steps: Iterable[Step]) -> Sequence[dict[str, str]]:
    """The steps with their numbers as strings; a step without a rate does not name one."""
    return [
        {"name": step.name, "value": _text(step.value), "rounded": _text(step.rounded)}
        | ({} if step.rate is None else {"rate": _text(step.rate)})
        for step in steps
    ]


_OF: dict[type, Callable[[Any], Answer]] = {
    ask.Round: _round,
    ask.Profit: _profit,
    ask.Margin: _margin,
    ask.Level: _level,
    ask.Swap: _swap,
    ask.SwapDays: _swap_days,
    ask.Commission: _commission,
    ask.SplitOf: _split,
    ask.Dividend: _dividend,
    ask.StoppedOut: _stop_out,
    ask.Volume: _volume,
}
