"""A silent peer is noticed within ten seconds, and a busy process does not mistake itself for one."""

from __future__ import annotations

from dealerdesk.bridges.protocol import Ping, Pong
from dealerdesk.bridges.pulse import Pulse


def pong(ping: Ping | None) -> Pong:
    assert ping is not None
    return Pong(ping.id, ping.time_us, 0, 0, 0)


def test_a_ping_goes_out_at_once_and_then_every_five_seconds() -> None:
    pulse = Pulse(100.0)

    assert pulse.answered(pong(pulse.due(100.0, 7)), 100.25)
    assert pulse.latency_s == 0.25
    assert pulse.due(104.9, 7) is None
    assert pulse.due(105.0, 7) == Ping(2, 7)


def test_three_unanswered_pings_are_a_death_within_ten_seconds() -> None:
    pulse = Pulse(0.0)
    pulse.answered(pong(pulse.due(0.0, 0)), 0.0)

    sent = [half / 2 for half in range(1, 40) if pulse.due(half / 2, 0) is not None]

    assert sent == [5.0, 6.5, 8.0]
    assert not pulse.is_dead(9.0)
    assert pulse.is_dead(9.5)


def test_a_process_that_was_held_up_sends_one_ping_and_waits() -> None:
    pulse = Pulse(0.0)
    pulse.due(0.0, 0)

    assert pulse.due(60.0, 0) is not None
    assert not pulse.is_dead(60.0)
    assert pulse.due(60.5, 0) is None


def test_one_pong_clears_all_that_is_outstanding() -> None:
    pulse = Pulse(0.0)
    first = pulse.due(0.0, 0)
    pulse.due(1.5, 0)

    assert pulse.answered(pong(first), 2.0)
    assert not pulse.answered(pong(first), 2.0)
    assert not pulse.is_dead(60.0)
