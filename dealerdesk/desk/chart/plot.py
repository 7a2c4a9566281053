"""The parts of a time chart that stand on pyqtgraph: axes, a box that zooms, two value axes.

Imported with the first chart. It draws what it is given; which points and which range is decided by the chart.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log10
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from dealerdesk.desk import numbers
from dealerdesk.desk import theme as look
from dealerdesk.desk.chart.series import Floats, Series
from dealerdesk.desk.theme import SMALL_PX, Theme, Tone

FILL_SHARE = 0.14
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_LABEL_PX = 75
_DAY_S = 86_400


class TimeAxis(pg.AxisItem):  # type: ignore[misc]  # pyqtgraph has no types
    """Times of day in UTC at round steps."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        wanted = (high - low) / max(1.0, size / _LABEL_PX)
        step = next((step for step in _STEPS_S if step >= wanted), _DAY_S * max(1, round(wanted / _DAY_S)))
        first = -(-low // step) * step
        return [(float(step), [first + n * step for n in range(int((high - first) // step) + 1)])]

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        if spacing >= _DAY_S:
            return [numbers.day(round(value * 1e6)) for value in values]
        end = 8 if spacing < 60 else 5
        return [numbers.clock_time(round(value * 1e6))[:end] for value in values]


class ValueAxis(pg.AxisItem):  # type: ignore[misc]
    """Figures as the desk writes them, large ones in thousands and millions."""

    def tickStrings(self, values: Sequence[float], _scale: float, spacing: float) -> list[str]:
        if spacing >= 1_000:
            top = max(map(abs, values), default=0.0)
            unit = 1e9 if top >= 1e9 else 1e6 if top >= 1e6 else 1e3
            decimals = min(3, max(1, ceil(log10(unit / spacing) - 1e-9)))
            texts = [numbers.compact(value, decimals, with_sign=False) for value in values]
            # one decimal is left out where it says nothing; more of them stay, so that the labels are of one kind
            return [text.replace(".0 ", " ") for text in texts] if decimals == 1 else texts
        decimals = 0 if spacing >= 1 else 1 if spacing >= 0.1 else 2 if spacing >= 0.01 else 5
        return [numbers.fixed(value, decimals) for value in values]


class SpanBox(pg.ViewBox):  # type: ignore[misc]
    """A view in which dragging marks a span of time and the wheel zooms time; values fit themselves."""

    span_marked = Signal(float, float)
    wheel_turned = Signal(float, float)

    def __init__(self) -> None:
        super().__init__(enableMenu=False)
        self.setMouseEnabled(x=False, y=False)
        self.disableAutoRange()

    def mouseDragEvent(self, event: Any, axis: int | None = None) -> None:
        if event.button() != Qt.MouseButton.LeftButton or axis is not None:
            event.ignore()
            return
        event.accept()
        start, end = event.buttonDownPos(), event.pos()
        if not event.isFinish():
            top, bottom = self.boundingRect().top(), self.boundingRect().bottom()
            self.updateScaleBox(QPointF(start.x(), top), QPointF(end.x(), bottom))
            return
        self.rbScaleBox.hide()
        low, high = sorted(self.mapToView(point).x() for point in (start, end))
        if abs(end.x() - start.x()) > 4:
            self.span_marked.emit(low, high)

    def wheelEvent(self, event: Any, _axis: int | None = None) -> None:
        event.accept()
        self.wheel_turned.emit(float(event.delta()), float(self.mapToView(event.pos()).x()))


class Plot(pg.GraphicsView):  # type: ignore[misc]
    """Lines over time with a value axis on either side and a hair under the pointer.

    Put together from axes and views: pyqtgraph's own plot brings menus that outlive the chart.
    """

    pointed = Signal(object)
    """The time under the pointer in seconds, None when it is not on the plot."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.box = SpanBox()
        self._right = pg.ViewBox(enableMenu=False)
        self._right.setMouseEnabled(x=False, y=False)
        self._right.disableAutoRange()
        self._axes: dict[str, Any] = {
            "left": ValueAxis("left"),
            "right": ValueAxis("right"),
            "bottom": TimeAxis("bottom"),
        }
        self._curves: dict[str, Any] = {}
        self._series: dict[str, Series] = {}
        self._lay_out()
        self._zero = pg.InfiniteLine(pos=0, angle=0, movable=False)
        self._hair = pg.InfiniteLine(angle=90, movable=False)
        self._hair.hide()
        for above in (self._zero, self._hair):
            above.setZValue(2)
        self.box.addItem(self._zero, ignoreBounds=True)
        self.box.addItem(self._hair, ignoreBounds=True)
        self.box.sigResized.connect(self._follow_size)
        self.scene().sigMouseMoved.connect(self._on_moved)

    def _lay_out(self) -> None:
        layout = pg.GraphicsLayout()
        layout.setContentsMargins(4, 2, 6, 2)
        layout.setSpacing(0)
        layout.addItem(self._axes["left"], 0, 0)
        layout.addItem(self.box, 0, 1)
        layout.addItem(self._axes["right"], 0, 2)
        layout.addItem(self._axes["bottom"], 1, 1)
        self.setCentralItem(layout)
        self.scene().addItem(self._right)
        self._axes["left"].linkToView(self.box)
        self._axes["bottom"].linkToView(self.box)
        self._axes["right"].linkToView(self._right)

    def set_series(self, series: Sequence[Series]) -> None:
        """Declares the lines; what was drawn goes."""
        for key, curve in self._curves.items():
            self._view_of(self._series[key]).removeItem(curve)
        self._series = {one.key: one for one in series}
        self._curves = {}
        for one in series:
            curve = pg.PlotCurveItem(antialias=False, skipFiniteCheck=False, connect="finite")
            curve.setZValue(0 if one.filled else 1)
            self._view_of(one).addItem(curve)
            self._curves[one.key] = curve
        self._axes["right"].setVisible(any(one.axis == "right" for one in series))

    def set_points(self, key: str, x: Floats, y: Floats) -> None:
        """Draws a line's points, already reduced."""
        self._curves[key].setData(x, y)

    def set_ranges(self, start: float, end: float, left: tuple[float, float], right: tuple[float, float]) -> None:
        """Sets what is seen: seconds, and the values of both axes."""
        self.box.setRange(xRange=(start, end), yRange=left, padding=0)
        self._right.setRange(xRange=(start, end), yRange=right, padding=0)
        for key, one in self._series.items():
            if one.filled:
                low, high = right if one.axis == "right" else left
                # an area that does not stand on nought would tell of a size that is not there
                self._curves[key].setFillLevel(0.0 if low <= 0.0 <= high else None)

    def set_look(self, theme: Theme, stale: bool) -> None:
        """Colours everything anew."""
        self.setBackground(theme.colour("panel"))
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(theme.colour("line")))
            axis.setTextPen(pg.mkPen(theme.ink(Tone.SECONDARY)))
            axis.setTickFont(look.font(SMALL_PX))
            axis.setStyle(tickLength=0, tickTextOffset=6, autoExpandTextSpace=True)
        self._zero.setPen(pg.mkPen(theme.colour("line")))
        self._hair.setPen(pg.mkPen(theme.colour("secondary"), style=Qt.PenStyle.DotLine))
        self.box.rbScaleBox.setPen(pg.mkPen(theme.colour("accent")))
        self.box.rbScaleBox.setBrush(pg.mkBrush(theme.blend("accent", "panel", 0.2)))
        for key, curve in self._curves.items():
            colour = series_colour(theme, self._series[key], stale)
            curve.setPen(pg.mkPen(colour))
            if self._series[key].filled:
                # opaque: a translucent area costs several times as much as everything else in the chart
                token = look.TOKEN_OF_TONE[Tone.STALE if stale else self._series[key].tone]
                curve.setBrush(pg.mkBrush(theme.blend(token, "panel", FILL_SHARE)))

    def show_hair(self, at_s: float | None) -> None:
        """Moves the hair; None hides it."""
        self._hair.setVisible(at_s is not None)
        if at_s is not None:
            self._hair.setPos(at_s)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.pointed.emit(None)

    def _view_of(self, series: Series) -> Any:
        return self._right if series.axis == "right" else self.box

    def _follow_size(self) -> None:
        self._right.setGeometry(self.box.sceneBoundingRect())

    def _on_moved(self, place: QPointF) -> None:
        inside = self.box.sceneBoundingRect().contains(place)
        self.pointed.emit(float(self.box.mapSceneToView(place).x()) if inside else None)


def series_colour(theme: Theme, series: Series, stale: bool) -> QColor:
    """The colour of a line and of its name."""
    return theme.ink(Tone.STALE if stale else series.tone)
