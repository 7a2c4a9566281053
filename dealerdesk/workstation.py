"""`dealerdesk desk`: a person's desk on a profile. On an SQLite profile it starts the hub as its child.

The keys come from the system keyring; without one there, the desk says so and does not start.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from dealerdesk.children import Child, Keeper
from dealerdesk.config import Credentials, Endpoint, HubConfig, Profile, bridge_key, user_folder
from dealerdesk.desk.app import Launch, run
from dealerdesk.desk.settings import UserFiles


def run_desk(profile: Profile) -> int:
    """Open the desk and return when it has ended: 0, or 1 when a bug was met. Raises ConfigError without a key."""
    folder = user_folder(profile.name)
    folder.mkdir(parents=True, exist_ok=True)
    desk_key = Credentials(client="desk", role="desk", key=bridge_key(profile.name, "desk"))
    launch = Launch(profile=profile, credentials=desk_key, files=UserFiles(folder))
    if not profile.database_url.startswith("sqlite"):
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
        config = HubConfig(database_url=profile.database_url, endpoints=profile.endpoints, credentials=key)
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
