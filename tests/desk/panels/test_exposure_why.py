from __future__ import annotations

import pytest

from dealerdesk.desk.panels.exposure_why import exposure_derivations
from dealerdesk.live.exposure import Dimension, View, exposure
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState

from .small_broker import NOW_US


@pytest.mark.parametrize("view", list(View))
@pytest.mark.parametrize("column", ["net_usd", "net_lots", "floating_usd", "session_usd"])
def test_each_explained_figure_sums_to_the_one_in_the_table(state: LiveState, view: View, column: str) -> None:
    def now() -> tuple[Dimension, View, str]:
        return Dimension.INSTRUMENT, view, "USD"

    frame = compute(state, NOW_US)
    shown = exposure(state, frame, Dimension.INSTRUMENT, view)
    row = shown.row("EURUSD")
    assert row is not None

    derivation = exposure_derivations(state, now, str)[column](frame, "EURUSD")

    assert float(derivation.total()) == pytest.approx(float(getattr(shown, column)[row]))
    assert "of EURUSD, " in derivation.figure
    assert derivation.figure.endswith("side")
