"""What tells a person that something is theirs to decide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal
from pytestqt.qtbot import QtBot

from dealerdesk.clock import MINUTE_US
from dealerdesk.commands.inbox import items
from dealerdesk.desk.chime import Chime
from dealerdesk.desk.doorbell import Doorbell, approvals_lights
from dealerdesk.desk.inbox import Waiting
from dealerdesk.desk.settings import Preferences
from dealerdesk.desk.statusbar import Light
from dealerdesk.desk.theme import Tone

from .conftest import NOW_US, command


class Watch(QObject):
    changed = Signal()
    arrived = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.mine: tuple[Any, ...] = ()


@dataclass
class Door:
    """A door with a bell: what was rung, said and written on the tab."""

    watch: Watch = field(default_factory=Watch)
    rung: list[int] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    sound: bool = True
    now_us: int = NOW_US

    def ring(self) -> None:
        self.rung.append(self.now_us)

    def clock(self) -> int:
        return self.now_us

    def notify(self, text: str, _tone: Tone) -> None:
        self.said.append(text)

    def preferences(self) -> Preferences:
        return Preferences(sound=self.sound)


@pytest.fixture
def door(qtbot: QtBot) -> Door:
    made = Door()
    dock = SimpleNamespace(entry=SimpleNamespace(title="Approvals"), show_count=made.counts.append)
    window: Any = SimpleNamespace(docks={"approvals": dock}, notify=made.notify)
    watch: Any = made.watch
    Doorbell(watch, window, Chime(made.clock, made.ring), made.preferences, made.watch)
    return made


def arrived(*numbers: int) -> tuple[Any, ...]:
    return tuple(items(command(id=f"dd{number}") for number in numbers))


def test_something_new_rings_and_says_what_it_is(door: Door) -> None:
    door.watch.arrived.emit(arrived(1, 2))

    assert len(door.rung) == 1
    assert door.said[0].startswith("For you to decide: ")
    assert door.said[0].endswith(", and 1 more")


def test_with_the_sound_off_it_is_said_and_does_not_ring(door: Door) -> None:
    door.sound = False
    door.watch.arrived.emit(arrived(1))

    assert (door.rung, len(door.said)) == ([], 1)


def test_ten_that_come_within_three_seconds_ring_once(door: Door) -> None:
    for _ in range(10):
        door.watch.arrived.emit(arrived(1))
        door.now_us += 290_000
    assert len(door.rung) == 1

    door.now_us = NOW_US + 3_000_000
    door.watch.arrived.emit(arrived(2))
    assert len(door.rung) == 2


def test_the_tab_counts_what_is_mine(door: Door) -> None:
    door.watch.mine = arrived(1, 2, 3)
    door.watch.changed.emit()
    door.watch.mine = ()
    door.watch.changed.emit()

    assert door.counts == [3, 0]


def test_the_light_is_there_while_something_is_mine_and_says_when_it_ages() -> None:
    light: Callable[..., Any] = approvals_lights

    assert light(Waiting(anybody=4)) == ()
    assert light(Waiting(2, 4, 5 * MINUTE_US)) == (Light("Approvals", Tone.ATTENTION, "2 for you"),)
    assert light(Waiting(2, 4, 5 * MINUTE_US, ageing=True)) == (
        Light("Approvals", Tone.ATTENTION, "2 for you, oldest 5 min"),
    )
