"""What a person's desk needs to reach the database: the profile, who is signed in, and the password while it is known.

A record for those who open the database; it opens nothing itself.
"""

from __future__ import annotations

import platform
from dataclasses import dataclass

from dealerdesk.commands.signed_in import Session
from dealerdesk.config import Profile, Secret


def origin() -> str:
    """From where a person acts, as the audit log has it."""
    return f"desk on {platform.node() or 'an unnamed machine'}"


@dataclass(frozen=True, slots=True)
class Access:
    """A person at a profile. `secret` is the password, for a database that asks for one with every new connection."""

    profile: Profile
    session: Session
    secret: Secret | None = None
