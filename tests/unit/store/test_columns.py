from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import create_engine, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from dealerdesk.store.columns import Exact, Flag, counted, exact, flag, integer, text


@pytest.mark.parametrize("digits", ["1.10000", "0.00000001", "-6.25", "123456789012345678901234567890.5", "1E+2"])
def test_a_price_comes_back_digit_for_digit(digits: str) -> None:
    engine = create_engine("sqlite://")

    with engine.connect() as connection:
        found = connection.scalar(select(literal(Decimal(digits), Exact())))
    engine.dispose()

    assert isinstance(found, Decimal)
    assert found.as_tuple() == Decimal(digits).as_tuple()


def test_a_truth_value_comes_back_as_one() -> None:
    engine = create_engine("sqlite://")

    with engine.connect() as connection:
        assert connection.scalar(select(literal(True, Flag()))) is True
        assert connection.scalar(select(literal(False, Flag()))) is False
    engine.dispose()


@pytest.mark.parametrize(
    ("column", "on_sqlite", "on_postgres"),
    [
        (text("x"), "TEXT", "TEXT"),
        (integer("x"), "INTEGER", "BIGINT"),
        (counted("x"), "INTEGER", "BIGINT"),
        (exact("x"), "TEXT", "NUMERIC"),
        (flag("x"), "INTEGER", "BOOLEAN"),
    ],
)
def test_every_column_is_of_an_exact_type_on_both_databases(column: object, on_sqlite: str, on_postgres: str) -> None:
    assert column.type.compile(sqlite.dialect()) == on_sqlite  # type: ignore[attr-defined]
    assert column.type.compile(postgresql.dialect()) == on_postgres  # type: ignore[attr-defined]


def test_columns_are_required_unless_said_otherwise() -> None:
    assert not integer("x").nullable
    assert exact("x", optional=True).nullable
    assert text("x", key=True).primary_key
