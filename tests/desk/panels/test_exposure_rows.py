from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.desk.panels.exposure_rows import EXPOSURE_COLUMNS, ExposureRows, covered, kept, one_sided, size_of_net
from dealerdesk.desk.theme import Tone
from dealerdesk.live.exposure import Dimension, Exposure, View, exposure
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US

EUR_MID = 1.10005


def cut(state: LiveState, dimension: Dimension = Dimension.INSTRUMENT, view: View = View.CLIENTS) -> Exposure:
    return exposure(state, compute(state, NOW_US), dimension, view)


def at(found: Exposure, key: object) -> int:
    row = found.row(key)  # type: ignore[arg-type]
    assert row is not None
    return row


def test_what_is_kept_and_what_is_covered_add_up_to_the_net(state: LiveState) -> None:
    # +2.00 in B, −1.00 in A, +1.00 in C of which 40 % are covered
    found = cut(state)
    row = at(found, "EURUSD")

    assert found.net_lots[row] == pytest.approx(2.0)
    assert covered(found)[row] == pytest.approx((-1.0 + 0.4) * 100_000 * EUR_MID)
    assert kept(found)[row] == pytest.approx((2.0 + 0.6) * 100_000 * EUR_MID)


def test_from_the_dealers_side_signs_turn(state: LiveState) -> None:
    found = cut(state, view=View.DEALER)
    row = at(found, "EURUSD")

    assert kept(found)[row] == pytest.approx(-2.6 * 100_000 * EUR_MID)
    assert covered(found)[row] == pytest.approx(0.6 * 100_000 * EUR_MID)


def test_the_bar_compares_with_the_largest_row(state: LiveState) -> None:
    found = cut(state)
    size = size_of_net(found)

    # 220 010 USD of EURUSD against −200 025 USD of gold
    assert size[at(found, "EURUSD")] == pytest.approx(1.0)
    assert size[at(found, "XAUUSD")] == pytest.approx(-200_025 / 220_010)
    assert one_sided(found)[at(found, "XAUUSD")] == pytest.approx(100.0)
    assert one_sided(found)[at(found, "EURUSD")] == pytest.approx(50.0)


def test_without_exposure_there_is_nothing_to_divide_by() -> None:
    empty = exposure(LiveState(), compute(LiveState(), NOW_US), Dimension.INSTRUMENT)

    assert len(size_of_net(empty)) == 0


def test_a_row_of_one_stale_server_is_grey_and_a_row_of_several_only_warns(state: LiveState) -> None:
    state.set_stale("cTrader", NOW_US)
    by_symbol, by_instrument = cut(state, Dimension.SYMBOL), cut(state)

    grey = ExposureRows(state, compute(state, NOW_US), by_symbol).stale()
    assert grey is not None
    assert grey[at(by_symbol, ("cTrader", "EURUSD.c"))]
    assert not grey[at(by_symbol, ("MT5", "EURUSD"))]
    rows = ExposureRows(state, compute(state, NOW_US), by_instrument)
    assert rows.stale() is not None
    assert not rows.stale().any()  # type: ignore[union-attr]
    tones = rows.column("age_tone")
    assert isinstance(tones, np.ndarray)
    assert tones[at(by_instrument, "EURUSD")] == Tone.ATTENTION
    assert tones[at(by_instrument, "XAUUSD")] == Tone.FAINT


def test_when_all_servers_are_stale_everything_is_grey(state: LiveState) -> None:
    state.set_stale("cTrader", NOW_US)
    state.set_stale("MT5", NOW_US)
    found = cut(state)
    grey = ExposureRows(state, compute(state, NOW_US), found).stale()
    assert grey is not None

    assert grey[at(found, "EURUSD")]


def test_the_same_keys_keep_the_revision_and_others_change_it(state: LiveState) -> None:
    rows = ExposureRows(state, compute(state, NOW_US), cut(state))
    before = rows.revision()
    rows.take(compute(state, NOW_US), cut(state))
    assert rows.revision() == before

    rows.take(compute(state, NOW_US), cut(state, Dimension.BOOK))
    assert rows.revision() == before + 1
    assert [rows.key(row) for row in range(rows.count())] == ["A", "B", "C"]
    assert rows.row_of("EURUSD") is None
    assert rows.label("B") == "B"
    assert rows.label("gone") == "gone"


@pytest.mark.parametrize("dimension", [d for d in Dimension if d is not Dimension.ACCOUNT])
def test_every_declared_column_can_be_had_in_every_dimension(state: LiveState, dimension: Dimension) -> None:
    rows = ExposureRows(state, compute(state, NOW_US), cut(state, dimension))
    for column in EXPOSURE_COLUMNS:
        assert len(rows.column(column.key)) == rows.count()  # type: ignore[arg-type]


def test_a_row_is_late_by_its_own_symbols_limit(state: LiveState) -> None:
    late = NOW_US + 9_920_000  # gold and EURUSD of MT5 are past 10 s, EURUSD of cTrader is not
    frame = compute(state, late)
    rows = ExposureRows(state, frame, exposure(state, frame, Dimension.SYMBOL))
    tones = rows.column("age_tone")
    assert isinstance(tones, np.ndarray)

    assert tones[at(rows.exposure, ("MT5", "EURUSD"))] == Tone.ATTENTION
    assert tones[at(rows.exposure, ("cTrader", "EURUSD.c"))] == Tone.FAINT


def test_a_price_a_moment_newer_than_its_frame_is_no_time_old(state: LiveState) -> None:
    # the oldest quote came 100 ms before NOW
    frame = compute(state, NOW_US - 200_000)
    rows = ExposureRows(state, frame, exposure(state, frame, Dimension.INSTRUMENT, View.CLIENTS, "USD"))

    assert np.asarray(rows.column("age_ms")).tolist() == [0.0] * rows.count()
