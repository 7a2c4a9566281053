"""A client trusts no bridge that cannot prove itself, and takes nothing out of turn."""

from __future__ import annotations

import numpy as np
import pytest
from msgspec.structs import replace
from platform_double import KEYS, MemoryLog, PlatformDouble, account, bridge_of, client_session, server_session

from dealerdesk.bridges.client_session import ClientSession, Phase
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import (
    Challenge,
    Deltas,
    Error,
    ErrorCode,
    Fresh,
    Hello,
    Joined,
    Ping,
    Pong,
    ResumePoint,
    Stale,
    Welcome,
    decode_from_bridge,
    decode_to_bridge,
    encode,
)
from dealerdesk.bridges.quotes import QuoteBatch, encode_quotes
from dealerdesk.bridges.server_session import ServerSession
from dealerdesk.trading import Platform


def ends(resume: ResumePoint | None = None, key: bytes | None = None) -> tuple[ClientSession, ServerSession]:
    platform = PlatformDouble()
    platform.seed(account(1))
    log = MemoryLog()
    for i in range(5):
        log.append(platform.put(account(1, i)))
    return client_session(Holdings(), resume, key=key), server_session(bridge_of(platform, log))


def greeted(resume: ResumePoint | None = None) -> tuple[ClientSession, ServerSession, Welcome]:
    client, server = ends(resume)
    client.receive(server.next_frame() or b"", 0.0)
    server.receive(client.outbox.popleft(), 0.0)
    welcome = decode_from_bridge(server.next_frame() or b"")
    assert isinstance(welcome, Welcome)
    return client, server, welcome


def refusal(client: ClientSession) -> Error:
    error = decode_to_bridge(client.outbox[-1])
    assert isinstance(error, Error)
    assert client.phase is Phase.CLOSED
    return error


def quotes(counter: int) -> bytes:
    one = np.array([counter], np.uint32)
    price = np.array([5], np.int64)
    return encode_quotes(QuoteBatch(1, np.zeros(1, np.uint32), one, one, price, price))


def test_a_challenge_is_answered_with_a_proof_and_not_with_the_key() -> None:
    client, server = ends()
    client.receive(server.next_frame() or b"", 0.0)

    frame = client.outbox.popleft()
    hello = decode_to_bridge(frame)

    assert isinstance(hello, Hello)
    assert len(hello.mac) == 64
    assert KEYS["desk"].key.hex().encode() not in frame
    assert KEYS["desk"].key not in frame


def test_a_bridge_that_does_not_hold_the_key_is_refused() -> None:
    client, _, welcome = greeted()

    assert client.receive(encode(replace(welcome, mac="0" * 64)), 0.0) == ()
    assert refusal(client).code is ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, ErrorCode.VERSION),
        ({"bridge": "MT5"}, ErrorCode.UNAUTHENTICATED),
        ({"nonce": "12"}, ErrorCode.MALFORMED),
    ],
)
def test_a_challenge_that_is_not_for_us_is_refused(change: dict[str, object], code: ErrorCode) -> None:
    client, _ = ends()
    challenge = replace(Challenge(1, "MT4", Platform.MT4, "e" * 32, "5" * 64, 0), **change)

    client.receive(encode(challenge), 0.0)

    assert refusal(client).code is code


def test_a_resumption_that_was_not_asked_for_is_refused() -> None:
    client, _, welcome = greeted()

    client.receive(encode(replace(welcome, joined=Joined.RESUMED)), 0.0)

    assert refusal(client).code is ErrorCode.UNEXPECTED


@pytest.mark.parametrize("frame", [encode(Deltas("e" * 32, [])), encode(Ping(1, 1)), quotes(1), encode(Fresh(1))])
def test_nothing_is_taken_before_the_welcome(frame: bytes) -> None:
    client, _ = ends()

    assert client.receive(frame, 0.0) == ()
    assert refusal(client).code is ErrorCode.UNEXPECTED


def test_a_second_welcome_is_refused() -> None:
    client, _, welcome = greeted(ResumePoint("e" * 32, 5))
    client.receive(encode(welcome), 0.0)

    client.receive(encode(welcome), 0.0)

    assert refusal(client).code is ErrorCode.UNEXPECTED


def test_a_resumed_client_is_whole_when_it_has_reached_the_bridge() -> None:
    client, server, welcome = greeted(ResumePoint("e" * 32, 3))
    client.receive(encode(welcome), 0.0)
    assert not client.is_whole

    events = client.receive(server.next_frame() or b"", 0.0)

    assert [item.seq for event in events if isinstance(event, Deltas) for item in event.items] == [4, 5]
    assert client.is_whole


def test_quotes_come_before_the_snapshot_is_whole_and_older_ones_are_dropped() -> None:
    client, server, welcome = greeted()
    client.receive(encode(welcome), 0.0)
    assert len(client.receive(quotes(1), 0.0)) == 1
    while (frame := server.next_frame()) is not None:
        client.receive(frame, 0.0)

    assert len(client.receive(quotes(7), 0.0)) == 1
    assert client.receive(quotes(6), 0.0) == ()


def test_stale_and_fresh_are_told_and_remembered() -> None:
    client, _, welcome = greeted(ResumePoint("e" * 32, 5))
    client.receive(encode(welcome), 0.0)

    assert client.receive(encode(Stale(9, "down")), 0.0) == (Stale(9, "down"),)
    assert client.stale == Stale(9, "down")
    client.receive(encode(Fresh(10)), 0.0)
    assert client.stale is None


def test_a_pong_brings_the_bridges_figures_and_a_stray_one_nothing() -> None:
    client, _, welcome = greeted(ResumePoint("e" * 32, 5))
    client.receive(encode(welcome), 0.0)
    client.tick(1.0, 77)
    assert decode_to_bridge(client.outbox.pop()) == Ping(1, 77)

    client.receive(encode(Pong(99, 77, 1, 2, 3)), 1.0)
    assert client.journal_bytes == 0
    client.receive(encode(Pong(1, 77, 5, 123, 4_096)), 1.02)
    assert (client.bridge_seq, client.bridge_time_us, client.journal_bytes) == (5, 123, 4_096)


def test_a_ping_is_answered_with_its_own_time() -> None:
    client, _, welcome = greeted(ResumePoint("e" * 32, 5))
    client.receive(encode(welcome), 0.0)

    client.receive(encode(Ping(4, 55)), 0.0)

    assert decode_to_bridge(client.outbox.pop()) == Pong(4, 55, 5, 0, 0)


def test_a_fatal_error_closes_and_a_small_one_does_not() -> None:
    client, _ = ends()

    client.receive(encode(Error(ErrorCode.CONFLICT, "x", fatal=False, id="7")), 0.0)
    assert client.closing is None
    client.receive(encode(Error(ErrorCode.UNAUTHENTICATED, "no", fatal=True)), 0.0)
    assert client.closing == (4401, "no")
    assert client.receive(encode(Ping(1, 1)), 0.0) == ()


def test_a_bridge_that_never_says_welcome_is_given_up() -> None:
    client, _ = ends()

    client.tick(9.9, 0)
    assert client.closing is None
    client.tick(10.0, 0)
    assert client.closing == (4409, "no welcome in time")
