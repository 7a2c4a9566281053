from __future__ import annotations

from PySide6.QtCore import QRect
from PySide6.QtWidgets import QApplication, QWidget

from dealerdesk.desk.chart.cover import Cover


def test_the_cover_lies_over_all_of_its_parent(outer: QWidget) -> None:
    cover = Cover("No points yet.", outer)
    outer.resize(320, 200)
    outer.show()
    QApplication.processEvents()

    assert cover.geometry() == QRect(0, 0, 320, 200)


def test_the_cover_says_another_sentence(outer: QWidget) -> None:
    cover = Cover("No points yet.", outer)
    outer.resize(320, 200)
    before = cover.grab().toImage()
    cover.set_sentence("The session has just begun.")

    assert cover.sentence() == "The session has just begun."
    assert cover.grab().toImage() != before
