"""Columnar quote batches: the binary frames of the bridge protocol. No rules about conflation, no I/O.

A frame is a 16-byte header (`Q`, layout, two zero bytes, u32 count, u64 base time in µs UTC), then five
little-endian columns of `count` elements: symbol index u32, per-symbol counter u32, time u32 µs after the base,
bid i64, ask i64. Prices are integer points: price × 10^digits of the symbol.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.protocol import FRAME_BYTES_MAX, ErrorCode, ProtocolError

HEADER = struct.Struct("<cBHIQ")
MAGIC = b"Q"
LAYOUT = 1
ROW_BYTES = 3 * 4 + 2 * 8
QUOTES_PER_FRAME_MAX = (FRAME_BYTES_MAX - HEADER.size) // ROW_BYTES


@dataclass(frozen=True, slots=True)
class QuoteBatch:
    """Parallel columns, one element a quote; `bid` and `ask` in points, `time_us` = base + offset."""

    base_us: int
    index: NDArray[np.uint32]
    counter: NDArray[np.uint32]
    offset_us: NDArray[np.uint32]
    bid: NDArray[np.int64]
    ask: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.index)


def encode_quotes(batch: QuoteBatch) -> bytes:
    """The batch as one binary frame; raises ValueError when it exceeds QUOTES_PER_FRAME_MAX."""
    count = len(batch)
    if count > QUOTES_PER_FRAME_MAX:
        raise ValueError(f"quotes: at most {QUOTES_PER_FRAME_MAX} a frame, got {count}")
    columns = (batch.index, batch.counter, batch.offset_us, batch.bid, batch.ask)
    return b"".join((HEADER.pack(MAGIC, LAYOUT, 0, count, batch.base_us), *(column.tobytes() for column in columns)))


def decode_quotes(frame: bytes) -> QuoteBatch:
    """The batch in a binary frame, as views into it; raises ProtocolError for a frame that is not one."""
    if len(frame) > FRAME_BYTES_MAX:
        raise ProtocolError(ErrorCode.OVERSIZED, f"quotes: frame of {len(frame)} bytes, at most {FRAME_BYTES_MAX}")
    if len(frame) < HEADER.size:
        raise ProtocolError(ErrorCode.MALFORMED, f"quotes: frame of {len(frame)} bytes has no header")
    magic, layout, zero, count, base_us = HEADER.unpack_from(frame)
    if magic != MAGIC or layout != LAYOUT or zero != 0:
        raise ProtocolError(ErrorCode.MALFORMED, "quotes: expected header 'Q', layout 1")
    if len(frame) != HEADER.size + count * ROW_BYTES:
        raise ProtocolError(ErrorCode.MALFORMED, f"quotes: {count} quotes do not fill {len(frame)} bytes")
    start = HEADER.size
    narrow = [np.frombuffer(frame, "<u4", count, start + i * 4 * count) for i in range(3)]
    wide = [np.frombuffer(frame, "<i8", count, start + 12 * count + i * 8 * count) for i in range(2)]
    return QuoteBatch(base_us, narrow[0], narrow[1], narrow[2], wide[0], wide[1])
