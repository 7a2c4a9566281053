"""Rows of a running server are representable on its platform: native record and back is the same row."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from small_server import small_config

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.simulator import native_ctrader, native_mt4, native_mt5
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.native_figures import Known
from dealerdesk.bridges.simulator.rows import RowWriter
from dealerdesk.bridges.simulator.snapshots import table_of
from dealerdesk.trading import BalanceOperation, Deal, Order, Platform, Position

FROM_RECORD = {
    Platform.MT4: native_mt4,
    Platform.MT5: native_mt5,
    Platform.CTRADER: native_ctrader,
}


TIMES = ("opened_us", "dealt_us", "placed_us", "booked_us")


@dataclass
class Running:
    platform: Platform
    brokerage: Brokerage

    def rows(self, rows_of: RowSet):
        state = self.brokerage.state
        table = table_of(state, rows_of)
        return RowWriter(state).rows(rows_of, table, table.slots())

    def known(self, row) -> Known:
        state = self.brokerage.state
        account = state.account_of(row.login)
        symbol = next((s for s in state.symbols if s.name == getattr(row, "symbol", "")), None)
        # a bridge reads a record when it is made, so it knows which pass of October's repeated hour it was in
        near_us = next(getattr(row, name) for name in TIMES if hasattr(row, name))
        return Known(symbol, state.exponent(account), near_us, getattr(row, "book", "B"))


@pytest.fixture(scope="module", params=list(Platform))
def running(request):
    brokerage = Brokerage(small_config(request.param, accounts=400, positions=2_000, symbols=70))
    for _ in range(2_000):
        brokerage.step()
    return Running(request.param, brokerage)


def to_record(platform, kind, row, known):
    module = FROM_RECORD[platform]
    make = getattr(module, f"{kind}_record")
    symbol = (known.symbol,) if platform is Platform.CTRADER and kind != "operation" else ()
    digits = () if kind == "order" else (known.money_digits,)
    return make(row, *symbol, *digits)


def back(platform, kind, record, known):
    return getattr(FROM_RECORD[platform], f"{kind}_row")(record, known)


def test_positions_come_back_as_they_were(running):
    rows = running.rows(RowSet.POSITION)
    assert len(rows) > 1_500
    for row in rows:
        assert isinstance(row, Position)
        known = running.known(row)
        assert back(running.platform, "position", to_record(running.platform, "position", row, known), known) == row


def test_deals_come_back_as_they_were(running):
    rows = running.rows(RowSet.DEAL)
    assert {row.entry for row in rows} == {"in", "out"}
    for row in rows:
        assert isinstance(row, Deal)
        known = running.known(row)
        assert back(running.platform, "deal", to_record(running.platform, "deal", row, known), known) == row


def test_pending_orders_come_back_as_they_were(running):
    rows = running.rows(RowSet.ORDER)
    assert len(rows) > 30
    for row in rows:
        assert isinstance(row, Order)
        known = running.known(row)
        assert back(running.platform, "order", to_record(running.platform, "order", row, known), known) == row


def test_balance_operations_keep_number_account_amount_and_time(running):
    rows = running.rows(RowSet.BALANCE_OPERATION)
    for row in rows:
        assert isinstance(row, BalanceOperation)
        known = running.known(row)
        again = back(running.platform, "operation", to_record(running.platform, "operation", row, known), known)
        assert (again.id, again.login, again.amount, again.booked_us) == (row.id, row.login, row.amount, row.booked_us)
        if row.kind in ("deposit", "withdrawal", "credit"):
            assert again.kind == row.kind


def test_there_is_a_row_of_every_size(running):
    volumes = np.array([row.volume for row in running.rows(RowSet.POSITION)])
    assert len(set(volumes.tolist())) > 20
