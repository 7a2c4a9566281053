"""A desk's library without a window, as one person, through whatever stands between it and the database."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from sqlalchemy import URL, Engine, make_url

from dealerdesk.clock import now_us
from dealerdesk.commands.signed_in import Session
from dealerdesk.config import Profile
from dealerdesk.desk.access import Access
from dealerdesk.desk.database_light import DatabaseState
from dealerdesk.desk.library import Library
from dealerdesk.store.demo_staff import PEOPLE

WAIT_S = 40.0
ROLES = {person: role for person, _name, role in PEOPLE}


def access_of(url: URL, who: str) -> Access:
    """`who` at the database behind `url`; on PostgreSQL under their own login."""
    if url.get_backend_name() == "postgresql":
        url = url.set(username=who)
    profile = Profile(name="test", database_url=url.render_as_string(hide_password=False), endpoints=(), staff=who)
    return Access(profile, Session(staff=who, name=who, role=ROLES[who], login=who))


@asynccontextmanager
async def library_of(url: URL, who: str) -> AsyncIterator[Library]:
    """A library that watches, up from its first look on; ended in order."""
    library = Library(access_of(url, who), now_us)
    async with asyncio.TaskGroup() as group:
        watching = group.create_task(library.watch())
        await until(library, lambda: library.light.state is DatabaseState.UP)
        yield library
        watching.cancel()
    await library.close()


async def until(library: Library, is_so: Callable[[], bool]) -> None:
    """Waits look by look."""
    looked = asyncio.Event()
    library.light_changed.connect(looked.set)
    library.commands_changed.connect(looked.set)
    async with asyncio.timeout(WAIT_S):
        while not is_so():
            looked.clear()
            await looked.wait()


def through(engine: Engine, port: int) -> URL:
    """The address of an engine's database through a proxy."""
    return make_url(engine.url).set(port=port)
