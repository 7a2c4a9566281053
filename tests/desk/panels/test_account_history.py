from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.account_history import AccountHistory
from dealerdesk.desk.panels.identity import AccountLabels

from .small_broker import FakeLibrary, Spoken, command
from .test_history_rows import DEAL, DEPOSIT


@pytest.fixture
def history(desk: Desk, outer: QWidget, library: FakeLibrary) -> AccountHistory:
    library.deals, library.operations, library.commands = [DEAL], [DEPOSIT], [command()]
    return AccountHistory(desk, AccountLabels(desk.state), outer)


def test_nothing_is_read_before_an_account_is_in_view(history: AccountHistory, library: FakeLibrary) -> None:
    history.keep_fresh("deals")

    assert library.reads == 0


@pytest.mark.parametrize("which", ["deals", "balance", "commands"])
def test_a_list_is_read_when_it_is_looked_at(history: AccountHistory, desk: Desk, which: str) -> None:
    desk.selection.select_account("MT5", 101)
    history.keep_fresh(which)

    assert history.tables[which].counts() == (1, 1)


def test_it_is_read_again_after_three_seconds_and_not_before(
    history: AccountHistory, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    desk.selection.select_account("MT5", 101)
    history.keep_fresh("deals")
    spoken.now_us += 2_000_000
    history.keep_fresh("deals")
    assert library.reads == 1

    spoken.now_us += 1_000_000
    history.keep_fresh("deals")
    assert library.reads == 2


def test_news_of_commands_is_read_at_once(history: AccountHistory, desk: Desk, library: FakeLibrary) -> None:
    desk.selection.select_account("MT5", 101)
    history.keep_fresh("commands")
    library.commands_changed.emit(("dd1",))
    history.keep_fresh("commands")

    assert library.reads == 2


def test_another_account_shows_nothing_of_the_one_before(history: AccountHistory, desk: Desk) -> None:
    desk.selection.select_account("MT5", 101)
    history.keep_fresh("deals")
    history.forget()

    assert history.tables["deals"].counts() == (0, 0)


def test_a_silent_database_is_tried_again(
    history: AccountHistory, desk: Desk, library: FakeLibrary, spoken: Spoken
) -> None:
    library.trouble = ConnectionError("locked")
    desk.selection.select_account("MT5", 101)
    history.keep_fresh("deals")
    assert history.tables["deals"].notices.failed is not None

    library.trouble = None
    spoken.now_us += 3_000_000
    history.keep_fresh("deals")
    assert history.tables["deals"].notices.failed is None
    assert history.tables["deals"].counts() == (1, 1)
