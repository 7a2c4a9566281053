"""Who may see what is personal of a client: rights by role and field, as data. No SQL, and nothing is read here.

A field is plain to those whose daily work it is, opened one at a time with a reason by those who need it now and then,
and shut to everybody else. Every opening is recorded, whoever opens (`unmask`).
"""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType

from dealerdesk.commands.roles import Role


class PersonalField(StrEnum):
    """What is known of a client that not everybody may see."""

    NAME = "name"
    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    TAX_ID = "tax_id"

    @property
    def words(self) -> str:
        """The field as people say it."""
        return self.value.replace("_", " ").replace("tax id", "tax number")


class Access(StrEnum):
    """How far a role may see a field."""

    PLAIN = "plain"
    """Without giving a reason."""
    REASON = "reason"
    """One client at a time, with a reason."""
    NEVER = "never"


_EVERYDAY = (PersonalField.ADDRESS, PersonalField.EMAIL, PersonalField.PHONE)
_NAME_PLAIN = {PersonalField.NAME: Access.PLAIN}
_ALL_BY_REASON = dict.fromkeys(PersonalField, Access.REASON)

RIGHTS: MappingProxyType[Role, dict[PersonalField, Access]] = MappingProxyType(
    {
        Role.DEALER: {},
        Role.HEAD_DEALER: {PersonalField.NAME: Access.REASON},
        Role.BACK_OFFICE: _NAME_PLAIN | dict.fromkeys(_EVERYDAY, Access.PLAIN),
        Role.PAYMENTS: _NAME_PLAIN | {PersonalField.BANK_ACCOUNT: Access.REASON},
        Role.COMPLIANCE: _ALL_BY_REASON | _NAME_PLAIN,
        Role.SUPERVISOR: _ALL_BY_REASON | _NAME_PLAIN,
        Role.AUDITOR: _NAME_PLAIN,
        Role.ADMINISTRATOR: {},
    }
)
"""What is not said is shut."""


def access(role: Role, field: PersonalField) -> Access:
    """How far a role may see a field."""
    return RIGHTS[role].get(field, Access.NEVER)


def sees_names(role: Role) -> bool:
    """Whether the role reads all clients' names from the database."""
    return access(role, PersonalField.NAME) is Access.PLAIN


def openable(role: Role) -> tuple[PersonalField, ...]:
    """The fields that a role may open one at a time: everything it may see but a name that it sees anyway."""
    allowed = (field for field in PersonalField if access(role, field) is not Access.NEVER)
    return tuple(field for field in allowed if field is not PersonalField.NAME or not sees_names(role))
