"""Refusals are kept in the audit log too: who tried what, and the sentence that they were told. Decides nothing.

A refused deed leaves nothing behind, so its entry is written after the deed was undone, in the same transaction, which
then commits; only then is the person told. Where the database's own procedures refuse, they have written it themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from dealerdesk.commands import audit
from dealerdesk.commands.records import Attempt, Refused
from dealerdesk.store.engine import writing


@contextmanager
def attempt(tried: Attempt) -> Iterator[None]:
    """Says of a refusal within what was tried."""
    try:
        yield
    except Refused as refused:
        if refused.attempt is None:
            refused.attempt = tried
        raise


@contextmanager
def audited(engine: Engine) -> Iterator[Connection]:
    """A writing transaction for one deed: a refusal undoes the deed, is kept in the audit log, and is raised."""
    told: Refused | None = None
    with writing(engine) as connection:
        deed = connection.begin_nested()
        try:
            yield connection
        except Refused as refused:
            told = refused
            if refused.is_recorded:
                deed.commit()
            else:
                deed.rollback()
                keep(connection, refused)
        else:
            deed.commit()
    if told is not None:
        raise told


def keep(connection: Connection, refused: Refused) -> None:
    """Writes the entry of a refusal in the caller's transaction; nothing for one that nobody tried as a deed."""
    tried = refused.attempt
    if tried is None:
        return
    entry = audit.Entry(
        id=audit.new_entry_id(),
        at_us=tried.at_us,
        actor=tried.who,
        action=tried.action,
        subject=tried.subject,
        server=tried.server,
        kind=tried.kind,
        reason=str(refused),
        origin=tried.origin,
        after=dict(tried.terms),
    )
    audit.write(connection, entry)
