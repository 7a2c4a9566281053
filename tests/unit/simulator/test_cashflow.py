import numpy as np
from small_server import small_server

from dealerdesk.bridges.simulator import cashflow
from dealerdesk.bridges.simulator.cashflow import Cashflow
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.instruments import LOT
from dealerdesk.trading import BalanceKind, BalanceOperation

HOUR_US = 3_600_000_000


def flowing(server, hours):
    flow = Cashflow(server.state, server.till, np.random.default_rng(1))
    for _ in range(hours):
        flow.flow(HOUR_US)
    return [delta.row for delta in server.said() if isinstance(delta.row, BalanceOperation)]


def test_clients_pay_in_and_out_at_the_rate_and_in_round_amounts():
    server = small_server()
    for _ in range(100):
        server.account(balance=10_000_000)
    operations = flowing(server, 50)
    expected = cashflow.OPERATIONS_PER_ACCOUNT_AND_SECOND * 100 * 50 * 3_600
    assert 0.7 * expected < len(operations) < 1.3 * expected
    assert {operation.kind for operation in operations} == {BalanceKind.DEPOSIT, BalanceKind.WITHDRAWAL}
    assert all(len(str(abs(operation.amount)).rstrip("0")) <= 2 for operation in operations)
    assert all(operation.provider and operation.reference for operation in operations)


def test_nobody_takes_out_what_its_positions_need():
    server = small_server()
    account = server.account(balance=200_000, leverage=100)
    server.execution.open(Ticket(account, server.symbol("EURUSD"), BUY, LOT))
    server.said()
    operations = flowing(server, 300)
    assert operations
    assert all(operation.kind is BalanceKind.DEPOSIT for operation in operations[:1])
    assert server.state.accounts.balance[account] > 0
