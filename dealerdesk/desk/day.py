"""The day in figures, for the tiles: the dealer's result, what is open, what needs somebody. Computes, draws nothing.

Only figures that are really known are given. Money is in the reporting currency and from the dealer's side: what the
clients win the dealer loses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np

from dealerdesk.desk import numbers
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.tiles import TITLES, Tile
from dealerdesk.live.exposure import Dimension, Exposure, View, exposure

if TYPE_CHECKING:
    from dealerdesk.bridges.listener import ConnectionStatus
    from dealerdesk.desk.inbox import Waiting
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.state import LiveState

REFRESH_US = 500_000


class Day:
    """Makes the tiles on the beat, no oftener than twice a second."""

    name = "tiles"

    def __init__(
        self,
        state: LiveState,
        statuses: Callable[[], Iterable[ConnectionStatus]],
        waiting: Callable[[], Waiting],
        currency: str,
        show: Callable[[tuple[Tile, ...]], None],
    ) -> None:
        self._state = state
        self._statuses = statuses
        self._waiting = waiting
        self._currency = currency
        self._show = show
        self._drawn_us = 0

    def beat(self, frame: Frame) -> None:
        """Shows the figures of `frame` when the last ones have stood half a second."""
        if abs(frame.time_us - self._drawn_us) < REFRESH_US:
            return
        self._drawn_us = frame.time_us
        self._show(
            (
                *self._money(frame),
                margin_tile(self._state, frame),
                approval_tile(self._waiting()),
                bridges_tile(self._statuses()),
            )
        )

    def _money(self, frame: Frame) -> Iterable[Tile]:
        if not any(self._state.ready(server) for server in self._state.servers):
            return (Tile(title) for title in TITLES[:4])
        dealer = exposure(self._state, frame, Dimension.BOOK, View.DEALER, self._currency)
        clients = float(np.nansum(frame.floating * frame.rate_to(self._currency)))
        return (
            result_tile(dealer),
            floating_tile(dealer, clients),
            uncovered_tile(dealer),
            deposits_tile(self._state, frame),
        )


def result_tile(dealer: Exposure) -> Tile:
    """The dealer's P&L since the session began, and how the books share it."""
    books = dict(zip(dealer.labels, dealer.session_usd, strict=False))
    split = " · ".join(f"{book} {numbers.compact(float(value))}" for book, value in sorted(books.items()))
    brief = " ".join(f"{book} {_brief(float(value))}" for book, value in sorted(books.items()))
    return _signed_tile("P&L today", float(np.nansum(dealer.session_usd)), split, brief)


def floating_tile(dealer: Exposure, clients: float) -> Tile:
    """What the dealer would make closing everything now, and the clients' side of it."""
    return _signed_tile(
        "Floating",
        float(np.nansum(dealer.floating_usd)),
        f"clients {numbers.signed(clients, 0)}",
        f"clients {_brief(clients)}",
    )


def uncovered_tile(dealer: Exposure) -> Tile:
    """Net market value the dealer keeps, bought less sold, and what has been passed on."""
    net = float(np.nansum(dealer.net_usd))
    detail = f"passed on {numbers.compact(float(np.nansum(dealer.covered_usd)))}"
    return Tile("Net uncovered", numbers.compact(net), detail, _tone_of(net))


def deposits_tile(state: LiveState, frame: Frame) -> Tile:
    """Deposits less withdrawals since the session began, and from how many accounts."""
    accounts, count = state.accounts, frame.count
    deposits = accounts.session_deposits[:count] * accounts.unit[:count] * frame.usd_rate[:count]
    deposits = deposits[accounts.alive[:count]]
    moved = int(np.count_nonzero(np.nan_to_num(deposits)))
    words, short = numbers.counted(moved, "accounts"), numbers.counted(moved, "accts")
    return _signed_tile("Deposits net", float(np.nansum(deposits)), words, short)


def margin_tile(state: LiveState, frame: Frame) -> Tile:
    """How many accounts are under their group's margin call level, and how many of them under stop-out."""
    accounts, count = state.accounts, frame.count
    level = np.where(accounts.alive[:count], frame.level[:count], np.nan)
    called = int(np.count_nonzero(level < accounts.margin_call[:count]))
    stopped = int(np.count_nonzero(level < accounts.stop_out[:count]))
    tone = Tone.ALARM if stopped else Tone.ATTENTION if called else Tone.NORMAL
    detail = f"{numbers.integer(stopped)} under stop-out"
    return Tile("Below margin call", numbers.integer(called), detail, tone, f"{numbers.integer(stopped)} stop-out")


def approval_tile(waiting: Waiting) -> Tile:
    """How many requests wait for this person, for how long the oldest has, and how many wait for anybody."""
    if not waiting.mine:
        return Tile("To approve", "0", f"{waiting.anybody} for others" if waiting.anybody else "nothing waits")
    oldest = f"oldest {numbers.age(waiting.oldest_waits_us / 1000)}"
    others = waiting.anybody - waiting.mine
    detail = f"{oldest} · {others} for others" if others > 0 else oldest
    return Tile("To approve", str(waiting.mine), detail, Tone.ATTENTION, oldest)


def bridges_tile(statuses: Iterable[ConnectionStatus]) -> Tile:
    """How many bridges deliver, and which do not."""
    states = {status.server: status.state.value for status in statuses}
    missing = [f"{server} {state}" for server, state in states.items() if state != "live"]
    live = len(states) - len(missing)
    dead = any(state == "dead" for state in states.values())
    tone = Tone.NORMAL if not missing else Tone.ALARM if dead else Tone.ATTENTION
    down = f"{len(missing)} down" if missing else ""
    return Tile("Bridges live", f"{live} of {len(states)}", ", ".join(missing) or "all deliver", tone, down)


def _signed_tile(title: str, value: float, detail: str, brief: str) -> Tile:
    return Tile(title, numbers.signed(value, 0), detail, _tone_of(value), brief)


def _brief(value: float) -> str:
    return numbers.compact(value, 0).replace(" ", "")


def _tone_of(value: float) -> Tone:
    return Tone.POSITIVE if value > 0 else Tone.NEGATIVE if value < 0 else Tone.NORMAL
