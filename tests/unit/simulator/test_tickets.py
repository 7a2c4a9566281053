from dealerdesk.bridges.simulator.tickets import Tickets
from dealerdesk.trading import Entry, Platform


def test_mt4_numbers_everything_with_one_counter_and_deals_by_their_ticket():
    tickets = Tickets(Platform.MT4)
    order = tickets.order()
    position = tickets.position(order)
    assert position == order == 10_000_001
    assert tickets.deal(position, Entry.IN) == 20_000_002
    assert tickets.deal(position, Entry.OUT) == 20_000_003
    assert tickets.closing_order(position) == position
    assert tickets.balance() == 10_000_002


def test_mt5_names_a_position_after_its_order_and_counts_balance_operations_as_deals():
    tickets = Tickets(Platform.MT5)
    order = tickets.order()
    assert tickets.position(order) == order
    assert tickets.closing_order(order) == order + 1
    deal = tickets.deal(order, Entry.IN)
    assert tickets.balance() == deal + 1
    assert tickets.deal(order, Entry.OUT) == deal + 2


def test_ctrader_counts_positions_orders_deals_and_balance_records_apart():
    tickets = Tickets(Platform.CTRADER)
    assert (tickets.order(), tickets.position(1), tickets.deal(1, Entry.IN), tickets.balance_block(3)) == (
        70_000_001,
        60_000_001,
        80_000_001,
        5_000_001,
    )
    assert tickets.balance() == 5_000_004
    assert tickets.request() == 1
