"""Why a row of an exposure is what it is. A row with few positions is explained by each of them, one with many by the
sums of each symbol (and account currency), which are exact: volumes are integers.
"""

from __future__ import annotations

from collections.abc import Hashable
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from dealerdesk.formulas.derivation import Derivation, Input, Rounding, Source, Term, derive
from dealerdesk.formulas.rounding import round_money
from dealerdesk.instruments import LOT, AssetClass
from dealerdesk.live.dimensions import BY_SYMBOL, Dimension, by_account, by_symbol, legs, rows_behind
from dealerdesk.live.evidence import Evidence, exact, minor
from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry
from dealerdesk.live.sums import View
from dealerdesk.money import currency as currency_of

EACH_POSITION_MAX = 200
PERCENT = Decimal(100)
Slots = NDArray[np.int64]


def why_net_lots(
    state: Registry, frame: Frame, dimension: Dimension, key: Hashable, view: View = View.CLIENTS
) -> Derivation:
    """Net lots of a row: bought less sold; for the dealer, the opposite of the kept share."""
    evidence = Evidence(state, frame)

    def term(slots: Slots) -> Term:
        lots, inputs = _net_lots(evidence, slots, view)
        return Term(_label(evidence, slots), lots, "lot", inputs, _shared("Σ lots", view))

    terms = tuple(term(slots) for slots in _parts(state, rows_behind(state, dimension, key), by_currency=False))
    return derive("net lots", "lot", terms, "Σ bought − Σ sold", note="" if terms else "No open positions.")


def why_net_exposure(
    state: Registry,
    frame: Frame,
    dimension: Dimension,
    key: Hashable,
    view: View = View.CLIENTS,
    currency: str = "USD",
) -> Derivation:
    """Net notional of a row at mid; of a currency, its legs."""
    evidence = Evidence(state, frame)
    slots = rows_behind(state, dimension, key)
    if dimension is Dimension.CURRENCY:
        terms = _leg_terms(evidence, slots, key, view, currency)
        return _shown(f"net exposure in {key}", currency, terms, "Σ units bought − Σ cost paid, × rate")

    def term(part: Slots) -> Term:
        symbol = int(state.positions.symbol[part[0]])
        lots, inputs = _net_lots(evidence, part, view)
        mid, contract = evidence.price(symbol, "mid"), evidence.contract(symbol)
        rate, pairs = evidence.rate(evidence.record(symbol).profit_currency, currency)
        value = lots * mid.value * contract.value * rate
        formula = _shared("Σ lots × mid × lot value × rate", view)
        return Term(_label(evidence, part), value, currency, (*inputs, mid, contract, *pairs), formula)

    terms = tuple(term(part) for part in _parts(state, slots, by_currency=False))
    return _shown("net exposure", currency, terms, "Σ lots × mid × lot value × rate")


def why_row_floating(
    state: Registry,
    frame: Frame,
    dimension: Dimension,
    key: Hashable,
    view: View = View.CLIENTS,
    currency: str = "USD",
) -> Derivation:
    """Floating price result of a row, through the accounts' currencies."""
    terms = _floating_terms(state, frame, dimension, key, view, currency)
    return _shown("floating result", currency, terms, "Σ (price now − open price) × lots × lot value × rates")


def why_row_session(
    state: Registry,
    frame: Frame,
    dimension: Dimension,
    key: Hashable,
    view: View = View.CLIENTS,
    currency: str = "USD",
) -> Derivation:
    """Session result of a row: floating, accrued and realised, less what floated at the session's start."""
    evidence, cells = Evidence(state, frame), state.engine.cells
    terms = list(_floating_terms(state, frame, dimension, key, view, currency))
    behind = _cells_behind(state, dimension, key)
    deposits = state.accounts.currency[cells.account[behind]]
    for code in np.unique(deposits).tolist():
        own = behind[deposits == code]
        unit = state.currency_codes.names[code]
        rate, pairs = evidence.rate(unit, currency)
        weight = _weights(state, cells.account[own], view)
        for column, label, sign in SESSION:
            amount = sign * int((getattr(cells, column)[own] * weight).sum())
            if amount:
                account = int(cells.account[own[0]])
                value = minor(state, account, amount) / PERCENT
                read = Input(
                    label, value, unit, Source(f"session results of {len(own)} accounts and symbols in {unit}")
                )
                terms.append(Term(f"{label}, {unit}", value * rate, currency, (read, *pairs), "amount × rate"))
    return _shown("session result", currency, tuple(terms), "Σ floating + accrued + realised − floating at the start")


SESSION = (
    ("accrued", "swap and commission of open positions", 1),
    ("realised", "realised", 1),
    ("start_floating", "floated at the session's start", -1),
)


def _floating_terms(
    state: Registry, frame: Frame, dimension: Dimension, key: Hashable, view: View, currency: str
) -> tuple[Term, ...]:
    evidence, slots = Evidence(state, frame), rows_behind(state, dimension, key)
    if dimension is Dimension.CURRENCY:
        slots = slots[_arising(state, key)[state.positions.symbol[slots]]]
    if len(slots) <= EACH_POSITION_MAX:
        weights = _weights(state, state.positions.account[slots], view).tolist()
        pairs = zip(slots.tolist(), weights, strict=True)
        return tuple(evidence.position_term(slot, currency, Decimal(weight) / PERCENT) for slot, weight in pairs)
    return tuple(_floating_term(evidence, part, view, currency) for part in _parts(state, slots, by_currency=True))


def _floating_term(evidence: Evidence, slots: Slots, view: View, currency: str) -> Term:
    """Floating result of many positions on one symbol in accounts of one currency."""
    state, table = evidence.state, evidence.state.positions
    symbol, deposit = int(table.symbol[slots[0]]), state.accounts.currency_code[int(table.account[slots[0]])]
    weight = _weights(state, table.account[slots], view)
    signed = table.volume[slots] * table.side[slots] * weight
    bid, ask, contract = evidence.price(symbol, "bid"), evidence.price(symbol, "ask"), evidence.contract(symbol)
    cost = exact(float((signed * table.open_price[slots]).sum())) / LOT / PERCENT
    bought, sold = (
        Decimal(int(signed[side].sum())) / LOT / PERCENT for side in (table.side[slots] > 0, table.side[slots] < 0)
    )
    into, pairs = evidence.rate(evidence.record(symbol).profit_currency, deposit)
    out, more = evidence.rate(deposit, currency)
    value = (bought * bid.value + sold * ask.value - cost) * contract.value * into * out
    source = Source(f"{len(slots)} positions")
    inputs = (
        Input("lots bought", bought, "lot", source),
        Input("lots sold", sold, "lot", source),
        Input("lots × open price", cost, evidence.record(symbol).profit_currency, source),
    )
    formula = _shared("(bought × bid + sold × ask − Σ lots × open price) × lot value × rates", view)
    label = f"{_label(evidence, slots)}, accounts in {deposit}"
    return Term(label, value, currency, (*inputs, bid, ask, contract, *pairs, *more), formula)


def _leg_terms(evidence: Evidence, slots: Slots, key: Hashable, view: View, currency: str) -> tuple[Term, ...]:
    state = evidence.state
    found = legs(state, state.symbols.count)
    row = found.keys.index(key) if key in found.keys else -1
    terms = []
    for part in _parts(state, slots, by_currency=False):
        symbol = int(state.positions.symbol[part[0]])
        if found.base[symbol] == row:
            terms.append(_base_leg(evidence, part, symbol, view, currency))
        if found.profit[symbol] == row:
            terms.append(_paid_leg(evidence, part, symbol, view, currency))
    return tuple(terms)


def _base_leg(evidence: Evidence, slots: Slots, symbol: int, view: View, currency: str) -> Term:
    lots, inputs = _net_lots(evidence, slots, view)
    contract, record = evidence.contract(symbol), evidence.record(symbol)
    label = f"{_label(evidence, slots)}, bought"
    if record.asset_class is AssetClass.FX:
        rate, pairs = evidence.rate(record.base_currency, currency)
        formula = _shared("Σ lots × contract × rate", view)
        return Term(label, lots * contract.value * rate, currency, (*inputs, contract, *pairs), formula)
    mid = evidence.price(symbol, "mid")
    rate, pairs = evidence.rate(record.profit_currency, currency)
    formula = _shared("Σ lots × mid × lot value × rate", view)
    value = lots * mid.value * contract.value * rate
    return Term(label, value, currency, (*inputs, mid, contract, *pairs), formula)


def _paid_leg(evidence: Evidence, slots: Slots, symbol: int, view: View, currency: str) -> Term:
    table, record = evidence.state.positions, evidence.record(symbol)
    signed = table.volume[slots] * table.side[slots] * _weights(evidence.state, table.account[slots], view)
    cost = exact(float((signed * table.open_price[slots]).sum())) / LOT / PERCENT
    contract = evidence.contract(symbol)
    rate, pairs = evidence.rate(record.profit_currency, currency)
    paid = Input("lots × open price", cost, record.profit_currency, Source(f"{len(slots)} positions"))
    formula = _shared("−Σ lots × open price × contract × rate", view)
    label = f"{_label(evidence, slots)}, paid"
    return Term(label, -cost * contract.value * rate, currency, (paid, contract, *pairs), formula)


def _parts(state: Registry, slots: Slots, *, by_currency: bool) -> list[Slots]:
    """Few positions one by one; many by symbol, and by account currency if asked."""
    if len(slots) <= EACH_POSITION_MAX:
        return [slots[number : number + 1] for number in range(len(slots))]
    key = state.positions.symbol[slots].astype(np.int64) << 16
    if by_currency:
        key |= state.accounts.currency[state.positions.account[slots]]
    order = np.argsort(key, kind="stable")
    return np.split(slots[order], np.flatnonzero(np.diff(key[order])) + 1)


def _net_lots(evidence: Evidence, slots: Slots, view: View) -> tuple[Decimal, tuple[Input, ...]]:
    """Exact net lots of positions on one symbol from the side of the view."""
    table = evidence.state.positions
    weight = _weights(evidence.state, table.account[slots], view)
    lots = Decimal(int((table.volume[slots] * table.side[slots] * weight).sum())) / LOT / PERCENT
    if len(slots) == 1:
        slot = int(slots[0])
        share = Decimal(int(weight[0])) / PERCENT
        used = Input("share", share, "", Source(evidence.account_name(int(table.account[slot]))))
        return lots, (evidence.volume(slot), evidence.open_price(slot), used)
    return lots, (Input("net lots", lots, "lot", Source(f"{len(slots)} positions")),)


def _weights(state: Registry, accounts: NDArray[np.integer], view: View) -> Slots:
    """Percent of each account's risk that the view holds, negative for the dealer."""
    covered = state.accounts.covered_percent[accounts].astype(np.int64)
    return np.full(len(covered), 100, np.int64) if view is View.CLIENTS else covered - 100


def _cells_behind(state: Registry, dimension: Dimension, key: Hashable) -> Slots:
    cells = state.engine.cells
    living = cells.living_slots()
    if dimension is Dimension.CURRENCY:
        return np.compress(_arising(state, key)[cells.symbol[living]], living)
    if dimension in BY_SYMBOL:
        grouping, of_cell = by_symbol(state, dimension, state.symbols.count), cells.symbol[living]
    else:
        grouping, of_cell = by_account(state, dimension, state.accounts.count), cells.account[living]
    if key not in grouping.keys:
        return living[:0]
    return np.compress(grouping.codes[of_cell] == grouping.keys.index(key), living)


def _arising(state: Registry, key: Hashable) -> NDArray[np.bool_]:
    """Symbols whose results stand with this currency leg."""
    found = legs(state, state.symbols.count)
    row = found.keys.index(key) if key in found.keys else -2
    return np.equal(np.where(found.profit >= 0, found.profit, found.base), row)


def _label(evidence: Evidence, slots: Slots) -> str:
    symbol = int(evidence.state.positions.symbol[slots[0]])
    if len(slots) == 1:
        return f"{evidence.position_name(int(slots[0]))} {evidence.state.symbols.name[symbol]}"
    return f"{evidence.symbol_name(symbol)}, {len(slots)} positions"


def _shared(formula: str, view: View) -> str:
    return formula if view is View.CLIENTS else f"−{formula} × share kept"


def _shown(figure: str, unit: str, terms: tuple[Term, ...], formula: str) -> Derivation:
    made = derive(figure, unit, terms, formula, note="" if terms else "No open positions.")
    shown = Rounding("shown", made.value, round_money(made.value, currency_of(unit).exponent))
    return Derivation(figure, unit, made.value, terms, formula, roundings=(shown,), note=made.note)
