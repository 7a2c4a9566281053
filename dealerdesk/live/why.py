"""Why a figure is what it is: the derivations of accounts, positions and exposure rows, in one place to import from.

Each takes a frame that was computed just now, raises LookupError with a sentence when a price or rate it needs is not
known, and sums exactly to its value, which is the frame's figure but for float rounding.
"""

from __future__ import annotations

from dealerdesk.live.why_accounts import (
    why_equity,
    why_floating,
    why_free_margin,
    why_level,
    why_margin,
    why_position,
    why_session,
)
from dealerdesk.live.why_rows import why_net_exposure, why_net_lots, why_row_floating, why_row_session

__all__ = [
    "why_equity",
    "why_floating",
    "why_free_margin",
    "why_level",
    "why_margin",
    "why_net_exposure",
    "why_net_lots",
    "why_position",
    "why_row_floating",
    "why_row_session",
    "why_session",
]
