from __future__ import annotations

from dealerdesk.desk.table import Column, Kind


def test_the_unit_stands_in_the_heading() -> None:
    assert Column("net", "Net", Kind.SIGNED, unit="lots").heading == "Net lots"
    assert Column("book", "Book", Kind.BOOK).heading == "Book"


def test_words_stand_left_and_everything_else_is_a_figure() -> None:
    assert {kind for kind in Kind if kind.is_words} == {Kind.TEXT, Kind.BOOK}
    assert {kind for kind in Kind if kind.is_signed} == {Kind.SIGNED, Kind.SIGNED_MONEY}
