"""All kinds of commands that can be asked for. A new kind is one more row in `platform_kinds` or `desk_kinds`.

What needs approval beyond what a kind always needs is said by policies (`policy.py`), not here. The database has the
same table (`command_kinds`), written by its migrations, so that a change of it is a step of its own.
"""

from __future__ import annotations

from typing import Any

import msgspec

from dealerdesk.bridges.protocol import AnswerRequest, CommandBody, OpenAccount
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.desk_kinds import DESK_KINDS
from dealerdesk.commands.kind import Executor, Kind
from dealerdesk.commands.platform_kinds import PLATFORM_KINDS
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role

KINDS: dict[type[Any], Kind] = {kind.body: kind for kind in (*PLATFORM_KINDS, *DESK_KINDS)}
NAMED: dict[str, Kind] = {kind.name: kind for kind in KINDS.values()}


def kind_of(body: Body) -> Kind:
    """The kind of a body; raises Refused for one that cannot be asked for."""
    kind = KINDS.get(type(body))
    if kind is None:
        raise Refused(f"«{words(kind_name(body))}» cannot be asked for here")
    return kind


def kind_name(body: Body) -> str:
    """The kind of a body by name, such as set_book."""
    return str(msgspec.to_builtins(body)["kind"])


def words(kind: str) -> str:
    """A kind's name as people say it: «set book»."""
    return kind.replace("_", " ")


def is_repeatable(body: Body) -> bool:
    """Whether the command may be sent again when the bridge says that it never got it."""
    kind = KINDS.get(type(body))
    return kind is not None and kind.is_repeatable


def is_of_database(kind: str) -> bool:
    """Whether commands of this kind are carried out in the database rather than by a bridge."""
    return kind in NAMED and NAMED[kind].executor is Executor.DATABASE


def bridge_body(body: Body) -> CommandBody:
    """The body as one for a bridge; raises TypeError for one that no bridge may ever see."""
    kind = KINDS.get(type(body))
    if isinstance(body, CommandBody) and (kind is None or kind.executor is Executor.BRIDGE):
        return body
    raise TypeError(f"not for a bridge: {kind_name(body)}")


def title(server: str, body: Body, currency: str = "") -> str:
    """What the body asks for, as a sentence from its own terms; `currency` is the account's, if known."""
    if isinstance(body, AnswerRequest):
        return f"Answer request {body.request_id} on {server}: {body.verb.value}"
    return kind_of(body).title(server, body, currency)


def may_decide(role: Role, kind: Kind) -> bool:
    """Whether a role may decide commands of this kind at all, whatever a policy says."""
    match role:
        case Role.AUDITOR:
            return False
        case Role.ADMINISTRATOR:
            return not kind.moves_money_or_risk
        case _:
            return True


def payload_to_tell(body: Body) -> str:
    """The payload for the audit log, canonical JSON: without a client's name, which must not outlive their erasure."""
    return canonical(msgspec.structs.replace(body, name="") if isinstance(body, OpenAccount) else body)
