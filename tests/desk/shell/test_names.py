"""Clients' names reach the desk of whoever may see them, in slices, and nobody else's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from PySide6.QtCore import QObject, Signal

from dealerdesk.bridges.protocol import Delta
from dealerdesk.desk.names import SLICE_NAMES, Names
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Account, Client


class NamesLibrary(QObject):
    """Answers with names; raises `trouble` instead where a test sets one."""

    tables_changed = Signal(object)
    light_changed = Signal()

    def __init__(self, names: dict[int, str]) -> None:
        super().__init__()
        self.opened = asyncio.Event()
        self.opened.set()
        self.names = names
        self.asked: list[list[int] | None] = []
        self.trouble: OSError | None = None

    async def read(self, _query: Callable[..., Any], ids: list[int] | None) -> dict[int, str]:
        self.asked.append(ids)
        if self.trouble is not None:
            raise self.trouble
        return dict(self.names) if ids is None else {one: self.names.get(one, "") for one in ids}


def state_of(*ids: int) -> LiveState:
    state = LiveState()
    for number, one in enumerate(ids):
        row = Client(id=one, name="", country="PL", profile="", registered_us=0)
        holding = Account(
            login=one, client_id=one, group="g", currency="USD", leverage=1, balance=0, credit=0, opened_us=0
        )
        state.apply("MT5", Delta(2 * number + 1, 1, 1, row))
        state.apply("MT5", Delta(2 * number + 2, 1, 1, holding))
    return state


class Turns:
    """Runs a desk's tasks to their end, counting how often they let others have their turn."""

    def __init__(self) -> None:
        self.count = 0

    def run(self, work: Coroutine[object, object, None]) -> None:
        async def whole() -> None:
            task = asyncio.ensure_future(work)
            while not task.done():
                self.count += 1
                await asyncio.sleep(0)
            task.result()

        asyncio.run(whole())


def names(state: LiveState) -> list[str]:
    return [state.accounts.name[slot] for slot in range(state.accounts.count) if state.accounts.alive[slot]]


@pytest.mark.parametrize("role", ["back_office", "payments", "compliance", "supervisor", "auditor"])
def test_who_may_see_names_reads_all_of_them_once(role: str) -> None:
    state, library = state_of(7, 8), NamesLibrary({7: "Ada Abel", 8: "Bo Berg"})
    given: list[int] = []
    made = Names(state, library, role, _ignore)  # type: ignore[arg-type]
    made.given.connect(lambda: given.append(1))
    Turns().run(made._read())

    assert names(state) == ["Ada Abel", "Bo Berg"]
    assert (library.asked, given) == ([None], [1])


@pytest.mark.parametrize("role", ["dealer", "head_dealer", "administrator", ""])
def test_others_read_none(role: str) -> None:
    state, library = state_of(7), NamesLibrary({7: "Ada Abel"})
    begun: list[Any] = []
    Names(state, library, role, begun.append)  # type: ignore[arg-type]
    library.tables_changed.emit({"clients": ["7"]})

    assert begun == []
    assert names(state) == ["••• 7"]


def test_a_change_is_read_for_its_clients_alone() -> None:
    state, library = state_of(7, 8), NamesLibrary({7: "Ada Abel", 8: "Bo Berg"})
    turns = Turns()
    made = Names(state, library, "supervisor", turns.run)  # type: ignore[arg-type]
    library.names = {7: "Ada Abel-Berg"}
    library.tables_changed.emit({"accounts": ["1"], "clients": ["7"]})

    assert library.asked == [None, [7]]
    assert names(state) == ["Ada Abel-Berg", "Bo Berg"]
    assert made is not None


def test_what_could_not_be_read_is_read_when_the_database_is_back() -> None:
    state, library = state_of(7), NamesLibrary({7: "Ada Abel"})
    library.trouble = OSError("gone")
    turns = Turns()
    begun: list[Coroutine[object, object, None]] = []
    made = Names(state, library, "supervisor", begun.append)  # type: ignore[arg-type]
    with pytest.raises(OSError, match="gone"):
        turns.run(begun.pop())
    library.trouble = None
    library.light_changed.emit()
    turns.run(begun.pop())
    library.light_changed.emit()

    assert names(state) == ["Ada Abel"]
    assert begun == []
    assert made is not None


def test_very_many_names_are_given_in_slices_with_turns_between() -> None:
    ids = range(1, 3 * SLICE_NAMES + 1)
    state, library = state_of(1), NamesLibrary({one: f"Client {one}" for one in ids})
    turns = Turns()
    before = state.version.structure
    made = Names(state, library, "supervisor", turns.run)  # type: ignore[arg-type]

    assert turns.count >= 3
    assert state.version.structure == before + 1
    assert made is not None


def _ignore(work: Coroutine[object, object, None]) -> None:
    work.close()
