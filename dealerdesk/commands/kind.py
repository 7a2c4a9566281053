"""What one kind of command declares of itself; the kinds themselves stand in `platform_kinds` and `desk_kinds`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from dealerdesk.commands.records import Need
from dealerdesk.commands.roles import Role


class Executor(StrEnum):
    """Who does it: the bridge of a trading server, or the hub in the database."""

    BRIDGE = "bridge"
    DATABASE = "database"


def no_login(_body: Any) -> None:
    """Of a body that names no trading account."""


def no_client(_body: Any) -> None:
    """Of a body that names no client."""


def no_subjects(_body: Any) -> tuple[str, ...]:
    """Of a body that is about no member of staff."""
    return ()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of command.

    `waits_us` is how long a request may wait for approval, `dispatch_within_us` how long an approved one for being
    sent. `is_repeatable` says that doing it twice is doing it once: it may be sent again when the bridge surely has not
    got it, and two of them on one account would overwrite each other. `title(server, body, currency)` is the sentence
    that people read, from the body alone (`currency` is that of the account, empty where nobody knows it). `check`
    raises Refused for what makes no sense now. `subjects` are the members of staff whom it is about: they neither ask
    for it nor decide it (`may_ask_for_oneself` excepts the first of them from the asking).
    """

    name: str
    body: type[Any]
    may_request: frozenset[Role]
    waits_us: int
    dispatch_within_us: int
    executor: Executor
    is_repeatable: bool
    title: Callable[[str, Any, str], str]
    check: Callable[[Connection, str, Any, str], None]
    always: Need | None = None
    login: Callable[[Any], int | None] = no_login
    client_id: Callable[[Any], int | None] = no_client
    subjects: Callable[[Any], tuple[str, ...]] = no_subjects
    may_ask_for_oneself: bool = False
    moves_money_or_risk: bool = True
    """Whether it is none of an administrator's business."""
