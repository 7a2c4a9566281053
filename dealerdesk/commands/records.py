"""What a command is: its states, its record, and its refusal. No SQL."""

from __future__ import annotations

import secrets
from enum import StrEnum

import msgspec

from dealerdesk.commands.bodies import Body
from dealerdesk.commands.roles import Role


class Refused(Exception):  # noqa: N818 - it is an answer to a person, not a fault
    """The program declines to do something; the text is the sentence that the person reads."""


class Conflict(Refused):
    """The same command id was used for something else, or somebody else was first."""


class CommandState(StrEnum):
    """Where a command stands; the legal changes are `store.schema.TRANSITIONS`."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    DISPATCHED = "dispatched"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNKNOWN = "unknown"

    @property
    def is_final(self) -> bool:
        """Whether nothing more happens to it by itself."""
        return self not in OPEN_STATES


OPEN_STATES = frozenset({CommandState.REQUESTED, CommandState.APPROVED, CommandState.DISPATCHED})


class Need(msgspec.Struct, frozen=True):
    """What a policy asks for: so many approvals by people of one of the roles, and why, in words. Once the request has
    waited `escalate_after_s` seconds, people of `escalate_roles` may decide it too."""

    policy: str
    words: str
    approvals: int
    roles: tuple[Role, ...]
    escalate_after_s: int | None = None
    escalate_roles: tuple[Role, ...] = ()


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A command as the database has it. Times in µs UTC.

    `stage`, `code`, `result` and `ticket` are what the bridge answered last; `result` is also the hub's own sentence
    where there is no answer. `read_back` is the row (JSON) that the bridge read from the platform afterwards, of
    version `read_version`.
    """

    id: str
    kind: str
    server: str
    login: int | None
    body: Body
    payload_hash: str
    title: str
    reason: str
    requested_by: str
    requested_us: int
    expires_us: int
    expected_version: int | None
    approvals_needed: int
    needs: tuple[Need, ...]
    state: CommandState
    changed_us: int
    decided_by: str | None
    decided_us: int | None
    comment: str
    deadline_us: int | None
    dispatched_us: int | None
    dispatch_epoch: str | None
    sends: int
    stage: str
    code: str
    result: str
    ticket: str
    read_back: str | None
    read_version: int | None
    settled_us: int | None
    batch_id: str | None = None
    advised: str | None = None
    client_id: int | None = None
    group_name: str = ""
    origin: str = ""


def new_command_id() -> str:
    """A fresh id of 26 characters: it must fit the 31 that MT4 and MT5 keep of a comment or external id."""
    return f"dd{secrets.token_hex(12)}"
