"""What of the audit log is asked for, and who may read it at all. No SQL: screens ask, `audit_queries` answers."""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.commands.roles import Role

READERS = frozenset({Role.AUDITOR, Role.SUPERVISOR, Role.COMPLIANCE})
"""Who may read the whole log."""


@dataclass(frozen=True, slots=True)
class AuditQuery:
    """What is left empty is not asked about; everything that is given must hold.

    `actor` is part of a person's id or name, `what` part of an action or of a command's kind, `text` part of the entry
    as it is written, all without regard to case. Moments in µs UTC, `until_us` not included.
    """

    actor: str = ""
    what: str = ""
    client_id: int | None = None
    subject: str = ""
    server: str = ""
    login: int | None = None
    from_us: int | None = None
    until_us: int | None = None
    text: str = ""

    @property
    def follows(self) -> str:
        """Whose history is asked for, in words; empty when none in particular is."""
        if self.subject:
            return self.subject
        if self.login is not None:
            return f"{self.server} {self.login}"
        return "" if self.client_id is None else f"client {self.client_id}"
