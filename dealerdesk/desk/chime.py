"""A short sound when something new is for this person to decide; the player of the system plays it.

Qt's own player is not part of what the desk ships with. Where no player is found, the system's bell rings.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib.resources import as_file
from shutil import which

from PySide6.QtCore import QProcess
from PySide6.QtWidgets import QApplication

from dealerdesk.assets import asset

SOUND = "sounds/for-you.wav"
PLAYERS = ("pw-play", "paplay", "aplay", "afplay")
"""What plays a WAV file when it is given one: PipeWire, PulseAudio, ALSA, macOS."""
SPACING_US = 3_000_000
"""Ten requests that come together ring once."""

Play = Callable[[], None]


class Chime:
    """Rings when told to, no oftener than every three seconds."""

    def __init__(self, clock: Callable[[], int], play: Play | None = None) -> None:
        self._clock = clock
        self._play = play if play is not None else play_sound
        self._rung_us = 0

    def ring(self) -> None:
        """Rings once, unless it just has."""
        now_us = self._clock()
        if now_us - self._rung_us >= SPACING_US:
            self._rung_us = now_us
            self._play()


def play_sound() -> None:
    """Plays the desk's sound without waiting for its end."""
    with as_file(asset("resources", SOUND)) as path:
        if sys.platform == "win32":
            import winsound

            winsound.PlaySound(str(path), winsound.SND_FILENAME | winsound.SND_ASYNC | winsound.SND_NODEFAULT)
            return
        player = next((found for name in PLAYERS if (found := which(name)) is not None), None)
        if player is None or not QProcess.startDetached(player, [str(path)])[0]:
            QApplication.beep()
