"""Payment providers and what they write on a deposit or withdrawal. Texts and amounts, no booking."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dealerdesk.bridges.simulator.dialects import COMMENT_CHARS_MAX


@dataclass(frozen=True, slots=True)
class Provider:
    """A payment provider: its name, how its references begin, and how often clients choose it."""

    name: str
    prefix: str
    weight: float


PROVIDERS = (
    Provider("Card: Checkout", "pay_", 0.38),
    Provider("Bank wire", "WIRE", 0.22),
    Provider("Skrill", "SK", 0.12),
    Provider("Neteller", "NT", 0.08),
    Provider("Trustly", "TRL", 0.08),
    Provider("USDT TRC20", "0x", 0.07),
    Provider("PayPal", "PP-", 0.05),
)
WEIGHTS = tuple(provider.weight for provider in PROVIDERS)
_SPREAD = 2_654_435_761


def operation_texts(notes: Mapping[int, tuple[str, str]], number: int, provider: int) -> tuple[str, str, str]:
    """Provider, reference and comment of balance operation `number`; `provider` counts from 1, 0 is none."""
    reference, comment = notes.get(number, ("", ""))
    if not provider:
        return "", reference, comment
    payer = PROVIDERS[provider - 1]
    own = f"{payer.prefix}{number * _SPREAD % 10**10:010d}"
    return payer.name, own, comment[:COMMENT_CHARS_MAX]
