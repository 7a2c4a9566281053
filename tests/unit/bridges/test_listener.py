"""A listener that overrides nothing takes everything and asks for a snapshot."""

from __future__ import annotations

from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus, Listener
from dealerdesk.bridges.protocol import Ack, Error, ErrorCode, SnapshotBegin, Stage


def test_a_listener_without_a_state_asks_for_a_snapshot_and_holds_nothing() -> None:
    listener = Listener()

    assert listener.resume_point("MT4") is None
    assert listener.held("MT4") is None


def test_a_listener_may_ignore_what_it_is_told() -> None:
    listener = Listener()
    before = dict(vars(listener))
    listener.snapshot_begin("MT4", SnapshotBegin("e", 0, {}))
    listener.ack("MT4", Ack("x", Stage.DONE, 0))
    listener.error("MT4", Error(ErrorCode.FORBIDDEN, "no", fatal=False))
    listener.stale("MT4", 0, "down")
    listener.fresh("MT4", 1)
    listener.status("MT4", ConnectionStatus("MT4"))

    assert vars(listener) == before
    assert listener.resume_point("MT4") is None


def test_a_new_status_says_that_nothing_is_known() -> None:
    status = ConnectionStatus("MT4")

    assert (status.state, status.latency_ms, status.seq, status.last_error) == (ConnectionState.CONNECTING, None, 0, "")
