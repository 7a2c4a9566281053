from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.desk.panels.history_rows import BALANCE_COLUMNS, DEAL_COLUMNS, balance_rows, deal_rows, side_tone
from dealerdesk.desk.theme import Tone
from dealerdesk.instruments import LOT
from dealerdesk.trading import BalanceKind, BalanceOperation, Deal, Entry, Side

from .small_broker import NOW_US

DEAL = Deal(
    id=7,
    position_id=9001,
    order_id=1,
    login=101,
    symbol="EURUSD",
    side=Side.SELL,
    entry=Entry.OUT,
    volume=LOT // 2,
    price=Decimal("1.10250"),
    dealt_us=NOW_US,
    profit=-1_234,
)
DEPOSIT = BalanceOperation(id=3, login=101, kind=BalanceKind.DEPOSIT, amount=50_000, booked_us=NOW_US, provider="CARD")


def test_a_deals_money_is_in_major_units_of_its_currency() -> None:
    in_usd, in_yen = deal_rows([DEAL], "USD"), deal_rows([DEAL], "JPY")

    assert np.asarray(in_usd.column("profit"))[0] == -12.34
    assert np.asarray(in_yen.column("profit"))[0] == -1_234
    assert np.asarray(in_yen.column("decimals"))[0] == 0
    assert np.asarray(in_usd.column("lots"))[0] == 0.5
    assert np.asarray(in_usd.column("digits"))[0] == 5
    assert in_usd.key(0) == 7


def test_a_deposit_is_positive() -> None:
    rows = balance_rows([DEPOSIT], "USD")

    assert np.asarray(rows.column("amount"))[0] == 500.0
    assert rows.column("kind") == ["deposit"]


def test_every_declared_column_can_be_had_even_of_nothing() -> None:
    for columns, rows in ((DEAL_COLUMNS, deal_rows([], "USD")), (BALANCE_COLUMNS, balance_rows([], "USD"))):
        assert rows.count() == 0
        for column in columns:
            for key in filter(None, (column.key, column.decimals_key, column.tone_key)):
                rows.column(key)


def test_bought_is_blue_and_sold_is_orange() -> None:
    assert side_tone(Side.BUY) == Tone.POSITIVE
    assert side_tone(Side.SELL) == Tone.NEGATIVE
