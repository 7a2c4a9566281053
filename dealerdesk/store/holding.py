"""What the tables hold of a bridge's state sets, in the form that its digests are compared with after a restart.

Record sets are left out: the tables keep records for longer than a bridge does.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Table, literal, select

from dealerdesk.bridges.holdings import Held
from dealerdesk.bridges.protocol import RowSet
from dealerdesk.store.rows import key_column
from dealerdesk.store.schema import STATE_SETS, TABLE_OF


def held_sets(connection: Connection, server: str) -> list[Held]:
    """One entry a state set: keys, sequences, and what each row adds to the set's sums of volume and money."""
    return [_held(connection, server, which, TABLE_OF[which]) for which in STATE_SETS]


def _held(connection: Connection, server: str, which: RowSet, table: Table) -> Held:
    volume, money = _amounts(which, table)
    query = select(table.c[key_column(which)], table.c.sequence, volume, money).where(table.c.server == server)
    rows = connection.execute(query).all()
    keys, versions, volumes, amounts = zip(*rows, strict=True) if rows else ((), (), (), ())
    return Held(which, keys, versions, volumes, amounts)


def _amounts(which: RowSet, table: Table) -> tuple[ColumnElement[int], ColumnElement[int]]:
    """As in `bridges.digest.amounts`; a test holds the two together."""
    nothing = literal(0)
    match which:
        case RowSet.POSITION | RowSet.ORDER | RowSet.REQUEST:
            return table.c.volume, nothing
        case RowSet.ACCOUNT:
            return nothing, table.c.balance + table.c.credit
        case _:
            return nothing, nothing
