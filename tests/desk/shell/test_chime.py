"""The sound that ships with the desk, and who plays it."""

from __future__ import annotations

import wave

import pytest
from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication

from dealerdesk.assets import asset
from dealerdesk.desk import chime


def test_the_sound_is_short_and_every_player_can_play_it() -> None:
    with asset("resources", chime.SOUND).open("rb") as file, wave.open(file) as sound:
        seconds = sound.getnframes() / sound.getframerate()
        shape = (sound.getnchannels(), sound.getsampwidth())

    assert shape == (1, 2)
    assert 0.2 < seconds < 1.0


def test_the_first_player_that_is_there_plays_it(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[tuple[str, list[str]]] = []

    def start(program: str, arguments: list[str]) -> tuple[bool, int]:
        started.append((program, arguments))
        return True, 1

    monkeypatch.setattr(chime.sys, "platform", "linux")
    monkeypatch.setattr(chime, "which", lambda name: f"/usr/bin/{name}" if name == "aplay" else None)
    monkeypatch.setattr(QProcess, "startDetached", start)
    chime.play_sound()

    assert [(program, files[0].endswith("for-you.wav")) for program, files in started] == [("/usr/bin/aplay", True)]


def test_without_a_player_the_systems_bell_rings(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[bool] = []
    monkeypatch.setattr(chime.sys, "platform", "linux")
    monkeypatch.setattr(chime, "which", lambda _name: None)
    monkeypatch.setattr(QApplication, "beep", lambda: rung.append(True))
    chime.play_sound()

    assert rung == [True]
