"""The top strip."""

from __future__ import annotations

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import live_ground
from dealerdesk.desk.strip import TopStrip


def strip_of(qtbot: QtBot, profile: Profile, who: str = "dana") -> TopStrip:
    strip = TopStrip(profile, who, "head_dealer")
    qtbot.addWidget(strip)
    strip.resize(1366, strip.height())
    return strip


def test_a_live_broker_looks_unmistakably_different_from_a_demo(qtbot: QtBot, profile: Profile) -> None:
    demo = strip_of(qtbot, profile)
    live = strip_of(qtbot, replace(profile, name="acme", live=True))

    assert (demo.badge.text, live.badge.text) == ("DEMO", "LIVE")
    assert "acme" in live.person.text()
    assert live.height() > demo.height()
    top_left = live.grab().toImage().pixelColor(2, 1)
    assert top_left == live_ground(theme.current())
    assert top_left != demo.grab().toImage().pixelColor(2, 1)


def test_a_name_cannot_write_itself_into_the_strip(qtbot: QtBot, profile: Profile) -> None:
    strip = strip_of(qtbot, profile, who="<b>da\nna</b>\u202e")

    assert "<b>da na</b>" in strip.person.text()
    assert "\u202e" not in strip.person.text()


def test_choosing_a_tab_names_the_workspace_and_marking_one_does_not(qtbot: QtBot, profile: Profile) -> None:
    strip = strip_of(qtbot, profile)
    chosen: list[str] = []
    strip.workspace_chosen.connect(chosen.append)

    strip.show_workspace("compliance")
    assert strip.tabs.tabText(strip.tabs.currentIndex()) == "Compliance"
    assert chosen == []

    strip.tabs.setCurrentIndex(3)
    assert chosen == ["supervisor"]


def test_a_role_is_called_as_everywhere_else(qtbot: QtBot, profile: Profile) -> None:
    strip = TopStrip(profile, "Cleo Marin", "compliance")
    qtbot.addWidget(strip)

    assert strip.person.text() == "demo · Cleo Marin · compliance officer"


def test_a_brokers_own_trial_is_called_by_its_name_and_not_simulated(qtbot: QtBot, profile: Profile) -> None:
    trial = strip_of(qtbot, replace(profile, name="acme-trial", broker="Acme trial"))

    assert (trial.badge.text, trial.person.text()) == ("DEMO", "Acme trial · dana · head dealer")
