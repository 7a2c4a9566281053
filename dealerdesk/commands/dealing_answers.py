"""Puts dealers' answers to requests on record. They are the one thing that people do past the database, since an answer
takes milliseconds: a dealer's desk tells the bridge, and the hub reads of it in the bridge's stream.

Called in the transaction that records the stream, before the rows are replaced: what stands in the tables still says
what was before. An entry's id follows from the place in the stream, so the same answer heard twice is one entry. An
answer that no stream tells of any more (its request had gone before a snapshot was taken) leaves none. What becomes of
a request that nobody answered in time is the platform's own doing and not told here.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, select

from dealerdesk.bridges.protocol import Delta, RowSet
from dealerdesk.commands import audit
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.transitions import HUB
from dealerdesk.store.recording import SnapshotRows, stream_point
from dealerdesk.store.schema import requests
from dealerdesk.trading import Request, RequestState

ANSWERED = "dealing request answered"
CLAIMED = "dealing request claimed"
RELEASED = "dealing request released"
SHOWN = ("state", "dealer", "price", "position_id")
"""What an answer changes of a request."""
Shown = dict[str, Any]


def note_in_deltas(connection: Connection, server: str, epoch: str, deltas: Sequence[Delta], now_us: int) -> None:
    """Writes the answers in the deltas that are not recorded yet, those too that later deltas make undone."""
    told = [(delta.version, delta.row) for delta in deltas if isinstance(delta.row, Request)]
    if not told:
        return
    point = stream_point(connection, server)
    recorded = point.seq if point is not None and point.epoch == epoch else 0
    news = [(version, row) for version, row in told if version > recorded]
    _note(connection, server, epoch, news, now_us)


def note_in_snapshot(connection: Connection, server: str, snapshot: SnapshotRows, now_us: int) -> None:
    """Writes the answers that a snapshot shows and the tables do not yet."""
    rows = snapshot.rows.get(RowSet.REQUEST, [])
    versions = snapshot.versions.get(RowSet.REQUEST, [])
    told = [(version, row) for version, row in zip(versions, rows, strict=True) if isinstance(row, Request)]
    point = stream_point(connection, server)
    # an older snapshot of what is recorded changes nothing, and so tells nothing
    if point is None or point.epoch != snapshot.epoch or point.seq <= snapshot.as_of:
        _note(connection, server, snapshot.epoch, told, now_us)


def entry_id(server: str, epoch: str, version: int) -> str:
    """The id of the entry about the change of a request that has this place in a server's stream."""
    place = canonical({"epoch": epoch, "server": server, "what": "request", "version": version})
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def _note(connection: Connection, server: str, epoch: str, told: Iterable[tuple[int, Request]], now_us: int) -> None:
    changes = list(told)
    shown = _recorded(connection, server, {row.id for _version, row in changes})
    for version, row in changes:
        before, after = shown.get(row.id), _shown(row)
        shown[row.id] = after
        action = _action(before, row)
        if action and before != after:
            entry = _entry(server, row, action, before or {}, entry_id(server, epoch, version), now_us)
            audit.write_once(connection, entry)


def _action(before: Shown | None, row: Request) -> str:
    """What a dealer did; empty for what no dealer did."""
    match row.state:
        case RequestState.ANSWERED if row.dealer:
            return ANSWERED
        case RequestState.CLAIMED:
            return CLAIMED
        case RequestState.WAITING if before is not None and before["state"] == RequestState.CLAIMED.value:
            return RELEASED
        case _:
            return ""


def _entry(server: str, row: Request, action: str, before: Shown, name: str, now_us: int) -> audit.Entry:
    after = _shown(row) | {"request": row.id, "symbol": row.symbol, "side": row.side.value, "volume": row.volume}
    if action == RELEASED:
        after["dealer"] = before["dealer"]
    return audit.Entry(
        id=name,
        at_us=now_us,
        actor=HUB,
        action=action,
        subject=f"{server} request {row.id}",
        server=server,
        login=row.login,
        before=before,
        after=after,
    )


def _shown(row: Request) -> Shown:
    return {
        "state": row.state.value,
        "dealer": row.dealer,
        "price": format(row.price, "f"),
        "position_id": row.position_id,
    }


def _recorded(connection: Connection, server: str, ids: set[int]) -> dict[int, Shown]:
    """What the tables show of these requests now."""
    columns = [requests.c[name] for name in SHOWN]
    query = select(requests.c.id, *columns).where(requests.c.server == server, requests.c.id.in_(sorted(ids)))
    return {
        row.id: {
            "state": row.state,
            "dealer": row.dealer,
            "price": format(row.price, "f"),
            "position_id": row.position_id,
        }
        for row in connection.execute(query)
    }
