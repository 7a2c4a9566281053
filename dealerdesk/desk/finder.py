"""What the palette can find: the window's actions, accounts and clients of the live state, symbols. No widgets.

The texts are taken out of the live state in the Qt thread (a copy of lists); folding them is left to a thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dealerdesk.desk.actions import Action, Scope, key_text
from dealerdesk.desk.numbers import account
from dealerdesk.desk.search import ACCOUNT, ACTION, CLIENT, SYMBOL, Found, Index

if TYPE_CHECKING:
    from dealerdesk.live.state import LiveState


@dataclass(frozen=True, slots=True)
class Texts:
    """Copies of the live state's texts, safe to read in a thread."""

    accounts: Sequence[tuple[str, int, str, str]]
    clients: Sequence[tuple[int, str, str, tuple[str, int]]]
    symbols: Sequence[tuple[str, str, str, str]]


def action_index(table: Iterable[Action]) -> Index:
    """The actions, panels and workspaces, by their words."""
    return Index(
        Found(ACTION, action.name, _words(action), _where(action), key_text(action.key))
        for action in table
        if action.scope is not Scope.TABLE and action.name != "palette"
    )


def _where(action: Action) -> str:
    """The panel in which an action is done, for those that a panel does."""
    return f"in {action.menu}" if action.scope is Scope.PANEL else ""


def texts_of(state: LiveState) -> Texts:
    """What can be found in the live state now."""
    accounts, symbols = state.accounts, state.symbols
    rows = range(accounts.count)
    logins, alive = accounts.login[: accounts.count].tolist(), accounts.alive[: accounts.count].tolist()
    servers, names, countries = accounts.server_name, accounts.name, accounts.country
    keys = [(servers[row], logins[row]) if alive[row] else None for row in rows]
    clients = [
        (client.id, client.label, client.country, key)
        for client in state.clients.values()
        if client.accounts and (key := keys[client.accounts[0]]) is not None
    ]
    return Texts(
        [(*key, names[row], countries[row]) for row in rows if (key := keys[row]) is not None],
        clients,
        [
            (symbols.server_name[row], symbols.name[row], symbols.instrument_name[row], symbols.description[row])
            for row in range(symbols.count)
            if symbols.alive[row]
        ],
    )


def state_indexes(texts: Texts) -> list[Index]:
    """Symbols, clients and accounts as indexes; for a thread, it takes a tenth of a second for 45,000 accounts."""
    return [
        Index(
            Found(SYMBOL, (server, name), name, f"{server}  {description if description != name else instrument}")
            for server, name, instrument, description in texts.symbols
        ),
        Index(Found(CLIENT, key, name, f"{number}  {country}") for number, name, country, key in texts.clients),
        Index(
            Found(ACCOUNT, (server, login), account(server, login), f"{name}  {country}")
            for server, login, name, country in texts.accounts
        ),
    ]


def _words(action: Action) -> str:
    kind, _, rest = action.name.partition(":")
    return f"{action.title} {kind}" if rest else action.title
