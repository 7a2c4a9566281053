"""Question lines for tests of `dealerdesk calc`."""

from __future__ import annotations

import json
from typing import Any


def line(kind: str, **fields: Any) -> str:
    """A question of that kind as a line; its id and platform are told unless they are given."""
    return json.dumps({"id": "q", "platform": "mt5", "kind": kind} | fields)
