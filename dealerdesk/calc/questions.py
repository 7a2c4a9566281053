"""The questions of `dealerdesk calc`, typed: what each kind asks for, in which words. Answers nothing.

Decimals are strings on the line; a number is taken too. Amounts are in the deposit currency unless a field says so.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from dealerdesk.formulas.commission import Charged, DealEntry, Per, RangeBy, Unit
from dealerdesk.formulas.corporate_actions import PriceRounding
from dealerdesk.formulas.margin import HedgeRule
from dealerdesk.formulas.swap import SwapKind
from dealerdesk.formulas.tiers import TiersBy
from dealerdesk.instruments import CalculationMode
from dealerdesk.trading import Accounting, OrderType, Platform, Side

ONE, NOTHING = Decimal(1), Decimal(0)
DIGITS_MAX = 11


class Question(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """What every question says; `digits` are the deposit currency's."""

    id: str | int
    platform: Platform = Platform.MT5
    digits: int = 2


class Round(Question, frozen=True, tag="round"):
    amount: Decimal


class Profit(Question, frozen=True, tag="profit"):
    """`rate`: profit → deposit currency."""

    mode: CalculationMode
    side: Side
    lots: Decimal
    open: Decimal
    close: Decimal
    contract_size: Decimal = NOTHING
    tick_value: Decimal = NOTHING
    tick_size: Decimal = NOTHING
    face_value: Decimal = NOTHING
    rate: Decimal = ONE


class Held(msgspec.Struct, frozen=True):
    side: Side
    lots: Decimal
    open: Decimal | None = None


class Ordered(msgspec.Struct, frozen=True):
    type: OrderType
    lots: Decimal
    price: Decimal | None = None


class Placed(msgspec.Struct, frozen=True):
    side: Side
    lots: Decimal
    price: Decimal | None = None


class MarginRates(msgspec.Struct, frozen=True):
    """What multiplies the margin of positions by side and of pending orders by type."""

    buy: Decimal = ONE
    sell: Decimal = ONE
    buy_limit: Decimal = NOTHING
    sell_limit: Decimal = NOTHING
    buy_stop: Decimal = NOTHING
    sell_stop: Decimal = NOTHING


class Band(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to"}):
    begin: Decimal
    rate: Decimal
    end: Decimal | None = None


class Bands(msgspec.Struct, frozen=True):
    by: TiersBy
    bands: list[Band]


class Measured(msgspec.Struct, frozen=True):
    """A symbol's lots and its margin before tiers."""

    lots: Decimal
    margin: Decimal


class Margin(Question, frozen=True, tag="margin"):
    """`conversion`: margin → deposit currency; `margins` are already computed, one a symbol, and need no positions."""

    mode: CalculationMode = CalculationMode.FOREX
    accounting: Accounting = Accounting.HEDGING
    hedge_rule: HedgeRule | None = None
    leverage: Decimal | None = None
    contract_size: Decimal = NOTHING
    hedged: Decimal = NOTHING
    initial_margin: Decimal = NOTHING
    maintenance_margin: Decimal = NOTHING
    tick_value: Decimal = NOTHING
    tick_size: Decimal = NOTHING
    face_value: Decimal = NOTHING
    rates: MarginRates = MarginRates()
    conversion: Decimal = ONE
    convert_at_open: bool = False
    positions: list[Held] = []
    orders: list[Ordered] = []
    placing: Placed | None = None
    tiers: Bands | None = None
    margins: list[Measured] = []


class Level(Question, frozen=True, tag="level"):
    equity: Decimal
    margin: Decimal


class Swap(Question, frozen=True, tag="swap"):
    mode: SwapKind
    side: Side
    calc_mode: CalculationMode = CalculationMode.FOREX
    lots: Decimal = NOTHING
    contract_size: Decimal = NOTHING
    point: Decimal = NOTHING
    price: Decimal | None = None
    tick_value: Decimal = NOTHING
    tick_size: Decimal = NOTHING
    face_value: Decimal = NOTHING
    long: Decimal | None = None
    short: Decimal | None = None
    rate: Decimal = ONE
    days_in_year: int = 360
    multiplier: Decimal = ONE
    close_price: Decimal | None = None


class SwapDays(Question, frozen=True, tag="swap_days"):
    multipliers: dict[str, Decimal]
    holidays: list[str] = []
    consider_holidays: bool = False


class ChargeBand(msgspec.Struct, frozen=True, rename={"begin": "from", "end": "to", "least": "min", "most": "max"}):
    rate: Decimal
    begin: Decimal = NOTHING
    end: Decimal | None = None
    least: Decimal | None = None
    most: Decimal | None = None


class Dealt(msgspec.Struct, frozen=True):
    entry: DealEntry
    lots: Decimal
    price: Decimal | None = None
    profit: Decimal | None = None
    closes: int | None = None


class Commission(Question, frozen=True, tag="commission"):
    range_by: RangeBy
    entry: Charged
    per: Per
    unit: Unit
    tiers: list[ChargeBand]
    deals: list[Dealt]
    contract_size: Decimal = ONE
    point: Decimal = NOTHING


class SplitOf(Question, frozen=True, tag="split"):
    price: Decimal
    lots: Decimal
    contract_size: Decimal
    step: Decimal
    new_shares: Decimal
    old_shares: Decimal
    price_digits: int
    price_rounding: PriceRounding = PriceRounding.STANDARD


class Dividend(Question, frozen=True, tag="dividend"):
    side: Side
    lots: Decimal
    amount_per_lot: Decimal
    tax_percent: Decimal = NOTHING


class Funded(msgspec.Struct, frozen=True):
    balance: Decimal
    stop_out_percent: Decimal
    credit: Decimal = NOTHING
    negative_balance_protection: bool = False


class Exposed(msgspec.Struct, frozen=True):
    id: str | int
    profit: Decimal
    margin: Decimal = NOTHING
    side: Side | None = None
    lots: Decimal = NOTHING
    open: Decimal = NOTHING
    price: Decimal = NOTHING


class Waiting(msgspec.Struct, frozen=True):
    id: str | int
    margin: Decimal = NOTHING


class StoppedOut(Question, frozen=True, tag="stop_out"):
    account: Funded
    positions: list[Exposed] = []
    orders: list[Waiting] = []


class Volume(Question, frozen=True, tag="volume"):
    lots: Decimal
    lot_size: Decimal


Asked = Round | Profit | Margin | Level | Swap | SwapDays | Commission | SplitOf | Dividend | StoppedOut | Volume
KINDS = (
    "round",
    "profit",
    "margin",
    "level",
    "swap",
    "swap_days",
    "commission",
    "split",
    "dividend",
    "stop_out",
    "volume",
)
