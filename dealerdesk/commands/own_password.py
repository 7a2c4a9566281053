"""Changing one's own password: the old one is proved first, the new one must be fit, and that it was done is on record.

Neither password is written down anywhere but as the database's verifier. A first password is handed out elsewhere
(`first_passwords`).
"""

from __future__ import annotations

from sqlalchemy import Connection

from dealerdesk.clock import from_us
from dealerdesk.commands import audit
from dealerdesk.commands.sessions import SETTING_CHANGED, note
from dealerdesk.commands.signed_in import Session
from dealerdesk.store.passwords import (
    Outcome,
    UnfitPassword,
    change_own_login,
    check_password,
    refuse_unfit,
    set_password,
)

REFUSED = "password change refused"
WRONG = "The old password is wrong."
DETAIL = {"setting": "password"}


def change_own_password(connection: Connection, session: Session, old: str, new: str, now_us: int, origin: str) -> str:
    """Changes the password of whoever is signed in; returns why not, as a sentence, or "" when it was changed.

    A refusal is on record: commit it too. On PostgreSQL `old` has let this connection in and is not compared again.
    """
    try:
        refuse_unfit(new, session.staff, session.login, session.name)
    except UnfitPassword as unfit:
        return f"{unfit}."
    if new == old:
        return "The new password is the old one."
    if connection.dialect.name == "postgresql":
        change_own_login(connection, new)
    else:
        refusal = _prove(connection, session, old, now_us, origin)
        if refusal:
            return refusal
        set_password(connection, session.staff, new, now_us)
    note(connection, session, SETTING_CHANGED, session.staff, DETAIL, now_us, origin)
    return ""


def _prove(connection: Connection, session: Session, old: str, now_us: int, origin: str) -> str:
    checked = check_password(connection, session.staff, old, now_us)
    if checked.outcome is Outcome.RIGHT:
        return ""
    words = WRONG
    if checked.outcome is Outcome.LOCKED:
        until = f"{from_us(checked.locked_until_us):%H:%M:%S} UTC"
        words = f"{session.staff} is locked until {until} after {checked.failures} wrong passwords."
    audit.write(
        connection,
        audit.Entry(
            id=audit.new_entry_id(),
            at_us=now_us,
            actor=session.staff,
            action=REFUSED,
            subject=session.staff,
            reason=words,
            origin=origin,
        ),
    )
    return words
