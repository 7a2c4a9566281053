"""The figures of the margin watch that can say why, by their columns. Computes none of them."""

from __future__ import annotations

from collections.abc import Mapping

from dealerdesk.desk.panels.accounts import derivations_of
from dealerdesk.desk.panels.row_menu import Derive
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState
from dealerdesk.live.why_margin import why_closed, why_move, why_to_call, why_to_stop_out, why_together
from dealerdesk.trading import Platform


def margin_derivations(state: LiveState, platforms: Mapping[str, Platform]) -> dict[str, Derive]:
    """The derivations beside those that every account's row has."""

    def closed(state: LiveState, frame: Frame, slot: int) -> Derivation:
        return why_closed(state, frame, slot, platforms.get(state.accounts.server_name[slot]))

    return derivations_of(
        state,
        {
            "to_stop_out": why_to_stop_out,
            "room_to_call": why_to_call,
            "together": why_together,
            "percent": why_move,
            "price": why_move,
            "first": closed,
            "first_result": closed,
        },
    )
