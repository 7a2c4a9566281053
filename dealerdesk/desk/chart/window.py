"""The span of time a chart shows: the whole, a part that follows the newest point, or a part that stands still."""

from __future__ import annotations

LEAST_S = 10.0


class Window:
    """Start and end in seconds, kept within the data where it can be."""

    def __init__(self) -> None:
        self.follow = True
        self._whole = True
        self._first, self._last = 0.0, LEAST_S
        self.start, self.end = 0.0, LEAST_S

    def data(self, first: float, last: float) -> None:
        """The data now reach from `first` to `last`."""
        self._first, self._last = first, max(last, first + LEAST_S)
        if self._whole:
            self.start, self.end = self._first, self._last
        elif self.follow:
            self.start, self.end = self._last - (self.end - self.start), self._last

    def home(self) -> None:
        """Shows the whole and follows it."""
        self._whole = self.follow = True
        self.start, self.end = self._first, self._last

    def set_follow(self, follow: bool) -> None:
        """Follows the newest point, or stands still."""
        self.follow = follow
        if not follow:
            self._whole = False
        elif not self._whole:
            self.start, self.end = self._last - (self.end - self.start), self._last

    def zoom(self, factor: float, about: float) -> None:
        """Shows `factor` times as much time, `about` staying where it is; at the newest end following goes on."""
        span = (self.end - self.start) * factor
        if span >= self._last - self._first:
            self.home()
            return
        self._whole = False
        span = max(span, LEAST_S)
        share = (about - self.start) / (self.end - self.start)
        self.start = about - share * span
        self.end = self.start + span
        if self.follow or self.end > self._last:
            self.start, self.end = self._last - span, self._last
        elif self.start < self._first:
            self.start, self.end = self._first, self._first + span

    def show(self, start: float, end: float) -> None:
        """Shows a span; follows only if it reaches to the newest point."""
        self._whole = False
        self.start, self.end = start, max(end, start + LEAST_S)
        self.follow = self.end >= self._last

    def pan(self, share: float) -> None:
        """Moves by a share of the span: forwards when positive. Moving back stops following."""
        span = self.end - self.start
        start = min(max(self.start + share * span, self._first), self._last - span)
        self._whole = False
        self.start, self.end = start, start + span
        self.follow = self.end >= self._last
