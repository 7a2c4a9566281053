"""The commands that are not settled yet, as one desk knows them: from the news, and from its own deeds before those.

One for each account: the newest. No Qt, no SQL.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dealerdesk.commands.records import CommandRecord
    from dealerdesk.desk.news import News


class OpenCommands:
    """(server, login) → the account's newest command that is not settled."""

    def __init__(self) -> None:
        self._of: dict[tuple[str, int], CommandRecord] = {}

    @property
    def of(self) -> Mapping[tuple[str, int], CommandRecord]:
        """By (server, login)."""
        return MappingProxyType(self._of)

    @property
    def are_in_flight(self) -> bool:
        """Whether the hub is about to carry one out, so that looking more often is worth it."""
        return any(record.state.value in {"approved", "dispatched"} for record in self._of.values())

    def take(self, news: News) -> tuple[str, ...]:
        """Takes the news; returns the ids of the commands to tell of."""
        if news.open_commands is None:
            return news.commands
        before = [record.id for record in self._of.values()]
        self._of = {(r.server, r.login): r for r in news.open_commands if r.login is not None}
        if not news.anew:
            return news.commands
        # what was settled while nobody could look is told as well
        return tuple(dict.fromkeys((*before, *(record.id for record in news.open_commands))))

    def note(self, records: Iterable[CommandRecord]) -> None:
        """Takes commands as a deed of this desk has just left them."""
        for record in records:
            if record.login is None:
                continue
            key = (record.server, record.login)
            if not record.state.is_final:
                self._of[key] = record
            elif key in self._of and self._of[key].id == record.id:
                del self._of[key]
