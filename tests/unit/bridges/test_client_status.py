"""A connection's state says what can be trusted, and its counts outlive reconnections."""

from __future__ import annotations

from platform_double import MemoryLog, PlatformDouble, account, bridge_of, client_session, server_session

from dealerdesk.bridges.client_session import ClientSession
from dealerdesk.bridges.client_status import StatusBoard
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.bridges.protocol import Fresh, Stale, encode


def joined() -> ClientSession:
    platform = PlatformDouble()
    platform.seed(account(1))
    client, server = client_session(Holdings()), server_session(bridge_of(platform, MemoryLog()))
    for _ in range(2):
        while (frame := server.next_frame()) is not None:
            client.receive(frame, 0.0)
        while client.outbox:
            server.receive(client.outbox.popleft(), 0.0)
    while (frame := server.next_frame()) is not None:
        client.receive(frame, 0.0)
    return client


def test_a_connection_goes_from_connecting_to_live_and_dead() -> None:
    board, session = StatusBoard("MT4", 5), joined()
    assert board.status.state is ConnectionState.CONNECTING
    board.connected(session)
    board.received(session, 10)
    assert (board.status.state, board.status.since_us) == (ConnectionState.LIVE, 10)

    board.lost(20)

    assert (board.status.state, board.status.since_us, board.status.last_frame_us) == (ConnectionState.DEAD, 20, 10)


def test_a_connection_that_never_joined_goes_on_connecting() -> None:
    board = StatusBoard("MT4", 5)
    board.failed("refused")
    board.lost(9)

    assert (board.status.state, board.status.last_error) == (ConnectionState.CONNECTING, "refused")


def test_a_platform_that_is_down_makes_it_stale_until_it_is_back() -> None:
    board, session = StatusBoard("MT4", 0), joined()
    board.connected(session)
    session.receive(encode(Stale(1, "down")), 0.0)
    board.received(session, 1)
    assert board.status.state is ConnectionState.STALE
    session.receive(encode(Fresh(2)), 0.0)
    board.received(session, 2)
    assert board.status.state is ConnectionState.LIVE


def test_a_change_is_told_once() -> None:
    board, session = StatusBoard("MT4", 0), joined()
    board.connected(session)
    board.received(session, 1)

    assert board.has_changed()
    assert not board.has_changed()


def test_counts_are_summed_over_connections_and_rates_measured_over_time() -> None:
    board, session = StatusBoard("MT4", 0), joined()
    board.connected(session)
    board.received(session, 1)
    session.refused_frames = 2
    board.lost(2)
    board.connected(again := joined())
    board.received(again, 3)
    again.refused_frames = 1
    board.measure(again, 10.0, 3)
    board.deltas += 50
    board.quotes += 400
    board.measure(again, 12.0, 3)

    status = board.status
    assert (status.refused_frames, status.reconnects) == (3, 1)
    assert (status.deltas_per_s, status.quotes_per_s) == (25.0, 200.0)
