"""What the desk measures of itself."""

from __future__ import annotations

import time
from math import isnan

from dealerdesk.desk.measures import Measures, Samples, process_started_s


def test_percentiles_are_those_of_the_samples() -> None:
    samples = Samples()
    for value in range(1, 101):
        samples.add(float(value))

    assert samples.percentile(50) == 50.5
    assert samples.summary() == {"count": 100, "p50": 50.5, "p90": 90.1, "p99": 99.01, "p999": 99.901, "max": 100.0}


def test_only_the_newest_samples_are_kept_but_the_worst_is_remembered() -> None:
    samples = Samples(capacity=3)
    for value in (900.0, 1.0, 2.0, 3.0):
        samples.add(value)

    assert samples.percentile(100) == 3.0
    assert samples.most == 900.0
    assert samples.count == 4


def test_no_samples_say_so_instead_of_a_figure() -> None:
    assert Samples().summary() == {"count": 0}
    assert isnan(Samples().percentile(99))


def test_beginning_anew_forgets_loading_and_keeps_the_moments_of_the_start() -> None:
    measures = Measures()
    measures.window_s = 0.7
    measures.interval_ms.add(500.0)
    measures.panel("accounts").add(9.0)

    measures.begin()

    assert measures.summary()["window_s"] == 0.7
    assert measures.summary()["frame_ms"] == {"count": 0}
    assert measures.summary()["panel_ms"] == {"accounts": {"count": 0}}


def test_the_start_of_the_process_lies_before_everything_it_does() -> None:
    age_s = time.perf_counter() - process_started_s()

    assert 0.0 < age_s < 24 * 3600
