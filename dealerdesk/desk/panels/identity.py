"""How accounts are named in little room: «M5 703311», «cT 3301196». Text only, no widgets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from weakref import WeakKeyDictionary, proxy

import numpy as np

from dealerdesk.live.state import LiveState

SHORT = {"mt4": "M4", "mt5": "M5", "ctrader": "cT"}


def server_prefixes(servers: Iterable[str]) -> dict[str, str]:
    """A short form of each server's name: «MT5 Live 2» → «M5 Live 2». Where two would read alike, both stay whole."""
    short = {server: _shortened(server) for server in servers}
    times = Counter(short.values())
    return {server: prefix if times[prefix] == 1 else server for server, prefix in short.items()}


def _shortened(server: str) -> str:
    for beginning, prefix in SHORT.items():
        if server.casefold().startswith(beginning):
            return prefix + server[len(beginning) :]
    return server


class AccountLabels:
    """The short name of each account slot, as a list that is made anew only when accounts came or went."""

    def __init__(self, state: LiveState) -> None:
        self._state = proxy(state)
        self._revision = -1
        self._logins = np.empty(0, np.int64)
        self._servers = np.empty(0, np.int64)
        self._labels: list[str] = []

    def of(self, server: str, login: int) -> str:
        """The short name of one account."""
        return f"{server_prefixes({*self._state.servers, server})[server]} {login}"

    def all(self) -> Sequence[str]:
        """The short names in slot order."""
        structure = self._state.version.structure
        if structure != self._revision:
            self._revision = structure
            self._renew()
        return self._labels

    def _renew(self) -> None:
        accounts = self._state.accounts
        logins, servers = accounts.login[: accounts.count].copy(), accounts.server[: accounts.count].copy()
        if np.array_equal(logins, self._logins) and np.array_equal(servers, self._servers):
            return
        prefixes = list(server_prefixes(self._state.servers).values())
        # a new list, not the old one changed: tables tell by the list itself that words changed
        pairs = zip(servers.tolist(), logins.tolist(), strict=True)
        self._labels = [f"{prefixes[server]} {login}" for server, login in pairs]
        self._logins, self._servers = logins, servers


_of_state: WeakKeyDictionary[LiveState, AccountLabels] = WeakKeyDictionary()


def labels_of(state: LiveState) -> AccountLabels:
    """The labels of a state's accounts: one list for all panels, there are tens of thousands."""
    return _of_state.setdefault(state, AccountLabels(state))
