"""Why an account's figure is what it is: every position with its prices, rates and rounding. Explains frame figures."""

from __future__ import annotations

from decimal import Decimal

from dealerdesk.formulas.derivation import Derivation, Input, Rounding, Source, Term, derive
from dealerdesk.formulas.margin import Leg, lots_of, terms_of
from dealerdesk.formulas.profit import contract_of, profit
from dealerdesk.formulas.rounding import round_money
from dealerdesk.formulas.symbol_margin import symbol_margin
from dealerdesk.live.evidence import Evidence, minor
from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry
from dealerdesk.money import currency
from dealerdesk.trading import Side

NO_POSITIONS = "No open positions."


def why_position(state: Registry, frame: Frame, slot: int) -> Derivation:
    """Floating price result of one position in its account's currency, and what the platform rounds on the way."""
    evidence, table = Evidence(state, frame), state.positions
    deposit = state.accounts.currency_code[int(table.account[slot])]
    term = evidence.position_term(slot, deposit)
    record = evidence.record(int(table.symbol[slot]))
    side = Side.BUY if table.side[slot] > 0 else Side.SELL
    rounded = profit(
        record.calculation_mode,
        side,
        lots_of(int(table.volume[slot])),
        evidence.open_price(slot).value,
        evidence.closing_price(slot).value,
        contract_of(record),
        currency(record.profit_currency).exponent,
    )
    roundings = tuple(
        Rounding(f"{step.name}, {record.profit_currency}", step.value, step.rounded) for step in rounded.steps
    )
    return Derivation("floating result", deposit, term.value, (term,), term.formula, roundings=roundings)


def why_floating(state: Registry, frame: Frame, account: int) -> Derivation:
    """Floating price result of an account: its positions."""
    return _sum(state, account, "floating result", _positions(state, frame, account), "Σ positions", NO_POSITIONS)


def why_equity(state: Registry, frame: Frame, account: int) -> Derivation:
    """Balance, credit, swaps and commissions not yet booked, and the floating result of each position."""
    evidence = Evidence(state, frame)
    terms = (
        evidence.money(account, "balance", "balance"),
        evidence.money(account, "credit", "credit"),
        evidence.money(account, "accrued", "swap and commission of open positions"),
        *_positions(state, frame, account),
    )
    return _sum(state, account, "equity", terms, "balance + credit + swap and commission + Σ floating results")


def why_session(state: Registry, frame: Frame, account: int) -> Derivation:
    """What the session has brought: now floating, realised since its start, less what floated at its start."""
    evidence, unit = Evidence(state, frame), state.accounts.currency_code[account]
    cells, terms = state.engine.cells, list(_positions(state, frame, account))
    terms.append(evidence.money(account, "accrued", "swap and commission of open positions"))
    for cell in state.engine.cells_of(account).tolist():
        name = evidence.symbol_name(int(cells.symbol[cell]))
        for column, label, sign in (("realised", "realised on", 1), ("start_floating", "floated at the start on", -1)):
            amount = minor(state, account, sign * int(getattr(cells, column)[cell]))
            if amount:
                source = Source(f"{evidence.account_name(account)} session result {name}")
                terms.append(Term(f"{label} {name}", amount, unit, (Input(label, amount, unit, source),)))
    formula = "Σ floating + swap and commission + realised − floating at the session's start"
    return _sum(state, account, "session result", tuple(terms), formula)


def why_margin(state: Registry, frame: Frame, account: int) -> Derivation:
    """Margin of an account: each symbol's positions, covered and uncovered, converted into the account's currency."""
    cells = state.engine.cells
    held = [cell for cell in state.engine.cells_of(account).tolist() if cells.positions[cell] > 0]
    terms = tuple(_margin_term(state, frame, account, int(cells.symbol[cell])) for cell in held)
    formula = "Σ symbols: (uncovered + covered margin) × rate"
    return _sum(state, account, "margin", terms, formula, NO_POSITIONS)


def why_free_margin(state: Registry, frame: Frame, account: int) -> Derivation:
    """Equity less margin."""
    equity, margin = why_equity(state, frame, account), why_margin(state, frame, account)
    terms = (Term("equity", equity.value, equity.unit), Term("margin", -margin.value, margin.unit))
    value = equity.value - margin.value
    return Derivation("free margin", equity.unit, value, terms, "equity − margin", parts=(equity, margin))


def why_level(state: Registry, frame: Frame, account: int) -> Derivation:
    """Margin level in percent; without margin there is none, and the note says so."""
    equity, margin = why_equity(state, frame, account), why_margin(state, frame, account)
    formula = "equity ÷ margin × 100"
    if not margin.value:
        note = "No margin is used, so there is no level."
        return Derivation("margin level", "%", Decimal(0), (), formula, parts=(equity, margin), note=note)
    value = equity.value / margin.value * 100
    shown = (Rounding("shown", value, round_money(value, 2)),)
    return Derivation("margin level", "%", value, (), formula, roundings=shown, parts=(equity, margin))


def _positions(state: Registry, frame: Frame, account: int) -> tuple[Term, ...]:
    evidence, table = Evidence(state, frame), state.positions
    deposit = state.accounts.currency_code[account]
    held = table.living_slots()
    return tuple(evidence.position_term(slot, deposit) for slot in held[table.account[held] == account].tolist())


def _margin_term(state: Registry, frame: Frame, account: int, symbol: int) -> Term:
    evidence, table = Evidence(state, frame), state.positions
    held = table.living_slots()
    slots = held[(table.account[held] == account) & (table.symbol[held] == symbol)].tolist()
    legs, inputs = [], []
    for slot in slots:
        lots, opened = evidence.volume(slot), evidence.open_price(slot)
        legs.append(Leg(Side.BUY if lots.value > 0 else Side.SELL, abs(lots.value), opened.value))
        inputs += [lots, opened]
    record, deposit = evidence.record(symbol), state.accounts.currency_code[account]
    leverage = int(state.accounts.leverage[account])
    margin = symbol_margin(terms_of(record), legs, leverage, digits=currency(record.margin_currency).exponent)
    rate, pairs = evidence.rate(record.margin_currency, deposit)
    settings = Source(f"{evidence.symbol_name(symbol)} settings")
    inputs += [
        Input(step.name, step.value, record.margin_currency, settings) for step in margin.steps if step.name != "margin"
    ]
    inputs.append(Input("leverage", Decimal(leverage), "", Source(evidence.account_name(account))))
    formula = f"margin in {record.margin_currency} × rate"
    return Term(evidence.symbol_name(symbol), margin.unrounded * rate, deposit, (*inputs, *pairs), formula)


def _sum(
    state: Registry, account: int, figure: str, terms: tuple[Term, ...], formula: str, note: str = ""
) -> Derivation:
    unit = state.accounts.currency_code[account]
    made = derive(figure, unit, terms, formula, note="" if terms else note)
    shown = Rounding("shown", made.value, round_money(made.value, currency(unit).exponent))
    return Derivation(figure, unit, made.value, terms, formula, roundings=(shown,), note=made.note)
