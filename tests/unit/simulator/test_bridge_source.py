from small_server import NOON_US, small_config

from dealerdesk.bridges.protocol import Command, RowSet, SetBook, Stage
from dealerdesk.bridges.simulator.bridge_source import SimulatedSource
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.snapshots import Snapshots
from dealerdesk.trading import Book


def test_a_command_is_reported_sent_and_carried_out_in_the_step_it_was_logged_for():
    brokerage = Brokerage(small_config())
    source = SimulatedSource(brokerage, {})
    source.step()
    assert (source.mark(), source.time_us()) == (1, NOON_US + 50_000)
    acks = []
    command = Command("c1", SetBook(700_001, Book.A, 100), "dana", 0)
    source.execute(command, source.mark(), acks.append)
    assert [ack.stage for ack in acks] == [Stage.SENT]
    deltas, _ticks, done = source.step()
    assert [ack.stage for ack in done] == [Stage.DONE]
    assert deltas[0].row.book is Book.A
    assert source.step()[2] == []


def test_digests_are_those_of_the_last_step():
    brokerage = Brokerage(small_config())
    source = SimulatedSource(brokerage, {})
    for _ in range(200):
        source.step()
    assert source.digests() == Snapshots(brokerage.state).digests()
    assert source.snapshot({RowSet.ACCOUNT}).as_of == brokerage.seq
