import numpy as np
import pytest
from small_server import small_server

from dealerdesk.bridges.protocol import RowSet
from dealerdesk.bridges.simulator.rows import RowWriter, day_name
from dealerdesk.bridges.simulator.tables import BOOK_A
from dealerdesk.trading import Book


def test_a_frozen_writer_keeps_texts_as_they_were():
    server = small_server()
    account = server.account()
    server.state.routing_command[1_001] = "first"
    live, frozen = RowWriter(server.state), RowWriter(server.state, frozen=True)
    server.state.routing_command[1_001] = "second"
    slots = np.array([account])
    assert live.rows(RowSet.ROUTING, server.state.accounts, slots)[0].command_id == "second"
    assert frozen.rows(RowSet.ROUTING, server.state.accounts, slots)[0].command_id == "first"


def test_codes_become_the_vocabularys_words():
    server = small_server()
    account = server.account()
    server.state.accounts.book[account] = BOOK_A
    row = RowWriter(server.state).rows(RowSet.ROUTING, server.state.accounts, np.array([account]))[0]
    assert row.book is Book.A


def test_a_set_without_a_table_is_refused():
    server = small_server()
    with pytest.raises(ValueError, match="no rows of"):
        RowWriter(server.state).rows(RowSet.CLIENT, server.state.accounts, np.array([0]))


def test_a_day_is_named_by_its_date():
    assert day_name(20_410) == "2025-11-18"
