"""Why an account is so far from its stop-out, and in which order a stop-out would close what it has. Scalar, exact.

The sequence is the platform's rule over the positions as they stand at this frame's prices, each with the margin that
it binds by itself; what a hedge saves is left out, and the note says so where there is one.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.formulas.derivation import Derivation, Input, Source, Term
from dealerdesk.formulas.stop_out import ClosingOrder, Funds, StopOutTerms, Threatened, stop_out
from dealerdesk.live.evidence import Evidence, exact, minor
from dealerdesk.live.frame import Frame
from dealerdesk.live.margin_watch import NONE, position_margin, watch
from dealerdesk.live.registry import Registry
from dealerdesk.live.why_accounts import why_equity, why_margin
from dealerdesk.trading import Platform


def why_to_stop_out(state: Registry, frame: Frame, account: int) -> Derivation:
    """Equity less the margin at the stop-out level: what the account can still lose."""
    equity, margin = why_equity(state, frame, account), why_margin(state, frame, account)
    level = exact(float(state.accounts.stop_out[account]))
    threshold = margin.value * level / 100
    group = Source(f"group {state.accounts.group_name[account]}")
    terms = (
        Term("equity", equity.value, equity.unit),
        Term("margin at stop-out", -threshold, margin.unit, (Input("stop-out level", level, "%", group),)),
    )
    formula = "equity − margin × stop-out level ÷ 100"
    return Derivation("to stop-out", equity.unit, equity.value - threshold, terms, formula, parts=(equity, margin))


def why_move(state: Registry, frame: Frame, account: int) -> Derivation:
    """By how many percent the price of the account's widest symbol must move; raises LookupError without one."""
    seen = watch(state, frame)
    symbol = int(seen.symbol[account])
    if symbol == NONE or np.isnan(seen.percent[account]):
        raise LookupError("no price by itself takes this account to its stop-out")
    room, evidence = why_to_stop_out(state, frame, account), Evidence(state, frame)
    cell = state.engine.cells.find(account, symbol)
    lots = Decimal(int(state.engine.cells.long_volume[cell] - state.engine.cells.short_volume[cell])) / 10**8
    price = evidence.price(symbol, "bid" if lots > 0 else "ask")
    rate, pairs = evidence.rate(evidence.record(symbol).profit_currency, state.accounts.currency_code[account])
    worth = lots * evidence.lot_value(symbol) * price.value * rate
    net = Input("net lots", lots, "lot", Source(evidence.account_name(account)))
    value = -max(room.value, Decimal(0)) / worth * 100
    inputs = (net, price, evidence.contract(symbol), *pairs)
    formula = "−to stop-out ÷ (net lots × lot value × price × rate) × 100"
    note = "All other prices, the conversion rates and the margin in use stay as they are."
    return Derivation(f"move of {price.label}", "%", value, (), formula, inputs, parts=(room,), note=note)


def why_closed(state: Registry, frame: Frame, account: int, platform: Platform | None) -> Derivation:
    """What a stop-out at this moment's prices would close, in its order, each with its result; nothing where the
    account is above its level."""
    evidence, table = Evidence(state, frame), state.positions
    unit, held = state.accounts.currency_code[account], table.living_slots()
    slots = held[table.account[held] == account]
    terms = {str(int(table.id[slot])): evidence.position_term(int(slot), unit) for slot in slots}
    margins = position_margin(state, frame, slots)
    threatened = [
        Threatened(str(int(table.id[slot])), terms[str(int(table.id[slot]))].value, Decimal(repr(float(margin))))
        for slot, margin in zip(slots.tolist(), margins.tolist(), strict=True)
    ]
    by_margin = platform is Platform.CTRADER
    rule = StopOutTerms(
        exact(float(state.accounts.stop_out[account])),
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
