"""Which servers nothing new is known of, in words. Each table greys its own rows by their server."""

from __future__ import annotations

from dealerdesk.desk.numbers import clock_time
from dealerdesk.live.state import LiveState


def stale_since(state: LiveState) -> dict[str, int]:
    """The servers that are stale or dead, and since when, µs UTC."""
    found = {server: state.stale_since(server) for server in state.servers}
    return {server: since for server, since in found.items() if since is not None}


def stale_words(state: LiveState) -> str:
    """«cTrader as of 14:31:07»; nothing while every server is fresh."""
    return " · ".join(f"{server} as of {clock_time(since)}" for server, since in stale_since(state).items())


def all_stale_text(state: LiveState) -> str | None:
    """Since when nothing at all is fresh; None while one server is."""
    stale = stale_since(state)
    return clock_time(max(stale.values())) if stale and len(stale) == len(state.servers) else None
