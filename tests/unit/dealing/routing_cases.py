"""Rules and orders for tests of routing."""

from __future__ import annotations

from typing import Any

from dealerdesk.dealing.routing import Action, Facts, Rule, Target
from dealerdesk.instruments import LOT, AssetClass

NOW = 1_700_000_000_000_000


def rule(name: str, action: Action = Action.A, target: Target | None = None, **terms: Any) -> Rule:
    """A rule that ends a second from now."""
    given = {"version": 1, "owner": "hana", "reason": "test", "expires_us": NOW + 1_000_000} | terms
    return Rule(id=name, target=target or Target(), action=action, **given)


def order(**facts: Any) -> Facts:
    """Client 7's account 1001 on MT5 buys a lot of EURUSD on Monday at 10:00."""
    given: dict[str, Any] = {
        "server": "MT5",
        "login": 1001,
        "client_id": 7,
        "group": "real\\retail\\USD",
        "country": "PL",
        "introducer": "IB7",
        "symbol": "EURUSD",
        "asset_class": AssetClass.FX,
        "volume": LOT,
        "moment_us": NOW,
        "minute": 600,
    }
    return Facts(**(given | facts))
