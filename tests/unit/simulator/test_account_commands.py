import pytest
from small_server import Server, small_server

from dealerdesk.bridges.protocol import (
    ChangeBalance,
    Command,
    CommandBody,
    OpenAccount,
    SetBook,
    SetGroup,
    SetLeverage,
)
from dealerdesk.bridges.simulator.account_commands import AccountCommands
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.limits import LIMITS, Limits
from dealerdesk.bridges.simulator.refusals import Refusal, RefusedError
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.instruments import LOT
from dealerdesk.trading import Account, BalanceKind, BalanceOperation, Book, Client, Platform, Routing

LOGIN = 1_001


def commands_of(server: Server, limits: Limits = LIMITS) -> AccountCommands:
    return AccountCommands(server.state, server.publisher, server.till, limits)


def asked(body: CommandBody, **changes) -> Command:
    return Command(**{"id": "cmd-1", "body": body, "actor": "dana", "deadline_us": 0, **changes})


def rows(server: Server) -> list:
    return [delta.row for delta in server.said()]


def test_setting_a_book_names_the_command_and_reads_the_routing_back():
    server = small_server()
    server.account()
    body = SetBook(LOGIN, Book.C, 40)
    outcome = commands_of(server).set_book(body, asked(body))
    (row,) = rows(server)
    assert row == outcome.row
    assert isinstance(row, Routing)
    assert (row.book, row.covered_percent, row.command_id, outcome.version) == (Book.C, 40, "cmd-1", 1)


def test_on_mt4_another_book_is_another_group_of_the_same_kind():
    server = small_server(Platform.MT4)
    server.account("EUR", "raw")
    body = SetBook(LOGIN, Book.A, 100)
    commands_of(server).set_book(body, asked(body))
    account, routing = rows(server)
    assert (account.group, routing.book) == ("ecn-A-EUR", Book.A)


@pytest.mark.parametrize(("book", "covered"), [(Book.A, 99), (Book.B, 1), (Book.C, 0), (Book.C, 100)])
def test_a_cover_that_does_not_fit_the_book_is_refused(book, covered):
    server = small_server()
    server.account()
    body = SetBook(LOGIN, book, covered)
    with pytest.raises(RefusedError, match="A covers 100%, B 0%, C between"):
        commands_of(server).set_book(body, asked(body))
    assert server.said() == []


def test_a_row_that_has_changed_since_it_was_read_is_not_changed_again():
    server = small_server()
    server.account()
    commands, body = commands_of(server), SetBook(LOGIN, Book.A, 100)
    commands.set_book(body, asked(body, expected_version=0))
    with pytest.raises(RefusedError, match="expected version 0, it is 1"):
        commands.set_book(body, asked(body, expected_version=0))
    commands.set_book(body, asked(body, expected_version=1))


def test_a_dry_run_reads_back_what_is_and_says_nothing():
    server = small_server()
    server.account()
    body = SetBook(LOGIN, Book.A, 100)
    outcome = commands_of(server).set_book(body, asked(body, dry_run=True))
    assert outcome.row.book is Book.B
    assert server.said() == []


def test_an_unknown_account_is_named():
    with pytest.raises(RefusedError, match="there is no account 9 on this server"):
        commands_of(small_server()).set_leverage(SetLeverage(9, 100), asked(SetLeverage(9, 100)))


def test_a_group_of_another_currency_is_refused():
    server = small_server()
    server.account("USD")
    body = SetGroup(LOGIN, "real\\retail\\EUR")
    with pytest.raises(RefusedError, match="is in EUR, account 1001 is not"):
        commands_of(server).set_group(body, asked(body))


def test_an_account_with_positions_does_not_change_its_accounting():
    server = small_server()
    account = server.account("USD")
    body = SetGroup(LOGIN, "real\\netting\\USD")
    commands_of(server).set_group(body, asked(body, dry_run=True))
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    with pytest.raises(RefusedError, match="has open positions and cannot change from hedging to netting"):
        commands_of(server).set_group(body, asked(body))


def test_on_mt4_a_group_of_another_book_moves_the_book():
    server = small_server(Platform.MT4)
    server.account("USD")
    body = SetGroup(LOGIN, "real-A-USD")
    commands_of(server).set_group(body, asked(body))
    account, routing = rows(server)
    assert isinstance(account, Account)
    assert (account.group, routing.book, routing.covered_percent) == ("real-A-USD", Book.A, 100)


def test_a_group_that_the_bridge_does_not_allow_is_refused():
    server = small_server()
    server.account("USD")
    body = SetGroup(LOGIN, "real\\raw\\USD")
    with pytest.raises(RefusedError) as refused:
        commands_of(server, Limits(group_kinds=frozenset({"retail"}))).set_group(body, asked(body))
    assert refused.value.refusal is Refusal.LIMIT


def test_a_leverage_that_would_bring_the_margin_call_is_refused():
    server = small_server()
    account = server.account("EUR", balance=150_000, leverage=100)
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    body = SetLeverage(LOGIN, 50)
    with pytest.raises(RefusedError, match=r"to a margin level of 75%, below its margin call at 100%"):
        commands_of(server).set_leverage(body, asked(body))
    assert server.state.accounts.leverage[account] == 100
    more = SetLeverage(LOGIN, 200)
    assert commands_of(server).set_leverage(more, asked(more)).row.leverage == 200


def test_a_deposit_is_booked_once_with_the_commands_id_in_the_comment():
    server = small_server()
    account = server.account(balance=1_000)
    body = ChangeBalance(LOGIN, BalanceKind.DEPOSIT, 25_000, "INV-7")
    outcome = commands_of(server).change_balance(body, asked(body))
    operation = outcome.row
    assert isinstance(operation, BalanceOperation)
    assert (operation.amount, operation.reference, operation.comment) == (25_000, "INV-7", "cmd-1")
    assert outcome.ticket == str(operation.id)
    assert server.state.accounts.balance[account] == 26_000


def test_nobody_takes_out_more_than_is_free():
    server = small_server()
    account = server.account(balance=200_000, leverage=100)
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    body = ChangeBalance(LOGIN, BalanceKind.WITHDRAWAL, -100_000)
    with pytest.raises(RefusedError, match=r"1000.00 USD is more than the 889.95 USD that account 1001 has free"):
        commands_of(server).change_balance(body, asked(body))
    enough = ChangeBalance(LOGIN, BalanceKind.WITHDRAWAL, -88_995)
    commands_of(server).change_balance(enough, asked(enough))


@pytest.mark.parametrize(
    ("kind", "amount", "why"),
    [
        (BalanceKind.DEPOSIT, 0, "the amount is zero"),
        (BalanceKind.DEPOSIT, -5, "goes the wrong way"),
        (BalanceKind.WITHDRAWAL, 5, "goes the wrong way"),
        (BalanceKind.CORRECTION, 10_000_001, "more than this bridge books at once"),
    ],
)
def test_an_amount_that_makes_no_sense_or_is_too_large_is_refused(kind, amount, why):
    server = small_server()
    server.account()
    body = ChangeBalance(LOGIN, kind, amount)
    with pytest.raises(RefusedError, match=why):
        commands_of(server).change_balance(body, asked(body))
    assert server.said() == []


def test_a_new_account_comes_with_its_client_and_its_book():
    server = small_server()
    server.account()
    body = OpenAccount(555, "Zoë Ødegård", "NO", "real\\retail\\EUR", 30)
    outcome = commands_of(server).open_account(body, asked(body))
    client, account, routing = rows(server)
    assert isinstance(client, Client)
    assert (client.id, client.name) == (555, "Zoë Ødegård")
    assert (account.login, account.client_id, account.currency, account.balance) == (1_002, 555, "EUR", 0)
    assert (routing.book, routing.command_id) == (Book.B, "cmd-1")
    assert outcome.ticket == "1002"
    again = commands_of(server).open_account(body, asked(body))
    assert [type(row) for row in rows(server)] == [Account, Routing]
    assert again.row.login == 1_003
