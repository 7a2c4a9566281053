"""The door: a window in the middle, and who came through it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.commands.signed_in import Session
from dealerdesk.config import FoundProfile, Profile, Secret
from dealerdesk.desk import door, kept_password, sign_in
from dealerdesk.desk.access import Access
from dealerdesk.desk.sign_in import SignInWindow

PROFILE = Profile(name="northwind", database_url="sqlite:///a", endpoints=(), staff="dana")
FOUND = [FoundProfile(Path("northwind.toml"), PROFILE)]


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot) -> None:
    monkeypatch.setattr(door, "user_folder", lambda name: tmp_path / "desks" / name)
    monkeypatch.setattr(kept_password, "is_possible", lambda: False)
    monkeypatch.setattr(kept_password, "kept", lambda _profile, _person: None)
    monkeypatch.setattr(sign_in, "_needs_people", lambda _profile: False)


def admit(profile: Profile, person: str, secret: Secret, _clock: object) -> Access:
    return Access(profile, Session(staff=person, name=person, role="dealer", login=person), secret)


def when_shown(monkeypatch: pytest.MonkeyPatch, deed: str) -> None:
    """Types a password, or closes the window, once it stands."""

    def place(window: SignInWindow) -> None:
        if deed == "close":
            sign_in.asyncio.get_running_loop().call_later(0.05, window.close)
        else:
            window.password.setText("green tea leaves")
            sign_in.asyncio.get_running_loop().call_later(0.05, window.enter.click)

    monkeypatch.setattr(door, "place_in_the_middle", place)


def test_who_signs_in_comes_through_and_the_window_is_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in, "_admit", admit)
    when_shown(monkeypatch, "enter")

    access = door.sign_in(FOUND)

    assert access is not None
    assert access.session.staff == "dana"
    assert not [widget for widget in QApplication.topLevelWidgets() if isinstance(widget, SignInWindow)]


def test_a_closed_window_lets_nobody_in(monkeypatch: pytest.MonkeyPatch) -> None:
    when_shown(monkeypatch, "close")

    assert door.sign_in(FOUND) is None
