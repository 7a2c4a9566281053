"""The list of brokers."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot

from dealerdesk.config import FoundProfile, Profile
from dealerdesk.desk import theme
from dealerdesk.desk.profile_list import ProfileList, place_of

LIVE = Profile(name="a", broker="Northwind", live=True, database_url="postgresql://db.example:5432/x", endpoints=())
DEMO = Profile(name="b", database_url="sqlite:////tmp/b.db", endpoints=())


def listed(qtbot: QtBot, *profiles: Profile | None) -> ProfileList:
    found = [FoundProfile(Path("x.toml"), each, "" if each else "x.toml: broken") for each in profiles]
    made = ProfileList(found)
    qtbot.addWidget(made)
    made.resize(280, 200)
    return made


def test_where_a_profiles_database_lies_is_said_without_its_details() -> None:
    assert place_of(LIVE) == "the database at db.example"
    assert place_of(DEMO) == "a database on this machine"


def test_a_live_broker_is_told_from_a_demo_by_word_and_by_ground(qtbot: QtBot, dark: theme.Theme) -> None:
    brokers = listed(qtbot, LIVE, DEMO)
    picture = brokers.grab().toImage()
    colours = {picture.pixelColor(x, y).name().upper() for x in range(14, 22) for y in range(8, 20)}

    assert theme.DARK.alarm in colours
    assert [brokers.item(row).data(11) for row in (0, 1)] == ["LIVE Northwind", "DEMO b"]


def test_the_one_of_last_time_is_chosen_else_the_first_that_can_be_used(qtbot: QtBot, dark: theme.Theme) -> None:
    brokers = listed(qtbot, None, LIVE, DEMO)
    brokers.choose("b")
    assert brokers.current() is not None
    assert brokers.currentRow() == 2
    brokers.choose("gone")
    assert brokers.currentRow() == 1


def test_with_nothing_in_it_nothing_is_current(qtbot: QtBot, dark: theme.Theme) -> None:
    brokers = listed(qtbot)
    brokers.choose("b")

    assert brokers.current() is None
