"""The orders of one LP on disk, in one SQLite file with the session's sequence numbers: one transaction for both.

So a number is used if and only if its order is stored, and a fill is booked if and only if its message counts as
received: killed at any moment, nothing is lost and nothing is done twice. What reports mean is in `orders.py`. One
process at a time; every write is on disk when its transaction ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import msgspec

from dealerdesk.bridges.fix.order_messages import Change
from dealerdesk.bridges.fix.orders import ZERO, ChangeState, Order, Report

LAYOUT = 1
_SCHEMA = """
CREATE TABLE session (only INTEGER PRIMARY KEY CHECK (only = 1), next_out INTEGER NOT NULL, next_in INTEGER NOT NULL,
                      day TEXT NOT NULL) STRICT;
CREATE TABLE orders (id TEXT PRIMARY KEY, open INTEGER NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX open_orders ON orders (id) WHERE open = 1;
CREATE TABLE changes (id TEXT PRIMARY KEY, order_id TEXT NOT NULL REFERENCES orders, open INTEGER NOT NULL,
                      record BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX open_changes ON changes (order_id) WHERE open = 1;
CREATE TABLE sent (day TEXT NOT NULL, seq INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (day, seq))
                  STRICT, WITHOUT ROWID;
CREATE TABLE reports (order_id TEXT NOT NULL, exec_id TEXT NOT NULL, record BLOB NOT NULL, raw BLOB NOT NULL,
                      PRIMARY KEY (order_id, exec_id)) STRICT, WITHOUT ROWID;
CREATE TABLE positions (symbol TEXT PRIMARY KEY, quantity TEXT NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO session VALUES (1, 1, 1, '');
"""

_encode = msgspec.json.Encoder().encode
_PUT_ORDER = """INSERT INTO orders VALUES (?, ?, ?)
ON CONFLICT (id) DO UPDATE SET open = excluded.open, record = excluded.record"""
_PUT_CHANGE = """INSERT INTO changes VALUES (?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET open = excluded.open, record = excluded.record"""
_order = msgspec.json.Decoder(Order)
_change = msgspec.json.Decoder(Change)
_report = msgspec.json.Decoder(Report)


class OrderStore:
    """`next_out`, `next_in` and `day` are the session's, written when the transaction around their change ends.

    Raises sqlite3.Error when the disk fails: what is stored is then known only after opening it again.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        self._database.execute("PRAGMA foreign_keys = ON")
        self._lay_out(path)
        self.next_out, self.next_in, self.day = self._kept()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keeps everything done within it, or, when an exception leaves it, nothing. Not nested."""
        self._database.execute("BEGIN IMMEDIATE")
        before = self.next_out, self.next_in, self.day
        try:
            yield
            now = self.next_out, self.next_in, self.day
            if now != before:
                self._database.execute("UPDATE session SET next_out = ?, next_in = ?, day = ?", now)
            self._database.execute("COMMIT")
        except BaseException:
            self.next_out, self.next_in, self.day = before
            if self._database.in_transaction:
                self._database.execute("ROLLBACK")
            raise

    def reset(self, day: str) -> None:
        """Begins the numbers again at 1 and 1 for the LP's day `day`; orders and fills stay."""
        self.next_out, self.next_in, self.day = 1, 1, day

    def order(self, order_id: str) -> Order | None:
        """The order that was sent under this id."""
        row = self._database.execute("SELECT record FROM orders WHERE id = ?", (order_id,)).fetchone()
        return _order.decode(row[0]) if row else None

    def owner(self, cl_ord_id: str) -> Order | None:
        """The order that this ClOrdID stands for: its own, or that of one of its changes."""
        asked = self.change(cl_ord_id)
        return self.order(asked.order_id if asked else cl_ord_id)

    def open_orders(self) -> list[Order]:
        """Orders whose fate is not final, in order of id."""
        return [_order.decode(row[0]) for row in self._database.execute("SELECT record FROM orders WHERE open = 1")]

    def put_order(self, order: Order) -> None:
        """Writes the order, and books the difference of what is filled."""
        before = self.order(order.id)
        self._book(order, order.filled - (before.filled if before else ZERO))
        row = order.id, order.is_open, _encode(order)
        self._database.execute(_PUT_ORDER, row)

    def change(self, change_id: str) -> Change | None:
        """The cancel or replace that was asked for under this id."""
        row = self._database.execute("SELECT record FROM changes WHERE id = ?", (change_id,)).fetchone()
        return _change.decode(row[0]) if row else None

    def open_changes(self, order_id: str) -> list[Change]:
        """Changes of an order without an answer."""
        found = self._database.execute("SELECT record FROM changes WHERE open = 1 AND order_id = ?", (order_id,))
        return [_change.decode(row[0]) for row in found]

    def put_change(self, change: Change) -> None:
        row = change.id, change.order_id, change.state in (ChangeState.SENT, ChangeState.UNKNOWN), _encode(change)
        self._database.execute(_PUT_CHANGE, row)

    def put_sent(self, seq: int, record_id: str) -> None:
        """Today's message `seq` carried this order or change."""
        self._database.execute("INSERT OR REPLACE INTO sent VALUES (?, ?, ?)", (self.day, seq, record_id))

    def sent(self, seq: int) -> str:
        """The order or change that today's message `seq` carried; empty for any other message."""
        row = self._database.execute("SELECT id FROM sent WHERE day = ? AND seq = ?", (self.day, seq)).fetchone()
        return row[0] if row else ""

    def add_report(self, order_id: str, report: Report, raw: bytes) -> bool:
        """Keeps a report with its message as it came; False, and nothing kept, when its ExecID was seen before."""
        row = order_id, report.exec_id, _encode(report), raw
        return self._database.execute("INSERT OR IGNORE INTO reports VALUES (?, ?, ?, ?)", row).rowcount == 1

    def report(self, order_id: str, exec_id: str) -> Report | None:
        """The report with this ExecID."""
        found = self._database.execute(
            "SELECT record FROM reports WHERE order_id = ? AND exec_id = ?", (order_id, exec_id)
        ).fetchone()
        return _report.decode(found[0]) if found else None

    def reports(self, order_id: str) -> list[Report]:
        """All reports of an order, in order of arrival."""
        found = self._database.execute("SELECT record FROM reports WHERE order_id = ?", (order_id,))
        return sorted((_report.decode(row[0]) for row in found), key=_arrival)

    def positions(self) -> dict[str, Decimal]:
        """What our own orders have filled by LP symbol, in its amount: positive is long."""
        found = self._database.execute("SELECT symbol, quantity FROM positions ORDER BY symbol")
        return {symbol: Decimal(quantity) for symbol, quantity in found}

    def close(self) -> None:
        self._database.close()

    def _book(self, order: Order, filled: Decimal) -> None:
        if not filled:
            return
        symbol = order.wanted.symbol
        held = self.positions().get(symbol, ZERO) + order.wanted.side.sign * filled
        self._database.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (symbol, f"{held:f}"))

    def _kept(self) -> tuple[int, int, str]:
        row: tuple[int, int, str] = self._database.execute("SELECT next_out, next_in, day FROM session").fetchone()
        return row

    def _lay_out(self, path: Path) -> None:
        layout = self._database.execute("PRAGMA user_version").fetchone()[0]
        if layout == 0:
            self._database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {LAYOUT}; COMMIT;")
        elif layout != LAYOUT:
            raise ValueError(f"{path}: written by another version of this program, layout {layout}")


def _arrival(report: Report) -> int:
    return report.received_us
