"""Who works at the demonstration's broker."""

from __future__ import annotations

from dealerdesk.commands.roles import Role
from dealerdesk.store.demo_staff import PEOPLE


def test_every_role_can_be_tried_by_somebody() -> None:
    assert sorted(role for _id, _name, role in PEOPLE) == sorted(Role)


def test_nobody_is_taken_for_somebody_else() -> None:
    assert len({person for person, _name, _role in PEOPLE}) == len(PEOPLE)
    assert len({name for _id, name, _role in PEOPLE}) == len(PEOPLE)
