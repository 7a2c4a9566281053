"""The bodies of commands that change the database rather than a trading server: staff, policies, clients, commands.

Typed once; their kind is the tag. Bodies that go to a bridge stand in `bridges.protocol`. No rules here.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

import msgspec

from dealerdesk.bridges.protocol import (
    AnswerRequest,
    ChangeBalance,
    ClosePosition,
    OpenAccount,
    SetBook,
    SetGroup,
    SetLeverage,
)
from dealerdesk.commands.roles import Role
from dealerdesk.trading import Book


class Rating(StrEnum):
    """How risky a client is, as compliance sees it."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    PROHIBITED = "prohibited"


class ContactField(StrEnum):
    """What is known of a client beyond the name; kept encrypted under the client's own key."""

    ADDRESS = "address"
    EMAIL = "email"
    PHONE = "phone"
    BANK_ACCOUNT = "bank_account"
    TAX_ID = "tax_id"


class Outcome(StrEnum):
    """What a person found that had become of a command that nobody knew about."""

    CONFIRMED = "confirmed"
    FAILED = "failed"


class Scope(msgspec.Struct, frozen=True, order=True):
    """Part of the firm: a server and a group of it; empty means every one."""

    server: str = ""
    group: str = ""


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """When a policy applies, and what it asks for. A condition that is left out always holds; all given must hold.

    `open_lots_min`: the account's open volume, both sides added up, in lots. `to_books`: the book asked for.
    `amounts_min`, `daily_totals_min`: currency → minor units, of the amount regardless of its sign, and of all that was
    asked for this client in that currency since midnight UTC, this one included; a currency that is not named always
    counts as above. `risks`: the client's rating, `unrated` where there is none. `deviates_from_advice`: there is
    advice for the account and it says something else. Once a request has waited `escalate_after_s` seconds,
    `escalate_roles` may decide it too.
    """

    servers: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    to_books: tuple[Book, ...] = ()
    open_lots_min: Decimal | None = None
    leverage_min: int | None = None
    amounts_min: dict[str, int] | None = None
    daily_totals_min: dict[str, int] | None = None
    risks: tuple[str, ...] = ()
    deviates_from_advice: bool = False
    approvals: int = 1
    roles: tuple[Role, ...] = (Role.SUPERVISOR,)
    escalate_after_s: int | None = None
    escalate_roles: tuple[Role, ...] = ()


class AddStaff(msgspec.Struct, frozen=True, tag_field="kind", tag="add_staff"):
    """A new person. `login` is the database role to be made for them, empty for none yet."""

    staff: str
    name: str
    role: Role
    scopes: tuple[Scope, ...] = (Scope(),)
    login: str = ""


class ChangeRole(msgspec.Struct, frozen=True, tag_field="kind", tag="change_role"):
    staff: str
    role: Role


class SetScopes(msgspec.Struct, frozen=True, tag_field="kind", tag="set_scopes"):
    staff: str
    scopes: tuple[Scope, ...]


class SetActive(msgspec.Struct, frozen=True, tag_field="kind", tag="set_active"):
    """Lets a person in again, or lets them do nothing any more, on connections still open too."""

    staff: str
    active: bool


class MakeLogin(msgspec.Struct, frozen=True, tag_field="kind", tag="make_login"):
    staff: str
    login: str


class DropLogin(msgspec.Struct, frozen=True, tag_field="kind", tag="drop_login"):
    staff: str
    login: str


class SetPolicy(msgspec.Struct, frozen=True, tag_field="kind", tag="set_policy"):
    """A new version of a policy for commands of `of_kind`, in force from `effective_us` (0: at once); without a rule
    the policy ends then."""

    policy: str
    of_kind: str
    rule: Rule | None
    effective_us: int = 0
    note: str = ""


class CoverAbsence(msgspec.Struct, frozen=True, tag_field="kind", tag="cover_absence"):
    """From then until then `cover` may decide what `absent` could, never what either of them asked for."""

    absent: str
    cover: str
    from_us: int
    until_us: int


class RateClient(msgspec.Struct, frozen=True, tag_field="kind", tag="rate_client"):
    client_id: int
    rating: Rating


class SetContact(msgspec.Struct, frozen=True, tag_field="kind", tag="set_contact"):
    """`token` is the value encrypted under the client's key (`commands.personal`)."""

    client_id: int
    field: ContactField
    token: str


class EraseClient(msgspec.Struct, frozen=True, tag_field="kind", tag="erase_client"):
    """Destroys the client's key and removes the name: all that was encrypted under it can never be read again."""

    client_id: int


class SettleUnknown(msgspec.Struct, frozen=True, tag_field="kind", tag="settle_unknown"):
    """What a person found had become of a command whose end nobody knew; `evidence` says where they looked."""

    command_id: str
    outcome: Outcome
    evidence: str


DeskBody = (
    AddStaff
    | ChangeRole
    | SetScopes
    | SetActive
    | MakeLogin
    | DropLogin
    | SetPolicy
    | CoverAbsence
    | RateClient
    | SetContact
    | EraseClient
    | SettleUnknown
)
Body = SetBook | SetGroup | SetLeverage | ChangeBalance | OpenAccount | ClosePosition | AnswerRequest | DeskBody
"""What a command may ask for: bodies for a bridge, and bodies for the database."""
