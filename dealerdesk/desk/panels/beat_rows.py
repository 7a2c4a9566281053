"""Rows over the live state: each column is computed when the table asks for it, once a beat at most.

What nobody looks at costs nothing: a hidden column, a column scrolled away and a hidden panel are never computed.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.table import Rows
from dealerdesk.desk.table.rows import Index, Mask, Values
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState


class BeatRows(Rows):
    """Rows of one frame of the live state. A subclass says in `figure` how a column comes about."""

    def __init__(self, state: LiveState, frame: Frame) -> None:
        self.state = state
        self.frame = frame
        self._made: dict[str, Values] = {}

    def take(self, frame: Frame) -> None:
        """Goes over to a newer frame: every column is computed anew when it is next asked for."""
        self.frame = frame
        self._made.clear()

    def figure(self, key: str) -> Values:
        """The column of a key at this frame; KeyError for a key that is none."""
        raise NotImplementedError

    def column(self, key: str) -> Values:
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self.figure(key)
        return made

    def total(self, key: str, rows: Index) -> float:
        values = self.column(key)
        return sum_known(values[rows]) if isinstance(values, np.ndarray) else float("nan")

    def any_stale(self) -> bool:
        """Whether a server is stale or dead; then rows of it are grey."""
        return any(self.state.stale_since(server) is not None for server in self.state.servers)

    def server_stale(self) -> Mask:
        """Whether each server, by its code, is stale or dead."""
        return np.array([self.state.stale_since(server) is not None for server in self.state.servers], dtype=np.bool_)


def sum_known(values: npt.NDArray[Any]) -> float:
    """The sum of what is known; the slower sum that skips NaN is only made where there is one."""
    total = float(values.sum())
    return float(np.nansum(values)) if isnan(total) else total
