"""The names of a state's accounts, «MT5 703311» and so on, kept for all panels. Text only, no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from weakref import WeakKeyDictionary, proxy

import numpy as np

from dealerdesk.desk.numbers import account
from dealerdesk.live.state import LiveState


class AccountLabels:
    """The name of each account slot, as a list that is made anew only when accounts came or went."""

    def __init__(self, state: LiveState) -> None:
        self._state = proxy(state)
        self._revision = -1
        self._logins = np.empty(0, np.int64)
        self._servers = np.empty(0, np.int64)
        self._labels: list[str] = []

    def of(self, server: str, login: int) -> str:
        """The name of one account."""
        return account(server, login)

    def all(self) -> Sequence[str]:
        """The names in slot order."""
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
        names = self._state.servers
        # a new list, not the old one changed: tables tell by the list itself that words changed
        pairs = zip(servers.tolist(), logins.tolist(), strict=True)
        self._labels = [account(names[server], login) for server, login in pairs]
        self._logins, self._servers = logins, servers


_of_state: WeakKeyDictionary[LiveState, AccountLabels] = WeakKeyDictionary()


def labels_of(state: LiveState) -> AccountLabels:
    """The labels of a state's accounts: one list for all panels, there are tens of thousands."""
    return _of_state.setdefault(state, AccountLabels(state))
