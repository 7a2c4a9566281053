"""Inputs of derivations: prices, cross rates, positions and balances as exact decimals with their source and time.

Reads a frame and the state it was made from; an unknown price or rate is refused with a sentence.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from dealerdesk.formulas.derivation import Input, Source, Term
from dealerdesk.formulas.margin import lots_of
from dealerdesk.formulas.profit import contract_of, value_per_lot
from dealerdesk.instruments import Symbol
from dealerdesk.live.frame import Frame
from dealerdesk.live.registry import Registry


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a derivation may quote."""

    state: Registry
    frame: Frame

    def record(self, symbol: int) -> Symbol:
        """The symbol as its server describes it."""
        found = self.state.symbols.record[symbol]
        if found is None:
            raise LookupError("the symbol is no longer offered")
        return found

    def symbol_name(self, symbol: int) -> str:
        """«MT5 EURUSD.m»."""
        return f"{self.state.symbols.server_name[symbol]} {self.state.symbols.name[symbol]}"

    def account_name(self, account: int) -> str:
        """«MT5 1001»."""
        return f"{self.state.accounts.server_name[account]} {self.state.accounts.login[account]}"

    def position_name(self, slot: int) -> str:
        """«MT5 position 77»."""
        server = self.state.server_list[int(self.state.positions.server[slot])].name
        return f"{server} position {self.state.positions.id[slot]}"

    def price(self, symbol: int, side: str) -> Input:
        """The bid, ask or mid of a symbol in this frame; raises LookupError without a quote."""
        bid, ask = float(self.frame.bid[symbol]), float(self.frame.ask[symbol])
        if np.isnan(bid) or np.isnan(ask):
            raise LookupError(f"{self.symbol_name(symbol)} has no quote yet")
        value = {"bid": exact(bid), "ask": exact(ask), "mid": (exact(bid) + exact(ask)) / 2}[side]
        source = Source(f"{self.symbol_name(symbol)} quote", int(self.frame.quote_us[symbol]))
        return Input(f"{side} {self.state.symbols.name[symbol]}", value, self.record(symbol).profit_currency, source)

    def closing_price(self, slot: int) -> Input:
        """What a position would close at: the bid for a bought one, the ask for a sold one."""
        table = self.state.positions
        return self.price(int(table.symbol[slot]), "bid" if table.side[slot] > 0 else "ask")

    def rate(self, source: str, target: str) -> tuple[Decimal, tuple[Input, ...]]:
        """The rate and the mids it is made of; raises LookupError when no pair leads there."""
        rate, inputs = Decimal(1), []
        for leg in self.frame.rates.path(source, target):
            used = self.price(leg.symbol, "mid")
            rate = rate / used.value if leg.inverse else rate * used.value
            inputs.append(used)
        return rate, tuple(inputs)

    def lot_value(self, symbol: int) -> Decimal:
        """Profit currency per lot and 1.0 of price."""
        record = self.record(symbol)
        return value_per_lot(record.calculation_mode, contract_of(record))

    def volume(self, slot: int) -> Input:
        """Lots of a position, negative when sold."""
        table = self.state.positions
        lots = lots_of(int(table.side[slot]) * int(table.volume[slot]))
        return Input("lots", lots, "lot", Source(self.position_name(slot), int(table.opened_us[slot])))

    def open_price(self, slot: int) -> Input:
        """The open price of a position."""
        table = self.state.positions
        unit = self.record(int(table.symbol[slot])).profit_currency
        source = Source(self.position_name(slot), int(table.opened_us[slot]))
        return Input("open price", exact(float(table.open_price[slot])), unit, source)

    def contract(self, symbol: int) -> Input:
        """What one lot is worth per 1.0 of price."""
        unit = f"{self.record(symbol).profit_currency} per lot and 1.0"
        return Input("lot value", self.lot_value(symbol), unit, Source(f"{self.symbol_name(symbol)} settings"))

    def position_term(self, slot: int, target: str, weight: Decimal = Decimal(1)) -> Term:
        """Floating price result of a position in `target` currency, through its account's currency, unrounded."""
        table = self.state.positions
        symbol, account = int(table.symbol[slot]), int(table.account[slot])
        deposit = self.state.accounts.currency_code[account]
        close, opened, lots, contract = (
            self.closing_price(slot),
            self.open_price(slot),
            self.volume(slot),
            self.contract(symbol),
        )
        into, pairs = self.rate(self.record(symbol).profit_currency, deposit)
        out, more = self.rate(deposit, target)
        value = (close.value - opened.value) * lots.value * contract.value * into * out * weight
        label = f"{self.position_name(slot)} {self.state.symbols.name[symbol]}"
        formula = "(price now − open price) × lots × lot value × rate" + ("" if weight == 1 else " × share")
        return Term(label, value, target, (close, opened, lots, contract, *pairs, *more), formula)

    def money(self, account: int, column: str, label: str) -> Term:
        """An amount of an account's row in its own currency."""
        accounts = self.state.accounts
        unit = accounts.currency_code[account]
        value = minor(self.state, account, int(getattr(accounts, column)[account]))
        source = Source(f"{self.account_name(account)}, version {accounts.version[account]}")
        return Term(label, value, unit, (Input(label, value, unit, source),), label)


def exact(price: float) -> Decimal:
    """The decimal that a price was sent as: the shortest one that reads back as this float."""
    return Decimal(repr(price))


def minor(state: Registry, account: int, amount: int) -> Decimal:
    """Minor units of an account's currency as major units."""
    return amount * exact(float(state.accounts.unit[account]))
