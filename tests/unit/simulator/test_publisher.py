from small_server import NOON_US, small_server

from dealerdesk.bridges.protocol import Gone, RowSet


def test_each_changed_row_gets_the_next_number_and_has_it_as_its_version():
    server = small_server()
    one, other = server.account(), server.account()
    server.publisher.accounts(one, other)
    server.publisher.gone(RowSet.ORDER, 5)
    server.publisher.routing(one)
    deltas = server.said()
    assert [(delta.seq, delta.version, delta.time_us) for delta in deltas] == [(n, n, NOON_US) for n in (1, 2, 3, 4)]
    assert deltas[2].row == Gone(RowSet.ORDER, 5)
    accounts = server.state.accounts
    assert (accounts.version[one], accounts.version[other], accounts.routing_version[one]) == (1, 2, 4)
    assert server.publisher.seq == 4
    assert server.said() == []
