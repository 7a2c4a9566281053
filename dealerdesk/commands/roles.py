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
        """The role as people say it, of one person: «payments officer»."""
        return _WORDS.get(self, self.value.replace("_", " "))

    @property
    def a_words(self) -> str:
        """The role with its article: «an auditor»."""
        return a(self.words)


def a(words: str) -> str:
    """Words with their article: «an auditor»."""
    return f"an {words}" if words.startswith("a") else f"a {words}"


def role_words(name: str) -> str:
    """A role's words by its name in the database; a name that is none of ours as it stands."""
    return Role(name).words if name in frozenset(Role) else name.replace("_", " ")


_WORDS = {
    Role.BACK_OFFICE: "back office clerk",
    Role.PAYMENTS: "payments officer",
    Role.COMPLIANCE: "compliance officer",
}
"""The roles that are called after a department."""
