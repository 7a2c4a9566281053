"""Why an account is so far from its stop-out, and in which order a stop-out would close what it has. Scalar, exact.

The sequence is the platform's rule over the positions as they stand at this frame's prices, each with the margin that
it binds by itself; what a hedge saves is left out, and the note says so where there is one.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.formulas.derivation import Derivation, Input, Source, Term
from dealerdesk.formulas.stop_out import ClosingOrder, Funds, StopOutTerms, Threatened, stop_out
from dealerdesk.instruments import LOT
from dealerdesk.live.evidence import Evidence, exact, minor
from dealerdesk.live.frame import Frame
from dealerdesk.live.margin_watch import NONE, position_margin, watch
from dealerdesk.live.registry import Registry
from dealerdesk.live.why_accounts import why_equity, why_margin
from dealerdesk.trading import Platform

ALL_ELSE = "All else stays as it is: conversion rates, the margin in use, and every price that is not named."


def why_to_stop_out(state: Registry, frame: Frame, account: int) -> Derivation:
    """Equity less the margin at the stop-out level: what the account can still lose."""
    return _room(state, frame, account, "stop-out", float(state.accounts.stop_out[account]))


def why_to_call(state: Registry, frame: Frame, account: int) -> Derivation:
    """Equity less the margin at the margin call level."""
    return _room(state, frame, account, "margin call", float(state.accounts.margin_call[account]))


def why_move(state: Registry, frame: Frame, account: int) -> Derivation:
    """By how many percent the price of the account's widest symbol must move; raises LookupError without one."""
    seen = watch(state, frame)
    symbol = int(seen.symbol[account])
    if symbol == NONE or np.isnan(seen.percent[account]):
        raise LookupError("no price by itself takes this account to its stop-out")
    room, evidence = why_to_stop_out(state, frame, account), Evidence(state, frame)
    net, price = _net(state, account, symbol), evidence.price(symbol, _closing_side(state, account, symbol))
    worth, pairs = _worth(evidence, account, symbol, net, price)
    lots = Input("net lots", net, "lot", Source(evidence.account_name(account)))
    value = -max(room.value, Decimal(0)) / worth * 100
    inputs = (lots, price, evidence.contract(symbol), *pairs)
    formula = "−to stop-out ÷ (net lots × lot value × price × rate) × 100"
    return Derivation(f"move of {price.label}", "%", value, (), formula, inputs, parts=(room,), note=ALL_ELSE)


def why_together(state: Registry, frame: Frame, account: int) -> Derivation:
    """By how many percent all prices must move against the account; raises LookupError where they cannot."""
    if np.isnan(watch(state, frame).together[account]):
        raise LookupError("no move of prices takes this account to its stop-out")
    room, evidence = why_to_stop_out(state, frame, account), Evidence(state, frame)
    cells, unit = state.engine.cells, state.accounts.currency_code[account]
    mine = cells.living_slots()
    mine = mine[(cells.account[mine] == account) & (cells.positions[mine] > 0)]
    inputs = []
    for symbol in cells.symbol[mine].tolist():
        net = _net(state, account, symbol)
        if net:
            price = evidence.price(symbol, _closing_side(state, account, symbol))
            worth, _pairs = _worth(evidence, account, symbol, net, price)
            inputs.append(Input(f"worth of {state.symbols.name[symbol]}", worth, unit, price.source))
    gross = sum((abs(each.value) for each in inputs), Decimal(0))
    value = max(room.value, Decimal(0)) / gross * 100
    formula = "to stop-out ÷ Σ |net lots × lot value × price × rate| × 100"
    return Derivation("move of all prices", "%", value, (), formula, tuple(inputs), parts=(room,), note=ALL_ELSE)


def why_closed(state: Registry, frame: Frame, account: int, platform: Platform | None) -> Derivation:
    """What a stop-out at this moment's prices would close, in its order, each with its result; nothing where the
    account is above its level."""
    evidence, table = Evidence(state, frame), state.positions
    stop_out_level = _level(state, account, float(state.accounts.stop_out[account]))
    unit, held = state.accounts.currency_code[account], table.living_slots()
    slots = held[table.account[held] == account]
    terms = {str(int(table.id[slot])): evidence.position_term(int(slot), unit) for slot in slots}
    margins = position_margin(state, frame, slots)
    if np.isnan(margins).any():
        raise LookupError(f"a margin has no rate into {unit}")
    threatened = [
        Threatened(str(int(table.id[slot])), terms[str(int(table.id[slot]))].value, Decimal(repr(float(margin))))
        for slot, margin in zip(slots.tolist(), margins.tolist(), strict=True)
    ]
    by_margin = platform is Platform.CTRADER
    rule = StopOutTerms(
        stop_out_level,
        order=ClosingOrder.MOST_MARGIN if by_margin else ClosingOrder.LARGEST_LOSS,
    )
    accounts = state.accounts
    funds = Funds(
        minor(state, account, int(accounts.balance[account] + accounts.accrued[account])),
        minor(state, account, int(accounts.credit[account])),
    )
    found = stop_out(funds, threatened, [], rule)
    closed = tuple(terms[action.id] for action in found.actions)
    value = sum((term.value for term in closed), Decimal(0))
    order = "most margin first" if by_margin else "largest loss first"
    note = f"Closed in this order, {order}; each position's margin is taken by itself, without what a hedge saves."
    if not closed:
        note = f"The account is above its stop-out level: nothing would be closed now. Its order is {order}."
    return Derivation("closed by a stop-out now", unit, value, closed, "Σ results of what is closed", note=note)


def _room(state: Registry, frame: Frame, account: int, name: str, percent: float) -> Derivation:
    level = _level(state, account, percent)
    equity, margin = why_equity(state, frame, account), why_margin(state, frame, account)
    threshold = margin.value * level / 100
    group = Source(f"group {state.accounts.group_name[account]}")
    terms = (
        Term("equity", equity.value, equity.unit),
        Term(f"margin at {name}", -threshold, margin.unit, (Input(f"{name} level", level, "%", group),)),
    )
    formula = f"equity − margin × {name} level ÷ 100"
    return Derivation(f"to {name}", equity.unit, equity.value - threshold, terms, formula, parts=(equity, margin))


def _level(state: Registry, account: int, percent: float) -> Decimal:
    """A level of the account's group; raises LookupError while the group is only known by name."""
    if np.isnan(percent):
        raise LookupError(f"nobody has told the levels of group {state.accounts.group_name[account]}")
    return exact(percent)


def _net(state: Registry, account: int, symbol: int) -> Decimal:
    cells = state.engine.cells
    cell = cells.find(account, symbol)
    return Decimal(int(cells.long_volume[cell] - cells.short_volume[cell])) / LOT


def _closing_side(state: Registry, account: int, symbol: int) -> str:
    return "bid" if _net(state, account, symbol) > 0 else "ask"


def _worth(
    evidence: Evidence, account: int, symbol: int, net: Decimal, price: Input
) -> tuple[Decimal, tuple[Input, ...]]:
    """What the net lots are worth in the account's currency, negative when sold, and the pairs of the conversion."""
    deposit = evidence.state.accounts.currency_code[account]
    rate, pairs = evidence.rate(evidence.record(symbol).profit_currency, deposit)
    return net * evidence.lot_value(symbol) * price.value * rate, pairs
