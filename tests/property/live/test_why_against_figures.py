"""Every derivation sums exactly to its value, and its value is the figure on the screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from naive_desk import Streams

from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live import why, why_rows
from dealerdesk.live.exposure import Dimension, View, exposure
from dealerdesk.live.frame import Frame, compute

DAYS = {"seed": st.integers(0, 2**32 - 1), "steps": st.integers(0, 40)}


def world(seed: int, steps: int) -> tuple[Streams, Frame]:
    streams = Streams(seed)
    for _ in range(steps):
        streams.step()
    return streams, compute(streams.live, streams.now)


def explains(derivation: Derivation, figure: float) -> bool:
    """The terms sum to the value, and the value is the figure to 1e-9 of what was added up."""
    size = sum(abs(term.value) for term in derivation.terms) or abs(derivation.value)
    inputs = sum(abs(item.value) for term in derivation.terms for item in term.inputs)
    return derivation.total() == derivation.value and abs(float(derivation.value) - figure) <= 1e-9 * float(
        max(size + inputs, 1)
    )


@given(**DAYS)
def test_the_figures_of_every_account_are_explained(seed: int, steps: int) -> None:
    streams, frame = world(seed, steps)
    live = streams.live
    for slot in live.accounts.living_slots().tolist():
        assert explains(why.why_equity(live, frame, slot), frame.equity[slot])
        assert explains(why.why_floating(live, frame, slot), frame.floating[slot])
        assert explains(why.why_session(live, frame, slot), frame.session_pnl[slot])
        assert explains(why.why_margin(live, frame, slot), frame.margin[slot])
        assert explains(why.why_free_margin(live, frame, slot), frame.free_margin[slot])
        level = why.why_level(live, frame, slot)
        if frame.margin[slot]:
            assert explains(level, frame.level[slot])
        else:
            assert level.note == "No margin is used, so there is no level."


@pytest.mark.parametrize("few", [0, 200])
@given(**DAYS)
def test_every_row_of_every_exposure_is_explained(few: int, seed: int, steps: int) -> None:
    streams, frame = world(seed, steps)
    live, before = streams.live, why_rows.EACH_POSITION_MAX
    why_rows.EACH_POSITION_MAX = few
    try:
        for dimension in Dimension:
            for view in View:
                table = exposure(live, frame, dimension, view, "EUR")
                for number, key in enumerate(table.keys):
                    net = why.why_net_exposure(live, frame, dimension, key, view, "EUR")
                    assert explains(net, table.net_usd[number])
                    floating = why.why_row_floating(live, frame, dimension, key, view, "EUR")
                    assert explains(floating, table.floating_usd[number])
                    session = why.why_row_session(live, frame, dimension, key, view, "EUR")
                    assert explains(session, table.session_usd[number])
                    if dimension is not Dimension.CURRENCY:
                        lots = why.why_net_lots(live, frame, dimension, key, view)
                        assert explains(lots, table.net_lots[number])
    finally:
        why_rows.EACH_POSITION_MAX = before


@given(**DAYS)
def test_a_position_is_explained_by_its_prices_and_shows_what_the_platform_rounds(seed: int, steps: int) -> None:
    streams, frame = world(seed, steps)
    live = streams.live
    for slot in live.positions.living_slots().tolist():
        derivation = why.why_position(live, frame, slot)
        assert derivation.total() == derivation.value
        labels = [item.label for item in derivation.terms[0].inputs]
        assert labels[1:4] == ["open price", "lots", "lot value"]
        assert derivation.roundings
        assert all(item.source.id for item in derivation.terms[0].inputs)
