"""A desk that does one deed and kills itself at a named point of it, or deeds without end until it is killed.

Arguments: the database's address, the person, their role, the deed (request, approve, batch, on and on), what it is
done to, and before which statement of the deed it is killed (a number, `after` for when it is committed, 0 for never:
then it prints how many statements there were).
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable
from itertools import count

from sqlalchemy import Engine, event

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands.signed_in import Session
from dealerdesk.config import Profile
from dealerdesk.desk.access import Access
from dealerdesk.desk.archive import Archive
from dealerdesk.trading import Book

AFTER = "after"


def deed_of(archive: Archive, deed: str, subject: str) -> Callable[[], object]:
    """The deed, with everything that a desk has on its screen before it."""
    match deed:
        case "request":
            login, _, command_id = subject.partition(" ")
            body = SetBook(login=int(login), book=Book.A, covered_percent=100)
            return lambda: archive.request("MT5", body, "hedged flow", command_id, None)
        case "approve":
            record = archive.command(subject)
            assert record is not None
            return lambda: archive.approve(record, "fine")
        case _:
            [item] = [item for item in archive.inbox().items if item.key == subject]
            return lambda: archive.decide_batch(item, "approve", "fine")


def once(archive: Archive, deed: str, subject: str, at: str) -> None:
    """The deed, killed before its statement `at`; a commit is the last of them."""
    act, statements = deed_of(archive, deed, subject), count(1)
    passed = 0

    def count_down(*_: object) -> None:
        nonlocal passed
        passed = next(statements)
        if str(passed) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "before_cursor_execute", count_down)
    event.listen(Engine, "commit", count_down)
    act()
    if at == AFTER:
        os.kill(os.getpid(), signal.SIGKILL)
    sys.stdout.write(str(passed))


def on_and_on(archive: Archive, prefix: str) -> None:
    """Requests and withdrawals; says each id before it asks."""
    for number in count(1):
        command_id = f"{prefix}-{number}"
        sys.stdout.write(f"{command_id}\n")
        sys.stdout.flush()
        body = SetBook(login=1001 + number % 20, book=Book.A, covered_percent=100)
        archive.withdraw(archive.request("MT5", body, "hedged flow", command_id, None), "typo")


if __name__ == "__main__":
    url, who, role, deed, subject, at = sys.argv[1:]
    profile = Profile(name="test", database_url=url, endpoints=(), staff=who)
    desk = Archive.open(Access(profile, Session(staff=who, name=who, role=role, login=who)), now_us)
    if deed == "on and on":
        on_and_on(desk, subject)
    once(desk, deed, subject, at)
