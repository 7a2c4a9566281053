from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QToolTip, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.speech import say, show_tip


def test_what_is_said_is_the_widgets_description(qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    say(widget, "XAUUSD: Net lots +195.27")

    assert widget.accessibleDescription() == "XAUUSD: Net lots +195.27"


def test_a_tool_tip_shows_mark_up_from_outside_instead_of_obeying_it(qtbot: QtBot, dark: theme.Theme) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    widget.show()
    show_tip(widget, QPoint(5, 5), "<img src=x> Weiß")

    assert QToolTip.text() == "<span>&lt;img src=x&gt; Weiß</span>"
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible())
