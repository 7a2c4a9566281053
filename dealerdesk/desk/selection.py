"""What the person looks at: one account, one symbol, one row of the exposure. Panels follow it and set it.

It holds identities, no figures, and knows no panel.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from dealerdesk.live.exposure import Dimension


class Selection(QObject):
    """The desk's common selection; each signal comes only when the selection really changed."""

    account_selected = Signal(str, object)
    symbol_selected = Signal(str, str)
    exposure_selected = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.account: tuple[str, int] | None = None
        self.symbol: tuple[str, str] | None = None
        self.exposure: tuple[Dimension, Hashable] | None = None

    def select_account(self, server: str, login: int) -> None:
        """Makes (server, login) the account in view."""
        if self.account != (server, login):
            self.account = (server, login)
            self.account_selected.emit(server, login)

    def select_symbol(self, server: str, symbol: str) -> None:
        """Makes a symbol of a server the one in view."""
        if self.symbol != (server, symbol):
            self.symbol = (server, symbol)
            self.symbol_selected.emit(server, symbol)

    def select_exposure(self, dimension: Dimension, key: Hashable) -> None:
        """Makes a row of the exposure by `dimension` the one in view; key None is the total."""
        if self.exposure != (dimension, key):
            self.exposure = (dimension, key)
            self.exposure_selected.emit(dimension, key)
