"""The day in figures, from the small broker."""

from __future__ import annotations

import pytest

from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.desk.day import Day, approval_tile, bridges_tile, deposits_tile, margin_tile
from dealerdesk.desk.inbox import Waiting
from dealerdesk.desk.numbers import MINUS
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.tiles import Tile
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .conftest import NOW_US, quotes, status


def tiles_of(state: LiveState) -> dict[str, Tile]:
    shown: list[tuple[Tile, ...]] = []
    Day(state, lambda: [status()], Waiting, "USD", shown.append).beat(compute(state, NOW_US))
    return {tile.title: tile for tile in shown[0]}


def test_what_a_client_in_b_wins_the_dealer_loses(state: LiveState) -> None:
    tiles = tiles_of(state)

    # 101 is long 2 lots from 1.09000, bid 1.10000: +2 000 USD; 102 in A is the LP's
    assert tiles["Floating"].figure == f"{MINUS}2 000".replace(" ", "\u2009")
    assert tiles["Floating"].tone is Tone.NEGATIVE


def test_uncovered_is_what_the_dealer_keeps(state: LiveState) -> None:
    tile = tiles_of(state)["Net uncovered"]

    # the dealer is short what 101 is long: 200 000 EUR at about 1.10 USD
    assert tile.figure == f"{MINUS}220.0 k"


def test_deposits_are_summed_in_the_reporting_currency(state: LiveState) -> None:
    tile = deposits_tile(state, compute(state, NOW_US))

    # 500.00 USD and 500.00 EUR at 1.10005
    assert tile.figure == "+1 050".replace(" ", "\u2009")
    assert tile.detail == "2 accounts"


def test_an_account_under_its_margin_call_is_counted_and_one_under_stop_out_is_an_alarm(state: LiveState) -> None:
    assert margin_tile(state, compute(state, NOW_US)).figure == "0"

    # at 1.04500 account 101 has lost 9 000 of its 10 000 USD: level about 48 % of 2 090 margin
    state.apply_quotes("MT5", quotes(104_500, 104_510), NOW_US)
    tile = margin_tile(state, compute(state, NOW_US))

    assert (tile.figure, tile.tone) == ("1", Tone.ALARM)
    assert tile.detail.startswith("1 under stop-out")


def test_what_is_mine_to_decide_counts_and_what_waits_for_others_is_said() -> None:
    mine = Waiting(mine=2, anybody=5, oldest_waits_us=120_000_000)

    assert approval_tile(mine) == Tile("To approve", "2", "oldest 2 min · 3 for others", Tone.ATTENTION, "oldest 2 min")
    assert approval_tile(Waiting(anybody=3)) == Tile("To approve", "0", "3 for others")
    assert approval_tile(Waiting()) == Tile("To approve", "0", "nothing waits")


def test_a_dead_bridge_is_named_in_red() -> None:
    tile = bridges_tile([status("MT4"), status("MT5", ConnectionState.DEAD)])

    assert tile == Tile("Bridges live", "1 of 2", "MT5 dead", Tone.ALARM, "1 down")


def test_while_nothing_is_loaded_money_is_not_known_rather_than_nought() -> None:
    assert tiles_of(LiveState())["P&L today"].figure == "—"


def test_the_figures_stand_half_a_second(state: LiveState) -> None:
    shown: list[object] = []
    day = Day(state, list, Waiting, "USD", shown.append)
    for after_us in (0, 100_000, 499_000, 500_000):
        day.beat(compute(state, NOW_US + after_us))

    assert len(shown) == 2


@pytest.mark.parametrize("title", ["P&L today", "Floating", "Net uncovered", "Deposits net"])
def test_every_money_tile_has_a_figure_once_loaded(state: LiveState, title: str) -> None:
    assert tiles_of(state)[title].figure != "—"
