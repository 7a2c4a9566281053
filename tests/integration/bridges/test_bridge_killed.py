"""kill -9 of a bridge, again and again: the desk misses nothing and gets nothing twice."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from bridge_over_sockets import connected, play, until
from platform_double import Mirror

from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Joined, RowSet, decode_delta, row_key

CHILD = Path(__file__).with_name("bridge_child.py")
KILLS = 4


async def start(folder: Path, port: int) -> tuple[Process, int]:
    child = await asyncio.create_subprocess_exec(sys.executable, str(CHILD), str(folder), str(port), stdout=PIPE)
    assert child.stdout is not None
    return child, int(await child.stdout.readline())


def test_a_desk_follows_a_bridge_that_is_killed_again_and_again(tmp_path: Path) -> None:
    async def story() -> None:
        mirror = Mirror()
        child, port = await start(tmp_path, 0)
        async with connected(port, mirror) as client:
            for _ in range(KILLS):
                reached = mirror.seq
                await until(lambda reached=reached: mirror.seq > reached + 500)
                child.kill()
                await child.wait()
                await until(lambda: client.status.state == "dead")
                mirror.point = client.position
                child, port = await start(tmp_path, port)
            await until(lambda: len(mirror.welcomes) == KILLS + 1)
            reached, checked = mirror.seq, client.status.digests_checked
            await until(lambda: mirror.seq > reached + 500 and client.status.digests_checked > checked)
            child.kill()
            await child.wait()
            await until(lambda: client.status.state == "dead")
            assert (client.status.gaps, client.status.resyncs) == (0, 0)
        assert [welcome.joined for welcome in mirror.welcomes] == [Joined.SNAPSHOT] + [Joined.RESUMED] * KILLS
        assert mirror.snapshots == 1
        assert mirror.seqs == list(range(mirror.seqs[0], mirror.seq + 1))
        assert mirror.rows[RowSet.POSITION] == journaled(tmp_path, mirror.seq)

    play(story)


def journaled(folder: Path, until_seq: int) -> dict[int | str, object]:
    """The positions as the journal on disk says they were after `until_seq`."""
    journal = Journal.open(folder / "journal")
    rows = {}
    for seq, data in journal.entries(1):
        if seq <= until_seq:
            delta = decode_delta(data)
            rows[row_key(delta.row)] = (delta.row, delta.version)
    journal.close()
    return rows
