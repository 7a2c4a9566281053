import numpy as np
from small_server import NOON_US, small_server

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.bridges.simulator.execution import Ticket
from dealerdesk.bridges.simulator.rollover import Rollover
from dealerdesk.bridges.simulator.tables import BUY
from dealerdesk.clock import HOUR_US
from dealerdesk.instruments import LOT
from dealerdesk.trading import Account, DayEnd, DealReason, Position, SessionResult

TEN_US = NOON_US + 10 * HOUR_US


def test_nothing_happens_before_22_utc():
    server = small_server()
    server.account()
    rollover = Rollover(server.state, server.publisher, NOON_US)
    server.state.time_us = TEN_US - 1
    rollover.follow_time()
    assert server.said() == []


def test_an_account_changes_day_whole_and_once():
    server = small_server()
    account, symbol = server.account(balance=1_000_000), server.symbol("EURUSD")
    gone = server.execution.open(Ticket(account, server.symbol("US500"), BUY, LOT))
    server.execution.close(gone, LOT, DealReason.CLIENT)
    server.execution.open(Ticket(account, symbol, BUY, LOT))
    server.said()
    rollover = Rollover(server.state, server.publisher, NOON_US)
    server.state.time_us = TEN_US
    rollover.follow_time()

    said = [delta.row for delta in server.said()]
    assert [type(row) for row in said] == [Position, DayEnd, Account, Gone, SessionResult]
    position, day_end, row, gone_row, result = said
    assert position.swap == -720
    assert (day_end.day, day_end.balance, day_end.floating, day_end.realised) == ("2025-11-18", 999_950, -1_000, -50)
    assert day_end.margin == 110_005
    assert (row.session_realised, row.session_start_equity) == (0, 999_950 - 1_000 - 720)
    assert gone_row == Gone(RowSet.SESSION_RESULT, f"{row.login}/US500")
    assert (result.realised, result.start_floating) == (0, -1_720)
    rollover.follow_time()
    assert server.said() == []


def test_many_accounts_are_taken_a_few_at_a_time_within_1200_steps():
    server = small_server()
    for _ in range(2_500):
        server.account()
    rollover = Rollover(server.state, server.publisher, NOON_US)
    server.state.time_us = TEN_US
    per_step = []
    for _ in range(1_200):
        rollover.follow_time()
        per_step.append(len(server.said()))
    assert max(per_step) == 2 * 3
    assert sum(per_step) == 2 * 2_500
    assert len(server.state.day_ends) == 2_500
    assert np.unique(server.state.day_ends.column("account")).size == 2_500
