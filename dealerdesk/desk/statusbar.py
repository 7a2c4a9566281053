"""The bottom line: a light with words per bridge, database and hub; a sentence when there is news; rates and clocks.

Green is for up and running alone, amber for what needs a look, red for what is down; the word beside each light says
the same, so colour never carries it alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from dealerdesk.clock import SECOND_US
from dealerdesk.commands.roles import role_words
from dealerdesk.desk import numbers, theme
from dealerdesk.desk.broker_band import live_ground, live_ink
from dealerdesk.desk.speech import show_tip
from dealerdesk.desk.theme import Tone, Weight

if TYPE_CHECKING:
    from dealerdesk.bridges.listener import ConnectionStatus
    from dealerdesk.clock_gap import ClockGap
    from dealerdesk.config import Profile
    from dealerdesk.desk.database_light import DatabaseLight
    from dealerdesk.live.state import LiveState

HEIGHT_PX = 25
SAID_US = 8 * SECOND_US
FEED_AGE_ATTENTION_MS = 1_500.0
DOT_PX = 7
BETWEEN_PX = 22
WORDS_MAX = 60
BETWEEN_FACTS = " · "


NOT_ENFORCED = "Roles are not enforced by this database: whoever may open its file on this machine may change it."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sits here and where: LIVE or DEMO, then name, role and broker in words; `hint` is shown under the mouse."""

    kind: str
    words: str
    live: bool = False
    hint: str = ""

    @classmethod
    def of(cls, profile: Profile, who: str, role: str) -> Identity:
        """A person in a role, signed in to a profile."""
        words = f"{numbers.plain(who)}, {numbers.plain(role_words(role))} · {numbers.plain(profile.title)}"
        return cls(profile.kind, words, profile.live, NOT_ENFORCED if profile.is_embedded else "")


@dataclass(frozen=True, slots=True)
class Light:
    """What a dot stands for, its colour, the words beside it, and what is shown under the mouse besides."""

    name: str
    tone: Tone
    words: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Arranged:
    """The lights and the facts at the right that are shown together."""

    lights: tuple[Light, ...]
    right: str

    def width_px(self) -> int:
        """How much of the line they take, with the spaces between."""
        words, names = QFontMetrics(theme.font(theme.SMALL_PX)), QFontMetrics(theme.font(theme.SMALL_PX, Weight.MEDIUM))
        lights = sum(
            DOT_PX + 6 + names.horizontalAdvance(each.name) + 6 + words.horizontalAdvance(each.words) + BETWEEN_PX
            for each in self.lights
        )
        return lights + (words.horizontalAdvance(self.right) + BETWEEN_PX if self.right else 0)


def bridge_light(status: ConnectionStatus, feed_age_ms: float) -> Light:
    """A bridge's light: its state in words, and when it is live its latency, or the age of its feed if that is old."""
    since = numbers.clock_time(status.since_us)
    match status.state.value:
        case "live" if feed_age_ms == inf:
            return Light(status.server, Tone.ATTENTION, "feed of unknown age")
        case "live" if feed_age_ms > FEED_AGE_ATTENTION_MS:
            return Light(status.server, Tone.ATTENTION, f"feed {numbers.age(feed_age_ms)}")
        case "live":
            latency = "live" if status.latency_ms is None else f"{status.latency_ms:.0f} ms"
            return Light(status.server, Tone.RUNNING, latency)
        case "stale":
            return Light(status.server, Tone.ATTENTION, f"platform down since {since}")
        case "dead":
            return Light(status.server, Tone.ALARM, f"dead since {since}")
        case "joining":
            return Light(status.server, Tone.ATTENTION, "loading")
        case other:
            return Light(status.server, Tone.ATTENTION, other)


def database_light(light: DatabaseLight) -> Light:
    """The database's light: up with the time of the last look, opening, or down with the trouble in words;
    amber when it is up and this desk may only look."""
    match light.state.value:
        case "up" if light.trouble:
            return Light("Database", Tone.ATTENTION, _short(light.trouble), light.trouble)
        case "up":
            return Light("Database", Tone.RUNNING, f"{light.latency_ms:.0f} ms")
        case "opening":
            return Light("Database", Tone.ATTENTION, "opening")
        case _:
            said = f" It said: {light.detail}" if light.detail else ""
            return Light("Database", Tone.ALARM, _short(f"down: {light.trouble}"), light.trouble + said)


def _short(words: str) -> str:
    return words if len(words) <= WORDS_MAX else f"{words[: WORDS_MAX - 1]}…"


def hub_light(alive: bool, known: bool, troubles: Iterable[str]) -> Light:
    """The hub's light: recording, silent, or recording with trouble at some server."""
    wrong = [trouble for trouble in troubles if trouble]
    if not known:
        return Light("Hub", Tone.ATTENTION, "not heard of yet")
    if not alive:
        return Light("Hub", Tone.ALARM, "silent")
    if wrong:
        return Light("Hub", Tone.ATTENTION, wrong[0][:60])
    return Light("Hub", Tone.RUNNING, "recording")


def clock_lights(gaps: Mapping[str, ClockGap | None]) -> tuple[Light, ...]:
    """A light that says in a sentence by how much this machine's clock is wrong, or none; `gaps` by whose clock it is,
    such as «the database». Of several, the widest."""
    wrong = {other: gap for other, gap in gaps.items() if gap is not None and gap.is_worth_saying}
    if not wrong:
        return ()
    widest = max(wrong, key=lambda other: abs(wrong[other].sure_us))
    return (Light("Clock", Tone.ATTENTION, wrong[widest].words(numbers.plain(widest))),)


def feed_age_ms(state: LiveState, server: str, now_us: int) -> float:
    """How long ago the last quote of a server came, both by this machine's clock; nan before the first.

    Quotes from before the clock was put back say nothing: with none but those the age is infinite.
    """
    symbols = state.symbols
    if server not in state.servers:
        return float("nan")
    mine = symbols.server[: symbols.count] == state.server_code(server)
    received = symbols.received_us[: symbols.count][mine]
    came = received[received > 0]
    if not came.size:
        return float("nan")
    newest = int(np.max(came[came <= now_us], initial=0))
    return (now_us - newest) / 1000 if newest else float("inf")


class StatusLine(QWidget):
    """The line itself. `show_facts` gives it the lights and the right side; `say` a sentence for eight seconds."""

    def __init__(self, identity: Identity | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.identity = identity
        if identity is not None and identity.hint:
            self.setToolTip(identity.hint)
        self.lights: tuple[Light, ...] = ()
        self._spans: tuple[tuple[range, Light], ...] = ()
        """Where each light was drawn last, from left to right."""
        self.right = ""
        self._said = ""
        self._said_tone = Tone.NORMAL
        self._said_until_us = 0
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("State of the desk")

    def sizeHint(self) -> QSize:
        return QSize(600, HEIGHT_PX)

    @property
    def said(self) -> str:
        """The sentence that is shown now."""
        return self._said

    def say(self, text: str, tone: Tone, now_us: int) -> None:
        """Shows a sentence for eight seconds."""
        self._said, self._said_tone, self._said_until_us = numbers.plain(text), tone, now_us + SAID_US
        self.update()

    def show_facts(self, lights: tuple[Light, ...], right: str, now_us: int) -> None:
        """Shows the lights and the facts at the right; a sentence past its time goes."""
        if self._said and now_us >= self._said_until_us:
            self._said = ""
            self.update()
        if (lights, right) == (self.lights, self.right):
            return
        if lights != self.lights:
            self.setAccessibleDescription(". ".join(f"{light.name}: {light.words}" for light in lights))
        self.lights, self.right = lights, right
        self.update()

    def arranged(self, room_px: int) -> Arranged:
        """What stands beside the sentence in so much room. A sentence lasts eight seconds and is not cut while
        anything else can leave: first the facts at the right, then the words of green lights, then green lights.
        Without one, as many facts stay as there is room for; the last, the clock, stays longest."""
        if not self._said:
            parts = self.right.split(BETWEEN_FACTS)
            rights = [BETWEEN_FACTS.join(parts[place:]) for place in range(len(parts))]
            shorter = (Arranged(self.lights, right) for right in rights)
            return next((way for way in shorter if way.width_px() <= room_px), Arranged(self.lights, ""))
        silent = tuple(replace(each, words="") if each.tone is Tone.RUNNING else each for each in self.lights)
        amiss = tuple(each for each in self.lights if each.tone is not Tone.RUNNING)
        ways = (
            Arranged(self.lights, self.right),
            Arranged(self.lights, ""),
            Arranged(silent, ""),
            Arranged(amiss, ""),
        )
        wanted = QFontMetrics(theme.font(theme.SMALL_PX, Weight.MEDIUM)).horizontalAdvance(self._said)
        return next((way for way in ways if wanted <= room_px - way.width_px()), ways[-1])

    def tip_at(self, x: int) -> str:
        """What is said under the mouse there: of a light what it has to say, elsewhere of who sits here."""
        hints = [light.hint for span, light in self._spans if x in span and light.hint]
        return hints[0] if hints else self.toolTip()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            show_tip(self, event.globalPos(), self.tip_at(event.pos().x()))
            return True
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        look = theme.current()
        painter.fillRect(self.rect(), look.colour("raised"))
        metrics = QFontMetrics(theme.font(theme.SMALL_PX))
        x = self._paint_identity(painter, theme.PAD_PX)
        shown = self.arranged(self.width() - theme.PAD_PX - x)
        end = self.width() - theme.PAD_PX - metrics.horizontalAdvance(shown.right)
        self._write(painter, end, shown.right, Tone.SECONDARY, Weight.REGULAR)
        spans = []
        for light in shown.lights:
            begin, x = x, self._paint_light(painter, x, light)
            spans.append((range(begin, x - BETWEEN_PX), light))
        self._spans = tuple(spans)
        if self._said:
            room = QRect(x, 0, max(0, end - x - (BETWEEN_PX if shown.right else 0)), self.height())
            painter.setPen(look.ink(self._said_tone, "raised"))
            painter.setFont(theme.font(theme.SMALL_PX, Weight.MEDIUM))
            text = painter.fontMetrics().elidedText(self._said, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
        painter.end()

    def _paint_identity(self, painter: QPainter, x: int) -> int:
        """LIVE or DEMO and who it is, before everything else; where the lights begin."""
        if self.identity is None:
            return x + 2
        look = theme.current()
        painter.setFont(theme.font(theme.SMALL_PX, Weight.SEMIBOLD))
        width = painter.fontMetrics().horizontalAdvance(self.identity.kind) + theme.PAD_PX
        box = QRect(x, 4, width, self.height() - 9)
        if self.identity.live:
            painter.fillRect(box, live_ground(look))
            painter.setPen(live_ink(look))
        else:
            painter.setPen(look.ink(Tone.ATTENTION, "raised"))
            painter.drawRect(box.adjusted(0, 0, -1, -1))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self.identity.kind)
        return self._write(painter, x + width + 6, self.identity.words, Tone.NORMAL, Weight.MEDIUM) + BETWEEN_PX

    def _paint_light(self, painter: QPainter, x: int, light: Light) -> int:
        look = theme.current()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.ink(light.tone, "raised"))
        painter.drawEllipse(x, (self.height() - DOT_PX) // 2, DOT_PX, DOT_PX)
        x += DOT_PX + 6
        x = self._write(painter, x, light.name, Tone.NORMAL, Weight.MEDIUM) + 6
        tone = Tone.SECONDARY if light.tone is Tone.RUNNING else light.tone
        return self._write(painter, x, light.words, tone, Weight.REGULAR) + BETWEEN_PX

    def _write(self, painter: QPainter, x: int, text: str, tone: Tone, weight: Weight) -> int:
        painter.setPen(theme.current().ink(tone, "raised"))
        painter.setFont(theme.font(theme.SMALL_PX, weight))
        width = painter.fontMetrics().horizontalAdvance(text)
        painter.drawText(QRect(x, 0, width + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, text)
        return x + width
