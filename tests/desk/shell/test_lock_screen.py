"""What a locked desk shows and takes."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.commands.signed_in import Session
from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.lock_screen import ENTER_WORDS, LockScreen

DANA = Session(staff="dana", name="Dana <b>Novak</b>", role="head_dealer")


def test_it_says_who_is_away_and_where_in_plain_text(outer: QWidget, profile: Profile) -> None:
    outer.resize(800, 600)
    screen = LockScreen(outer, replace(profile, broker="Northwind", live=True), DANA)

    assert screen.person.text() == "Dana <b>Novak</b>, head dealer  ·  Northwind"
    assert screen.geometry() == outer.rect()
    assert outer.grab().toImage().pixelColor(4, 4).name().upper() == theme.DARK.alarm


def test_a_typed_password_leaves_its_field_at_once(outer: QWidget, profile: Profile, qtbot: QtBot) -> None:
    screen = LockScreen(outer, profile, DANA)
    asked: list[str] = []
    screen.unlock_asked.connect(asked.append)
    screen.password.setText("green tea leaves")
    screen.unlock_button.click()
    screen.unlock_button.click()

    assert asked == ["green tea leaves"]
    assert screen.password.text() == ""
    assert not screen.unlock_button.isEnabled()

    screen.show_trouble("The password is wrong.")
    assert screen.unlock_button.isEnabled()


def test_in_a_demonstration_enter_is_enough(outer: QWidget, profile: Profile) -> None:
    screen = LockScreen(outer, profile, Session(staff="dana", name="Dana", role="dealer", has_password=False))

    assert screen.password.placeholderText() == ENTER_WORDS
