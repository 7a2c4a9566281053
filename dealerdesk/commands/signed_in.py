"""Who is signed in: a record that every screen may show. It holds no password and loads no database."""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.commands.roles import role_words

EVERYTHING = (("", ""),)
"""Every server and every group of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One person's presence at one desk.

    `login` is the database role on PostgreSQL and the person's id elsewhere. `scopes` are the servers and groups
    (server, group) that the person sees, empty text for all. `is_enforced` says whether the database itself holds
    people to their roles. A session without a password (a demonstration's) is unlocked without one. `database_id`
    changes when the database is restored.
    """

    staff: str
    name: str
    role: str
    login: str = ""
    scopes: tuple[tuple[str, str], ...] = EVERYTHING
    database_id: str = ""
    server_time_us: int = 0
    is_enforced: bool = False
    has_password: bool = True

    @property
    def role_words(self) -> str:
        """The role as people say it."""
        return role_words(self.role)


@dataclass(frozen=True, slots=True)
class Turned:
    """Somebody was turned away; the sentence is for them. `locked_until_us` is 0 when it is not a matter of waiting."""

    sentence: str
    locked_until_us: int = 0
