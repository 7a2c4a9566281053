"""Whatever bytes arrive, in whatever phase: a message, or a protocol error, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from platform_double import (
    MemoryLog,
    PlatformDouble,
    account,
    bridge_of,
    client_session,
    position,
    server_session,
)

from dealerdesk.bridges.client_session import ClientSession
from dealerdesk.bridges.client_session import Phase as ClientPhase
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import (
    Error,
    ErrorCode,
    ProtocolError,
    decode_from_bridge,
    decode_to_bridge,
    encode,
)
from dealerdesk.bridges.quotes import decode_quotes
from dealerdesk.bridges.server_session import Phase as ServerPhase
from dealerdesk.bridges.server_session import ServerSession

REFUSAL = Error(ErrorCode.FORBIDDEN, "no", fatal=False)
NAMES = st.sampled_from(
    [
        *("challenge", "welcome", "hello", "snapshot_begin", "snapshot_chunk", "snapshot_end", "deltas", "digests"),
        *("replay", "resync", "stale", "fresh", "ping", "pong", "command", "command_query", "ack", "error"),
    ]
)
FIELDS = st.sampled_from(
    ["id", "seq", "epoch", "items", "rows", "versions", "set", "sets", "as_of", "digests", "from_seq", "reason", "body"]
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["position", "account", "NaN", "1e999", "e" * 32, "gone"])
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(FIELDS, inner, max_size=3), max_leaves=12
)
JSON_FRAMES = st.builds(
    lambda name, fields: json.dumps({"type": name, **fields}).encode(),
    NAMES,
    st.dictionaries(FIELDS | st.text(max_size=5), VALUES, max_size=6),
)
NESTED = st.builds(
    lambda opening, depth: opening * depth, st.sampled_from([b"[", b'{"a":', b'{"type":[']), st.integers(1, 20_000)
)
FRAMES = (
    st.binary(max_size=200) | JSON_FRAMES | NESTED | st.builds(lambda tail: b"Q\x01" + tail, st.binary(max_size=90))
)


def code_of(decode: Callable[[Any], object], frame: bytes | str) -> ErrorCode | None:
    """With which code a frame is refused; None when it is a message. Any other exception fails the test."""
    try:
        decode(frame)
    except ProtocolError as error:
        return error.code
    return None


@given(FRAMES)
def test_a_decoder_gives_a_message_or_a_protocol_error(frame: bytes) -> None:
    codes = {code_of(decode, frame) for decode in (decode_from_bridge, decode_to_bridge, decode_quotes)}

    assert codes <= {None, ErrorCode.MALFORMED}


@given(st.text(max_size=50))
def test_text_that_is_no_message_is_malformed(text: str) -> None:
    assert code_of(decode_from_bridge, text) is ErrorCode.MALFORMED


def met() -> tuple[ClientSession, ServerSession]:
    """Both ends, joined, with the client's snapshot loaded."""
    platform = PlatformDouble()
    platform.seed(account(1), position(1))
    server = server_session(bridge_of(platform, MemoryLog()))
    client = client_session(Holdings())
    for _ in range(3):
        while (frame := server.next_frame()) is not None:
            client.receive(frame, 0.0)
        while client.outbox:
            server.receive(client.outbox.popleft(), 0.0)
    assert client.is_whole
    return client, server


@given(st.lists(FRAMES, min_size=1, max_size=4), st.booleans())
def test_a_session_survives_any_frames_and_holds_to_its_word(frames: list[bytes], joined: bool) -> None:
    client, server = met()
    if not joined:
        platform = PlatformDouble()
        client, server = client_session(Holdings()), server_session(bridge_of(platform, MemoryLog()))
    for frame in frames:
        client.receive(frame, 1.0)
        server.receive(frame, 1.0)
        client.tick(2.0, 0)
        server.tick(2.0)
        server.next_frame()
    for session in (client, server):
        assert (session.closing is not None) == (session.phase in (ClientPhase.CLOSED, ServerPhase.CLOSED))


@given(st.data())
def test_every_true_frame_cut_or_changed_in_one_byte_is_taken_or_refused(data: st.DataObject) -> None:
    platform = PlatformDouble()
    platform.seed(account(1), position(1))
    server = server_session(bridge_of(platform, MemoryLog()))
    client = client_session(Holdings())
    steps = data.draw(st.integers(0, 5))
    for _ in range(steps):
        while client.outbox:
            server.receive(client.outbox.popleft(), 0.0)
        frame = server.next_frame()
        if frame is not None:
            client.receive(frame, 0.0)
    frame = server.next_frame() or encode(REFUSAL)
    place = data.draw(st.integers(0, len(frame) - 1))
    harmed = data.draw(
        st.sampled_from([frame[:place], frame[:place] + b"\xff" + frame[place + 1 :], frame + frame[:place]])
    )

    client.receive(harmed, 0.0)

    assert client.phase is ClientPhase.CLOSED or client.closing is None
