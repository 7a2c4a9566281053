from __future__ import annotations

import pytest

from dealerdesk.desk.table import Column, Kind
from dealerdesk.desk.table.glyphs import sheet
from dealerdesk.desk.table.stage import Stage, figure_width, least_widths
from dealerdesk.desk.theme import PAD_PX, TEXT_PX, Theme, Tone, Weight

NET = Column("net", "Net", Kind.SIGNED, 4)


@pytest.mark.parametrize("ratio", [1.0, 1.25, 1.5, 2.0])
def test_a_column_has_room_for_its_widest_figure_at_every_scale(dark: Theme, ratio: float) -> None:
    stage = Stage([NET], ratio)
    stage.grow({"net": ["+1.00", "−1 234 567.89"]}, dark, ratio)
    placed = stage.place(10).columns[0]
    drawn = sheet(dark, Tone.ALARM, "panel", TEXT_PX, Weight.SEMIBOLD, ratio).width("−1 234 567.89")

    assert (placed.width - PAD_PX) * ratio >= drawn


def test_a_column_that_grew_does_not_shrink_again(dark: Theme) -> None:
    stage = Stage([NET], 1.0)
    assert stage.grow({"net": ["+123 456 789.00"]}, dark, 1.0)
    wide = stage.place(10).columns[0].width
    assert not stage.grow({"net": ["+1.00"]}, dark, 1.0)

    assert stage.place(10).columns[0].width == wide


def test_a_title_is_never_cut_either(dark: Theme) -> None:
    long_title = Column("x", "A title much longer than its figures", Kind.NUMBER, 2)

    assert least_widths([long_title], 1.0)["x"] > 8 * len("A title much")


def test_the_longest_figures_decide(dark: Theme) -> None:
    assert figure_width(["+1.0 M", "+1"], 6, dark, 1.0) == figure_width(["+1.0 M"], 6, dark, 1.0)


def test_words_widen_their_column_within_a_limit(dark: Theme) -> None:
    stage = Stage([Column("account", "Account", width=10)], 1.0)
    stage.arrangement.sideways = True
    declared = stage.place(10).columns[0].width
    assert stage.grow_words({"account": ["MT5 701164", "cTrader 33000123"]})
    grown = stage.place(10).columns[0].width
    assert declared < grown < 1.75 * declared
    assert stage.grow_words({"account": ["a name far longer than any column should ever become"]})
    assert stage.place(10).columns[0].width == round(1.75 * declared)
    assert not stage.grow_words(
        {
            "account": ["short"],
        }
    )


def test_words_give_back_what_they_gained_where_there_is_no_room_for_it(dark: Theme) -> None:
    stage = Stage([Column("account", "Account", width=10)], 1.0)
    declared = stage.place(10).columns[0].width
    assert stage.grow_words({"account": ["MT5 701164, cTrader 33000123"]})

    assert stage.place(declared + 5).columns[0].width == declared + 5
    assert stage.place(10).columns[0].width == declared


def test_words_that_are_to_stay_whole_have_no_limit(dark: Theme) -> None:
    stage = Stage([Column("account", "Account", width=10, whole=True)], 1.0)
    assert stage.grow_words({"account": ["M5 Live Standard Two 7033110045"]})

    assert stage.place(10).columns[0].width > 31 * 5
