"""The strip in which one changes one's own password, by keyboard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.desk import kept_password
from dealerdesk.desk.password_strip import CHANGED, CHANGED_AND_KEPT, DIFFERENT, MISSING, PasswordStrip


class ChangingLibrary:
    """Takes every change, or answers `refusal`, or raises `trouble`."""

    def __init__(self) -> None:
        self.session = SimpleNamespace(login="ana")
        self.asked_for: list[tuple[str, str]] = []
        self.refusal = ""
        self.trouble: OSError | None = None

    def change_password(self, old: str, new: str) -> str:
        self.asked_for.append((old, new))
        return self.refusal

    async def answer(self, ask: Callable[[Any], str]) -> str:
        if self.trouble is not None:
            raise self.trouble
        return ask(self)


class Scene:
    """The strip over a window with one field, its library, what was notified and what the keyring holds."""

    def __init__(self, outer: QWidget) -> None:
        self.library = ChangingLibrary()
        self.notes: list[str] = []
        self.kept: dict[str, str] = {}
        self.field = QLineEdit()
        QVBoxLayout(outer).addWidget(self.field)
        self.strip = PasswordStrip(outer, self.library, "firm", self.run, self.notes.append)  # type: ignore[arg-type]

    def run(self, work: Coroutine[object, object, None]) -> None:
        asyncio.run(work)


@pytest.fixture
def scene(outer: QWidget, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Scene:
    made = Scene(outer)
    outer.resize(900, 500)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)
    made.field.setFocus()
    monkeypatch.setattr(kept_password, "kept", lambda _profile, person: made.kept.get(person))

    def keep(_profile: str, person: str, password: str) -> str:
        made.kept[person] = password
        return ""

    monkeypatch.setattr(kept_password, "keep", keep)
    made.strip.open()
    return made


def fill(scene: Scene, qtbot: QtBot, old: str, fresh: str, again: str) -> None:
    for field, words in zip((scene.strip.old, scene.strip.fresh, scene.strip.again), (old, fresh, again), strict=True):
        field.clear()
        qtbot.keyClicks(field, words)
    qtbot.keyClick(scene.strip.again, Qt.Key.Key_Return)


def test_it_is_changed_and_the_focus_goes_back(scene: Scene, qtbot: QtBot) -> None:
    assert scene.strip.old.hasFocus()
    fill(scene, qtbot, "the old one", "a new password", "a new password")

    assert scene.library.asked_for == [("the old one", "a new password")]
    assert scene.notes == [CHANGED]
    assert not scene.strip.isVisible()
    assert scene.field.hasFocus()
    assert scene.kept == {}


def test_a_remembered_password_is_changed_in_the_keyring_too(scene: Scene, qtbot: QtBot) -> None:
    scene.kept["ana"] = "the old one"
    fill(scene, qtbot, "the old one", "a new password", "a new password")

    assert scene.kept == {"ana": "a new password"}
    assert scene.notes == [CHANGED_AND_KEPT]


def test_nothing_is_asked_before_the_fields_agree(scene: Scene, qtbot: QtBot) -> None:
    fill(scene, qtbot, "", "a new password", "a new password")
    assert scene.strip.answer.text() == MISSING
    assert scene.strip.old.hasFocus()

    fill(scene, qtbot, "the old one", "a new password", "a new pasword")
    assert scene.strip.answer.text() == DIFFERENT
    assert scene.strip.again.hasFocus()
    assert scene.library.asked_for == []


def test_a_refusal_is_said_and_nothing_typed_stays(scene: Scene, qtbot: QtBot) -> None:
    scene.library.refusal = "The old password is wrong."
    fill(scene, qtbot, "not the old one", "a new password", "a new password")

    assert scene.strip.answer.text() == "The old password is wrong."
    assert [field.text() for field in (scene.strip.old, scene.strip.fresh, scene.strip.again)] == ["", "", ""]
    assert scene.notes == []


def test_a_lost_answer_says_that_it_may_be_changed(scene: Scene, qtbot: QtBot) -> None:
    scene.library.trouble = ConnectionError("cut")
    fill(scene, qtbot, "the old one", "a new password", "a new password")

    assert scene.strip.answer.text() == "Not known whether it is changed, try the new one first: cut"


def test_escape_and_a_lock_take_away_what_was_typed(scene: Scene, qtbot: QtBot) -> None:
    qtbot.keyClicks(scene.strip.old, "the old one")
    qtbot.keyClick(scene.strip.old, Qt.Key.Key_Escape)
    assert not scene.strip.isVisible()
    assert scene.strip.old.text() == ""

    scene.strip.open()
    qtbot.keyClicks(scene.strip.old, "the old one")
    scene.strip.setEnabled(False)
    assert not scene.strip.isVisible()
    assert scene.strip.old.text() == ""
