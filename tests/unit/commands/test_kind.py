from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.kind import Executor, Kind
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.trading import Book

BODY = SetBook(login=101, book=Book.A, covered_percent=100)


def title(server: str, body: SetBook, _currency: str) -> str:
    return f"{server} {body.login}"


def never(_connection: object, _server: str, _body: SetBook, _who: str) -> None:
    raise Refused("never")


KIND = Kind("test", SetBook, frozenset((Role.DEALER,)), 1, 1, Executor.BRIDGE, False, title, never)


def test_a_kind_that_declares_no_more_names_no_account_no_client_and_nobody() -> None:
    assert (KIND.login(BODY), KIND.client_id(BODY), KIND.subjects(BODY)) == (None, None, ())
    assert KIND.always is None
    assert not KIND.may_ask_for_oneself


def test_a_kind_that_says_nothing_of_it_is_none_of_an_administrators_business() -> None:
    assert KIND.moves_money_or_risk


def test_a_kind_is_not_changed_while_the_program_runs() -> None:
    with pytest.raises(FrozenInstanceError):
        KIND.may_request = frozenset(Role)  # type: ignore[misc]


def test_executors_are_written_as_the_databases_guards_know_them() -> None:
    assert [executor.value for executor in Executor] == ["bridge", "database"]
