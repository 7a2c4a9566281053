"""What the sign-in window asks of a profile's database, as plain calls that block: is it set up, and may I come in?

Everything that can go wrong comes back as a sentence for the person. The window itself is `sign_in`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import ProgrammingError

from dealerdesk.clock import Clock
from dealerdesk.commands import sessions
from dealerdesk.commands.roles import Role
from dealerdesk.commands.setting_up import note_set_up
from dealerdesk.commands.signed_in import Session, Turned
from dealerdesk.config import ConfigError, Profile, Secret, bridge_key
from dealerdesk.desk.access import Access, origin
from dealerdesk.desk.person_engine import person_engine
from dealerdesk.store.connection_trouble import reason_of
from dealerdesk.store.engine import DatabaseAddressError, DatabaseUnavailable, open_engine, reading, writing
from dealerdesk.store.identity import fitness
from dealerdesk.store.passwords import UnfitPassword
from dealerdesk.store.schema import staff
from dealerdesk.store.setup import FirstPerson, SetupError, set_up_file
from dealerdesk.store.step import STEPS, current_step, step_problems

Typed = tuple[str, str, Secret]
"""A short name, a full name and a password."""


@dataclass(frozen=True, slots=True)
class Denied:
    """Nobody came in; the sentence says why. `may_pass` when it is worth asking again by itself."""

    sentence: str
    may_pass: bool = False


def needs_people(profile: Profile) -> bool | Denied:
    """Brings an embedded database up to date and says whether nobody is in it yet. A shared one is set up elsewhere."""
    if not profile.is_embedded:
        return False
    try:
        _bring_up(profile.database_url)
        engine = open_engine(profile.database_url)
    except (DatabaseUnavailable, DatabaseAddressError) as error:
        return Denied(f"The database cannot be used: {error}")
    try:
        with reading(engine) as connection:
            problems = step_problems(connection)
            if problems:
                return Denied(_sentence("; ".join(problems)))
            return connection.scalar(select(func.count()).select_from(staff)) == 0
    except DatabaseUnavailable as error:
        return Denied(f"The database cannot be used: {error}", may_pass=True)
    finally:
        engine.dispose()


def admit(profile: Profile, login: str, secret: Secret, clock: Clock) -> Access | Denied:
    """Signs a person in; the password stays in `secret` alone."""
    try:
        bridge_key(profile.name, "desk")
        engine = person_engine(profile, login, secret)
    except (ConfigError, DatabaseAddressError) as error:
        return Denied(_sentence(str(error)))
    try:
        answer = _sign_in(engine, login, secret, clock)
    except DatabaseUnavailable as error:
        reason = reason_of(error)
        return Denied(reason.sentence, reason.trouble.may_pass)
    except ProgrammingError as error:
        # the tables or procedures that stand there are not those of this program
        return Denied(f"The database does not understand this DealerDesk: {str(error.orig).splitlines()[0]}")
    finally:
        engine.dispose()
    if isinstance(answer, Denied):
        return answer
    return Access(profile, answer, None if profile.is_embedded else secret)


def found(profile: Profile, first: Typed, second: Typed, clock: Clock) -> str:
    """Puts the first administrator and a supervisor into an empty embedded database; returns the refusal, if any."""
    roles = (Role.ADMINISTRATOR, Role.SUPERVISOR)
    people = tuple(
        FirstPerson(short, name, role.value) for (short, name, _), role in zip((first, second), roles, strict=True)
    )
    passwords = {short: secret.read() for short, _, secret in (first, second)}
    try:
        set_up_file(profile.database_url, people, passwords, note_set_up, clock())
    except (UnfitPassword, SetupError) as error:
        return _sentence(str(error))
    except DatabaseUnavailable as error:
        return _sentence(f"the database cannot be used: {error}")
    finally:
        for _, _, secret in (first, second):
            secret.forget()
    return ""


def _sign_in(engine: Engine, login: str, secret: Secret, clock: Clock) -> Session | Denied:
    with reading(engine) as connection:
        fit = fitness(connection)
    if fit.refused:
        return Denied(_sentence(fit.refused))
    with writing(engine) as connection:
        answer = sessions.sign_in(connection, login, secret.read(), clock(), origin())
    if isinstance(answer, Turned):
        # it may begin with a login, which is spelt as it is
        return Denied(answer.sentence.rstrip(".") + ".")
    return replace(answer, login=answer.login or login)


def _bring_up(url: str) -> None:
    engine = open_engine(url)
    try:
        with reading(engine) as connection:
            known = current_step(connection)
    finally:
        engine.dispose()
    if known is None or (known in STEPS and known != STEPS[-1]):
        from dealerdesk.store.migrate import upgrade  # takes its time to import, and is seldom needed

        upgrade(url)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}".rstrip(".") + "."
