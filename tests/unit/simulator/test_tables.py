from dealerdesk.bridges.simulator.tables import BOOKS, BUY, SELL, SIDES, cell_of, sign_of
from dealerdesk.trading import Book, Side


def test_codes_and_words_agree():
    assert (SIDES[BUY], SIDES[SELL]) == (Side.BUY, Side.SELL)
    assert (sign_of(BUY), sign_of(SELL)) == (1, -1)
    assert BOOKS == (Book.A, Book.B, Book.C)


def test_a_cell_is_an_account_and_a_symbol():
    assert cell_of(3, 7) == 3 * 65_536 + 7
