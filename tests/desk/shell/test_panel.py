"""What every panel is."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panel import Panel, plain_label, set_toned_text
from dealerdesk.desk.theme import PANEL_HEADER_PX, Tone

from .plain_panels import PlainPanel


class Quotes(PlainPanel):
    name = "quotes"
    title = "Quotes"


def test_the_header_has_the_title_left_and_the_facts_right(qtbot: QtBot, desk: Desk) -> None:
    panel = Quotes(desk)
    qtbot.addWidget(panel)
    panel.resize(400, 200)
    panel.show()

    panel.set_title("Quotes · EURUSD")
    panel.set_facts("3 servers", Tone.ATTENTION)

    assert panel.header.height() == PANEL_HEADER_PX
    assert panel.header.title.text() == "Quotes · EURUSD"
    assert panel.header.facts.text() == "3 servers"
    assert panel.header.facts.property("tone") == "attention"
    assert panel.header.title.x() < panel.header.facts.x()


def test_text_from_outside_is_shown_as_it_is(qtbot: QtBot) -> None:
    label = plain_label("<a href='http://evil'>click</a>")
    qtbot.addWidget(label)

    assert label.textFormat() is Qt.TextFormat.PlainText


def test_a_tone_is_only_put_on_when_it_changed(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)

    set_toned_text(label, "late", Tone.ATTENTION)
    set_toned_text(label, "fine", Tone.SECONDARY)

    assert (label.text(), label.property("tone"), label.property("role")) == ("fine", "secondary", "secondary")


def test_it_tells_when_it_becomes_visible(qtbot: QtBot, desk: Desk) -> None:
    panel = Quotes(desk)
    qtbot.addWidget(panel)

    with qtbot.waitSignal(panel.shown) as told:
        panel.show()

    assert told.signal_triggered


def test_refocus_takes_the_first_part_that_takes_the_focus(qtbot: QtBot, desk: Desk) -> None:
    panel = Quotes(desk)
    qtbot.addWidget(panel)
    panel.show()
    panel.refocus()

    assert panel.focusWidget() is panel.field


def test_only_the_why_panel_shows_derivations(qtbot: QtBot, desk: Desk) -> None:
    class Silent(Panel):
        name = "silent"

    panel = Silent(desk)
    qtbot.addWidget(panel)

    class Figure:
        figure = "equity of 101"

    with pytest.raises(NotImplementedError, match="silent shows no derivations: equity of 101"):
        panel.show_derivation(Figure())  # type: ignore[arg-type]
