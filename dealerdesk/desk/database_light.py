"""What the status line shows of the database, and which of its answers end a session."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from dealerdesk.store.connection_trouble import Trouble, reason_of, told

LOGIN_GONE = {
    Trouble.NO_LOGIN: "Your login has been closed: the session has ended.",
    Trouble.PASSWORD: "Your password has been changed elsewhere: sign in again.",
}


class DatabaseState(StrEnum):
    OPENING = "opening"
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class DatabaseLight:
    """The state in a word, how long the last look took, and what is wrong or limited, as a sentence; `detail`: what the
    database itself said of it, where that is something else."""

    state: DatabaseState
    latency_ms: float = 0.0
    trouble: str = ""
    detail: str = ""

    @classmethod
    def down(cls, error: OSError) -> DatabaseLight:
        """The light of a database that could not be looked at."""
        sentence, detail = told(error)
        return cls(DatabaseState.DOWN, trouble=sentence, detail=detail)


def why_gone(error: OSError) -> str:
    """Why the session behind a connection has no ground any more, by what the database answered; or empty."""
    return LOGIN_GONE.get(reason_of(error).trouble, "")
