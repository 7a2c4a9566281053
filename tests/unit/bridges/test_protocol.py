"""Frames are decoded whole or refused with a protocol error."""

from __future__ import annotations

import pytest
from platform_double import position

from dealerdesk.bridges.protocol import (
    FRAME_BYTES_MAX,
    Delta,
    Deltas,
    ErrorCode,
    Gone,
    Ping,
    ProtocolError,
    RowSet,
    decode_delta,
    decode_from_bridge,
    decode_to_bridge,
    encode,
    encode_delta,
)


def test_a_message_comes_back_as_it_was() -> None:
    message = Deltas("ab", [Delta(7, 7, 5, position(3)), Delta(8, 8, 6, Gone(RowSet.POSITION, 3))])

    assert decode_from_bridge(encode(message)) == message


def test_a_delta_alone_is_the_same_bytes_as_in_its_frame() -> None:
    delta = Delta(7, 7, 5, position(3))

    assert encode_delta(delta) in encode(Deltas("ab", [delta]))
    assert decode_delta(encode_delta(delta)) == delta


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'{"type":"pang"}',
        b'{"id":1,"time_us":2}',
        b'{"type":"ping","id":NaN,"time_us":2}',
        b'{"type":"ping","id":1.5,"time_us":2}',
        b'{"type":"ping","id":"1","time_us":2}',
        b'{"type":"ping","id":1}',
        b'{"type":"ping","id":99999999999999999999,"time_us":2}',
        b'{"type":"ping","id":1,"time_us":2}{"type":"ping","id":1,"time_us":2}',
        b'{"type":"error","code":"slow","text":"\xc3","fatal":true}',
        b'\xff\xfe{"type":"ping"}',
        b"[" * 500_000,
        b'{"type":"error","code":"slow","text":' + b'{"a":' * 100_000,
    ],
)
def test_what_is_no_message_is_malformed(frame: bytes) -> None:
    for decode in (decode_from_bridge, decode_to_bridge):
        with pytest.raises(ProtocolError) as refused:
            decode(frame)
        assert refused.value.code is ErrorCode.MALFORMED


def test_a_lone_surrogate_in_text_is_malformed() -> None:
    with pytest.raises(ProtocolError, match="surrogates"):
        decode_from_bridge('{"type":"fresh","time_us":1,"x":"\ud800"}')


def test_a_frame_above_one_mebibyte_is_oversized() -> None:
    with pytest.raises(ProtocolError) as refused:
        decode_to_bridge(b" " * (FRAME_BYTES_MAX + 1))

    assert refused.value.code is ErrorCode.OVERSIZED


def test_a_message_of_the_other_direction_is_malformed() -> None:
    with pytest.raises(ProtocolError):
        decode_to_bridge(encode(Deltas("ab", [])))

    assert decode_to_bridge(encode(Ping(1, 2))) == Ping(1, 2)
