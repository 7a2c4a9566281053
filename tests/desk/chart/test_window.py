from __future__ import annotations

import pytest

from dealerdesk.desk.chart.window import LEAST_S, Window


@pytest.fixture
def window() -> Window:
    made = Window()
    made.data(1_000.0, 2_000.0)
    return made


def span(window: Window) -> tuple[float, float]:
    return window.start, window.end


def test_the_whole_is_shown_and_grows_with_the_data(window: Window) -> None:
    assert span(window) == (1_000.0, 2_000.0)
    window.data(1_000.0, 2_060.0)
    assert span(window) == (1_000.0, 2_060.0)


def test_zoomed_in_at_the_newest_end_it_goes_on_following(window: Window) -> None:
    window.zoom(0.5, 1_500.0)
    assert span(window) == (1_500.0, 2_000.0)
    window.data(1_000.0, 2_060.0)
    assert span(window) == (1_560.0, 2_060.0)


def test_standing_still_it_does_not_move_with_the_data(window: Window) -> None:
    window.set_follow(False)
    window.data(1_000.0, 2_060.0)
    assert span(window) == (1_000.0, 2_000.0)
    window.set_follow(True)
    assert span(window) == (1_060.0, 2_060.0)


def test_zooming_keeps_the_moment_under_the_pointer(window: Window) -> None:
    window.show(1_200.0, 1_600.0)
    window.zoom(0.5, 1_300.0)

    assert span(window) == (1_250.0, 1_450.0)
    assert not window.follow


def test_zooming_out_ends_with_the_whole(window: Window) -> None:
    window.show(1_200.0, 1_600.0)
    window.zoom(10.0, 1_300.0)

    assert span(window) == (1_000.0, 2_000.0)
    assert window.follow


def test_zooming_out_near_an_edge_stays_within_the_data(window: Window) -> None:
    window.show(1_000.0, 1_200.0)
    window.zoom(2.0, 1_200.0)
    assert span(window) == (1_000.0, 1_400.0)


def test_zooming_in_has_an_end(window: Window) -> None:
    for _ in range(100):
        window.zoom(0.5, 1_900.0)

    assert window.end - window.start == LEAST_S


def test_moving_back_stops_following_and_moving_to_the_end_resumes_it(window: Window) -> None:
    window.zoom(0.5, 2_000.0)
    window.pan(-0.2)
    assert span(window) == (1_400.0, 1_900.0)
    assert not window.follow
    window.pan(0.5)
    assert span(window) == (1_500.0, 2_000.0)
    assert window.follow


def test_home_is_the_whole_again(window: Window) -> None:
    window.show(1_200.0, 1_300.0)
    window.home()

    assert span(window) == (1_000.0, 2_000.0)
    assert window.follow
