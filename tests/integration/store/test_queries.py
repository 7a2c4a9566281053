from __future__ import annotations

from decimal import Decimal

from office import EPOCH, NOW_US, SERVER, Office
from recorded_books import snapshot_of
from scripted_broker import ScriptedBroker
from sqlalchemy import Engine

from dealerdesk.bridges.protocol import ResumePoint, RowSet
from dealerdesk.store import queries
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.recording import record_snapshot
from dealerdesk.trading import BalanceOperation, Deal


def grown(engine: Engine) -> ScriptedBroker:
    """A broker after 2,000 steps, recorded."""
    broker = ScriptedBroker(seed=51)
    for _ in range(2_000):
        broker.step()
    with writing(engine) as connection:
        record_snapshot(connection, SERVER, snapshot_of(broker, EPOCH), NOW_US)
    return broker


def test_an_accounts_deals_come_newest_first_in_pages(engine: Engine) -> None:
    broker = grown(engine)
    deals = [row for row, _ in broker.books[RowSet.DEAL].values() if isinstance(row, Deal) and row.login == 1004]
    newest_first = sorted(deals, key=lambda deal: -deal.dealt_us)

    with reading(engine) as connection:
        assert queries.deals_of(connection, SERVER, 1004) == newest_first
        page = queries.deals_of(connection, SERVER, 1004, limit=3)
        rest = queries.deals_of(connection, SERVER, 1004, before_us=page[-1].dealt_us)
        assert queries.deals_of(connection, "MT4", 1004) == []
    assert page + rest == newest_first
    assert len(newest_first) > 5


def test_an_accounts_balance_operations_come_newest_first(engine: Engine) -> None:
    broker = grown(engine)
    rows = [row for row, _ in broker.books[RowSet.BALANCE_OPERATION].values() if isinstance(row, BalanceOperation)]
    expected = sorted((row for row in rows if row.login == 1002), key=lambda row: -row.booked_us)

    with reading(engine) as connection:
        assert queries.balance_operations_of(connection, SERVER, 1002) == expected
        assert queries.balance_operations_of(connection, SERVER, 1002, limit=2) == expected[:2]


def test_final_figures_are_what_the_books_add_up_to(engine: Engine) -> None:
    broker = grown(engine)
    positions = [row for row, _ in broker.books[RowSet.POSITION].values()]
    accounts = {row.login: row for row, _ in broker.books[RowSet.ACCOUNT].values()}
    net: dict[tuple[str, str], int] = {}
    for position in positions:
        key = (SERVER, position.symbol)
        net[key] = net.get(key, 0) + position.side.sign * position.volume

    with reading(engine) as connection:
        figures = queries.final_figures(connection)

    assert figures.net_volume == net
    assert figures.balances == {
        currency: (sum(a.balance for a in accounts.values() if a.currency == currency), 0)
        for currency in ("EUR", "USD")
    }
    assert {(p.login, p.currency, p.symbol, p.side, p.volume, p.open_price, p.swap) for p in figures.positions} == {
        (p.login, accounts[p.login].currency, p.symbol, p.side, p.volume, p.open_price, p.swap) for p in positions
    }
    assert len(figures.positions) == len(positions)
    assert figures.symbols[(SERVER, "EURUSD")].contract_size == Decimal(100_000)
    assert figures.symbols[(SERVER, "EURUSD")] == broker.books[RowSet.SYMBOL]["EURUSD"][0]
    assert figures.recorded == {SERVER: ResumePoint(EPOCH, 2_000)}


def test_the_office_of_the_tests_is_recorded(office: Office) -> None:
    with reading(office.engine) as connection:
        assert queries.recorded(connection) == {SERVER: ResumePoint(EPOCH, 0)}
