from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.desk.chart import Bar
from dealerdesk.desk.chart.series import common_zero, reduced, value_ranges
from dealerdesk.desk.theme import Tone


def line(size: int) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(size, dtype=float), np.sin(np.arange(size) / 7.0) * 100


def test_few_points_are_all_drawn() -> None:
    x, y = line(500)

    assert reduced(x, y, 0, 499, 800)[0].tolist() == x.tolist()


def test_many_points_become_about_two_a_pixel() -> None:
    x, y = line(100_000)

    assert 500 <= len(reduced(x, y, 0, 99_999, 800)[0]) <= 1_700


def test_no_spike_is_lost() -> None:
    x, y = line(100_000)
    y[31_416], y[77_777] = 5_000.0, -5_000.0
    kept = reduced(x, y, 0, 99_999, 400)

    assert kept[1].max() == 5_000.0
    assert kept[1].min() == -5_000.0
    assert 31_416.0 in kept[0]


@given(st.integers(2, 5_000), st.integers(10, 500))
def test_points_stay_in_their_order_and_are_points_of_the_line(size: int, pixels: int) -> None:
    x, y = line(size)
    kept_x, kept_y = reduced(x, y, 0, size, pixels)

    assert (np.diff(kept_x) >= 0).all()
    assert kept_y.tolist() == y[kept_x.astype(int)].tolist()
    assert kept_x[-1] == x[-1]


def test_only_what_is_in_sight_and_one_point_beyond_is_taken() -> None:
    x, y = line(1_000)

    assert reduced(x, y, 100.5, 103.5, 800)[0].tolist() == [100.0, 101.0, 102.0, 103.0, 104.0]


def test_a_run_without_a_number_does_not_stop_the_rest() -> None:
    x, y = line(10_000)
    y[:200] = np.nan

    assert np.isfinite(reduced(x, y, 0, 9_999, 100)[1]).any()


def test_points_that_were_drawn_stay_while_the_line_grows() -> None:
    x, y = line(10_010)
    before = reduced(x[:10_000], y[:10_000], 0, 10_000, 400)[0]
    after = reduced(x, y, 0, 10_010, 400)[0]

    assert before[:500].tolist() == after[:500].tolist()


def test_nought_stands_at_one_height_on_both_axes() -> None:
    (low, high), (other_low, other_high) = common_zero([(-200.0, 300.0), (-10_000.0, 40_000.0)])

    assert -low / (high - low) == pytest.approx(-other_low / (other_high - other_low))
    assert low <= -200
    assert high >= 300
    assert other_low <= -10_000
    assert other_high >= 40_000


def test_axes_without_values_still_have_a_range() -> None:
    (low, high), _ = common_zero([(0.0, 0.0), (0.0, 0.0)])

    assert low < 0 < high


def test_a_bar_says_its_sign_and_takes_its_colour_from_it() -> None:
    assert (Bar("a", "A", 12.5).words, Bar("a", "A", 12.5).shown_tone) == ("+12.50", Tone.POSITIVE)
    assert Bar("a", "A", -1.0).shown_tone is Tone.NEGATIVE
    assert Bar("a", "A", 0.0).shown_tone is Tone.SECONDARY
    assert Bar("a", "A", 1.0, tone=Tone.ALARM).shown_tone is Tone.ALARM
    assert Bar("a", "A", 1.0, tone=Tone.ALARM, stale=True).shown_tone is Tone.STALE
    assert Bar("a", "A", 1.0, text="+4.1 M").words == "+4.1 M"


def test_values_far_from_nought_show_where_they_move() -> None:
    (low, high), (other_low, other_high) = value_ranges([(50e6, 56e6), (-1.5e6, -1.4e6)])

    assert 49e6 < low < 50e6
    assert 56e6 < high < 57e6
    assert -1.52e6 < other_low < other_high < -1.38e6


def test_values_near_nought_keep_it_at_one_height_on_both_axes() -> None:
    assert value_ranges([(-200.0, 300.0), (100.0, 900.0)]) == common_zero([(-200.0, 300.0), (0.0, 900.0)])


def test_values_that_hardly_move_are_not_blown_up() -> None:
    low, high = value_ranges([(100.0, 100.1)])[0]

    assert high - low >= 2.0
    assert low < 100.0 < high


def test_an_axis_without_values_still_has_a_range() -> None:
    low, high = value_ranges([(50.0, 51.0), (float("nan"), float("nan"))])[1]

    assert low < high
