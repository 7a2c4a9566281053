"""What a panel may use: one frozen record of the desk's collaborators. It starts and owns nothing."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from dealerdesk.live.margin_calls import CallLog

if TYPE_CHECKING:
    from dealerdesk.bridges.client import BridgeClient
    from dealerdesk.clock import Clock
    from dealerdesk.config import Profile
    from dealerdesk.desk.inbox import InboxWatch
    from dealerdesk.desk.library import Library
    from dealerdesk.desk.selection import Selection
    from dealerdesk.desk.settings import Preferences
    from dealerdesk.desk.table import TableMemory
    from dealerdesk.desk.theme import Tone
    from dealerdesk.formulas.derivation import Derivation
    from dealerdesk.live.frame import Frame
    from dealerdesk.live.history import History
    from dealerdesk.live.state import LiveState


class Notify(Protocol):
    """Says a sentence in the status line for eight seconds."""

    def __call__(self, text: str, tone: Tone = ...) -> None: ...


@dataclass(frozen=True, slots=True)
class Desk:
    """The collaborators of a panel.

    `frame` returns the newest figures; `refusal(server)` is "" or the sentence why nothing may be asked of that
    server now; `run` takes a coroutine into the desk's own task group.
    """

    state: LiveState
    frame: Callable[[], Frame]
    clock: Clock
    selection: Selection
    clients: Mapping[str, BridgeClient]
    library: Library
    inbox: InboxWatch
    profile: Profile
    who: str
    role: str
    memory: TableMemory
    preferences: Callable[[], Preferences]
    sampler: History
    open_panel: Callable[[str], None]
    set_book: Callable[[str, int], None]
    refusal: Callable[[str], str]
    why: Callable[[Derivation], None]
    run: Callable[[Coroutine[object, object, None]], None]
    notify: Notify
    calls: CallLog = field(default_factory=CallLog)
