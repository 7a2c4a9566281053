"""A profile's database as one person reaches it. It decides nothing about what they may do there."""

from __future__ import annotations

from sqlalchemy import Engine, make_url

from dealerdesk.config import Profile, Secret
from dealerdesk.store.engine import open_engine


def person_engine(profile: Profile, login: str, secret: Secret | None) -> Engine:
    """The profile's database as one person reaches it: on PostgreSQL under a login of their own."""
    if profile.is_embedded or secret is None:
        return open_engine(profile.database_url)
    address = make_url(profile.database_url).set(username=login)
    return open_engine(address.render_as_string(hide_password=False), secret.read, profile.database_ca)
