"""Measures the stress engine at full load, beside one frame of the live engine in the same run.

    python tests/benchmarks/bench_stress.py

300,000 positions in 45,000 accounts on three servers, one of them cTrader, one position in three with a stop loss,
30,000 pending orders, balances thin enough that a jump of 5 % stops out thousands, and one account with 2,000 positions
that go one by one. Wall-clock milliseconds, medians. Beside a run another thread sleeps a millisecond at a time: how
late it wakes is how long the desk's own thread would stand still.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable
from decimal import Decimal

import numpy as np
from bench_engine import ACCOUNTS, NOW, SERVERS, build

from dealerdesk.bridges.protocol import Delta
from dealerdesk.instruments import LOT
from dealerdesk.live.frame import Frame, compute
from dealerdesk.live.frozen_book import FrozenBook, freeze
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.state import LiveState
from dealerdesk.live.stress import StressResult, run
from dealerdesk.trading import Order, OrderType, Platform, Position, Side

POSITIONS, ORDERS, LARGE, TIMES = 300_000, 30_000, 2_000, 7
PLATFORMS = {"MT4": Platform.MT4, "MT5": Platform.MT5, "cTrader": Platform.CTRADER}
SHOCKS = {
    "everything −5 %": Shocks((Shock(Target.EVERYTHING, "", -5.0),), spread_factor=3.0),
    "everything −20 %": Shocks((Shock(Target.EVERYTHING, "", -20.0),), spread_factor=3.0),
    "EUR −10 %": Shocks((Shock(Target.CURRENCY, "EUR", -10.0),)),
}


def thicken(state: LiveState) -> None:
    """Balances of about twice the margin, stop losses and pending orders."""
    random = np.random.default_rng(17)
    frame = compute(state, NOW)
    accounts, positions = state.accounts, state.positions
    floating = np.nan_to_num(frame.floating)
    times = random.uniform(1.2, 6.0, frame.count)
    # the large account is at its stop-out's edge: the jump takes all of it
    times[accounts.slot("MT5", 1) or 0] = 0.6
    wanted = frame.margin * times - floating
    accounts.settled[: frame.count] = np.nan_to_num(
        wanted / np.where(accounts.unit > 0, accounts.unit, 1)[: frame.count]
    )
    accounts.margin_call[: frame.count], accounts.stop_out[: frame.count] = 100.0, 50.0
    with_stop = random.random(positions.count) < 1 / 3
    away = positions.side[: positions.count] * random.uniform(0.02, 0.4, positions.count)
    middle = frame.mid[positions.symbol[: positions.count]]
    positions.stop_loss[: positions.count] = np.where(with_stop, middle * (1 - away), np.nan)
    for server in state.server_list:
        names = list(server.symbols)
        for number in range(ORDERS // len(SERVERS)):
            name = names[number % len(names)]
            server.orders[number] = Order(
                id=number,
                login=number % (ACCOUNTS // 3) + 1,
                symbol=name,
                kind=tuple(OrderType)[number % 4],
                volume=LOT,
                price=state.symbols.record[server.symbols[name]].tick_size * 100_000,  # type: ignore[union-attr]
                placed_us=NOW,
            )


def one_large_account(state: LiveState) -> None:
    """Two thousand small positions of one account, half of them on one symbol."""
    for number in range(LARGE):
        state.apply(
            "MT5",
            Delta(
                seq=1,
                version=1,
                time_us=NOW,
                row=Position(
                    id=10**9 + number,
                    login=1,
                    symbol=f"S{61 + number % 2 * (number % 200)}",
                    side=Side.BUY,
                    volume=LOT // 100 + number,
                    open_price=Decimal("1050.00"),
                    opened_us=NOW,
                ),
            ),
        )


def wall_ms(work: Callable[[], object], times: int = TIMES) -> float:
    """Median wall-clock milliseconds of one call."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        work()
        taken.append((time.perf_counter() - begin) * 1000)
    return statistics.median(taken)


def frozen(state: LiveState) -> FrozenBook:
    frame: Frame = compute(state, NOW)
    return freeze(state, frame, PLATFORMS)


def stalls_ms(book: FrozenBook, shocks: Shocks) -> list[float]:
    """How late a thread beside a run wakes, each time."""
    worker = threading.Thread(target=run, args=(book, shocks))
    late: list[float] = []
    worker.start()
    while worker.is_alive():
        begin = time.perf_counter()
        time.sleep(0.001)
        late.append((time.perf_counter() - begin - 0.001) * 1000)
    worker.join()
    return late


def tell(name: str, taken: float, frame_ms: float, result: StressResult) -> None:
    down = result.given
    print(
        f"{name}, both directions: {taken:.0f} ms, {taken / frame_ms:.0f} frames; called {int(down.called.sum()):,}, "
        f"stopped out {int(down.stopped.sum()):,} in {int(down.closed.max())} rounds of closings "
        f"({down.closed_by_stop_out:,} positions), negative {int((down.negative > 0).sum()):,}, "
        f"stop losses {int(down.triggered.stop_loss.sum()):,}, pending {int(down.triggered.pending.sum()):,}"
    )


def main() -> None:
    state = build(POSITIONS)
    one_large_account(state)
    thicken(state)
    frame_ms = wall_ms(lambda: compute(state, NOW), 60)
    print(f"one frame: {frame_ms:.2f} ms; freezing the book: {wall_ms(lambda: frozen(state)) - frame_ms:.1f} ms")
    for name, shocks in SHOCKS.items():
        # each from a book just frozen, as the desk does it, so that nothing is left over from the one before
        taken = wall_ms(lambda shocks=shocks: run(frozen(state), shocks))
        tell(name, taken, frame_ms, run(frozen(state), shocks))
    late = [stalls_ms(frozen(state), SHOCKS["everything −5 %"]) for _ in range(TIMES)]
    every = sorted(each for run_of in late for each in run_of)
    print(f"beside it a thread wakes late by {every[len(every) // 2]:.1f} ms median, {every[-1]:.1f} ms at most")


if __name__ == "__main__":
    main()
