"""Who may see what of a client: the whole matrix, and what follows from it."""

from __future__ import annotations

import pytest

from dealerdesk.commands.fields import Access, PersonalField, access, openable, sees_names
from dealerdesk.commands.roles import Role

# one letter a field: name, address, email, phone, bank account, tax number; P plain, R with a reason, - never
MATRIX = {
    Role.DEALER: "------",
    Role.HEAD_DEALER: "R-----",
    Role.BACK_OFFICE: "PPPP--",
    Role.PAYMENTS: "P---R-",
    Role.COMPLIANCE: "PRRRRR",
    Role.SUPERVISOR: "PRRRRR",
    Role.AUDITOR: "P-----",
    Role.ADMINISTRATOR: "------",
}
LETTERS = {"P": Access.PLAIN, "R": Access.REASON, "-": Access.NEVER}


@pytest.mark.parametrize("role", list(Role))
def test_the_matrix_is_as_written_here(role: Role) -> None:
    assert [access(role, field) for field in PersonalField] == [LETTERS[letter] for letter in MATRIX[role]]


def test_names_are_read_in_bulk_by_those_who_see_them_plainly_alone() -> None:
    assert {role for role in Role if sees_names(role)} == {
        Role.BACK_OFFICE,
        Role.PAYMENTS,
        Role.COMPLIANCE,
        Role.SUPERVISOR,
        Role.AUDITOR,
    }


def test_what_can_be_opened_leaves_out_a_name_that_is_seen_anyway() -> None:
    assert openable(Role.HEAD_DEALER) == (PersonalField.NAME,)
    assert openable(Role.PAYMENTS) == (PersonalField.BANK_ACCOUNT,)
    assert PersonalField.NAME not in openable(Role.SUPERVISOR)
    assert openable(Role.DEALER) == openable(Role.ADMINISTRATOR) == openable(Role.AUDITOR) == ()
