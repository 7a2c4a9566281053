"""One command that a strip asks for through the library, and what becomes of it while the strip looks.

Asked again after no answer came it is the same command under the same id, so that nothing is done twice. What a person
typed is forgotten as soon as the strip forgets it.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from dealerdesk.commands.records import CommandRecord, Refused, new_command_id
from dealerdesk.desk.request_terms import ContactWish, Wish
from dealerdesk.store.connection_trouble import told

if TYPE_CHECKING:
    from dealerdesk.commands.bodies import Body, SetContact
    from dealerdesk.desk.library import Library

Run = Callable[[Coroutine[object, object, None]], None]
LOST = "the answer was lost: checking whether it was received"


class OneRequest(QObject):
    """`record` is the command as it stands, None while nothing was received."""

    stands = Signal(object)
    refused = Signal(str)
    unanswered = Signal(str)
    """Nothing was done, and why: asking again is the same command."""
    checking = Signal()
    came_late = Signal(str)
    """What became of a request that the strip has forgotten, when it is not what was asked for."""

    def __init__(self, library: Library, run: Run, parent: QObject) -> None:
        super().__init__(parent)
        self.record: CommandRecord | None = None
        self.is_busy = False
        self._library = library
        self._run = run
        self._id = ""
        self._terms: tuple[str, Wish, str] | None = None
        self._sealed: SetContact | None = None
        library.commands_changed.connect(self._on_commands_changed)
        library.checking_changed.connect(self._on_checking_changed)

    def forget(self) -> None:
        """Looks no longer; what was asked goes on."""
        self.record, self._id, self._terms, self._sealed = None, "", None, None

    def ask(self, server: str, wish: Wish, reason: str) -> None:
        """Asks, or asks once more; one at a time."""
        if self.is_busy:
            return
        if self._terms != (server, wish, reason):
            self._id, self._terms, self._sealed = new_command_id(), (server, wish, reason), None
        self.is_busy = True
        self._run(self._request(self._id, server, wish, reason))

    async def _request(self, command_id: str, server: str, wish: Wish, reason: str) -> None:
        try:
            body = await self._body(command_id, wish)
            record = await self._library.request(server, body, reason, command_id)
        except Refused as refusal:
            if command_id == self._id:
                self._terms = self._sealed = None
                self.refused.emit(str(refusal))
            else:
                self.came_late.emit(f"✕ refused: {refusal}")
        except OSError as error:
            if command_id == self._id:
                self.unanswered.emit(told(error)[0])
            else:
                self.came_late.emit(f"Not asked for: no answer from the database ({told(error)[0]})")
        else:
            if command_id == self._id:
                self._take(record)
        finally:
            self.is_busy = False

    async def _body(self, command_id: str, wish: Wish) -> Body:
        """What is asked for; a contact is sealed once, so that asking again is asking for the same."""
        if not isinstance(wish, ContactWish):
            return wish
        sealed = self._sealed
        if sealed is None:
            sealed = await self._library.seal_contact(wish.client_id, wish.contact, wish.value)
            if command_id == self._id:
                self._sealed = sealed
        return sealed

    def _take(self, record: CommandRecord) -> None:
        self.record, self._terms, self._sealed = record, None, None
        self.stands.emit(record)

    def _on_checking_changed(self) -> None:
        if self._id and self._id in self._library.checking:
            self.checking.emit()

    def _on_commands_changed(self, ids: object) -> None:
        if self.record is not None and isinstance(ids, tuple) and self.record.id in ids:
            self._run(self._reread(self.record.id))

    async def _reread(self, command_id: str) -> None:
        record = await self._library.command(command_id)
        if record is not None and self.record is not None and self.record.id == command_id:
            self._take(record)
