from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dealerdesk.desk.chart.legend import LEGEND_PX, Entry, Legend
from dealerdesk.desk.theme import DARK, Tone


def test_the_legend_draws_names_values_and_its_remark(outer: QWidget) -> None:
    legend = Legend(outer)
    legend.resize(400, LEGEND_PX)
    blank = legend.grab().toImage()
    legend.show_entries([Entry(DARK.colour("positive"), "Net", "+36.77")], "22:00:00 UTC", Tone.SECONDARY)

    assert legend.grab().toImage() != blank
    assert legend.sentence() == "Net +36.77, 22:00:00 UTC"


def test_a_value_that_does_not_fit_is_not_drawn_in_part(outer: QWidget) -> None:
    legend = Legend(outer)
    legend.resize(120, LEGEND_PX)
    first = Entry(DARK.colour("positive"), "Net", "+1.00")
    legend.show_entries([first], "", Tone.SECONDARY)
    alone = legend.grab().toImage()
    legend.show_entries([first, Entry(DARK.colour("negative"), "A long name", "−3 240")], "", Tone.SECONDARY)

    assert legend.grab().toImage() == alone


def test_a_chart_with_the_keys_shows_it(outer: QWidget) -> None:
    legend = Legend(outer)
    legend.resize(200, LEGEND_PX)
    legend.set_focused(True)

    assert legend.grab().toImage().pixelColor(100, 0) == DARK.colour("accent")
