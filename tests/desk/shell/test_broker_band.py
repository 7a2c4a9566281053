"""LIVE is red in both themes and readable; DEMO is neither red nor loud."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.broker_band import BrokerBand, live_ground, live_ink


def test_live_is_alarm_red_in_both_themes_and_readable(qtbot: QtBot, qapp: QApplication, profile: Profile) -> None:
    for look in (theme.LIGHT, theme.DARK):
        theme.apply(qapp, look)
        band = BrokerBand(replace(profile, live=True, broker="Northwind"))
        qtbot.addWidget(band)
        band.resize(600, 22)

        assert band.grab().toImage().pixelColor(2, 2).name().upper() == look.alarm
        assert theme.contrast(live_ground(look).name(), live_ink(look).name()) >= 4.5


def test_a_brokers_name_is_plain_text_in_one_line(qtbot: QtBot, dark: theme.Theme, profile: Profile) -> None:
    band = BrokerBand(replace(profile, broker="<b>North\nwind</b>"))
    qtbot.addWidget(band)

    assert band.words == "DEMO  ·  <b>North wind</b>  ·  no real money"
    assert band.accessibleName() == band.words
