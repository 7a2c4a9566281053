"""`dealerdesk desk`: somebody signs in to a profile, and their desk opens; on SQLite with the hub as its child.

The keys come from the system keyring; without one there, the desk says so and does not start.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dealerdesk.children import Child, Keeper
from dealerdesk.config import (
    Credentials,
    Endpoint,
    FoundProfile,
    HubConfig,
    Profile,
    bridge_key,
    find_profiles,
    seal_key,
    user_folder,
)
from dealerdesk.desk.access import Access
from dealerdesk.desk.app import SIGN_IN_AGAIN, Launch, run
from dealerdesk.desk.door import sign_in
from dealerdesk.desk.settings import UserFiles


def run_desk(only: FoundProfile | None = None) -> int:
    """Let people sign in, to one profile or to any of this user's, and return when the last desk has ended.

    0, or 1 when a bug was met. Raises ConfigError without a key at the bridges.
    """
    if only is not None and only.profile is not None:
        bridge_key(only.profile.name, "desk")
    while True:
        access = sign_in(find_profiles() if only is None else [only])
        if access is None:
            return 0
        code = attend(access)
        if code != SIGN_IN_AGAIN:
            return code


def attend(access: Access) -> int:
    """One person's desk, until they leave or somebody else wants to sign in (SIGN_IN_AGAIN)."""
    profile = access.profile
    folder = user_folder(profile.name)
    folder.mkdir(parents=True, exist_ok=True)
    desk_key = Credentials(client="desk", role="desk", key=bridge_key(profile.name, "desk"))
    launch = Launch(access=access, credentials=desk_key, files=UserFiles(folder))
    if not profile.is_embedded:
        return run(launch)
    with Keeper() as keeper:
        hub = OwnHub(profile, folder / "hub.log", keeper)
        try:
            return run(replace(launch, start_hub=hub.start, stop_children=hub.stop))
        finally:
            hub.stop()


class OwnHub:
    """The hub of an embedded database: it lives as long as the one desk that uses it."""

    def __init__(self, profile: Profile, log: Path, keeper: Keeper) -> None:
        key = Credentials(client="hub", role="hub", key=bridge_key(profile.name, "hub"))
        config = HubConfig(
            database_url=profile.database_url,
            endpoints=profile.endpoints,
            credentials=key,
            seal_key=seal_key(profile.name),
            checkpoints=str(log.with_name("checkpoints.jsonl")),
            checkpoints_copy=profile.checkpoints_copy,
        )
        self._child = Child("The hub", ("hub",), config, log)
        self._keeper = keeper

    def start(self, _endpoints: tuple[Endpoint, ...]) -> None:
        """Start the hub and wait until it records (blocking)."""
        self._child.start()
        self._child.ready()
        self._keeper.take(self._child)

    def stop(self) -> None:
        """End it; a second call does nothing."""
        self._child.stop()
