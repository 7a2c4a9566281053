"""The tables of the ledger: entries of the journal and their postings. No rules of what is posted when, no balances.

An entry belongs to the command that moves the money and is numbered within it, so posting it again is posting the same.
Its postings are written first, in the same transaction; the entry closes them. From then on neither changes: a wrong
entry is corrected by another one. The database's own guards hold that each entry is zero in every currency.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, ForeignKey, ForeignKeyConstraint, Table, Text

from dealerdesk.store.columns import integer, text
from dealerdesk.store.recorded import metadata

CAPITALS = "length(currency) BETWEEN 3 AND 5 AND length(trim(currency, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')) = 0"
"""SQL of the field's codes of currencies: 3 to 5 capital letters."""

journal_entries = Table(
    "journal_entries",
    metadata,
    Column("command_id", Text(), ForeignKey("commands.id"), primary_key=True),
    integer("number", key=True),  # from 1 within the command
    integer("posted_us"),  # the database's own clock on PostgreSQL, whatever is given
    CheckConstraint("number >= 1", name="number"),
    sqlite_strict=True,
)

postings = Table(
    "postings",
    metadata,
    text("command_id", key=True),
    integer("number", key=True),
    integer("line", key=True),  # from 1 within the entry
    text("account"),
    text("currency"),
    integer("amount"),  # minor units of the currency; a debit is above zero, a credit below
    ForeignKeyConstraint(
        ["command_id", "number"],
        ["journal_entries.command_id", "journal_entries.number"],
        deferrable=True,
        initially="DEFERRED",
    ),
    CheckConstraint("line >= 1", name="line"),
    CheckConstraint("length(trim(account)) > 0", name="account"),
    # capital letters and nothing that looks like them, in words of both databases
    CheckConstraint(CAPITALS, name="currency"),
    CheckConstraint("amount <> 0", name="amount"),
    sqlite_strict=True,
)
