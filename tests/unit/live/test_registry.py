from __future__ import annotations

from dealerdesk.live.registry import Registry, Waiting
from live.live_rows import position


def test_a_server_keeps_its_number() -> None:
    registry = Registry()

    assert [registry.server(name).code for name in ("MT4", "MT5", "MT4")] == [0, 1, 0]
    assert registry.known("cTrader") is None


def test_a_waiting_position_is_released_once_for_what_it_missed() -> None:
    waiting = Waiting()
    row = position(1, 1001, "EURUSD", "1", "1.1")
    waiting.keep(("login", 1001), row, 5)

    assert list(waiting.release(("login", 1002))) == []
    assert list(waiting.release(("login", 1001))) == [(row, 5)]
    assert len(waiting) == 0
