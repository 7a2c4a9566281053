"""Which figures of an exposure row can say why they are what they are. Derives nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import replace

from dealerdesk.desk.panels.row_menu import Derive
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.exposure import Dimension, View
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState
from dealerdesk.live.why import why_net_exposure, why_net_lots, why_row_floating, why_row_session

SIDES = {View.CLIENTS: "clients’ side", View.DEALER: "dealer’s side"}
ViewNow = Callable[[], tuple[Dimension, View, str]]
OfRow = Callable[[LiveState, Frame, Dimension, Hashable, View, str], Derivation]
Label = Callable[[Hashable], str]


def exposure_derivations(state: LiveState, view_now: ViewNow, label: Label) -> dict[str, Derive]:
    """By column: net lots, net exposure, floating and session P&L. `view_now` tells dimension, side and currency."""

    def derive_with(function: OfRow) -> Derive:
        def derive(frame: Frame, key: Hashable) -> Derivation:
            dimension, view, currency = view_now()
            found = function(state, frame, dimension, key, view, currency)
            return replace(found, figure=f"{found.figure} of {label(key)}, {SIDES[view]}")

        return derive

    columns: dict[str, OfRow] = {
        "net_usd": why_net_exposure,
        "net_lots": _net_lots,
        "floating_usd": why_row_floating,
        "session_usd": why_row_session,
    }
    return {column: derive_with(function) for column, function in columns.items()}


def _net_lots(
    state: LiveState, frame: Frame, dimension: Dimension, key: Hashable, view: View, _currency: str
) -> Derivation:
    return why_net_lots(state, frame, dimension, key, view)
