from __future__ import annotations

from decimal import Decimal

import pytest
from office import NOW_US, SERVER, TO_A, Office

from dealerdesk.bridges.protocol import RowSet, SetBook
from dealerdesk.commands import policy
from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.records import Need
from dealerdesk.commands.roles import Role
from dealerdesk.instruments import LOT
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.feed import FeedReader
from dealerdesk.trading import Book, Position


def enact(office: Office, rule: Rule, policy_id: str = "p", at_us: int = NOW_US) -> int:
    with writing(office.engine) as connection:
        return policy.enact(connection, policy_id, "set_book", rule, author="setup", note="n", now_us=at_us)


def needs(office: Office, body: SetBook = TO_A, server: str = SERVER, at_us: int = NOW_US) -> tuple[Need, ...]:
    with reading(office.engine) as connection:
        return policy.needs(connection, server, body, at_us)


def lots_of(office: Office, login: int) -> Decimal:
    """The account's open lots by the broker's own books."""
    rows = [row for row, _ in office.broker.books[RowSet.POSITION].values()]
    return Decimal(sum(row.volume for row in rows if isinstance(row, Position) and row.login == login)) / LOT


def test_without_a_rule_that_applies_nobody_is_asked(office: Office) -> None:
    assert needs(office) == ()


def test_an_account_at_the_limit_needs_a_supervisor_and_one_just_below_does_not(office: Office) -> None:
    lots = lots_of(office, 1001)
    enact(office, Rule(open_lots_min=lots))
    (need,) = needs(office)
    assert (need.policy, need.approvals, need.roles) == ("p v1", 1, (Role.SUPERVISOR,))
    assert need.words == f"{lots.normalize():f} lots are open, {lots.normalize():f} or more need approval"

    enact(office, Rule(open_lots_min=lots + Decimal("0.00000001")))
    assert needs(office) == ()


def test_both_sides_of_the_open_volume_count(office: Office) -> None:
    with reading(office.engine) as connection:
        assert policy.open_lots(connection, SERVER, 1001) == lots_of(office, 1001) > 0
        assert policy.open_lots(connection, SERVER, 999) == 0


@pytest.mark.parametrize(("book", "share", "count"), [(Book.A, 100, 1), (Book.C, 50, 0)])
def test_a_rule_for_one_book_leaves_the_others_alone(office: Office, book: Book, share: int, count: int) -> None:
    enact(office, Rule(to_books=(Book.A,)))

    assert len(needs(office, SetBook(login=1001, book=book, covered_percent=share))) == count


def test_a_rule_for_one_server_leaves_the_others_alone(office: Office) -> None:
    enact(office, Rule(servers=("MT4",)))

    assert needs(office) == ()
    assert [need.words for need in needs(office, server="MT4")] == ["always needs approval"]


def test_every_rule_that_applies_must_be_satisfied(office: Office) -> None:
    enact(office, Rule(to_books=(Book.A,)), "a-moves")
    enact(office, Rule(open_lots_min=Decimal(0), approvals=2, roles=(Role.HEAD_DEALER,)), "everything")

    asked = office.request("ana")

    assert [need.policy for need in asked.needs] == ["a-moves v1", "everything v1"]
    assert asked.approvals_needed == 2
    assert office.approve("carol", asked).state == "requested"
    assert office.approve("dana", asked).state == "requested"


def test_a_new_version_replaces_the_one_before_from_its_moment_on(office: Office) -> None:
    assert enact(office, Rule(approvals=1), at_us=NOW_US) == 1
    assert enact(office, Rule(approvals=2), at_us=NOW_US + 100) == 2

    assert [need.policy for need in needs(office, at_us=NOW_US - 1)] == []
    assert [need.policy for need in needs(office, at_us=NOW_US + 99)] == ["p v1"]
    assert [need.policy for need in needs(office, at_us=NOW_US + 100)] == ["p v2"]


def test_an_ended_policy_asks_for_nothing_and_is_announced(office: Office) -> None:
    enact(office, Rule())
    reader = FeedReader()
    with reading(office.engine) as connection:
        reader.changes(connection)

    with writing(office.engine) as connection:
        policy.end(connection, "p", author="setup", now_us=NOW_US + 1)

    assert needs(office, at_us=NOW_US + 1) == ()
    with reading(office.engine) as connection:
        assert [(change.table, change.key) for change in reader.changes(connection)] == [("policies", "p")]


def test_the_demonstrations_policy_reads_as_a_rule(office: Office) -> None:
    for volume, expected in ((49, ()), (50, ("set-book-large-account v1",))):
        with writing(office.engine) as connection:
            connection.exec_driver_sql("DELETE FROM positions WHERE login = 1020")
            connection.exec_driver_sql(
                "INSERT INTO positions (server, epoch, sequence, id, login, symbol, side, volume, open_price,"
                f" opened_us, swap, commission, reason, comment) VALUES ('{SERVER}', 'e1', 0, {900 + volume}, 1020,"
                f" 'EURUSD', 'buy', {volume * LOT}, '1.1', 0, 0, 0, 'client', '')"
            )

        found = needs(office, SetBook(login=1020, book=Book.A, covered_percent=100))

        assert tuple(need.policy for need in found) == expected
