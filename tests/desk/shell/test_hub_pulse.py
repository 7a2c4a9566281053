"""The hub is called alive only while nothing speaks against it, whatever the clocks say."""

from __future__ import annotations

from dealerdesk.clock_gap import ClockGap
from dealerdesk.desk.hub_pulse import HubPulse
from dealerdesk.store.queries import HubStatus

NOW_US = 1_790_000_000_000_000
S = 1_000_000


def beat(at_us: int) -> HubStatus:
    return HubStatus(
        server="MT5",
        state="live",
        epoch="e",
        sequence=1,
        queued=0,
        started_us=NOW_US,
        beat_us=at_us,
        error="",
    )


def test_without_a_beat_there_is_no_hub() -> None:
    assert not HubPulse().is_alive(NOW_US, 0.0)


def test_a_beat_counts_for_five_seconds() -> None:
    pulse = HubPulse()
    pulse.take([beat(NOW_US)], None, 0.0)

    assert pulse.is_alive(NOW_US + 4 * S, 4.0)
    assert not pulse.is_alive(NOW_US + 5 * S, 5.0)


def test_on_a_machine_whose_clock_is_behind_an_old_beat_looks_no_fresher_than_it_is() -> None:
    pulse = HubPulse()
    behind = ClockGap.seen(NOW_US - 60 * S, NOW_US, NOW_US - 60 * S)
    pulse.take([beat(NOW_US - 6 * S)], behind, 0.0)

    assert not pulse.is_alive(NOW_US - 60 * S, 0.0)
    assert pulse.there_us(NOW_US - 60 * S) == NOW_US


def test_a_hub_whose_own_clock_is_ahead_is_dead_when_no_new_beat_comes() -> None:
    pulse = HubPulse()
    pulse.take([beat(NOW_US + 3_600 * S)], None, 0.0)
    assert pulse.is_alive(NOW_US, 1.0)
    pulse.take([beat(NOW_US + 3_600 * S)], None, 4.0)

    assert not pulse.is_alive(NOW_US + 5 * S, 5.0)


def test_a_clock_that_is_ahead_does_not_kill_a_hub_that_beats() -> None:
    pulse = HubPulse()
    pulse.take([beat(NOW_US)], ClockGap.seen(NOW_US + 60 * S, NOW_US, NOW_US + 60 * S), 0.0)

    assert pulse.is_alive(NOW_US + 61 * S, 1.0)
