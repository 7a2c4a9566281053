from __future__ import annotations

import subprocess
import sys

from dealerdesk.bridges.protocol import Delta, Gone, RowSet
from dealerdesk.live.frame import compute
from dealerdesk.live.state import GONE, PUT, LiveState
from dealerdesk.trading import BalanceKind, BalanceOperation, DayEnd, Order, OrderType, Request, RequestState, Side
from live.live_rows import NOW, account, deal, desk, position, quotes, say


def order(number: int) -> Order:
    return Order(id=number, login=1, symbol="EURUSD", kind=OrderType.BUY_LIMIT, volume=1, price=1, placed_us=0)  # type: ignore[arg-type]


def test_every_set_that_a_bridge_sends_has_its_place() -> None:
    assert set(PUT) == set(RowSet)
    assert set(GONE) == set(RowSet) - {RowSet.DEAL, RowSet.BALANCE_OPERATION, RowSet.QUOTE_SAMPLE, RowSet.DAY_END}


def test_orders_and_requests_are_kept_by_server_and_id() -> None:
    state = desk()
    request = Request(
        id=4,
        login=1,
        symbol="EURUSD",
        side=Side.BUY,
        volume=1,
        price=1,
        state=RequestState.WAITING,
        raised_us=0,
        deadline_us=9,  # type: ignore[arg-type]
    )
    say(state, "MT5", order(3), request)
    assert (list(state.orders["MT5"]), list(state.requests["MT5"])) == ([3], [4])
    say(state, "MT5", Gone(set=RowSet.ORDER, key=3), Gone(set=RowSet.REQUEST, key=4))

    assert (dict(state.orders["MT5"]), dict(state.requests["MT5"])) == ({}, {})


def test_counters_tell_what_changed() -> None:
    state = desk()
    before = compute(state, NOW).version
    state.apply_quotes("MT5", quotes((0, 110_000, 110_001)), NOW)
    assert (state.version.quotes, state.version.positions) == (before.quotes + 1, before.positions)
    say(state, "MT5", position(1, 1, "EURUSD", "1", "1.1"))
    assert state.version.positions > before.positions
    say(state, "MT5", account(1, balance=5))
    assert state.version.accounts > before.accounts
    assert state.version.structure == before.structure
    state.set_stale("MT5", NOW)
    assert state.version.structure > before.structure


def test_records_of_money_and_days_change_no_figure_by_themselves() -> None:
    state = desk()
    before = compute(state, NOW).totals()
    operation = BalanceOperation(id=1, login=1, kind=BalanceKind.DEPOSIT, amount=500, booked_us=0)
    day = DayEnd(login=1, day="2026-01-01", balance=1, credit=0, floating=0, margin=0, realised=0, deposits=0)
    say(state, "MT5", operation, day)

    assert compute(state, NOW).totals() == before


def test_changes_are_applied_in_their_order() -> None:
    state = desk()
    rows = (position(1, 1, "EURUSD", "1", "1.1"), position(1, 1, "EURUSD", "0.5", "1.1"), deal(1, "EURUSD", 7))
    state.apply_many("MT5", [Delta(seq=n, version=n, time_us=NOW, row=row) for n, row in enumerate(rows)])
    slot = state.accounts.slot("MT5", 1)
    assert slot is not None

    assert state.positions_of(slot).tolist() == [state.positions.slot("MT5", 1)]
    assert compute(state, NOW).net_volume.sum() == 5 * 10**7


def test_what_is_not_known_yet_is_said_so() -> None:
    state = LiveState()

    assert (state.ready("MT5"), state.stale_since("MT5"), state.waiting, state.servers) == (False, None, 0, [])
    assert state.server_code("MT5") == 0


def test_importing_the_live_state_needs_numpy_and_nothing_heavier() -> None:
    modules = "dealerdesk.live.state, dealerdesk.live.exposure, dealerdesk.live.why, dealerdesk.live.history"
    code = f"import sys, {modules}; print('scipy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"
