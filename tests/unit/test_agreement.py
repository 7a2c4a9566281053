"""The live figures are held against the tables, and every difference is named."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import numpy as np
import pytest

from dealerdesk.agreement import compare
from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.quotes import QuoteBatch
from dealerdesk.instruments import LOT, AssetClass, CalculationMode, Symbol
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.store.queries import FinalFigures, OpenPosition
from dealerdesk.trading import Account, Accounting, Group, Position, Side

NOW_US = 1_763_467_200_000_000
EURUSD = Symbol(
    name="EURUSD",
    instrument="EURUSD",
    description="Euro against US dollar",
    asset_class=AssetClass.FX,
    base_currency="EUR",
    profit_currency="USD",
    margin_currency="EUR",
    calculation_mode=CalculationMode.FOREX,
    contract_size=Decimal(100_000),
    digits=5,
    tick_size=Decimal("0.00001"),
    tick_value=Decimal(1),
    volume_min=LOT // 100,
    volume_step=LOT // 100,
    volume_max=100 * LOT,
)
GROUP = Group(
    name="retail",
    currency="EUR",
    accounting=Accounting.HEDGING,
    margin_call_percent=Decimal(100),
    stop_out_percent=Decimal(50),
)
ACCOUNT = Account(
    login=7001, client_id=1, group="retail", currency="EUR", leverage=100, balance=1_000_000, credit=0, opened_us=0
)
LONG = Position(
    id=1, login=7001, symbol="EURUSD", side=Side.BUY, volume=2 * LOT, open_price=Decimal("1.10000"), opened_us=0
)


@pytest.fixture
def state() -> LiveState:
    made = LiveState()
    made.begin_snapshot("MT5", tuple(RowSet))
    for row in (EURUSD, GROUP, ACCOUNT, LONG):
        made.load("MT5", [row], [0])
    made.end_snapshot("MT5", 0)
    one = np.zeros(1, np.uint32)
    bid, ask = np.array([110_100], np.int64), np.array([110_110], np.int64)
    made.apply_quotes("MT5", QuoteBatch(NOW_US, one, one + 1, one, bid, ask), NOW_US)
    return made


STORED = FinalFigures(
    recorded={},
    net_volume={("MT5", "EURUSD"): 2 * LOT},
    balances={"EUR": (1_000_000, 0)},
    positions=[OpenPosition("MT5", 7001, "EUR", "EURUSD", Side.BUY, 2 * LOT, Decimal("1.10000"), 0, 0)],
    symbols={("MT5", "EURUSD"): EURUSD},
)


def test_both_sides_agree_on_net_volume_and_equity(state: LiveState) -> None:
    agreement = compare(state, compute(state, NOW_US), STORED)

    assert agreement.differences() == []
    # 10 000 EUR + 200 000 × 0.00100 USD at the mid of 1.10105
    assert agreement.stored_equity["EUR"] == pytest.approx(10_000 + 200 / 1.10105)
    assert agreement.summary()["net_lots"] == {"MT5/EURUSD": "2"}


def test_a_lost_deal_is_named_with_both_volumes(state: LiveState) -> None:
    stored = replace(STORED, net_volume={("MT5", "EURUSD"): LOT})

    agreement = compare(state, compute(state, NOW_US), stored)

    assert agreement.differences() == ["MT5 EURUSD: net volume 200000000 live, 100000000 recorded"]


def test_one_cent_of_equity_is_a_difference(state: LiveState) -> None:
    stored = replace(STORED, balances={"EUR": (1_000_001, 0)})

    [difference] = compare(state, compute(state, NOW_US), stored).differences()

    assert difference.startswith("EUR: equity 10181.6")
