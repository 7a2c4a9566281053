"""The Policies panel and its form, by keyboard, over a real database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.bodies import ChangeRole, Rule, SetPolicy
from dealerdesk.commands.roles import Role
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.policies import PoliciesPanel

from .office_library import OfficeLibrary
from .small_broker import NOW_US, Spoken

LARGE = ("set-book-large-account", 1)


@pytest.fixture
def office(tmp_path: Path, spoken: Spoken) -> Iterator[OfficeLibrary]:
    made = OfficeLibrary(tmp_path, "carol")
    made.clock = spoken.clock
    yield made
    made.engine.dispose()


Opened = Callable[..., PoliciesPanel]


@pytest.fixture
def opened(show: Any, desk: Desk, office: OfficeLibrary) -> Opened:
    def make(who: str = "carol", role: str = "supervisor") -> PoliciesPanel:
        on = replace(desk, library=office, role=role, who=who)  # type: ignore[arg-type]
        return show(PoliciesPanel, 1200, 700, on)

    return make


def test_the_policies_in_force_are_listed_and_one_is_shown_whole(opened: Opened) -> None:
    panel = opened()

    assert LARGE in panel.versions
    assert panel.header.facts.text().endswith("in force")
    panel.table.select_key(LARGE)
    assert "Open lots from: 50" in panel.sheet.text()


def test_a_new_version_is_asked_for_with_the_terms_that_stand_now(
    opened: Opened, office: OfficeLibrary, qtbot: QtBot
) -> None:
    panel = opened()
    panel.table.select_key(LARGE)
    qtbot.keyClick(panel.table, Qt.Key.Key_V)
    form = panel.form
    assert not form.lines["policy"].isEnabled()
    form.lines["open_lots_min"].clear()
    qtbot.keyClicks(form.lines["open_lots_min"], "80")
    qtbot.keyClicks(form.line, "too many questions")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)

    (body,) = office.under_way()
    assert isinstance(body, SetPolicy)
    assert (body.policy, body.of_kind, body.effective_us) == ("set-book-large-account", "set_book", 0)
    assert body.rule == Rule(open_lots_min=Decimal(80))
    assert panel.header.facts.text().startswith("1 change under way")
    assert panel.table.hasFocus()


def test_a_new_policy_may_take_effect_later(opened: Opened, office: OfficeLibrary, qtbot: QtBot) -> None:
    panel = opened()
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    form = panel.form
    assert form.lines["policy"].hasFocus()
    qtbot.keyClicks(form.lines["policy"], "careful")
    form.of_kind.setCurrentIndex(form.of_kind.findData("set_leverage"))
    qtbot.keyClicks(form.lines["effective"], "2026-04-01")
    qtbot.keyClicks(form.line, "season")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)

    (body,) = office.under_way()
    assert isinstance(body, SetPolicy)
    assert (body.policy, body.of_kind) == ("careful", "set_leverage")
    assert body.effective_us == NOW_US + 21 * 86_400_000_000 - 10 * 3_600_000_000


def test_ending_a_policy_asks_for_no_rule(opened: Opened, office: OfficeLibrary, qtbot: QtBot) -> None:
    panel = opened()
    panel.table.select_key(LARGE)
    qtbot.keyClick(panel.table, Qt.Key.Key_X)
    assert not panel.form.form["terms"].isVisible()
    qtbot.keyClicks(panel.form.line, "no longer needed")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)

    (body,) = office.under_way()
    assert isinstance(body, SetPolicy)
    assert body.rule is None


def test_a_rule_is_tried_on_the_past_month_before_it_is_asked_for(
    opened: Opened, office: OfficeLibrary, qtbot: QtBot, spoken: Spoken
) -> None:
    office.ask("adam", "", ChangeRole(staff="ana", role=Role.HEAD_DEALER), "grown", "dd-command-1")
    panel = opened()
    spoken.now_us += 1
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    panel.form.of_kind.setCurrentIndex(panel.form.of_kind.findData("change_role"))
    qtbot.mouseClick(panel.form.replay, Qt.MouseButton.LeftButton)

    assert "It would have stopped 1 command until somebody had approved." in panel.sheet.text()
    assert office.under_way() == [ChangeRole(staff="ana", role=Role.HEAD_DEALER)]


def test_what_cannot_be_read_is_said_and_nothing_is_asked(opened: Opened, office: OfficeLibrary, qtbot: QtBot) -> None:
    panel = opened()
    panel.table.select_key(LARGE)
    qtbot.keyClick(panel.table, Qt.Key.Key_V)
    panel.form.lines["roles"].setText("boss")
    qtbot.keyClicks(panel.form.line, "because")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)
    assert panel.form.answer.text().startswith("boss is no role")

    panel.form.lines["roles"].setText("supervisor")
    panel.form.lines["effective"].setText("2020-01-01")
    qtbot.keyClick(panel.form.line, Qt.Key.Key_Return)
    assert panel.form.answer.text() == "That has passed: leave it empty to put it in force at once."
    assert office.under_way() == []


def test_others_read_the_policies_and_try_them_but_ask_for_nothing(opened: Opened, qtbot: QtBot) -> None:
    panel = opened("dana", "head_dealer")
    panel.table.select_key(LARGE)
    qtbot.keyClick(panel.table, Qt.Key.Key_V)
    assert not panel.form.isVisible()
    qtbot.keyClick(panel.table, Qt.Key.Key_W)

    assert "Nothing: no command of that time would have been stopped by it." in panel.sheet.text()


def test_in_a_low_dock_every_field_of_the_form_is_reached_by_tab_and_the_reason_stays_in_sight(
    show: Any, desk: Desk, office: OfficeLibrary, qtbot: QtBot
) -> None:
    on = replace(desk, library=office, role="supervisor", who="carol")  # type: ignore[arg-type]
    panel = show(PoliciesPanel, 680, 190, on)
    qtbot.keyClick(panel.table, Qt.Key.Key_N)
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    seen = []
    for _ in range(22):
        field = panel.window().focusWidget()
        seen.append(field.objectName())
        assert field.visibleRegion().boundingRect().height() >= min(15, field.height()), field.objectName()
        qtbot.keyClick(field, Qt.Key.Key_Tab)

    assert {"policy", "servers", "daily_totals_min", "note", "reason"} <= set(seen)
    assert panel.rect().contains(panel.form.line.mapTo(panel, panel.form.line.rect().bottomRight()))


def test_the_pages_say_who_asked_by_name(opened: Opened, desk: Desk, office: OfficeLibrary) -> None:
    body = SetPolicy(policy="new", of_kind="set_book", rule=Rule())
    office.ask("carol", "", body, "tried out", "dd-policy-name")
    panel = opened()
    panel.table.select_key("dd-policy-name")
    assert "Asked by: carol" in panel.sheet.text()

    desk.inbox.reload()
    assert "Asked by: Carol Ferreira (carol)" in panel.sheet.text()
