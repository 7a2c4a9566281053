from small_server import small_config

from dealerdesk.bridges.digest import Ledger
from dealerdesk.bridges.protocol import CHUNK_ROWS_MAX, RowSet
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.snapshots import Snapshots
from dealerdesk.trading import Platform


def gathered(snapshot):
    rows = {each: ([], []) for each in snapshot.rows}
    for each, part, versions in snapshot.chunks:
        assert 0 < len(part) == len(versions) <= CHUNK_ROWS_MAX
        rows[each][0].extend(part)
        rows[each][1].extend(versions)
    return rows


def test_a_snapshot_goes_on_describing_its_moment_while_the_server_trades_on():
    brokerage = Brokerage(small_config(Platform.MT4, accounts=900, positions=4_000))
    snapshots = Snapshots(brokerage.state)
    now = gathered(snapshots.take(tuple(RowSet), brokerage.seq))
    later = snapshots.take(tuple(RowSet), brokerage.seq)
    for _ in range(1_500):
        brokerage.step()
    assert brokerage.seq > 50
    assert gathered(later) == now


def test_a_snapshots_counts_and_digests_are_those_of_its_rows():
    brokerage = Brokerage(small_config(Platform.CTRADER))
    snapshots = Snapshots(brokerage.state)
    for _ in range(1_300):
        snapshots.follow(brokerage.step()[0])
    snapshot = snapshots.take(tuple(RowSet), brokerage.seq)
    for each, (rows, versions) in gathered(snapshot).items():
        ledger = Ledger(each)
        ledger.load_rows(rows, versions)
        assert snapshot.rows[each] == len(rows)
        assert snapshot.digests[each] == ledger.digest()


def test_only_the_sets_asked_for_are_sent():
    brokerage = Brokerage(small_config())
    snapshot = Snapshots(brokerage.state).take({RowSet.POSITION, RowSet.SYMBOL}, 0)
    assert list(gathered(snapshot)) == [RowSet.SYMBOL, RowSet.POSITION]
    assert set(snapshot.digests) == {RowSet.SYMBOL, RowSet.POSITION}
