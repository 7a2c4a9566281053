"""The strips that a selection opens: a batch of books, a request, a field of a client in clear. It joins asking and
strip, and says why one does not open; what a strip does is its own business.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from dealerdesk.desk.request_strip import RequestStrip
from dealerdesk.desk.set_books import SetBooksStrip
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.unmask_strip import UnmaskStrip

if TYPE_CHECKING:
    from dealerdesk.desk.desk import Desk
    from dealerdesk.desk.window import DeskWindow


class Strips(QObject):
    """One strip of each kind over the desk's window; each opens when the desk's selection asks for it."""

    def __init__(self, window: DeskWindow, desk: Desk) -> None:
        super().__init__(window)
        self._window = window
        self._books = SetBooksStrip(window, desk.state, desk.frame, desk.library, desk.refusal, desk.run, desk.notify)
        self._unmask = UnmaskStrip(window, desk.state, desk.library, desk.role, desk.run)
        self._request = RequestStrip(window, desk.state, desk.library, desk.role, desk.refusal, desk.run, desk.notify)
        desk.selection.books_asked.connect(self._open_books)
        desk.selection.unmask_asked.connect(self._open_unmask)
        desk.selection.request_asked.connect(self._open_request)

    def _open_books(self, accounts: list[tuple[str, int]]) -> None:
        self._tell(self._books.open_for(accounts))

    def _open_unmask(self, server: str, login: int) -> None:
        self._tell(self._unmask.open_for(server, login))

    def _open_request(self, server: str, login: int, position: int | None) -> None:
        self._tell(self._request.open_for(server, login, position))

    def _tell(self, refusal: str) -> None:
        if refusal:
            self._window.notify(refusal, Tone.ATTENTION)
