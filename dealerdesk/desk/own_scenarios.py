"""The scenarios that a person made and kept, in their own window settings on this machine; nobody else sees them.

A scenario is a question, not money and not a limit: losing one costs nothing but typing it again.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dealerdesk.desk.table import TableMemory
from dealerdesk.live.scenarios import CATALOGUE, Scenario

KEPT = "stress-scenarios"
KEPT_MAX = 100


class OwnScenarios:
    """Own scenarios by name, oldest first."""

    def __init__(self, memory: TableMemory) -> None:
        self._memory = memory
        self._kept: dict[str, Scenario] = {}
        # settings may be edited by hand, or come from a later version: what cannot be read is left as it stands
        self._unread: list[Any] = []
        self._read()

    def all(self) -> tuple[Scenario, ...]:
        """Those kept."""
        return tuple(self._kept.values())

    def keep(self, scenario: Scenario) -> None:
        """Keeps one; another of its name is replaced. Raises ValueError with a sentence when it cannot be."""
        if any(scenario.name == known.name for known in CATALOGUE):
            raise ValueError(f"{scenario.name} is in the catalogue: take another name")
        if len(self._kept) >= KEPT_MAX and scenario.name not in self._kept:
            raise ValueError(f"{KEPT_MAX} are kept already: delete one first")
        self._kept[scenario.name] = scenario
        self._write()

    def forget(self, name: str) -> None:
        """Keeps it no longer; KeyError for a name that is none."""
        del self._kept[name]
        self._write()

    def _write(self) -> None:
        self._memory.save(KEPT, {"scenarios": [*self._unread, *msgspec.to_builtins(self.all())]})

    def _read(self) -> None:
        record = self._memory.load(KEPT) or {}
        listed = record.get("scenarios", [])
        for each in listed if isinstance(listed, list) else []:
            try:
                scenario = msgspec.convert(each, Scenario)
            except msgspec.ValidationError:
                self._unread.append(each)
            else:
                self._kept[scenario.name] = scenario
