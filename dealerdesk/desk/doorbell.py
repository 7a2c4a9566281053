"""Tells a person that something has come to be theirs to decide: a sound, a sentence, the number on the panel's tab.

What is theirs is found by `inbox`; whether it may ring is a preference. It looks at no command itself.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dealerdesk.desk import numbers
from dealerdesk.desk.numbers import plain, spoken
from dealerdesk.desk.statusbar import Light
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from dealerdesk.commands.inbox import Item
    from dealerdesk.desk.chime import Chime
    from dealerdesk.desk.inbox import InboxWatch, Waiting
    from dealerdesk.desk.settings import Preferences
    from dealerdesk.desk.window import DeskWindow

PANEL = "approvals"


def approvals_lights(waiting: Waiting) -> tuple[Light, ...]:
    """The light of what waits for this person; none while nothing does."""
    if not waiting.mine:
        return ()
    words = f"{waiting.mine} for you"
    if waiting.ageing:
        words += f", oldest {numbers.age(waiting.oldest_waits_us / 1000)}"
    return (Light("Approvals", Tone.ATTENTION, words),)


class Doorbell(QObject):
    """One a desk."""

    def __init__(
        self,
        watch: InboxWatch,
        window: DeskWindow,
        chime: Chime,
        preferences: Callable[[], Preferences],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._watch = watch
        self._window = window
        self._chime = chime
        self._preferences = preferences
        watch.changed.connect(self._show_badge)
        watch.arrived.connect(self._ring)

    def _show_badge(self) -> None:
        if PANEL in self._window.docks:
            dock, count = self._window.docks[PANEL], len(self._watch.mine)
            dock.show_count(count)

    def _ring(self, items: tuple[Item, ...]) -> None:
        title = plain(spoken(items[0].head.title))
        more = f", and {len(items) - 1} more" if len(items) > 1 else ""
        self._window.notify(f"For you to decide: {title}{more}", Tone.ATTENTION)
        if self._preferences().sound:
            self._chime.ring()
