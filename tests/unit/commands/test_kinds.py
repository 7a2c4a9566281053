from __future__ import annotations

import pytest

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.commands.kinds import KINDS, is_repeatable, kind_name, kind_of, set_book_title
from dealerdesk.commands.records import Refused
from dealerdesk.trading import BalanceKind, Book

MONEY = ChangeBalance(login=1, operation=BalanceKind.DEPOSIT, amount=5)


def test_a_title_is_a_sentence() -> None:
    to_a = SetBook(login=1001, book=Book.A, covered_percent=100)
    to_c = SetBook(login=1001, book=Book.C, covered_percent=40)

    assert set_book_title("MT5", to_a, "B") == "Set the book of MT5 1001 from B to A"
    assert set_book_title("MT4", to_c, "A") == "Set the book of MT4 1001 from A to C (40 % covered)"


@pytest.mark.parametrize(
    "body",
    [
        MONEY,
        SetGroup(login=1, group="x"),
        SetLeverage(login=1, leverage=50),
        ClosePosition(position_id=1),
        OpenAccount(client_id=1, name="n", country="PT", group="g", leverage=30),
    ],
)
def test_what_no_kind_stands_for_cannot_be_asked_for_nor_sent_twice(body: object) -> None:
    with pytest.raises(Refused, match="cannot be asked for here"):
        kind_of(body)  # type: ignore[arg-type]
    assert not is_repeatable(body)  # type: ignore[arg-type]


def test_every_kind_is_filed_under_its_own_body_and_name() -> None:
    body = SetBook(login=7, book=Book.B, covered_percent=0)

    assert kind_of(body).name == kind_name(body) == "set_book"
    assert kind_of(body).login(body) == 7
    assert is_repeatable(body)
    assert all(kind.body is body_type for body_type, kind in KINDS.items())
