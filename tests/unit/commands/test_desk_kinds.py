from __future__ import annotations

import pytest

from dealerdesk.clock import DAY_US, HOUR_US
from dealerdesk.commands.bodies import (
    AddStaff,
    Body,
    ChangeRole,
    ContactField,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    Outcome,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.kinds import kind_of, title
from dealerdesk.commands.roles import Role

RULE = Rule()
SCOPES = (Scope("MT5", "real"), Scope("MT4"))
COVER = CoverAbsence(absent="dana", cover="ana", from_us=8 * HOUR_US, until_us=DAY_US + 17 * HOUR_US)


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            AddStaff(staff="eva", name="Eva Lund", role=Role.AUDITOR),
            "Take on eva (Eva Lund) as auditor for everything",
        ),
        (
            AddStaff(staff="eva", name="Eva", role=Role.DEALER, scopes=SCOPES, login="eva_db"),
            "Take on eva (Eva) as dealer for group real on MT5 and all of MT4, signing in as eva_db",
        ),
        (ChangeRole(staff="ana", role=Role.AUDITOR), "Make ana an auditor"),
        (ChangeRole(staff="ana", role=Role.HEAD_DEALER), "Make ana a head dealer"),
        (SetScopes(staff="ana", scopes=(Scope(group="real"),)), "Let ana see and act on group real on every server"),
        (SetActive(staff="ana", active=True), "Let ana in again"),
        (SetActive(staff="ana", active=False), "Let ana do nothing any more"),
        (MakeLogin(staff="ana", login="ana_db"), "Make the login ana_db for ana"),
        (DropLogin(staff="ana", login="ana_db"), "Drop the login ana_db of ana"),
        (
            SetPolicy(policy="large", of_kind="set_book", rule=RULE),
            "Put a new version of policy large for set book in force",
        ),
        (
            SetPolicy(policy="large", of_kind="set_book", rule=None, effective_us=DAY_US),
            "End policy large for set book from 02 Jan 1970 00:00 UTC",
        ),
        (COVER, "Let ana decide for dana from 01 Jan 1970 08:00 to 02 Jan 1970 17:00 UTC"),
        (RateClient(client_id=7, rating=Rating.HIGH), "Rate client 7 as high risk"),
        (SetContact(client_id=7, field=ContactField.BANK_ACCOUNT, token="t"), "Set the bank account of client 7"),
        (EraseClient(client_id=7), "Erase client 7 for good"),
        (
            SettleUnknown(command_id="dd12", outcome=Outcome.FAILED, evidence="no such deal"),
            "Settle command dd12 as failed: no such deal",
        ),
    ],
)
def test_a_title_is_a_sentence_from_the_bodys_own_terms(body: Body, sentence: str) -> None:
    assert title("", body) == sentence


def test_a_command_on_staff_is_about_the_one_it_changes() -> None:
    body = ChangeRole(staff="ana", role=Role.AUDITOR)

    assert kind_of(body).subjects(body) == ("ana",)
    assert not kind_of(body).may_ask_for_oneself


def test_an_absence_is_about_both_and_the_absent_one_may_ask() -> None:
    assert kind_of(COVER).subjects(COVER) == ("dana", "ana")
    assert kind_of(COVER).may_ask_for_oneself


def test_commands_on_clients_name_the_client() -> None:
    body = RateClient(client_id=7, rating=Rating.LOW)

    assert kind_of(body).client_id(body) == 7
    assert kind_of(COVER).client_id(COVER) is None
