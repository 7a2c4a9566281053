"""The curve of a stress test."""

from __future__ import annotations

from typing import Any

import numpy as np
from pytestqt.qtbot import QtBot

from dealerdesk.desk.panels.stress_curve import StressCurve
from dealerdesk.live.stress import Curve

STEPS = np.linspace(-1, 1, 11)
CURVE = Curve(STEPS, STEPS * 1_000_000, STEPS * 400_000, np.array([3, 2, 1, 0, 0, 0, 0, 1, 2, 3, 12]))


def shown(qtbot: QtBot, width: int = 700) -> StressCurve:
    made = StressCurve()
    qtbot.addWidget(made)
    made.resize(width, made.height())
    made.show()
    return made


def test_it_is_told_to_whoever_listens(qtbot: QtBot, qapp: Any) -> None:
    made = shown(qtbot)
    made.show_curve(CURVE, "USD", "mine")

    assert made.accessibleDescription().startswith("-100%: −400.0 k USD, -80%")


def test_it_paints_what_there_is_and_greys_when_old(qtbot: QtBot, qapp: Any) -> None:
    made = shown(qtbot)
    waiting = made.grab().toImage()
    made.show_curve(CURVE, "USD", "mine")
    fresh = made.grab().toImage()
    made.set_old(True)

    assert waiting != fresh
    assert made.grab().toImage() != fresh


def test_a_shock_that_moves_nothing_is_a_flat_line(qtbot: QtBot, qapp: Any) -> None:
    made = shown(qtbot, 200)
    made.show_curve(Curve(STEPS, STEPS * 0, STEPS * 0, np.zeros(11, np.int64)), "USD", "nothing")

    assert not made.grab().isNull()
