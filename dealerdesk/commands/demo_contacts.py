"""Contacts for some clients of a demonstration: made up from the client's number, encrypted like real ones."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from dealerdesk.commands.bodies import ContactField
from dealerdesk.commands.personal import key_of, protect
from dealerdesk.store.schema import clients, commands, contacts

CLIENTS_MAX = 100
STREETS = ("Harbour Road", "Mill Lane", "Station Street", "Garden Row", "Castle Hill")


def seed_contacts(connection: Connection, now_us: int, limit: int = CLIENTS_MAX) -> int:
    """Gives the first clients contacts, and returns how many; nothing once anything was asked for, or was given."""
    for table in (commands, contacts):
        if connection.execute(select(table).limit(1)).first() is not None:
            return 0
    ids = list(connection.scalars(select(clients.c.id).distinct().order_by(clients.c.id).limit(limit)))
    rows = []
    for client_id in ids:
        key = key_of(connection, client_id, now_us)
        for field, value in made_up(client_id).items():
            token = protect(key, client_id, field.value, value)
            rows.append({"client_id": client_id, "field": field.value, "token": token, "changed_us": now_us})
    if rows:
        connection.execute(insert(contacts), rows)
    return len(ids)


def made_up(client_id: int) -> dict[ContactField, str]:
    """What stands for a client's contacts; the telephone numbers, banks and mail domain are nobody's."""
    return {
        ContactField.ADDRESS: f"{client_id % 90 + 1} {STREETS[client_id % len(STREETS)]}",
        ContactField.EMAIL: f"client{client_id}@example.org",
        ContactField.PHONE: f"+1 202 555 {client_id % 10_000:04}",
        ContactField.BANK_ACCOUNT: f"XX{client_id % 90 + 10} DEMO {client_id:012}",
        ContactField.TAX_ID: f"DEMO-{client_id:08}",
    }
