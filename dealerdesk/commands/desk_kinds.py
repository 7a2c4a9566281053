"""The kinds of commands that the hub carries out in the database: staff, policies, clients, commands that were lost.

Who may ask, what they always need, their sentences, and whom they are about. What makes no sense stands in
`desk_checks`; what they do in `effects`.
"""

from __future__ import annotations

from typing import Any

from dealerdesk.clock import HOUR_US, MINUTE_US, from_us
from dealerdesk.commands import desk_checks as checks
from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    RateClient,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.kind import Executor, Kind
from dealerdesk.commands.records import Need
from dealerdesk.commands.roles import Role

TWO_PEOPLE = Need("always", "always takes a second person", 1, (Role.SUPERVISOR, Role.ADMINISTRATOR))
SUPERVISOR = Need("always", "always takes a supervisor", 1, (Role.SUPERVISOR,))
EVERYBODY = tuple(role for role in Role if role is not Role.AUDITOR)
StaffBody = AddStaff | ChangeRole | SetScopes | SetActive | MakeLogin | DropLogin
ClientBody = RateClient | SetContact | EraseClient


def subject_of(body: StaffBody) -> tuple[str, ...]:
    """The member of staff whom the body changes."""
    return (body.staff,)


def people_of_cover(body: CoverAbsence) -> tuple[str, ...]:
    """Who is away and who stands in."""
    return (body.absent, body.cover)


def client_of(body: ClientBody) -> int:
    """The client whom the body names."""
    return body.client_id


# -- sentences --------------------------------------------------------------------------------------------------


def scope_words(scopes: tuple[Scope, ...]) -> str:
    """«everything», «all of MT5», «group real on MT5 and all of MT4»."""
    return " and ".join(_one_scope(scope) for scope in scopes) or "nothing"


def _one_scope(scope: Scope) -> str:
    if scope.group:
        return f"group {scope.group} on {scope.server or 'every server'}"
    return f"all of {scope.server}" if scope.server else "everything"


def add_staff_title(_server: str, body: AddStaff, _currency: str) -> str:
    """«Take on carol (Carol Ferreira) as supervisor for everything, signing in as carol_db»."""
    login = f", signing in as {body.login}" if body.login else ""
    return f"Take on {body.staff} ({body.name}) as {body.role.words} for {scope_words(body.scopes)}{login}"


def change_role_title(_server: str, body: ChangeRole, _currency: str) -> str:
    """«Make ana a head dealer»."""
    return f"Make {body.staff} {body.role.a_words}"


def set_scopes_title(_server: str, body: SetScopes, _currency: str) -> str:
    """«Let ana see and act on all of MT5»."""
    return f"Let {body.staff} see and act on {scope_words(body.scopes)}"


def set_active_title(_server: str, body: SetActive, _currency: str) -> str:
    """«Let ana do nothing any more»."""
    return f"Let {body.staff} in again" if body.active else f"Let {body.staff} do nothing any more"


def make_login_title(_server: str, body: MakeLogin, _currency: str) -> str:
    """«Make the login ana_db for ana»."""
    return f"Make the login {body.login} for {body.staff}"


def drop_login_title(_server: str, body: DropLogin, _currency: str) -> str:
    """«Drop the login ana_db of ana»."""
    return f"Drop the login {body.login} of {body.staff}"


def set_policy_title(_server: str, body: SetPolicy, _currency: str) -> str:
    """«Put policy balance-large for change balance in force»."""
    when = f" from {from_us(body.effective_us):%d %b %Y %H:%M} UTC" if body.effective_us else ""
    of_kind = body.of_kind.replace("_", " ")
    if body.rule is None:
        return f"End policy {body.policy} for {of_kind}{when}"
    return f"Put a new version of policy {body.policy} for {of_kind} in force{when}"


def cover_absence_title(_server: str, body: CoverAbsence, _currency: str) -> str:
    """«Let ana decide for dana from 1 Nov 2026 08:00 to 2 Nov 2026 08:00 UTC»."""
    begin, end = from_us(body.from_us), from_us(body.until_us)
    return f"Let {body.cover} decide for {body.absent} from {begin:%d %b %Y %H:%M} to {end:%d %b %Y %H:%M} UTC"


def rate_client_title(_server: str, body: RateClient, _currency: str) -> str:
    """«Rate client 7 as high risk»."""
    return f"Rate client {body.client_id} as {body.rating.value} risk"


def set_contact_title(_server: str, body: SetContact, _currency: str) -> str:
    """«Set the bank account of client 7»; what it is stays encrypted."""
    return f"Set the {body.field.value.replace('_', ' ')} of client {body.client_id}"


def erase_client_title(_server: str, body: EraseClient, _currency: str) -> str:
    """«Erase client 7 for good»."""
    return f"Erase client {body.client_id} for good"


def settle_unknown_title(_server: str, body: SettleUnknown, _currency: str) -> str:
    """«Settle command dd12 as confirmed: seen on the platform»."""
    return f"Settle command {body.command_id} as {body.outcome.value}: {body.evidence}"


# -- the kinds --------------------------------------------------------------------------------------------------


def _kind(name: str, body: type[Any], may_request: tuple[Role, ...], **more: Any) -> Kind:
    terms: dict[str, Any] = {
        "waits_us": 72 * HOUR_US,
        "dispatch_within_us": 30 * MINUTE_US,
        "executor": Executor.DATABASE,
    }
    return Kind(name=name, body=body, may_request=frozenset(may_request), is_repeatable=False, **(terms | more))


def _staff_kind(name: str, body: type[Any], **more: Any) -> Kind:
    about: dict[str, Any] = {"always": TWO_PEOPLE, "subjects": subject_of, "moves_money_or_risk": False}
    return _kind(name, body, (Role.ADMINISTRATOR,), **about, **more)


DESK_KINDS = (
    _staff_kind("add_staff", AddStaff, title=add_staff_title, check=checks.add_staff),
    _staff_kind("change_role", ChangeRole, title=change_role_title, check=checks.change_role),
    _staff_kind("set_scopes", SetScopes, title=set_scopes_title, check=checks.set_scopes),
    _staff_kind("set_active", SetActive, title=set_active_title, check=checks.set_active),
    _staff_kind("make_login", MakeLogin, title=make_login_title, check=checks.make_login),
    _staff_kind("drop_login", DropLogin, title=drop_login_title, check=checks.drop_login),
    _kind(
        "set_policy",
        SetPolicy,
        (Role.SUPERVISOR,),
        always=TWO_PEOPLE,
        title=set_policy_title,
        check=checks.set_policy,
        moves_money_or_risk=False,
    ),
    _kind(
        "cover_absence",
        CoverAbsence,
        EVERYBODY,
        always=TWO_PEOPLE,
        title=cover_absence_title,
        check=checks.cover_absence,
        subjects=people_of_cover,
        may_ask_for_oneself=True,
        moves_money_or_risk=False,
    ),
    _kind(
        "rate_client",
        RateClient,
        (Role.COMPLIANCE,),
        title=rate_client_title,
        check=checks.rate_client,
        client_id=client_of,
    ),
    _kind(
        "set_contact",
        SetContact,
        (Role.BACK_OFFICE, Role.COMPLIANCE),
        title=set_contact_title,
        check=checks.set_contact,
        client_id=client_of,
    ),
    _kind(
        "erase_client",
        EraseClient,
        (Role.COMPLIANCE,),
        always=SUPERVISOR,
        title=erase_client_title,
        check=checks.erase_client,
        client_id=client_of,
    ),
    _kind(
        "settle_unknown",
        SettleUnknown,
        (Role.HEAD_DEALER, Role.BACK_OFFICE, Role.PAYMENTS, Role.SUPERVISOR),
        always=SUPERVISOR,
        title=settle_unknown_title,
        check=checks.settle_unknown,
    ),
)
