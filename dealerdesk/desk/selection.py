"""What the person looks at: one account, one symbol, one row of the exposure; and what they ask to see of it.

It holds identities, no figures, and knows no panel.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from dealerdesk.commands.audit_query import AuditQuery
    from dealerdesk.live.exposure import Dimension


Chosen = Callable[[], list[tuple[str, int]]]
"""Tells which accounts' rows are selected now."""


class Selection(QObject):
    """The desk's common selection; each signal comes only when the selection really changed, `history_asked`,
    `unmask_asked`, `request_asked` and `books_asked` come with each asking."""

    account_selected = Signal(str, object)
    symbol_selected = Signal(str, str)
    exposure_selected = Signal(object, object)
    history_asked = Signal(object)
    unmask_asked = Signal(str, object)
    request_asked = Signal(str, object, object)
    books_asked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.account: tuple[str, int] | None = None
        self.position: int | None = None
        self._chosen: Chosen = list
        self.symbol: tuple[str, str] | None = None
        self.exposure: tuple[Dimension, Hashable] | None = None
        self.history: AuditQuery | None = None

    def select_account(
        self, server: str, login: int, position: int | None = None, chosen: Chosen | None = None
    ) -> None:
        """Makes (server, login) the account in view, and one of its positions where the row was that.

        `chosen` tells of which accounts rows are selected where this one stands.
        """
        self.position, self._chosen = position, chosen or list
        if self.account != (server, login):
            self.account = (server, login)
            self.account_selected.emit(server, login)

    @property
    def accounts(self) -> list[tuple[str, int]]:
        """The accounts that are selected where the one in view stands, in the order shown; it alone where it is not
        among them any more."""
        if self.account is None:
            return []
        chosen = list(dict.fromkeys(self._chosen()))
        return chosen if self.account in chosen else [self.account]

    def select_symbol(self, server: str, symbol: str) -> None:
        """Makes a symbol of a server the one in view."""
        if self.symbol != (server, symbol):
            self.symbol = (server, symbol)
            self.symbol_selected.emit(server, symbol)

    def ask_history(self, query: AuditQuery) -> None:
        """Asks the audit log for one history, again too: it may have grown."""
        self.history = query
        self.history_asked.emit(query)

    def ask_unmask(self, server: str, login: int) -> None:
        """Asks to open a field of an account's client."""
        self.unmask_asked.emit(server, login)

    def ask_request(self, server: str, login: int, position: int | None = None) -> None:
        """Asks to request a change of an account, its client or that position of it."""
        self.request_asked.emit(server, login, position)

    def ask_books(self, accounts: list[tuple[str, int]]) -> None:
        """Asks to move several accounts to another book."""
        self.books_asked.emit(accounts)

    def select_exposure(self, dimension: Dimension, key: Hashable) -> None:
        """Makes a row of the exposure by `dimension` the one in view; key None is the total."""
        if self.exposure != (dimension, key):
            self.exposure = (dimension, key)
            self.exposure_selected.emit(dimension, key)
