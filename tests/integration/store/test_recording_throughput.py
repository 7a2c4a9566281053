"""What the recorder's tables take: a snapshot of 300,000 positions, and a steady stream of deltas."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from office import EPOCH, NOW_US
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine

from dealerdesk.bridges.protocol import Delta, ResumePoint, RowSet
from dealerdesk.instruments import LOT
from dealerdesk.store.engine import writing
from dealerdesk.store.recording import RECORDED_SETS, SnapshotRows, record_deltas, record_snapshot
from dealerdesk.trading import Account, Position, Side

POSITIONS = 100_000
ACCOUNTS = 15_000
DELTAS = 50_000
BATCH = 500


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_three_hundred_thousand_positions_in_fifteen_seconds_and_five_thousand_deltas_a_second(engine: Engine) -> None:
    snapshots_s = [_timed_snapshot(engine, server) for server in ("MT4", "MT5", "cTrader")]
    deltas_per_s = _timed_deltas(engine)

    print(
        f"\n{engine.dialect.name}: 3 x {POSITIONS} positions in {sum(snapshots_s):.1f} s, {deltas_per_s:.0f} deltas/s"
    )
    assert sum(snapshots_s) <= 15
    assert deltas_per_s >= 5_000


def _timed_snapshot(engine: Engine, server: str) -> float:
    snapshot = SnapshotRows(EPOCH, 0, frozenset(RECORDED_SETS))
    snapshot.add(RowSet.POSITION, [_position(number) for number in range(POSITIONS)], [0] * POSITIONS)
    snapshot.add(RowSet.ACCOUNT, [_account(login) for login in range(ACCOUNTS)], [0] * ACCOUNTS)
    began_s = time.perf_counter()
    with writing(engine) as connection:
        record_snapshot(connection, server, snapshot, NOW_US)
    return time.perf_counter() - began_s


def _timed_deltas(engine: Engine) -> float:
    broker = ScriptedBroker(seed=1, accounts=ACCOUNTS, positions=1_000)
    broker.seq = 0
    batches: list[list[Delta]] = [[broker.step() for _ in range(BATCH)] for _ in range(DELTAS // BATCH)]
    began_s = time.perf_counter()
    for batch in batches:
        with writing(engine) as connection:
            record_deltas(connection, "MT4", ResumePoint(EPOCH, batch[0].seq - 1), batch, NOW_US)
    return DELTAS / (time.perf_counter() - began_s)


def _position(number: int) -> Position:
    return Position(
        id=number,
        login=number % ACCOUNTS,
        symbol="EURUSD",
        side=Side.BUY,
        volume=LOT,
        open_price=Decimal(108_000 + number % 1_000).scaleb(-5),
        opened_us=NOW_US + number,
        swap=-12,
        commission=-350,
    )


def _account(login: int) -> Account:
    return Account(
        login=login,
        client_id=login,
        group="retail",
        currency="USD",
        leverage=100,
        balance=1_000_000,
        credit=0,
        opened_us=NOW_US,
    )
