"""The tables of what bridges send: one a row set, columns in the order of the row's own fields. No SQL here.

Every row names where it comes from: `server`, `epoch` (of the bridge's journal) and `sequence` (of the delta that last
changed the row; 0 for what was there when the journal began). State tables mirror what is: a row that has gone on the
server is removed. Record tables only grow. Units and signs are those of `dealerdesk.trading`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, Index, MetaData, Table

from dealerdesk.bridges.protocol import RECORD_SETS, RowSet
from dealerdesk.store.columns import exact, flag, integer, text

CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=CONVENTION)


def _recorded(name: str, *columns: Column[Any]) -> Table:
    """A table of one row set: where the row comes from, then the row; keyed by server and the row's own key."""
    origin = (text("server", key=True), text("epoch"), integer("sequence"))
    return Table(name, metadata, *origin, *columns, sqlite_strict=True, sqlite_with_rowid=False)


symbols = _recorded(
    "symbols",
    text("name", key=True),
    text("instrument"),
    text("description"),
    text("asset_class"),
    text("base_currency"),
    text("profit_currency"),
    text("margin_currency"),
    text("calculation_mode"),
    exact("contract_size"),
    integer("digits"),
    exact("tick_size"),
    exact("tick_value"),
    integer("volume_min"),
    integer("volume_step"),
    integer("volume_max"),
    exact("margin_initial"),
    exact("margin_rate"),
    exact("hedged_contract_size"),
    text("swap_mode"),
    exact("swap_long"),
    exact("swap_short"),
    integer("triple_swap_weekday"),
    text("sessions"),  # JSON: [[open minute, close minute], …]
    integer("stale_after_ms"),
    integer("quote_index"),
)
groups = _recorded(
    "groups",
    text("name", key=True),
    text("currency"),
    text("accounting"),
    exact("margin_call_percent"),
    exact("stop_out_percent"),
    exact("commission_per_lot"),
)
clients = _recorded(
    "clients",
    integer("id", key=True),
    text("name"),
    text("country"),
    text("profile"),
    integer("registered_us"),
    text("introducer"),
)
accounts = _recorded(
    "accounts",
    integer("login", key=True),
    integer("client_id"),
    text("group_name"),
    text("currency"),
    integer("leverage"),
    integer("balance"),
    integer("credit"),
    integer("opened_us"),
    flag("enabled"),
    text("introducer"),
    integer("session_start_equity"),
    integer("session_deposits"),
    integer("session_realised"),
)
routing = _recorded(
    "routing",
    integer("login", key=True),
    text("book"),
    integer("covered_percent"),
    integer("changed_us"),
    text("command_id"),
)
positions = _recorded(
    "positions",
    integer("id", key=True),
    integer("login"),
    text("symbol"),
    text("side"),
    integer("volume"),
    exact("open_price"),
    integer("opened_us"),
    exact("stop_loss", optional=True),
    exact("take_profit", optional=True),
    integer("swap"),
    integer("commission"),
    text("reason"),
    text("comment"),
)
orders = _recorded(
    "orders",
    integer("id", key=True),
    integer("login"),
    text("symbol"),
    text("kind"),
    integer("volume"),
    exact("price"),
    integer("placed_us"),
    exact("stop_loss", optional=True),
    exact("take_profit", optional=True),
    integer("expires_us"),
    text("comment"),
)
requests = _recorded(
    "requests",
    integer("id", key=True),
    integer("login"),
    text("symbol"),
    text("side"),
    integer("volume"),
    exact("price"),
    text("state"),
    integer("raised_us"),
    integer("deadline_us"),
    text("dealer"),
    integer("position_id"),
)
deals = _recorded(
    "deals",
    integer("id", key=True),
    integer("position_id"),
    integer("order_id"),
    integer("login"),
    text("symbol"),
    text("side"),
    text("entry"),
    integer("volume"),
    exact("price"),
    integer("dealt_us"),
    integer("profit"),
    integer("swap"),
    integer("commission"),
    exact("rate_profit"),
    text("reason"),
    text("book"),
    text("comment"),
)
balance_operations = _recorded(
    "balance_operations",
    integer("id", key=True),
    integer("login"),
    text("kind"),
    integer("amount"),
    integer("booked_us"),
    text("provider"),
    text("reference"),
    text("comment"),
)
quote_samples = _recorded(
    "quote_samples",
    text("symbol", key=True),
    integer("minute_us", key=True),
    exact("bid"),
    exact("ask"),
    exact("high"),
    exact("low"),
    integer("ticks"),
)
day_ends = _recorded(
    "day_ends",
    integer("login", key=True),
    text("day", key=True),
    integer("balance"),
    integer("credit"),
    integer("floating"),
    integer("margin"),
    integer("realised"),
    integer("deposits"),
)

Index(None, accounts.c.client_id)
Index(None, positions.c.server, positions.c.login)
Index(None, deals.c.server, deals.c.login, deals.c.dealt_us)
Index(None, balance_operations.c.server, balance_operations.c.login, balance_operations.c.booked_us)

TABLE_OF: dict[RowSet, Table] = {
    RowSet.SYMBOL: symbols,
    RowSet.GROUP: groups,
    RowSet.CLIENT: clients,
    RowSet.ACCOUNT: accounts,
    RowSet.ROUTING: routing,
    RowSet.POSITION: positions,
    RowSet.ORDER: orders,
    RowSet.REQUEST: requests,
    RowSet.DEAL: deals,
    RowSet.BALANCE_OPERATION: balance_operations,
    RowSet.QUOTE_SAMPLE: quote_samples,
    RowSet.DAY_END: day_ends,
}
"""The row sets that the hub records. Session results are not: they follow from deals and day ends."""

STATE_SETS = tuple(rows for rows in TABLE_OF if rows not in RECORD_SETS)
