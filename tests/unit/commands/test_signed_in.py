from __future__ import annotations

import pytest

from dealerdesk.commands.signed_in import EVERYTHING, Session, Turned


def test_a_role_is_shown_as_people_say_it() -> None:
    assert Session(staff="dana", name="Dana Novak", role="head_dealer").role_words == "head dealer"


def test_nobody_is_taken_for_held_to_their_role_by_the_database_unless_it_says_so() -> None:
    session = Session(staff="dana", name="Dana Novak", role="head_dealer")

    assert not session.is_enforced
    assert session.scopes == EVERYTHING == (("", ""),)


def test_a_session_holds_no_password() -> None:
    assert not [name for name in Session.__slots__ if "password" in name and name != "has_password"]
    with pytest.raises(TypeError):
        Session(staff="dana", name="Dana", role="dealer", password="tea")  # type: ignore[call-arg]


def test_who_is_turned_away_need_not_wait_unless_that_is_the_reason() -> None:
    assert Turned("The password is wrong.").locked_until_us == 0
