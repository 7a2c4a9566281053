"""What the client library and the server say, and what a person reads."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import DBAPIError

from dealerdesk.store.connection_trouble import CANNOT_BE_USED, Reason, Trouble, reason_of, told, unanswered
from dealerdesk.store.engine import DatabaseUnavailable

BEFORE = 'connection failed: connection to server at "127.0.0.1", port 5432 failed: '


@pytest.mark.parametrize(
    ("said", "trouble", "words"),
    [
        ('FATAL:  password authentication failed for user "dana"', Trouble.PASSWORD, "name or the password is wrong"),
        ('FATAL:  role "dana" is not permitted to log in', Trouble.NO_LOGIN, "has been closed"),
        ("SSL error: certificate verify failed", Trouble.CERTIFICATE, "has run out, or is not signed by"),
        (
            'server certificate for "db" does not match host name "127.0.0.1"',
            Trouble.CERTIFICATE,
            "made out to another name",
        ),
        ('root certificate file "/x/root.crt" does not exist', Trouble.CERTIFICATE, "as database_ca"),
        ("server does not support SSL, but SSL was required", Trouble.NO_TLS, "does not offer TLS"),
        (
            'FATAL:  no pg_hba.conf entry for host "127.0.0.1", user "dana", database "desk", no encryption',
            Trouble.NO_TLS,
            "without TLS",
        ),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "dana"', Trouble.REFUSED, "from this machine"),
        ("channel binding required, but server authenticated client without it", Trouble.WEAK, "did not prove"),
        (
            'authentication method requirement "scram-sha-256" failed: server requested a cleartext password',
            Trouble.WEAK,
            "gives it away",
        ),
        ('FATAL:  database "desk" does not exist', Trouble.ABSENT, "no such database"),
        ("Connection refused\n\tIs the server running on that host?", Trouble.DOWN, "Nothing answers"),
        ("timeout expired", Trouble.DOWN, "does not answer"),
        ('could not translate host name "db" to address', Trouble.DOWN, "not known on this network"),
        ("FATAL:  the database system is starting up", Trouble.DOWN, "is starting"),
        ("FATAL:  sorry, too many connections for role", Trouble.DOWN, "no room"),
    ],
)
def test_each_obstacle_has_its_own_sentence(said: str, trouble: Trouble, words: str) -> None:
    reason = reason_of(DatabaseUnavailable(BEFORE + said))

    assert reason.trouble is trouble
    assert words in reason.sentence


def test_only_what_may_pass_by_itself_is_tried_again() -> None:
    assert [trouble for trouble in Trouble if trouble.may_pass] == [Trouble.DOWN]


def test_what_nobody_foresaw_is_passed_on_in_one_line() -> None:
    assert reason_of(OSError("the disk\n\tsays no")) == Reason(
        Trouble.REFUSED, "The database cannot be used: the disk says no"
    )
    assert len(reason_of(OSError("x" * 1_000)).sentence) == 300


def test_what_befalls_a_line_in_use_is_a_sentence_and_the_raw_words_stand_beside_it() -> None:
    raw = f"{BEFORE}Connection refused\n\tIs the server running on that host?"

    assert told(DatabaseUnavailable(raw)) == ("Nothing answers at the database's address.", " ".join(raw.split()))


def test_words_of_the_driver_that_nobody_foresaw_are_no_sentence_and_the_programs_own_are() -> None:
    driver, own = DatabaseUnavailable("consuming input failed: EOF"), DatabaseUnavailable("Another desk holds a lock.")
    for error in (driver, own):
        error.__cause__ = DBAPIError(None, None, OSError("consuming input failed: EOF"))

    assert told(driver) == ("The database cannot be used just now.", "consuming input failed: EOF")
    assert told(own) == ("Another desk holds a lock.", "")


def test_a_question_without_an_answer_is_told_in_a_sentence_and_never_in_the_librarys_words() -> None:
    dropped = OSError("consuming input failed: server closed the connection unexpectedly\n\tThis probably means…")
    foreign = OSError("consuming input failed: EOF")
    foreign.__cause__ = DBAPIError("SELECT 1", {}, Exception("consuming input failed: EOF"))

    assert unanswered(dropped) == "The database broke the connection off."
    assert unanswered(foreign) == CANNOT_BE_USED
    assert unanswered(OSError("it is of another age")) == "The database does not answer: it is of another age"
