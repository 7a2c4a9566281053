"""Column types that hold the same exact value on SQLite and on PostgreSQL. No tables here.

SQLite has no exact decimals: a price is kept there as TEXT, digit for digit as the bridge sent it; PostgreSQL keeps
it as NUMERIC without a precision, which preserves the digits too. Money, volumes, times and sequences are 64-bit
integers on both.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Dialect, Integer, Numeric, Text
from sqlalchemy.types import TypeDecorator, TypeEngine


class Exact(TypeDecorator[Decimal]):
    """A decimal that never passes through a float; compare and add it in Python, since SQLite would compare text."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else Numeric())

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | Decimal | None:
        return str(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:  # noqa: ARG002 - SQLAlchemy's signature
        return Decimal(value) if isinstance(value, str) else value


class Flag(TypeDecorator[bool]):
    """A truth value: BOOLEAN on PostgreSQL, 0 or 1 in a STRICT SQLite table, which has no such type."""

    impl = Boolean
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Integer() if dialect.name == "sqlite" else Boolean())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> int | bool | None:
        return int(value) if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:  # noqa: ARG002 - SQLAlchemy's signature
        return bool(value) if value is not None else None


INTEGER = BigInteger().with_variant(Integer(), "sqlite")


def text(name: str, *, key: bool = False, optional: bool = False) -> Column[str]:
    """A text column; `key` makes it part of the primary key."""
    return Column(name, Text(), primary_key=key, nullable=optional)


def integer(name: str, *, key: bool = False, optional: bool = False) -> Column[int]:
    """A 64-bit integer: minor units, 1e-8 lots, microseconds, ids."""
    return Column(name, INTEGER, primary_key=key, nullable=optional, autoincrement=False)


def counted(name: str) -> Column[int]:
    """A primary key that the database counts up by itself."""
    return Column(name, INTEGER, primary_key=True, autoincrement=True)


def exact(name: str, *, optional: bool = False) -> Column[Decimal]:
    """An exact decimal: a price, a rate, a contract size."""
    return Column(name, Exact(), nullable=optional)


def flag(name: str) -> Column[bool]:
    """A truth value."""
    return Column(name, Flag(), nullable=False)
