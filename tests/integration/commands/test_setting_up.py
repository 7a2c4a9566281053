"""What is done from the command line stands in the audit log, under names that nobody can write under."""

from __future__ import annotations

import pytest
from office import NOW_US, Office

from dealerdesk.commands.audit import history_of
from dealerdesk.commands.setting_up import note_remade, note_set_up
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.remade_logins import Remade


def told(office: Office, subject: str) -> list[tuple[str, str, dict[str, object]]]:
    with reading(office.engine) as connection:
        return [(entry.actor, entry.action, entry.after) for entry in history_of(connection, subject)]


def test_each_of_the_first_two_people_has_an_entry(office: Office) -> None:
    with writing(office.engine) as connection:
        note_set_up(connection, "gina", "supervisor", NOW_US)

    assert told(office, "gina") == [("setup", "set up", {"role": "supervisor"})]


@pytest.mark.parametrize(
    ("password", "actions"), [("", ["login remade"]), ("p", ["login remade", "first password set"])]
)
def test_a_login_that_was_made_anew_has_one_and_one_more_for_its_password(
    office: Office, password: str, actions: list[str]
) -> None:
    with writing(office.engine) as connection:
        note_remade(connection, Remade("gina_db", "gina", "command-7", password), NOW_US)

    after = {"command_id": "command-7", "staff": "gina"}
    assert told(office, "gina_db") == [("restore", action, after) for action in actions]
