"""Members of staff by name."""

from __future__ import annotations

from dealerdesk.desk.staff_names import staff_name, staff_name_and_id

PEOPLE = {"dana": "Dana Novak"}


def test_a_member_of_staff_is_called_by_name() -> None:
    assert staff_name(PEOPLE, "dana") == "Dana Novak"
    assert staff_name_and_id(PEOPLE, "dana") == "Dana Novak (dana)"


def test_who_is_no_member_of_staff_keeps_the_id() -> None:
    assert staff_name(PEOPLE, "setup") == staff_name_and_id(PEOPLE, "setup") == "setup"
