"""What bridges send: one table a row set."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import Column, PrimaryKeyConstraint

from dealerdesk.store.columns import exact, flag, integer, text

revision = "0001"
down_revision = None


def _recorded(name: str, *columns: Column[Any]) -> None:
    origin = (text("server", key=True), text("epoch"), integer("sequence"))
    every: list[Column[Any]] = [*origin, *columns]
    key = [column.name for column in every if column.primary_key]
    op.create_table(
        name,
        *every,
        PrimaryKeyConstraint(*key, name=f"pk_{name}"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    """Creates the tables and the indexes that an account's pages read by."""
    _symbols()
    _groups()
    _clients()
    _accounts()
    _routing()
    _positions()
    _orders()
    _requests()
    _deals()
    _balance_operations()
    _quote_samples()
    _day_ends()
    op.create_index("ix_accounts_client_id", "accounts", ["client_id"])
    op.create_index("ix_positions_server_login", "positions", ["server", "login"])
    op.create_index("ix_deals_server_login_dealt_us", "deals", ["server", "login", "dealt_us"])
    op.create_index(
        "ix_balance_operations_server_login_booked_us", "balance_operations", ["server", "login", "booked_us"]
    )


def _symbols() -> None:
    _recorded(
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
        text("sessions"),
        integer("stale_after_ms"),
        integer("quote_index"),
    )


def _groups() -> None:
    _recorded(
        "groups",
        text("name", key=True),
        text("currency"),
        text("accounting"),
        exact("margin_call_percent"),
        exact("stop_out_percent"),
        exact("commission_per_lot"),
    )


def _clients() -> None:
    _recorded(
        "clients",
        integer("id", key=True),
        text("name"),
        text("country"),
        text("profile"),
        integer("registered_us"),
        text("introducer"),
    )


def _accounts() -> None:
    _recorded(
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


def _routing() -> None:
    _recorded(
        "routing",
        integer("login", key=True),
        text("book"),
        integer("covered_percent"),
        integer("changed_us"),
        text("command_id"),
    )


def _positions() -> None:
    _recorded(
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


def _orders() -> None:
    _recorded(
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


def _requests() -> None:
    _recorded(
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


def _deals() -> None:
    _recorded(
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


def _balance_operations() -> None:
    _recorded(
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


def _quote_samples() -> None:
    _recorded(
        "quote_samples",
        text("symbol", key=True),
        integer("minute_us", key=True),
        exact("bid"),
        exact("ask"),
        exact("high"),
        exact("low"),
        integer("ticks"),
    )


def _day_ends() -> None:
    _recorded(
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
