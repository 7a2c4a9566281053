"""Changing one's own password: the old one is proved, the new one is fit, and both outcomes are on record."""

from __future__ import annotations

import pytest
from office import NOW_US, Office

from dealerdesk.commands.audit import history_of
from dealerdesk.commands.own_password import change_own_password
from dealerdesk.commands.signed_in import Session
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.passwords import FAILURES_BEFORE_LOCK, Outcome, check_password, set_password

OLD, NEW = "seven green bicycles", "eleven quiet harbours"
DANA = Session(staff="dana", name="Dana Ivanova", role="head_dealer", login="dana")

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""People on PostgreSQL change that of their own role, which is tried as that role elsewhere."""


@pytest.fixture
def place(office: Office) -> Office:
    with writing(office.engine) as connection:
        set_password(connection, "dana", OLD, NOW_US)
    return office


def changed(place: Office, old: str, new: str) -> str:
    with writing(place.engine) as connection:
        return change_own_password(connection, DANA, old, new, NOW_US, "desk 7")


def holds(place: Office, password: str) -> bool:
    with writing(place.engine) as connection:
        return check_password(connection, "dana", password, NOW_US).outcome is Outcome.RIGHT


def actions(place: Office) -> list[tuple[str, str]]:
    with reading(place.engine) as connection:
        return [(entry.action, entry.actor) for entry in history_of(connection, "dana")]


def test_the_new_password_holds_and_the_old_one_no_longer_and_neither_is_on_record(place: Office) -> None:
    assert changed(place, OLD, NEW) == ""

    assert (holds(place, NEW), holds(place, OLD)) == (True, False)
    assert actions(place) == [("setting changed", "dana")]
    with reading(place.engine) as connection:
        written = str(history_of(connection, "dana"))
    assert NEW not in written
    assert OLD not in written


def test_a_wrong_old_password_changes_nothing_and_is_on_record(place: Office) -> None:
    assert changed(place, "guessed wrongly twice", NEW) == "The old password is wrong."

    assert holds(place, OLD)
    assert actions(place) == [("password change refused", "dana")]


def test_guessing_the_old_password_locks_it_as_signing_in_does(place: Office) -> None:
    said = [changed(place, f"guess number {number}", NEW) for number in range(FAILURES_BEFORE_LOCK + 1)]

    assert said[-1].startswith("dana is locked until ")
    assert not holds(place, NEW)


@pytest.mark.parametrize(("new", "words"), [("short", "."), (OLD, "The new password is the old one.")])
def test_an_unfit_password_is_not_taken_and_says_why(place: Office, new: str, words: str) -> None:
    assert changed(place, OLD, new).endswith(words)

    assert holds(place, OLD)
    assert actions(place) == []
