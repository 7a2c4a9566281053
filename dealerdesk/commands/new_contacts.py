"""A contact of a client on its way into the database: sealed under the client's own key before it is asked for.

So neither the command nor the audit log ever holds it plain, and whoever destroys the key has erased it from both.
"""

from __future__ import annotations

from sqlalchemy import Engine

from dealerdesk.commands.bodies import ContactField, SetContact
from dealerdesk.commands.client_keys import client_key
from dealerdesk.commands.personal import new_key, protect
from dealerdesk.commands.records import Refused

WHY = "setting a contact"
VALUE_CHARS_MAX = 500


def contact_value(typed: str) -> str:
    """The value as it is kept; raises Refused for one that is empty or too long."""
    value = typed.replace("\0", "").strip()
    if not value:
        raise Refused("There is nothing to keep")
    if len(value) > VALUE_CHARS_MAX:
        raise Refused(f"A contact has at most {VALUE_CHARS_MAX} characters")
    return value


def sealed_contact(
    engine: Engine, who: str, client_id: int, field: ContactField, typed: str, now_us: int, origin: str = ""
) -> SetContact:
    """What to ask for; that the client's key was read for it is on record.

    Raises Refused, for an erased client too, and DatabaseUnavailable.
    """
    value = contact_value(typed)
    key = client_key(engine, who, client_id, WHY, now_us, origin)
    return SetContact(client_id=client_id, field=field, token=protect(key, client_id, field.value, value))


def stand_in(client_id: int, field: ContactField) -> SetContact:
    """A body of the same shape that says nothing, to ask what setting the contact would need."""
    return SetContact(client_id=client_id, field=field, token=protect(new_key(), client_id, field.value, ""))
