"""A binary frame is a batch of quotes or it is refused."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.bridges.protocol import FRAME_BYTES_MAX, ErrorCode, ProtocolError
from dealerdesk.bridges.quotes import HEADER, QUOTES_PER_FRAME_MAX, QuoteBatch, decode_quotes, encode_quotes


def batch(count: int) -> QuoteBatch:
    narrow = np.arange(count, dtype=np.uint32)
    return QuoteBatch(1_790_000_000_000_000, narrow, narrow + 1, narrow + 2, narrow.astype(np.int64) - 5, narrow + 9)


def test_a_batch_comes_back_as_it_was() -> None:
    sent = QuoteBatch(*(getattr(batch(3), name) for name in ("base_us", "index", "counter", "offset_us", "bid", "bid")))
    back = decode_quotes(encode_quotes(sent))

    assert back.base_us == 1_790_000_000_000_000
    assert (back.index.tolist(), back.counter.tolist(), back.offset_us.tolist()) == ([0, 1, 2], [1, 2, 3], [2, 3, 4])
    assert (back.bid.tolist(), back.ask.tolist()) == ([-5, -4, -3], [-5, -4, -3])


def test_the_largest_batch_fits_a_frame_and_one_more_does_not() -> None:
    columns = {name: np.zeros(QUOTES_PER_FRAME_MAX, np.uint32) for name in ("index", "counter", "offset_us")}
    wide = np.zeros(QUOTES_PER_FRAME_MAX, np.int64)

    assert len(encode_quotes(QuoteBatch(0, **columns, bid=wide, ask=wide))) <= FRAME_BYTES_MAX
    with pytest.raises(ValueError, match="at most"):
        encode_quotes(batch(QUOTES_PER_FRAME_MAX + 1))


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"Q",
        HEADER.pack(b"R", 1, 0, 0, 0),
        HEADER.pack(b"Q", 2, 0, 0, 0),
        HEADER.pack(b"Q", 1, 7, 0, 0),
        HEADER.pack(b"Q", 1, 0, 1, 0),
        HEADER.pack(b"Q", 1, 0, 2**32 - 1, 0),
        HEADER.pack(b"Q", 1, 0, 0, 0) + b"x",
    ],
)
def test_what_is_no_batch_is_malformed(frame: bytes) -> None:
    with pytest.raises(ProtocolError) as refused:
        decode_quotes(frame)

    assert refused.value.code is ErrorCode.MALFORMED


def test_a_frame_above_one_mebibyte_is_oversized() -> None:
    with pytest.raises(ProtocolError) as refused:
        decode_quotes(b"Q" * (FRAME_BYTES_MAX + 1))

    assert refused.value.code is ErrorCode.OVERSIZED
