"""Lines over time: exposure, P&L and the like over a session, with two value axes, a crosshair, zoom and follow.

Only what is in sight is drawn, reduced to about two points a pixel; nothing is drawn while the chart is hidden.
pyqtgraph is imported when the first chart is made, so a desk without one starts sooner.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from dealerdesk.desk import numbers
from dealerdesk.desk import theme as look
from dealerdesk.desk.chart.cover import Cover
from dealerdesk.desk.chart.export import write_series_csv
from dealerdesk.desk.chart.legend import Entry, Legend
from dealerdesk.desk.chart.series import Floats, Series, reduced, value_ranges
from dealerdesk.desk.chart.window import Window
from dealerdesk.desk.speech import say
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from dealerdesk.desk.chart.plot import Plot

_NONE: Floats = np.zeros(0)
ZOOM_STEP = 0.8
PAN_SHARE = 0.2
WHEEL_NOTCH = 120.0


def _plot(parent: QWidget) -> Plot:
    # imported here, and so with the first chart: it costs more start-up time and memory than all else on the desk
    from dealerdesk.desk.chart.plot import Plot

    return Plot(parent)


class TimeChart(QWidget):
    """A chart of series over seconds UTC. Keys: Home whole, + − zoom, ← → pan, F follow."""

    follow_changed = Signal(bool)

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: dict[str, Series] = {}
        self._data: dict[str, tuple[Floats, Floats]] = {}
        self._window = Window()
        self._followed = True
        self._stale_since: str | None = None
        self._pointed_s: float | None = None
        self._titles = ("", "")
        self._legend = Legend(self)
        self._plot = _plot(self)
        self._cover = Cover("No points yet.", self._plot)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.timeout.connect(self.draw_now)
        self.setObjectName(name)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._legend)
        layout.addWidget(self._plot, 1)
        self._plot.box.span_marked.connect(self._on_span)
        self._plot.box.wheel_turned.connect(self._on_wheel)
        self._plot.box.sigResized.connect(self._ask_redraw)
        self._plot.pointed.connect(self._on_pointed)
        self._restyle()

    def set_series(self, series: Sequence[Series]) -> None:
        """Declares the lines. What was known of lines that stay is kept."""
        self._series = {one.key: one for one in series}
        self._data = {key: points for key, points in self._data.items() if key in self._series}
        self._plot.set_series(series)
        self._restyle()
        self._ask_redraw()

    def set_data(self, key: str, x_seconds_utc: Floats, y: Floats) -> None:
        """The points of a line, times ascending; drawn soon. Not copied: hand over what will not change, or again."""
        if key not in self._series:
            raise KeyError(f"{self.objectName()}: no series is called {key!r}")
        self._data[key] = (x_seconds_utc, y)
        self._ask_redraw()

    def set_titles(self, left: str, right: str = "") -> None:
        """What the axes measure."""
        self._titles = (left, right)
        self.setAccessibleName(" and ".join(title for title in self._titles if title) or self.objectName())

    def follow(self) -> bool:
        """Whether the newest point is kept in sight."""
        return self._window.follow

    def set_follow(self, follow: bool) -> None:
        """Keeps the newest point in sight, or stands still."""
        self._window.set_follow(follow)
        self._window_changed()

    def set_stale(self, since_text: str | None) -> None:
        """Greys the lines and says since when they are no longer fed; None: fresh again."""
        if since_text != self._stale_since:
            self._stale_since = since_text
            self._restyle()
            self._ask_redraw()

    def set_empty_text(self, sentence: str) -> None:
        """What is said while there are no points."""
        self._cover.set_sentence(sentence)

    def span(self) -> tuple[float, float]:
        """The seconds in sight."""
        return self._window.start, self._window.end

    def legend_sentence(self) -> str:
        """What the line above the plot says."""
        return self._legend.sentence()

    def plot_viewport(self) -> QWidget:
        """The widget the lines are painted on."""
        viewport: QWidget = self._plot.viewport()
        return viewport

    def export_png(self, path: Path | str) -> None:
        """Writes the chart as it is seen; raises OSError where it cannot be written."""
        self.draw_now()
        if not self.grab().save(str(path), "PNG"):
            raise OSError(f"{path}: the picture could not be written")

    def export_csv(self, path: Path | str) -> None:
        """Writes every point of every line; raises OSError where the file cannot be written."""
        write_series_csv(list(self._series.values()), self._data, Path(path))

    # -- drawing

    def _ask_redraw(self) -> None:
        if self.isVisible() and not self._redraw.isActive():
            self._redraw.start(0)

    def draw_now(self) -> None:
        """Hands the points in sight to the plot, which paints them with the next frame."""
        self._redraw.stop()
        filled = [points for points in self._data.values() if len(points[0])]
        # one point is no line yet
        self._cover.setVisible(max((len(points[0]) for points in filled), default=0) < 2)
        if filled:
            self._window.data(min(float(x[0]) for x, _ in filled), max(float(x[-1]) for x, _ in filled))
        pixels = max(50, round(self._plot.box.width() * self.devicePixelRatioF()))
        start, end = self._window.start, self._window.end
        spans: dict[str, list[Floats]] = {"left": [], "right": []}
        for key, series in self._series.items():
            x, y = self._data.get(key, (_NONE, _NONE))
            x, y = reduced(x, y, start, end, pixels)
            self._plot.set_points(key, x, y)
            spans[series.axis].append(y)
        left, right = value_ranges([_extent(spans["left"]), _extent(spans["right"])])
        self._plot.set_ranges(start, end, left, right)
        self._show_legend()

    def _show_legend(self) -> None:
        theme, stale = look.current(), self._stale_since is not None
        entries = []
        for key, series in self._series.items():
            x, y = self._data.get(key, (_NONE, _NONE))
            tone = Tone.STALE if stale else series.tone
            value = numbers.signed(_value_at(x, y, self._pointed_s), series.decimals)
            entries.append(Entry(theme.ink(tone), series.title, value))
        if stale and self._pointed_s is None:
            self._legend.show_entries(entries, f"stale since {self._stale_since}", Tone.ATTENTION)
            return
        at = self._pointed_s if self._pointed_s is not None else self._newest()
        remark = f"{numbers.clock_time(round(at * 1e6))} UTC" if at else ""
        self._legend.show_entries(entries, remark, Tone.SECONDARY)
        if self.hasFocus():
            say(self, self._legend.sentence())

    def _newest(self) -> float:
        return max((float(x[-1]) for x, _ in self._data.values() if len(x)), default=0.0)

    def _restyle(self) -> None:
        self._plot.set_look(look.current(), self._stale_since is not None)

    # -- what a person does

    def keyPressEvent(self, event: QKeyEvent) -> None:
        window = self._window
        match event.key():
            case Qt.Key.Key_Home:
                window.home()
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                window.zoom(ZOOM_STEP, (window.start + window.end) / 2)
            case Qt.Key.Key_Minus:
                window.zoom(1 / ZOOM_STEP, (window.start + window.end) / 2)
            case Qt.Key.Key_Left | Qt.Key.Key_Right:
                window.pan(PAN_SHARE if event.key() == Qt.Key.Key_Right else -PAN_SHARE)
            case Qt.Key.Key_F if not event.modifiers():
                window.set_follow(not window.follow)
            case _:
                super().keyPressEvent(event)
                return
        self._window_changed()

    def _on_span(self, start: float, end: float) -> None:
        self._window.show(start, end)
        self._window_changed()

    def _on_wheel(self, turned: float, about: float) -> None:
        self._window.zoom(ZOOM_STEP ** (turned / WHEEL_NOTCH), about)
        self._window_changed()

    def _on_pointed(self, at_s: float | None) -> None:
        self._pointed_s = at_s
        self._plot.show_hair(at_s)
        self._show_legend()

    def _window_changed(self) -> None:
        if self._window.follow != self._followed:
            self._followed = self._window.follow
            self.follow_changed.emit(self._followed)
        self._ask_redraw()

    # -- events

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._ask_redraw()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._legend.set_focused(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._legend.set_focused(False)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.StyleChange):
            self._restyle()
            self._ask_redraw()


def _extent(lines: Sequence[Floats]) -> tuple[float, float]:
    """The least and greatest value of some lines; nan where there is none."""
    known = [line[np.isfinite(line)] for line in lines]
    whole = np.concatenate([*known, np.zeros(0)])
    return (float(whole.min()), float(whole.max())) if len(whole) else (float("nan"), float("nan"))


def _value_at(x: Floats, y: Floats, at_s: float | None) -> float | None:
    """The last value at or before a moment; the newest without one."""
    if not len(x):
        return None
    if at_s is None:
        return float(y[-1])
    place = int(np.searchsorted(x, at_s, "right")) - 1
    return float(y[place]) if place >= 0 else None
