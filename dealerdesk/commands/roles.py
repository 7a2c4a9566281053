"""The roles of staff, by what they are trusted with. Rights of each kind of command are said in `kinds`."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """The roles of staff, by what they are trusted with."""

    DEALER = "dealer"
    HEAD_DEALER = "head_dealer"
    BACK_OFFICE = "back_office"
    PAYMENTS = "payments"
    COMPLIANCE = "compliance"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"

    @property
    def words(self) -> str:
        """The role as people say it."""
        return self.value.replace("_", " ")
