"""What a command is: its states, its record, and its refusal. No SQL."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from enum import StrEnum

import msgspec

from dealerdesk.clock import SECOND_US
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.canonical import batch_hash
from dealerdesk.commands.roles import Role


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """What a person tried and was refused, for the audit log."""

    action: str
    who: str
    subject: str
    at_us: int
    server: str = ""
    kind: str = ""
    origin: str = ""
    terms: dict[str, str | int | None] = {}


class Refused(Exception):  # noqa: N818 - it is an answer to a person, not a fault
    """The program declines to do something; the text is the sentence that the person reads.

    `attempt` is what was tried, where the audit log is to be told; `is_recorded` says that the log knows already.
    """

    attempt: Attempt | None = None
    is_recorded: bool = False


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
        """Whether nothing more happens to it by itself; what is unknown is settled by another command."""
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

    def deciders(self, waited_us: int) -> tuple[Role, ...]:
        """The roles that may decide a request that has waited so long (µs)."""
        if self.escalate_after_s is None or waited_us < self.escalate_after_s * SECOND_US:
            return self.roles
        return self.roles + self.escalate_roles


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """One command of a batch that is about to be asked for."""

    command_id: str
    body: Body
    expected_version: int | None = None


class CommandRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A command as the database has it. Times in µs UTC.

    `title` says in words what `body` asks for, and nothing that the one who asked could have written otherwise.
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
    currency: str = ""
    """That of the account, empty where it is not recorded."""


class BatchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """Commands that were asked for together and are decided as one; `members` in order of their ids."""

    id: str
    title: str
    reason: str
    requested_by: str
    requested_us: int
    size: int
    members: tuple[CommandRecord, ...]

    @property
    def hash(self) -> str:
        """What is approved when the batch is: those that still wait, or all of it once none does."""
        return hash_of(to_decide(self.members))


def to_decide(members: Sequence[CommandRecord]) -> Sequence[CommandRecord]:
    """The members of a batch that still wait; all of them once none does."""
    return [member for member in members if member.state is CommandState.REQUESTED] or members


def hash_of(members: Iterable[CommandRecord]) -> str:
    """What is approved when these members of a batch are; they come in order of their ids."""
    return batch_hash(member.payload_hash for member in members)


def new_command_id() -> str:
    """A fresh id of 26 characters: it must fit the 31 that MT4 and MT5 keep of a comment or external id."""
    return f"dd{secrets.token_hex(12)}"
