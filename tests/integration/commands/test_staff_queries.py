"""Who works here, and what is asked about each."""

from __future__ import annotations

import pytest
from office import Office

from dealerdesk.clock import HOUR_US
from dealerdesk.commands.bodies import AddStaff, ChangeRole, CoverAbsence, Scope
from dealerdesk.commands.effects import execute
from dealerdesk.commands.roles import Role
from dealerdesk.commands.staff_queries import Colleague, colleagues
from dealerdesk.store.engine import reading, writing


def by_id(office: Office) -> dict[str, Colleague]:
    with reading(office.engine) as connection:
        return {each.id: each for each in colleagues(connection, office.now_us)}


def test_everybody_has_role_scopes_and_logins(office: Office) -> None:
    office.hire("zoe", Role.DEALER, "MT5", "real", active=False)
    everybody = by_id(office)

    assert [each.name for each in everybody.values()] == sorted(each.name for each in everybody.values())
    assert (everybody["zoe"].role, everybody["zoe"].active) == ("dealer", False)
    assert everybody["zoe"].scopes == (Scope("MT5", "real"),)
    assert everybody["dana"].scopes == (Scope(),)
    assert everybody["dana"].logins == (("dana",) if office.has_logins else ())


def test_what_is_asked_stands_with_whom_it_is_about(office: Office) -> None:
    record = office.request("adam", ChangeRole(staff="ana", role=Role.HEAD_DEALER), server="")

    assert [each.id for each in by_id(office)["ana"].under_way] == [record.id]
    assert by_id(office)["adam"].under_way == ()


def test_somebody_who_is_asked_for_is_not_here_yet(office: Office) -> None:
    record = office.request("adam", AddStaff(staff="carl", name="Carl Roe", role=Role.AUDITOR), server="")
    carl = by_id(office)["carl"]

    assert (carl.name, carl.role, carl.is_here, carl.active) == ("Carl Roe", "auditor", False, False)
    assert [each.id for each in carl.under_way] == [record.id]


@pytest.mark.parametrize(("later_us", "shown"), [(0, True), (HOUR_US, False)])
def test_covers_are_shown_until_they_end(office: Office, later_us: int, shown: bool) -> None:
    office.hire("sue", Role.SUPERVISOR)
    until_us = office.now_us + HOUR_US
    body = CoverAbsence(absent="carol", cover="adam", from_us=office.now_us, until_us=until_us)
    record = office.approve("sue", office.request("carol", body, server=""))
    with writing(office.engine) as connection:
        execute(connection, record.id, office.now_us)

    office.now_us += later_us
    everybody = by_id(office)
    assert everybody["adam"].covers_for == ((("carol", until_us),) if shown else ())
    assert everybody["carol"].covered_by == ((("adam", until_us),) if shown else ())
