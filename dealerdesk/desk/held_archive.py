"""The archive as the library's thread holds it: opened when first looked at, let go when locked, taken up again.

Everything here blocks, and all but `session` and `cut_lines` belongs to that thread. SQLAlchemy is imported in it,
after the window stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.commands.signed_in import Session, Turned
    from dealerdesk.config import Secret
    from dealerdesk.desk.access import Access
    from dealerdesk.desk.archive import Archive
    from dealerdesk.desk.news import News

STANDING_EVERY_US = 2_000_000
"""How often it is made sure that the person may still work here."""
NOT_OPEN = "the database is not open yet"


class HeldArchive:
    """One person's archive, once there is one."""

    def __init__(self, access: Access, clock: Clock) -> None:
        self._access = access
        self._clock = clock
        self._archive: Archive | None = None
        self._stood_us = 0

    @property
    def is_open(self) -> bool:
        """Whether the database has been opened; it stays so while it is locked."""
        return self._archive is not None

    @property
    def session(self) -> Session:
        """Who is signed in, as the database last said it."""
        return self._archive.session if self._archive is not None else self._access.session

    def archive(self) -> Archive:
        """The archive; raises ConnectionError while it is not open."""
        if self._archive is None:
            raise ConnectionError(NOT_OPEN)
        return self._archive

    def cut_lines(self) -> None:
        """Ends work that gets no answer, from any thread."""
        if self._archive is not None:
            self._archive.cut_lines()

    def look(self) -> tuple[News, str]:
        """The news, and why the session may not go on (empty while it may); opens what is not open yet."""
        if self._archive is None:
            from dealerdesk.desk.archive import Archive

            archive = Archive.open(self._access, self._clock)
            turned = None if archive.session.has_password else archive.attend()
            self._archive = archive
            if turned is not None:
                return archive.news(), turned.sentence
        return self._archive.news(), self._standing(self._archive)

    def suspend(self, why: str) -> None:
        """Puts the locking on record and lets go of the connections and the password."""
        if self._archive is not None:
            self._archive.suspend(why)
        elif self._access.secret is not None:
            self._access.secret.forget()

    def resume(self, secret: Secret) -> Turned | None:
        """Goes on with the locked session, or says why not; raises DatabaseUnavailable."""
        from dealerdesk.desk.archive import Archive

        if self._archive is None:
            known = replace(self._access, secret=None if self._access.secret is None else secret)
            self._archive = Archive.open(known, self._clock)
        return self._archive.resume(secret)

    def close(self) -> None:
        """Closes the engine."""
        if self._archive is not None:
            self._archive.close()

    def _standing(self, archive: Archive) -> str:
        now_us = self._clock()
        # a clock that was set back must not stop the looking
        if abs(now_us - self._stood_us) < STANDING_EVERY_US:
            return ""
        self._stood_us = now_us
        return archive.standing()
