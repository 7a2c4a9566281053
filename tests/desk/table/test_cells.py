from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.desk.numbers import MINUS, NONE, THIN
from dealerdesk.desk.table import Column, ColumnRows, Kind
from dealerdesk.desk.table.cells import CellColumn, CellTexts, cell_sentence, format_of, tone_of_sign
from dealerdesk.desk.table.order import WordIndex, shown_rows
from dealerdesk.desk.theme import Tone
from table.samples import COLUMNS, exposure

EVERY_ROW = np.arange(4)


def cells(**changed: object) -> dict[str, CellColumn]:
    made = CellTexts().cells(exposure(**changed), list(COLUMNS), EVERY_ROW)
    return {cell.column.key: cell for cell in made}


def test_each_kind_reads_as_its_kind() -> None:
    shown = cells()

    assert shown["symbol"].texts == ["EURUSD", "XAUUSD", "GBPUSD", "US500"]
    assert shown["net"].texts == ["+36.77", f"{MINUS}195.27", "+227.62", "0.00"]
    assert shown["level"].texts == ["150%", "58%", NONE, "84%"]
    assert shown["used"].texts == ["9%", "97%", "140%", NONE]
    assert shown["age"].texts == ["110 ms", "1.8 s", "74 ms", NONE]


@pytest.mark.parametrize(
    ("column", "value", "text"),
    [
        (Column("n", "N", Kind.INTEGER), 45112, f"45{THIN}112"),
        (Column("n", "N", Kind.MONEY), -4.0, f"{MINUS}4.00"),
        (Column("n", "N", Kind.SIGNED_MONEY, decimals=0), 19524.4, f"+19{THIN}524"),
        (Column("n", "N", Kind.SIGNED_MONEY, decimals=1, compact=True), 4.1e6, "+4.1 M"),
        (Column("n", "N", Kind.MONEY, decimals=1, compact=True), 4.1e6, "4.1 M"),
        (Column("n", "N", Kind.TIME), 1_773_318_127_000_000, "12:22:07"),
        (Column("n", "N", Kind.TIME, dates=True), 1_773_318_127_000_000, "12 Mar 12:22:07"),
        (Column("n", "N", Kind.TEXT), "two\nlines", "two lines"),
    ],
)
def test_a_value_reads_as_its_column_says(column: Column, value: object, text: str) -> None:
    assert format_of(column, column.decimals)(value) == text


def test_signs_have_tones_and_nought_has_none() -> None:
    assert cells()["net"].tones == [Tone.POSITIVE, Tone.NEGATIVE, Tone.POSITIVE, Tone.NORMAL]
    assert tone_of_sign("+1") == Tone.POSITIVE


def test_a_tone_column_speaks_where_it_has_something_to_say() -> None:
    assert cells()["level"].tones == [Tone.NORMAL, Tone.ALARM, Tone.NORMAL, Tone.ATTENTION]
    assert cells()["age"].tones == [Tone.FAINT] * 4


def test_stale_rows_are_grey_whatever_they_say() -> None:
    rows = ColumnRows({"net": np.array([1.0, -1.0])}, stale=np.array([False, True]))
    net = Column("net", "Net", Kind.SIGNED)

    assert CellTexts().cells(rows, [net], np.array([0, 1]))[0].tones == [Tone.POSITIVE, Tone.STALE]
    assert CellTexts().cells(rows, [net], np.array([0, 1]), all_stale=True)[0].tones == [Tone.STALE, Tone.STALE]


def test_prices_take_the_decimals_of_their_row() -> None:
    price = Column("bid", "Bid", Kind.PRICE, decimals_key="digits")
    rows = ColumnRows({"bid": np.array([1.08214, 191.44]), "digits": np.array([5, 3])})

    assert CellTexts().cells(rows, [price], np.array([0, 1]))[0].texts == ["1.08214", "191.440"]


def test_only_what_is_in_sight_is_formatted() -> None:
    rows = ColumnRows({"name": ["seen", None]})  # type: ignore[list-item]  # formatting the second would raise

    assert CellTexts().text(rows, Column("name", "Name"), 0) == "seen"


def test_a_changed_value_reads_anew_and_an_unchanged_one_is_kept() -> None:
    values = np.array([1.0, 2.0])
    rows, texts = ColumnRows({"net": values}), CellTexts()
    net = Column("net", "Net", Kind.SIGNED)
    first = texts.cells(rows, [net], np.array([0, 1]))[0].texts
    values[0] = 7.0
    second = texts.cells(rows, [net], np.array([0, 1]))[0].texts

    assert second == ["+7.00", "+2.00"]
    assert second[1] is first[1]


def test_kept_texts_stay_within_bounds() -> None:
    values, texts = np.zeros(1), CellTexts()
    rows, net = ColumnRows({"net": values}), Column("net", "Net", Kind.SIGNED, decimals=4)
    for step in range(10_000):
        values[0] = step / 7
        texts.text(rows, net, 0)

    assert len(texts._kept["net", 4][1]) <= 4_097


def test_tones_that_are_no_array_are_a_mistake() -> None:
    rows = ColumnRows({"net": np.zeros(1), "tone": ["x"]})

    with pytest.raises(TypeError, match="the tones of tone are no array"):
        CellTexts().text(rows, Column("net", "Net", Kind.NUMBER, tone_key="tone"), 0)


def test_the_current_cell_is_one_sentence() -> None:
    net = Column("net", "Net", Kind.SIGNED, unit="lots")

    assert cell_sentence("XAUUSD", net, "+195.27", 1, 24, stale=False) == "XAUUSD: Net lots +195.27, row 2 of 24"
    assert cell_sentence("XAUUSD", net, NONE, 0, 1, stale=True) == "XAUUSD: Net lots not known, row 1 of 1, stale"


def test_a_mark_stands_after_the_words_and_is_no_part_of_them() -> None:
    column = Column("book", "Book", Kind.BOOK, mark_key="mark")
    rows = ColumnRows({"book": ["A", "B"], "mark": ["", "○"]})

    (cells,) = CellTexts().cells(rows, [column], np.arange(2))

    assert cells.texts == ["A", "B ○"]
    assert shown_rows(rows, {"book": column}, {"book": "b"}, WordIndex())[0].tolist() == [1]
