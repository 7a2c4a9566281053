"""Grounds that the shell paints itself."""

from __future__ import annotations

from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.desk import theme
from dealerdesk.desk.surface import Badge, Overlay


def test_an_overlay_has_the_panels_ground_and_an_accent_edge(qtbot: QtBot) -> None:
    overlay = Overlay()
    qtbot.addWidget(overlay)
    overlay.resize(100, 50)
    picture = overlay.grab().toImage()

    assert picture.pixelColor(50, 25) == QColor(theme.DARK.panel)
    assert picture.pixelColor(0, 25) == QColor(theme.DARK.accent)


def test_the_live_badge_is_filled_and_the_demo_one_is_not(qtbot: QtBot, qapp: QApplication) -> None:
    for look in (theme.DARK, theme.LIGHT):
        theme.apply(qapp, look)
        live, demo = Badge(live=True), Badge(live=False)
        qtbot.addWidget(live)
        qtbot.addWidget(demo)

        assert live.grab().toImage().pixelColor(2, 2) == QColor(look.alarm)
        assert demo.grab().toImage().pixelColor(2, 2) != QColor(look.alarm)
    assert live.accessibleName() == "A live broker"
