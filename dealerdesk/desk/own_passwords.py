"""Changes the password of whoever sits at the desk, as plain calls that block. The form is `password_strip`.

On a team's database the old password is proved by signing in with it once more; the connections of the session then go
on with the new one.
"""

from __future__ import annotations

from sqlalchemy import Engine, text

from dealerdesk.commands.own_password import WRONG, change_own_password
from dealerdesk.commands.signed_in import Session
from dealerdesk.config import Secret
from dealerdesk.desk.access import Access, origin
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store.connection_trouble import Trouble, reason_of
from dealerdesk.store.engine import DatabaseUnavailable, reading, writing

NO_PASSWORD = "You came in without a password: there is none to change."


def change(engine: Engine, access: Access, session: Session, old: str, new: str, now_us: int) -> str:
    """Why the password was not changed, as a sentence; "" when it was. Raises DatabaseUnavailable."""
    if not session.has_password or (access.secret is None and not access.profile.is_embedded):
        return NO_PASSWORD
    if access.secret is not None and not _lets_in(access, session.login, Secret(old)):
        return WRONG
    with writing(engine) as connection:
        refusal = change_own_password(connection, session, old, new, now_us, origin())
    if not refusal and access.secret is not None:
        access.secret.change(new)
    return refusal


def _lets_in(access: Access, login: str, old: Secret) -> bool:
    """Whether the server lets the person in with this password."""
    engine = person_engine(access.profile, login, old)
    try:
        with reading(engine) as connection:
            connection.execute(text("SELECT 1"))
    except DatabaseUnavailable as error:
        if reason_of(error).trouble is not Trouble.PASSWORD:
            raise
        return False
    finally:
        engine.dispose()
    return True
