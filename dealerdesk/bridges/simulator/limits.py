"""What this bridge refuses whoever asks, so that a stolen key is bounded. Figures only.

The limits are the bridge's own: they hold below the hub's policy and approvals.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.instruments import LOT


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest balance operation in USD, largest volume that a dealer may confirm, groups that accounts may be in.

    An account may only be put into a group whose kind (retail, raw, netting) is in `group_kinds`.
    """

    balance_usd_max: float = 100_000.0
    confirm_volume_max: int = 100 * LOT
    leverage_max: int = 500
    group_kinds: frozenset[str] = frozenset({"retail", "raw", "netting"})


LIMITS = Limits()
