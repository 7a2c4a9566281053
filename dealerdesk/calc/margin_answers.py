"""Answers `margin` questions: positions, pending orders, an order to be placed, and tiers over one or several symbols.

A question that cannot be answered raises ValueError as «field: what was expected».
"""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.calc import questions as ask
from dealerdesk.calc.answer import Answer, given, more_than_nothing, of_result, text
from dealerdesk.formulas.margin import HedgeRule, Leg, MarginTerms, open_requirement
from dealerdesk.formulas.profit import Contract
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.steps import Result, Step
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
from dealerdesk.instruments import CalculationMode
from dealerdesk.trading import OrderType, Platform

LEVERED = frozenset({CalculationMode.FOREX, CalculationMode.CFD_LEVERAGE})
HEDGE_RULES = {Platform.MT4: HedgeRule.BOTH_LEGS, Platform.MT5: HedgeRule.BASIC, Platform.CTRADER: HedgeRule.LARGER_LEG}


def margin(question: ask.Margin) -> Answer:
    """Margin of positions and orders, of what an order adds to them, or of symbols together under their tiers."""
    if question.margins:
        whole = sum((each.margin for each in question.margins), ask.NOTHING)
        lots = sum((each.lots for each in question.margins), ask.NOTHING)
        return of_result(_tiered(question, whole, lots, Step("margins", whole, round_money(whole, question.digits))))
    if not (question.positions or question.orders or question.placing):
        raise ValueError("positions: expected at least one, or orders, placing or margins")
    terms = _terms(question)
    held = _total(question, terms, None)
    if question.placing is None:
        return of_result(held)
    placing = question.placing
    on_top = _total(question, terms, Leg(placing.side, placing.lots, placing.price or ask.NOTHING))
    needed = max(round_money(ask.NOTHING, question.digits), on_top.value - held.value)
    step = Step("needed to place it", on_top.unrounded - held.unrounded, needed)
    return Answer(text(needed), (*held.steps, *on_top.steps, step))


def _total(question: ask.Margin, terms: MarginTerms, placing: Leg | None) -> Result:
    held = Holdings(
        tuple(Leg(each.side, each.lots, each.open or ask.NOTHING) for each in question.positions),
        tuple(Pending(each.type, each.lots, each.price or ask.NOTHING) for each in question.orders),
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
        Contract(question.contract_size, question.tick_value, question.tick_size, question.face_value),
        question.initial_margin,
        question.hedged,
        rates.buy,
        rates.sell,
        question.maintenance_margin,
        {kind: getattr(rates, kind.value) for kind in OrderType},
    )
    if question.mode in LEVERED and question.leverage is None:
        raise ValueError(f"leverage: expected a number for {question.mode.value}")
    if question.mode is CalculationMode.FUTURES and not (question.initial_margin or question.maintenance_margin):
        raise ValueError("initial_margin: expected an amount per lot for futures")
    if not terms.is_fixed:
        more_than_nothing("contract_size", question.contract_size)
        if question.mode is CalculationMode.CFD_INDEX:
            more_than_nothing("tick_size", question.tick_size)
        if question.mode is CalculationMode.BONDS:
            more_than_nothing("face_value", question.face_value)
    _check_lots_and_prices(question, needs_price=question.convert_at_open or open_requirement(terms).priced)
    return terms


def _check_lots_and_prices(question: ask.Margin, *, needs_price: bool) -> None:
    for place, held in enumerate(question.positions):
        more_than_nothing(f"positions[{place}].lots", held.lots)
        if needs_price:
            given(f"positions[{place}].open", held.open)
    for place, order in enumerate(question.orders):
        more_than_nothing(f"orders[{place}].lots", order.lots)
        if needs_price and getattr(question.rates, order.type.value):
            given(f"orders[{place}].price", order.price)
    if question.placing is not None:
        more_than_nothing("placing.lots", question.placing.lots)
        if needs_price:
            given("placing.price", question.placing.price)


def _leverage(question: ask.Margin) -> Decimal:
    leverage = ask.ONE if question.leverage is None else question.leverage
    more_than_nothing("leverage", leverage)
    return leverage
