"""The ledger's tables on either database: an entry stands when it is zero in every currency, and stays."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import EPOCH, Office
from sqlalchemy import Connection, func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from dealerdesk.bridges.protocol import ChangeBalance, SetBook
from dealerdesk.commands import dispatch
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.ledger import journal_entries, postings
from dealerdesk.trading import BalanceKind, Book

Lines = tuple[tuple[str, str, int], ...]
WIRE: Lines = (("bank", "USD", 500_00), ("wallet 1", "USD", -500_00))
DEPOSIT = ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=500_00)


@pytest.fixture
def paying(office: Office) -> CommandRecord:
    """A deposit that is being carried out."""
    record = office.request("ben", DEPOSIT)
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, record.id, EPOCH, office.now_us)
    return record


def write(connection: Connection, of: str, number: int, lines: Lines, first: int = 1) -> None:
    """Postings alone."""
    rows = [
        {"command_id": of, "number": number, "line": line, "account": account, "currency": currency, "amount": amount}
        for line, (account, currency, amount) in enumerate(lines, start=first)
    ]
    if rows:
        connection.execute(insert(postings), rows)


def close(connection: Connection, of: str, number: int) -> None:
    """Their entry."""
    connection.execute(insert(journal_entries), {"command_id": of, "number": number, "posted_us": 1})


def post(office: Office, of: str, number: int, lines: Lines) -> None:
    """One entry, in one transaction."""
    with writing(office.engine) as connection:
        write(connection, of, number, lines)
        close(connection, of, number)


def posted(office: Office) -> list[tuple[object, ...]]:
    """All postings."""
    with reading(office.engine) as connection:
        return [tuple(row) for row in connection.execute(select(postings).order_by(postings.c.number, postings.c.line))]


def test_an_entry_is_posted_and_counted_within_its_command(office: Office, paying: CommandRecord) -> None:
    post(office, paying.id, 1, WIRE)
    post(office, paying.id, 2, WIRE)

    assert posted(office) == [
        (paying.id, 1, 1, "bank", "USD", 500_00),
        (paying.id, 1, 2, "wallet 1", "USD", -500_00),
        (paying.id, 2, 1, "bank", "USD", 500_00),
        (paying.id, 2, 2, "wallet 1", "USD", -500_00),
    ]


def test_an_entry_that_is_a_cent_out_is_refused(office: Office, paying: CommandRecord) -> None:
    with pytest.raises(IntegrityError, match="an entry is zero in every currency"):
        post(office, paying.id, 1, (("bank", "USD", 500_00), ("wallet 1", "USD", -499_99)))

    assert posted(office) == []


def test_postings_without_their_entry_are_not_committed(office: Office, paying: CommandRecord) -> None:
    with pytest.raises(IntegrityError), writing(office.engine) as connection:
        write(connection, paying.id, 1, WIRE)

    assert posted(office) == []


def test_nothing_is_added_to_a_posted_entry(office: Office, paying: CommandRecord) -> None:
    post(office, paying.id, 1, WIRE)

    with (
        pytest.raises(IntegrityError, match="nothing is added to a posted entry"),
        writing(office.engine) as connection,
    ):
        write(connection, paying.id, 1, WIRE, first=3)


def test_an_entry_is_posted_once(office: Office, paying: CommandRecord) -> None:
    post(office, paying.id, 1, WIRE)

    with pytest.raises(IntegrityError, match="posted already"), writing(office.engine) as connection:
        close(connection, paying.id, 1)


def test_a_sum_that_runs_over_the_largest_number_is_no_zero(office: Office, paying: CommandRecord) -> None:
    with pytest.raises(DBAPIError):
        post(office, paying.id, 1, (("bank", "USD", 2**63 - 1), ("bank", "USD", 2**63 - 1), ("wallet 1", "USD", 2)))

    assert posted(office) == []


@pytest.mark.parametrize("table", ["postings", "journal_entries"])
def test_what_is_posted_is_never_changed_or_removed(office: Office, paying: CommandRecord, table: str) -> None:
    post(office, paying.id, 1, WIRE)

    for sql in (f"UPDATE {table} SET number = 2", f"DELETE FROM {table}"):
        with pytest.raises(IntegrityError, match="never changed or removed"), writing(office.engine) as connection:
            connection.execute(text(sql))


def test_only_a_command_that_is_moving_money_posts(office: Office, paying: CommandRecord) -> None:
    changing_book = office.request("dana", SetBook(login=1002, book=Book.A, covered_percent=100))
    with writing(office.engine) as connection:
        dispatch.mark_dispatched(connection, changing_book.id, EPOCH, office.now_us)
    approved = office.request("ben", ChangeBalance(login=1003, operation=BalanceKind.DEPOSIT, amount=500_00))

    for of in (changing_book.id, approved.id, "nothing-01"):
        with pytest.raises(IntegrityError, match="posted by a command that moves money"):
            post(office, of, 1, WIRE)

    with writing(office.engine) as connection:
        dispatch.settle_by_id(connection, paying.id, CommandState.FAILED, "no", office.now_us)
    with pytest.raises(IntegrityError, match="posted by a command that moves money"):
        post(office, paying.id, 1, WIRE)


ACCOUNTS = st.sampled_from(["bank", "wallet 1", "wallet 2", "fees"])
CURRENCIES = st.sampled_from(["USD", "EUR"])
AMOUNTS = st.integers(-3, 3).filter(bool) | st.sampled_from([2**58, -(2**58)])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(st.tuples(ACCOUNTS, CURRENCIES, AMOUNTS), max_size=5), mirrored=st.booleans())
def test_an_entry_stands_exactly_when_every_currency_is_zero(
    office: Office, paying: CommandRecord, lines: list[tuple[str, str, int]], mirrored: bool
) -> None:
    if mirrored:
        lines = [*lines, *((account, currency, -amount) for account, currency, amount in lines)]
    totals: Counter[str] = Counter()
    for _, currency, amount in lines:
        totals[currency] += amount
    with reading(office.engine) as connection:
        number = connection.scalar(select(func.count()).select_from(journal_entries)) or 0

    try:
        post(office, paying.id, number + 1, tuple(lines))
        stands = True
    except IntegrityError:
        stands = False

    assert stands == (bool(lines) and not any(totals.values()))
    with reading(office.engine) as connection:
        sums = connection.execute(
            select(postings.c.currency, func.sum(postings.c.amount)).group_by(postings.c.number, postings.c.currency)
        ).all()
    assert {total for _, total in sums} <= {0}
