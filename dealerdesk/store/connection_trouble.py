"""Why a database did not let somebody in, in a person's words and with what to do next. It connects to nothing.

A PostgreSQL client library tells a failed connection apart by its text alone, which comes from the library or, before
anybody is signed in, from the server in the server's language: what is not recognised is passed on as it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Trouble(Enum):
    """What kind of obstacle it is; the value says whether it may pass by itself and is tried again."""

    PASSWORD = "password", False
    NO_LOGIN = "no login", False
    CERTIFICATE = "certificate", False
    NO_TLS = "no TLS", False
    WEAK = "weak sign-in", False
    REFUSED = "refused", False
    ABSENT = "absent", False
    DOWN = "down", True

    @property
    def may_pass(self) -> bool:
        """Whether it is worth trying again without anybody doing anything."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class Reason:
    """The kind of trouble, and the sentence for the person."""

    trouble: Trouble
    sentence: str


KNOWN: tuple[tuple[str, Trouble, str], ...] = (
    ("password authentication failed", Trouble.PASSWORD, "The name or the password is wrong."),
    (
        "is not permitted to log in",
        Trouble.NO_LOGIN,
        "This login has been closed: an administrator can open it again.",
    ),
    (
        "certificate verify failed",
        Trouble.CERTIFICATE,
        # the library tells one no more than this of both
        "The server's certificate has run out, or is not signed by anybody this profile trusts. Do not give your "
        "password; tell your administrator.",
    ),
    (
        "server certificate for",
        Trouble.CERTIFICATE,
        "The server's certificate is made out to another name. Do not give your password; tell your administrator.",
    ),
    (
        "root certificate file",
        Trouble.CERTIFICATE,
        "The file of certificates that may vouch for the server is not there: the profile names it as database_ca.",
    ),
    (
        "could not read root certificate",
        Trouble.CERTIFICATE,
        "The file of trusted certificates that the profile names (database_ca) cannot be read.",
    ),
    (
        "server does not support SSL",
        Trouble.NO_TLS,
        "The server does not offer TLS: DealerDesk sends no password to it. Tell your administrator.",
    ),
    (
        "no encryption",
        Trouble.NO_TLS,
        "The server lets nobody in without TLS, and this connection had none. Tell your administrator.",
    ),
    (
        "channel binding",
        Trouble.WEAK,
        "The server did not prove that the line is its own: no password was sent. Tell your administrator.",
    ),
    (
        "authentication method requirement",
        Trouble.WEAK,
        "The server asked for the password in a way that gives it away: it was not sent. Tell your administrator.",
    ),
    (
        "no pg_hba.conf entry",
        Trouble.REFUSED,
        "The server does not let this login in from this machine. Tell your administrator.",
    ),
    ("too many connections", Trouble.DOWN, "The database has no room for one more connection just now."),
    ("remaining connection slots", Trouble.DOWN, "The database has no room for one more connection just now."),
    ("starting up", Trouble.DOWN, "The database is starting."),
    ("shutting down", Trouble.DOWN, "The database is being stopped."),
    ("recovery mode", Trouble.DOWN, "The database is recovering."),
    ("Connection refused", Trouble.DOWN, "Nothing answers at the database's address."),
    ("timeout expired", Trouble.DOWN, "The database does not answer."),
    ("could not translate host name", Trouble.DOWN, "The database's name is not known on this network."),
    ("failed to resolve host", Trouble.DOWN, "The database's name is not known on this network."),
    ("Name or service not known", Trouble.DOWN, "The database's name is not known on this network."),
    ("No route to host", Trouble.DOWN, "There is no way to the database from this network."),
    ("Network is unreachable", Trouble.DOWN, "This machine has no network."),
    ("server closed the connection unexpectedly", Trouble.DOWN, "The database broke the connection off."),
    ("does not exist", Trouble.ABSENT, "The server has no such database: look at the profile's database_url."),
)
"""Part of the library's or the server's text → what it means. The first that fits counts."""
CANNOT_BE_USED = "The database cannot be used just now."


def told(error: BaseException) -> tuple[str, str]:
    """What befell a connection in use, as a sentence, and the database's own words where the sentence is not those.

    What the program itself says of a database, such as that it is of another age, is a sentence already.
    """
    text = " ".join(str(error).split())
    known = _known(text)
    if known is not None:
        return known.sentence, text
    cause = getattr(error.__cause__, "orig", None)
    is_own = cause is None or str(cause) != str(error)
    return (text, "") if is_own else (CANNOT_BE_USED, text)


def unanswered(error: BaseException) -> str:
    """What a person is told when a question to the database found no answer: never the library's own words."""
    sentence, detail = told(error)
    return sentence if detail else f"The database does not answer: {sentence}"


def reason_of(error: BaseException) -> Reason:
    """What a failed connection means for a person."""
    text = " ".join(str(error).split())
    return _known(text) or Reason(Trouble.REFUSED, f"The database cannot be used: {text}"[:300])


def _known(text: str) -> Reason | None:
    for part, trouble, sentence in KNOWN:
        if part.casefold() in text.casefold():
            return Reason(trouble, sentence)
    return None
