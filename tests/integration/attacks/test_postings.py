"""What is posted is zero in every currency, belongs to a command that moves money, and never changes."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from attack_cases import GUARD, NOTHING, Attack, cases, refusal_of
from attacked_firm import Firm

KEY, CHECK, TWICE, RANGE = "23503", "23514", "23505", "22003"
HUGE = 2**63 - 1
Lines = tuple[tuple[str, str, int], ...]
WIRE: Lines = (("bank", "USD", 500_00), ("wallet 1", "USD", -500_00))
"""The posted entry: number 1 of paying-001, a wire for client 1."""
EXCHANGE: Lines = (
    ("wallet 1", "USD", 108_00),
    ("exchange", "USD", -108_00),
    ("exchange", "EUR", 100_00),
    ("wallet 1", "EUR", -100_00),
)
PAYING = {
    "paying-001": ("MT5", 1001, "retail", "dispatched"),
    "paying-002": ("MT4", 5001, "retail", "dispatched"),
    "let-through": ("MT5", 1001, "retail", "approved"),
    "paid-00001": ("MT5", 1001, "retail", "confirmed"),
}


def lines(of: str, number: int, *wanted: tuple[str, str, int], first: int = 1) -> str:
    """SQL that writes postings."""
    rows = ", ".join(
        f"('{of}', {number}, {line}, '{account}', '{currency}', {amount})"
        for line, (account, currency, amount) in enumerate(wanted, start=first)
    )
    return f"INSERT INTO postings (command_id, number, line, account, currency, amount) VALUES {rows}"


def close(of: str, number: int) -> str:
    """SQL that writes the entry after its postings."""
    return f"INSERT INTO journal_entries (command_id, number, posted_us) VALUES ('{of}', {number}, 1)"


def entry(of: str, number: int, *wanted: tuple[str, str, int]) -> str:
    """SQL that posts, in one transaction."""
    return f"BEGIN; {lines(of, number, *wanted)}; {close(of, number)}; COMMIT"


def ledger(firm: Firm) -> list[tuple[object, ...]]:
    """All that is posted."""
    with firm.as_superuser() as owner:
        return owner.execute("SELECT * FROM postings FULL JOIN journal_entries USING (command_id, number)").fetchall()


@pytest.fixture(scope="module")
def paying(busy_firm: Firm) -> Firm:
    """The firm with commands that move money, one of them with an entry."""
    for command_id, (server, login, group, state) in PAYING.items():
        busy_firm.arrange(
            "INSERT INTO commands SELECT (jsonb_populate_record(c, jsonb_build_object("
            f"'id', '{command_id}', 'kind', 'change_balance', 'server', '{server}', 'login', {login},"
            f" 'group_name', '{group}', 'state', '{state}'))).* FROM commands AS c WHERE id = 'being-done'"
        )
    with busy_firm.connect("dealerdesk_hub") as hub:
        hub.execute(entry("paying-001", 1, *WIRE).encode())
    return busy_firm


@pytest.fixture
def same_ledger(paying: Firm) -> Iterator[Firm]:
    """Whatever is tried, what is posted stays as it is."""
    before = ledger(paying)
    yield paying
    assert ledger(paying) == before


def by(login: str, refusal: str, *attacks: tuple[str, str]) -> tuple[Attack, ...]:
    """The login tries each."""
    return tuple(Attack(sentence, login, sql, refusal) for sentence, sql in attacks)


HUB = "dealerdesk_hub"
UNBALANCED = (
    *by(
        HUB,
        GUARD,
        ("a cent out", entry("paying-001", 2, ("bank", "USD", 100), ("wallet 1", "USD", -99))),
        ("one side alone", entry("paying-001", 2, ("bank", "USD", 100))),
        ("zero over two currencies", entry("paying-001", 2, ("bank", "USD", 100), ("wallet 1", "EUR", -100))),
        ("one currency out of two", entry("paying-001", 2, *EXCHANGE[:3], ("wallet 1", "EUR", -99_99))),
        ("without a posting", close("paying-001", 2)),
        (
            "zero once the sum has run over",
            entry("paying-001", 2, ("bank", "USD", HUGE), ("bank", "USD", HUGE), ("wallet 1", "USD", 2)),
        ),
        (
            "balanced by the postings of another entry",
            f"BEGIN; {lines('paying-001', 2, ('bank', 'USD', 100))}; {lines('paying-001', 3, ('bank', 'USD', -100))};"
            f" {close('paying-001', 2)}; COMMIT",
        ),
        (
            "balanced by the postings of another command",
            f"BEGIN; {lines('paying-001', 2, ('bank', 'USD', 9))}; {lines('paying-002', 2, ('bank', 'USD', -9))};"
            f" {close('paying-001', 2)}; COMMIT",
        ),
        ("one more in an entry", lines("paying-001", 1, ("bank", "USD", 1), first=3)),
        (
            "one more in the same transaction",
            f"BEGIN; {lines('paying-001', 2, *WIRE)}; {close('paying-001', 2)};"
            f" {lines('paying-001', 2, ('bank', 'USD', 1), first=3)}; COMMIT",
        ),
        (
            "one more behind a savepoint",
            f"BEGIN; {lines('paying-001', 2, *WIRE)}; {close('paying-001', 2)}; SAVEPOINT a;"
            f" {lines('paying-001', 2, ('bank', 'USD', 1), first=3)}; COMMIT",
        ),
        ("the entry again", close("paying-001", 1)),
        ("the entry again if it is not there", close("paying-001", 1) + " ON CONFLICT DO NOTHING"),
    ),
    *by(
        HUB,
        KEY,
        ("postings without their entry", lines("paying-001", 2, ("bank", "USD", 5))),
        (
            "postings whose key is looked at later",
            f"BEGIN; SET CONSTRAINTS ALL DEFERRED; {lines('paying-001', 2, ('bank', 'USD', 5))}; COMMIT",
        ),
    ),
    *by(
        HUB,
        CHECK,
        ("nothing at all", lines("paying-001", 2, ("bank", "USD", 0))),
        ("no account", lines("paying-001", 2, ("", "USD", 5))),
        ("a currency in small letters", lines("paying-001", 2, ("bank", "usd", 5))),
        ("no currency", lines("paying-001", 2, ("bank", "", 5))),
        ("an entry before the first", entry("paying-001", 0, *WIRE)),
    ),
    *by(HUB, RANGE, ("more than can be counted", lines("paying-001", 2, ("bank", "USD", HUGE + 1)))),
    *by(HUB, TWICE, ("one line twice", lines("paying-001", 2, *WIRE) + f"; {lines('paying-001', 2, *WIRE)}")),
)

OF_NO_PAYMENT = by(
    HUB,
    GUARD,
    ("a change of book", entry("being-done", 1, *WIRE)),
    ("a payment that is only let through", entry("let-through", 1, *WIRE)),
    ("a payment that is done", entry("paid-00001", 1, *WIRE)),
    ("no command", entry("nothing-01", 1, *WIRE)),
    ("an entry of a payment that is done", close("paid-00001", 1)),
)

CHANGES = (
    *(
        (f"{verb} {table}", sql.format(table))
        for table in ("postings", "journal_entries")
        for verb, sql in (
            ("changing the command of", "UPDATE {} SET command_id = 'paying-002'"),
            ("renumbering", "UPDATE {} SET number = 9"),
            ("removing", "DELETE FROM {}"),
            ("emptying", "TRUNCATE {} CASCADE"),
        )
    ),
    ("changing the amount of postings", "UPDATE postings SET amount = amount * 2"),
    ("changing the account of postings", "UPDATE postings SET account = 'mine'"),
    ("changing the time of journal_entries", "UPDATE journal_entries SET posted_us = 1"),
)
OPENING = (
    ("switching guards off", "ALTER TABLE postings DISABLE TRIGGER ALL"),
    ("switching guards off for the session", "SET session_replication_role = replica"),
    ("dropping the key", "ALTER TABLE postings DROP CONSTRAINT fk_postings_command_id_number"),
    ("writing over what is there", lines("paying-001", 1, *WIRE) + " ON CONFLICT (command_id, number, line)"
     " DO UPDATE SET amount = 1"),
)  # fmt: skip
PEOPLE = ("dana", "otto", "ben", "cleo", "carol", "iris", "adam")


@cases(*UNBALANCED)
def test_nothing_unbalanced_is_posted_by(same_ledger: Firm, attack: Attack) -> None:
    assert refusal_of(same_ledger, attack) == attack.refusal


@cases(*OF_NO_PAYMENT)
def test_nothing_is_posted_of(same_ledger: Firm, attack: Attack) -> None:
    assert refusal_of(same_ledger, attack) == attack.refusal


@cases(*by(HUB, "42501", *CHANGES, *OPENING), *by("ben", "42501", *CHANGES, *OPENING))
def test_what_is_posted_is_closed_to(same_ledger: Firm, attack: Attack) -> None:
    assert refusal_of(same_ledger, attack) == attack.refusal


@cases(*by("dealerdesk_migrator", GUARD, *CHANGES))
def test_what_is_posted_is_closed_to_the_owner(same_ledger: Firm, attack: Attack) -> None:
    assert refusal_of(same_ledger, attack) == attack.refusal


@pytest.mark.parametrize("sql", [sql for _, sql in CHANGES], ids=[name.replace(" ", "_") for name, _ in CHANGES])
def test_what_is_posted_stays_in_a_replicas_session(same_ledger: Firm, sql: str) -> None:
    with same_ledger.as_superuser() as owner, pytest.raises(psycopg.errors.RestrictViolation):
        owner.execute(f"SET session_replication_role = replica; {sql}".encode())


@pytest.mark.parametrize("login", PEOPLE)
def test_people_post_nothing(same_ledger: Firm, login: str) -> None:
    for sql in (lines("paying-001", 2, *WIRE), close("paying-001", 2)):
        assert refusal_of(same_ledger, Attack("posting", login, sql)) == "42501"


@cases(
    Attack("a dealer", "dana", "SELECT amount FROM postings"),
    Attack("an administrator", "adam", "SELECT * FROM journal_entries"),
    Attack("a supervisor of another server", "sam", "SELECT * FROM postings", NOTHING),
    Attack("a supervisor who has left", "gus", "SELECT * FROM postings", NOTHING),
)
def test_what_is_posted_is_not_read_by(paying: Firm, attack: Attack) -> None:
    assert refusal_of(paying, attack) == attack.refusal


@pytest.mark.parametrize("login", ["otto", "ben", "cleo", "carol", "iris"])
def test_who_sees_money_reads_what_is_posted(paying: Firm, login: str) -> None:
    with paying.connect(login) as person:
        amounts = person.execute(
            "SELECT amount FROM postings WHERE command_id = 'paying-001' AND number = 1"
        ).fetchall()

    assert sorted(amounts) == [(-500_00,), (500_00,)]


def test_the_hub_posts_entries_in_several_currencies_one_after_another(paying: Firm) -> None:
    with paying.connect(HUB) as hub:
        hub.execute(entry("paying-002", 1, *EXCHANGE).encode())
        hub.execute(entry("paying-002", 2, *WIRE).encode())
        numbers = hub.execute(
            "SELECT number, count(*) FROM postings WHERE command_id = 'paying-002' GROUP BY number ORDER BY number"
        ).fetchall()
        sums = hub.execute("SELECT DISTINCT sum(amount) FROM postings GROUP BY command_id, number, currency").fetchall()

    assert numbers == [(1, 4), (2, 2)]
    assert sums == [(0,)]


def test_the_time_of_an_entry_is_the_databases_own(paying: Firm) -> None:
    with paying.connect(HUB) as hub:
        hub.execute(entry("paying-002", 7, *WIRE).encode())
        row = hub.execute(
            "SELECT abs(posted_us - api.clock_us()) < 60000000 FROM journal_entries"
            " WHERE command_id = 'paying-002' AND number = 7"
        ).fetchone()

    assert row == (True,)


def test_what_another_transaction_has_not_committed_balances_nothing(same_ledger: Firm) -> None:
    with same_ledger.connect(HUB) as first, same_ledger.connect(HUB) as second:
        first.execute("BEGIN")
        first.execute(lines("paying-001", 2, ("bank", "USD", 5)).encode())
        second.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            second.execute(lines("paying-001", 2, *WIRE, first=2).encode())
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            first.execute("COMMIT")


def test_an_old_snapshot_adds_nothing_to_a_posted_entry(paying: Firm) -> None:
    with paying.connect(HUB) as old, paying.connect(HUB) as new:
        old.execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1 FROM commands")
        new.execute(entry("paying-002", 8, *WIRE).encode())
        old.execute(lines("paying-002", 8, ("bank", "USD", 5), first=3).encode())
        with pytest.raises((psycopg.errors.ForeignKeyViolation, psycopg.errors.SerializationFailure)):
            old.execute("COMMIT")


def test_a_payment_is_not_settled_between_its_postings_and_their_entry(same_ledger: Firm) -> None:
    with same_ledger.connect(HUB) as posting, same_ledger.connect(HUB) as settling:
        posting.execute("BEGIN")
        posting.execute(lines("paying-001", 2, *WIRE).encode())
        settling.execute("SET lock_timeout = '200ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            settling.execute("UPDATE commands SET state = 'failed' WHERE id = 'paying-001'")
        posting.execute("ROLLBACK")
