"""What may be done with an item of the inbox, by which key, and why not. Rules for hints; the database decides."""

from __future__ import annotations

from enum import Enum

from dealerdesk.commands.inbox import Item
from dealerdesk.commands.inbox_queries import Inbox
from dealerdesk.commands.kinds import NAMED
from dealerdesk.commands.records import CommandState


class Deed(Enum):
    """A deed with its key and words."""

    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    SETTLE = "settle"
    COVER = "cover"

    @property
    def key(self) -> str:
        """The key that begins it."""
        return {"approve": "A", "refuse": "R", "withdraw": "W", "settle": "S", "cover": "C"}[self.value]

    @property
    def words(self) -> str:
        """What it does, for the row of keys."""
        return {"settle": "settle…", "cover": "cover an absence…"}.get(self.value, self.value)

    @classmethod
    def of_key(cls, key: str) -> Deed:
        """The deed of a key; raises StopIteration for a key that stands for none."""
        return next(deed for deed in cls if deed.key == key)


def why_not(deed: Deed, item: Item | None, inbox: Inbox, now_us: int) -> str:
    """Why the deed may not be begun now, in a sentence; "" when it may. Covering needs no item."""
    if deed is Deed.COVER:
        return _may_ask("cover_absence", inbox)
    if item is None:
        return "Choose a request first."
    name = inbox.name(item.head.requested_by)
    match deed:
        case Deed.APPROVE | Deed.REFUSE:
            return inbox.why_not_mine(item, now_us)
        case Deed.WITHDRAW if item.head.requested_by != inbox.me.id:
            return f"Only {name} can withdraw what {name} asked for."
        case Deed.WITHDRAW if item.state not in (CommandState.REQUESTED, CommandState.APPROVED):
            return f"It is {item.state.value}: it is too late to withdraw it."
        case Deed.SETTLE if item.state is not CommandState.UNKNOWN:
            return "Only a command whose end nobody knows is settled."
        case Deed.SETTLE:
            return _may_ask("settle_unknown", inbox)
        case _:
            return ""


def deeds_for(item: Item, inbox: Inbox, now_us: int) -> list[Deed]:
    """The deeds that may be begun now."""
    return [deed for deed in Deed if not why_not(deed, item, inbox, now_us)]


def _may_ask(kind: str, inbox: Inbox) -> str:
    if inbox.me.role in NAMED[kind].may_request:
        return ""
    return f"{inbox.me.role.a_words.capitalize()} cannot ask for that."
