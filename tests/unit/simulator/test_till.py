from small_server import small_server

from dealerdesk.trading import Account, BalanceKind, BalanceOperation


def test_a_deposit_raises_the_balance_and_is_said_before_the_account():
    server = small_server()
    account = server.account(balance=100)
    server.till.book(account, BalanceKind.DEPOSIT, 5_000, provider=1)
    operation, row = (delta.row for delta in server.said())
    assert isinstance(operation, BalanceOperation)
    assert isinstance(row, Account)
    assert (operation.amount, operation.provider, row.balance, row.session_deposits) == (
        5_000,
        "Card: Checkout",
        5_100,
        5_000,
    )


def test_credit_and_bonus_raise_the_credit_only():
    server = small_server()
    account = server.account(balance=100)
    for kind in (BalanceKind.CREDIT, BalanceKind.BONUS):
        server.till.book(account, kind, 30, comment="welcome")
    assert (server.state.accounts.balance[account], server.state.accounts.credit[account]) == (100, 60)
