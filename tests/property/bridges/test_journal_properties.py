"""A journal with any history, torn anywhere, opens with a prefix of what was written, and goes on from there."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from platform_double import position

from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Delta, Gone, RowSet, encode_delta
from dealerdesk.trading import Position


def deltas(first: int, count: int) -> list[Delta]:
    return [Delta(seq, seq, seq, position(seq, seq)) for seq in range(first, first + count)]


@given(
    batches=st.lists(st.integers(1, 30), min_size=1, max_size=8), tear=st.floats(0, 1), segment=st.integers(500, 9_000)
)
def test_a_torn_journal_is_a_prefix_and_goes_on(batches: list[int], tear: float, segment: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        journal = Journal.open(folder, segment_bytes=segment)
        for count in batches:
            journal.append(deltas(journal.last_seq + 1, count))
        total = journal.last_seq
        journal.close()
        last = max(folder.iterdir())
        data = last.read_bytes()
        last.write_bytes(data[: int(tear * len(data))])

        again = Journal.open(folder, segment_bytes=segment)
        kept = again.last_seq
        assert kept <= total
        again.append(deltas(kept + 1, 3))
        expected = [encode_delta(delta) for delta in deltas(1, kept + 3)]
        assert [payload for _, payload in again.entries(1)] == expected
        assert again.read(1, 10_000, 1 << 30) == expected
        again.close()


CHANGES = st.lists(st.tuples(st.integers(1, 12), st.none() | st.integers(0, 10**9)), max_size=60)


@given(CHANGES)
def test_a_ledger_that_followed_equals_one_loaded_from_the_rows(changes: list[tuple[int, int | None]]) -> None:
    followed = Ledger(RowSet.POSITION)
    rows: dict[int, tuple[Position, int]] = {}
    for version, (key, volume) in enumerate(changes, 1):
        row = Gone(RowSet.POSITION, key) if volume is None else position(key, volume)
        followed.apply(Delta(version, version, 0, row))
        if isinstance(row, Gone):
            rows.pop(key, None)
        else:
            rows[key] = (row, version)
    loaded = Ledger(RowSet.POSITION)
    loaded.load_rows([row for row, _ in rows.values()], [version for _, version in rows.values()])

    assert followed.digest() == loaded.digest()
