from __future__ import annotations

import pytest

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.commands.bodies import Body
from dealerdesk.commands.kinds import title
from dealerdesk.trading import BalanceKind, Book


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (SetBook(login=1001, book=Book.A, covered_percent=100), "Set the book of MT5 1001 to A"),
        (SetBook(login=1001, book=Book.C, covered_percent=40), "Set the book of MT5 1001 to C (40 % covered)"),
        (SetGroup(login=1001, group="real\\raw\\EUR"), "Move MT5 1001 to group real\\raw\\EUR"),
        (SetLeverage(login=1001, leverage=200), "Set the leverage of MT5 1001 to 1:200"),
        (
            ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=10_050, reference="wire 7"),
            "Deposit of 100.50 EUR to MT5 1001 (wire 7)",
        ),
        (
            ChangeBalance(login=1001, operation=BalanceKind.CORRECTION, amount=-5),
            "Correction of 0.05 EUR from MT5 1001",
        ),
        (
            OpenAccount(client_id=7, name="Maria Silva", country="PT", group="real", leverage=30),
            "Open an account on MT5 for client 7 in group real, leverage 1:30",
        ),
        (ClosePosition(position_id=77), "Close position 77 on MT5"),
        (ClosePosition(position_id=77, volume=50_000_000), "Close 0.5 lots of position 77 on MT5"),
    ],
)
def test_a_title_is_a_sentence_from_the_bodys_own_terms(body: Body, sentence: str) -> None:
    assert title("MT5", body, "EUR") == sentence


def test_without_the_accounts_currency_an_amount_is_in_minor_units() -> None:
    body = ChangeBalance(login=1001, operation=BalanceKind.WITHDRAWAL, amount=-500)

    assert title("MT4", body) == "Withdrawal of 500 minor units from MT4 1001"
