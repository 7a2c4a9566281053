"""Keeps one person's inbox fresh for the whole desk: the panel, the tile, the badge and the sound all look here.

It reads when commands or covers changed on any desk, tries again while the database is silent, and says what has come
to be this person's to decide. It decides nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dealerdesk.clock import SECOND_US
from dealerdesk.desk.rereading import Rereading
from dealerdesk.desk.staff_names import staff_name

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.commands.inbox import Item
    from dealerdesk.commands.inbox_queries import Inbox
    from dealerdesk.desk.library import Library

LOOK_US = SECOND_US
TABLES = frozenset(("covers", "staff", "decisions", "staff_scopes"))
"""What decides, besides the commands themselves, whose turn it is."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits, in figures: for this person, for anybody, how long the oldest of mine has, and whether one of mine is
    ageing."""

    mine: int = 0
    anybody: int = 0
    oldest_waits_us: int = 0
    ageing: bool = False


class InboxWatch(QObject):
    """The inbox as last read. `changed`: there is something else to show; `arrived`: items that became mine."""

    changed = Signal()
    arrived = Signal(object)
    named = Signal()
    """`names` are others than before."""
    pointed = Signal()
    """`wanted` is what somebody asked to see in the inbox."""

    def __init__(
        self,
        library: Library,
        clock: Clock,
        run: Callable[[Coroutine[object, object, None]], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.inbox: Inbox | None = None
        self.trouble = ""
        self.names: Mapping[str, str] = {}
        """Staff id → name, of everybody; empty until the inbox was read."""
        self.mine: tuple[Item, ...] = ()
        """What is this person's to decide now, the oldest first."""
        self.wanted = ""
        self._library = library
        self._known: set[str] = set()
        self._looked_us = 0
        self._reading = Rereading(self._load, self._say, clock, run, self)
        self._reading.follow(library, TABLES)

    def point_at(self, key: str) -> None:
        """Asks the panel to go to a command or a batch."""
        self.wanted = key
        self.pointed.emit()

    def name(self, staff_id: str) -> str:
        """The name of a member of staff, once it is known."""
        return staff_name(self.names, staff_id)

    def now_us(self) -> int:
        """The moment as requests and decisions are dated: by the database's clock."""
        return self._library.database_us()

    def waiting(self) -> Waiting:
        """How much waits now."""
        if self.inbox is None:
            return Waiting()
        now_us = self.now_us()
        return Waiting(
            len(self.mine),
            sum(item.state.value == "requested" for item in self.inbox.items),
            max((now_us - item.head.requested_us for item in self.mine), default=0),
            any(self.inbox.is_ageing(item, now_us) for item in self.mine),
        )

    def tick(self) -> None:
        """Called several times a second: reads what is not read yet, and looks whose turn it has become by time."""
        now_us = self.now_us()
        self._reading.look()
        if self.inbox is not None and abs(now_us - self._looked_us) >= LOOK_US:
            before = self.mine
            self._look(now_us)
            if [item.key for item in self.mine] != [item.key for item in before]:
                self.changed.emit()

    def reload(self) -> None:
        """Reads the inbox; news that come meanwhile are read right after."""
        self._reading.anew()

    async def _load(self) -> None:
        inbox = await self._library.inbox()
        first = self.inbox is None
        self.inbox, self.trouble = inbox, ""
        self._look(self.now_us(), quiet=first)
        self.changed.emit()
        names = {staff_id: name for staff_id, (name, _) in inbox.people.items()}
        if names != self.names:
            self.names = names
            self.named.emit()

    def _say(self, trouble: str) -> None:
        if trouble:
            self.trouble = trouble
            self.changed.emit()

    def _look(self, now_us: int, quiet: bool = False) -> None:
        """Finds what is mine now; what was not mine before has arrived, save at the start."""
        if self.inbox is None:
            return
        self._looked_us = now_us
        self.mine = self.inbox.mine(now_us)
        keys = {item.key for item in self.mine}
        fresh = tuple(item for item in self.mine if item.key not in self._known)
        self._known = keys
        if fresh and not quiet:
            self.arrived.emit(fresh)
