from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time

import pytest
from scripted_lp import NOON_US, TERMS, ScriptedLp, text

from dealerdesk.bridges.fix.numbers import MemoryNumbers
from dealerdesk.bridges.fix.session import FixSession, SessionState
from dealerdesk.bridges.fix.session_terms import SessionTerms
from dealerdesk.bridges.fix.tags import MsgType, Tag
from dealerdesk.bridges.fix.wire import Received
from dealerdesk.clock import SECOND_US, to_us


class Ear:
    """Takes news of type B, which must have a headline; remembers what it was told."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.told: list[str] = []

    def joined(self, now_us: int) -> None:
        self.told.append("joined")

    def take(self, message: Received, now_us: int) -> bool:
        if message.type != "B":
            return False
        self.taken.append(message.text(Tag.TEXT))
        return True

    def refused(self, seq: int, text: str, now_us: int) -> None:
        self.told.append(f"refused {seq}: {text}")

    def lost(self) -> None:
        self.told.append("lost")


def a_session(terms: SessionTerms = TERMS) -> tuple[ScriptedLp, Ear, MemoryNumbers]:
    ear, numbers = Ear(), MemoryNumbers()
    return ScriptedLp(FixSession(terms, numbers, ear)), ear, numbers


def up(terms: SessionTerms = TERMS) -> tuple[ScriptedLp, Ear, MemoryNumbers]:
    lp, ear, numbers = a_session(terms)
    lp.log_on()
    return lp, ear, numbers


def test_a_logon_names_both_sides_the_heartbeat_and_the_password() -> None:
    lp, ear, _ = a_session(replace(TERMS, username="broker", password="secret"))

    lp.log_on()

    logon = lp.heard[0]
    fields = [text(logon, tag) for tag in (35, 49, 56, 34, 98, 108, 553, 554, 141)]
    assert fields == ["A", "BROKER", "LP", "1", "0", "30", "broker", "secret", ""]
    assert ear.told == ["joined"]


def test_a_test_request_is_answered_with_its_own_id() -> None:
    lp, _, _ = up()

    lp.say("1", (112, "are you there"))

    assert text(lp.last("0"), 112) == "are you there"


def test_silence_of_ours_is_filled_with_heartbeats() -> None:
    lp, _, _ = up()
    lp.wait(29)
    assert lp.kinds() == ["A"]

    lp.wait(1)

    assert lp.kinds() == ["A", "0"]


def test_a_silent_lp_is_asked_and_then_given_up() -> None:
    lp, ear, _ = up()

    lp.wait(37)
    assert lp.kinds()[-1] == "1"
    lp.wait(36)

    assert lp.session.state is SessionState.DOWN
    assert lp.session.why == "nothing came for 73 s"
    assert ear.told == ["joined", "lost"]


def test_an_answer_to_the_test_request_keeps_the_session_up() -> None:
    lp, _, _ = up()
    lp.wait(37)

    lp.say("0", (112, text(lp.last("1"), 112)))
    lp.wait(30)

    assert lp.session.state is SessionState.UP


def test_a_logon_without_an_answer_ends_after_ten_seconds() -> None:
    lp, _, _ = a_session()
    lp.session.connected(lp.now_us)

    lp.wait(11)

    assert lp.session.why == "no answer to the logon"


def test_a_refused_logon_says_why() -> None:
    lp, ear, _ = a_session()
    lp.session.connected(lp.now_us)

    lp.say("5", (58, "wrong password"))

    assert (lp.session.state, lp.session.why) == (SessionState.DOWN, "the LP logged out: wrong password")
    assert "joined" not in ear.told


def test_a_gap_is_asked_for_once_and_taken_in_order() -> None:
    lp, ear, _ = up()
    missed = lp.message("B", (148, "x"), (58, "one"))
    again = lp.message("B", (148, "x"), (58, "two"))

    lp.session.received(again, lp.now_us)
    lp.say("B", (148, "x"), (58, "three"))
    assert ear.taken == []
    assert [text(lp.last("2"), tag) for tag in (7, 16)] == ["2", "0"]
    assert lp.kinds().count("2") == 1
    lp.session.received(missed, lp.now_us)
    lp.say("B", (148, "x"), (58, "two"), seq=3, poss_dup=True)
    lp.say("B", (148, "x"), (58, "three"), seq=4, poss_dup=True)

    assert ear.taken == ["one", "two", "three"]


def test_a_gap_that_stays_open_is_asked_for_again_after_ten_seconds() -> None:
    lp, _, _ = up()
    lp.say("B", (58, "late"), seq=9)

    lp.wait(5)
    assert lp.kinds().count("2") == 1
    lp.wait(6)

    assert lp.kinds().count("2") == 2


def test_a_gap_filled_by_the_lp_is_skipped() -> None:
    lp, ear, numbers = up()
    lp.say("B", (58, "late"), seq=6)

    lp.say("4", (123, "Y"), (36, 6), seq=2, poss_dup=True)
    lp.say("B", (58, "late"), seq=6, poss_dup=True)

    assert ear.taken == ["late"]
    assert numbers.next_in == 7


def test_a_resend_request_is_answered_with_a_gap_fill_over_everything() -> None:
    lp, _, numbers = up()
    for kind in (MsgType.NEW_ORDER, MsgType.CANCEL, MsgType.REPLACE):
        with lp.session.work():
            lp.session.send(kind, [(Tag.CL_ORD_ID, "x")], lp.now_us)
    lp.listen()

    lp.say("2", (7, 1), (16, 0))

    fill = lp.heard[-1]
    assert [text(fill, tag) for tag in (35, 34, 43, 123, 36)] == ["4", "1", "Y", "Y", "5"]
    assert text(fill, 122)
    assert lp.kinds() == ["A", "D", "F", "G", "4"]
    assert numbers.next_out == 5


def test_part_of_what_was_sent_is_filled_up_to_its_end() -> None:
    lp, _, _ = up()
    for _ in range(5):
        lp.wait(30)
        lp.say("0")

    lp.say("2", (7, 2), (16, 3))

    assert [text(lp.last("4"), tag) for tag in (34, 36)] == ["2", "4"]


def test_a_resend_request_for_what_was_never_sent_is_rejected() -> None:
    lp, _, _ = up()

    lp.say("2", (7, 40), (16, 0))

    assert [text(lp.last("3"), tag) for tag in (45, 371, 372, 373)] == ["2", "7", "2", "5"]


def test_both_sides_can_miss_messages_at_once() -> None:
    lp, _, _ = up()

    lp.say("2", (7, 1), (16, 0), seq=5)

    assert lp.kinds()[-2:] == ["4", "2"]


def test_a_number_too_low_ends_the_session() -> None:
    lp, ear, _ = up()
    lp.say("0")

    lp.say("B", (58, "old"), seq=2)

    assert lp.session.state is SessionState.DOWN
    assert text(lp.last("5"), 58) == "MsgSeqNum too low, expecting 3 but received 2"
    assert ear.taken == []


def test_a_possible_duplicate_is_not_taken_twice() -> None:
    lp, ear, numbers = up()
    lp.say("B", (58, "once"))

    lp.say("B", (58, "once"), seq=2, poss_dup=True)

    assert ear.taken == ["once"]
    assert numbers.next_in == 3
    assert lp.session.state is SessionState.UP


def test_a_garbled_message_is_ignored_and_found_missing_at_the_next_one() -> None:
    lp, ear, _ = up()
    good = lp.message("B", (58, "one"))

    lp.session.received(good.replace(b"58=one", b"58=oNe"), lp.now_us)
    assert lp.session.garbled == 1
    assert lp.kinds() == ["A"]
    lp.say("B", (58, "two"))

    assert text(lp.last("2"), 7) == "2"
    assert ear.taken == []


def test_a_message_may_come_in_pieces() -> None:
    lp, ear, _ = up()
    raw = lp.message("B", (58, "whole"))

    for at in range(len(raw)):
        lp.session.received(raw[at : at + 1], lp.now_us)

    assert ear.taken == ["whole"]


def test_a_message_that_cannot_be_read_is_rejected_and_counted() -> None:
    lp, ear, numbers = up()

    lp.say("B", (148, "no text"))

    assert [text(lp.last("3"), tag) for tag in (45, 371, 372, 373)] == ["2", "58", "B", "1"]
    assert numbers.next_in == 3
    assert ear.taken == []


def test_a_type_that_is_not_spoken_is_answered_as_such() -> None:
    lp, _, _ = up()

    lp.say("R", (131, "q"))

    assert [text(lp.last("j"), tag) for tag in (45, 372, 380)] == ["2", "R", "3"]


def test_the_lps_reject_reaches_the_handler() -> None:
    lp, ear, _ = up()

    lp.say("3", (45, 7), (58, "no such symbol"))

    assert ear.told[-1] == "refused 7: no such symbol"


def test_an_lp_that_skips_messages_for_good_makes_us_ask_what_is_open() -> None:
    lp, ear, numbers = up()

    lp.say("4", (36, 50), seq=1)

    assert ear.told == ["joined", "joined"]
    assert numbers.next_in == 50


def test_an_lp_cannot_turn_its_numbers_back() -> None:
    lp, _, numbers = up()
    lp.say("0")

    lp.say("4", (36, 1), seq=3)

    assert numbers.next_in == 3
    assert text(lp.last("3"), 371) == "36"


def test_a_logout_is_answered_and_ends_the_session() -> None:
    lp, ear, _ = up()

    lp.say("5", (58, "bye"))

    assert lp.kinds()[-1] == "5"
    assert lp.session.why == "the LP logged out: bye"
    assert ear.told[-1] == "lost"


def test_our_logout_waits_for_its_answer() -> None:
    lp, _, _ = up()

    lp.session.log_out("going home", lp.now_us)
    assert lp.session.state is SessionState.LOGGING_OUT
    lp.listen()
    lp.say("5")

    assert (lp.session.state, lp.session.why) == (SessionState.DOWN, "going home")
    assert lp.kinds().count("5") == 1


def test_our_logout_does_not_wait_for_ever() -> None:
    lp, _, _ = up()
    lp.session.log_out("going home", lp.now_us)

    lp.wait(6)

    assert lp.session.state is SessionState.DOWN


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ((b"8=FIX.4.4", b"8=FIX.4.2"), "the LP speaks FIX.4.2, not FIX.4.4"),
        ((b"49=LP", b"49=XX"), "a message from XX to BROKER came on the session with LP"),
    ],
)
def test_a_message_of_another_session_ends_this_one(broken: tuple[bytes, bytes], why: str) -> None:
    lp, ear, _ = up()
    body = lp.message("B", (58, "foreign")).replace(*broken)
    end = body.rfind(b"10=")
    raw = body[:end] + b"10=%03d\x01" % (sum(body[:end]) % 256)

    lp.session.received(raw, lp.now_us)

    assert (lp.session.state, lp.session.why) == (SessionState.DOWN, why)
    assert ear.taken == []


def test_a_clock_two_minutes_off_ends_the_session() -> None:
    lp, _, _ = up()
    late = lp.message("B", (58, "late"))

    lp.session.received(late, lp.now_us + 121 * SECOND_US)

    assert lp.session.why == "the LP's clock is 121 s off ours"


def test_anything_but_a_logon_first_ends_the_session() -> None:
    lp, _, _ = a_session()
    lp.session.connected(lp.now_us)

    lp.say("B", (58, "hello"))

    assert lp.session.why == "the LP answered the logon with a message of type B"


def test_the_numbers_go_on_after_a_drop_and_a_missed_message_is_asked_for() -> None:
    lp, ear, _ = up()
    lp.say("0")
    lp.drop()
    lp.seq += 1  # sent into the dead connection

    lp.log_on()

    assert text(lp.last("A"), 34) == "2"
    assert text(lp.last("2"), 7) == "3"
    assert ear.told == ["joined", "lost", "joined"]


def test_the_numbers_begin_again_when_the_lps_day_has_ended() -> None:
    lp, _, numbers = up()
    before = to_us(datetime(2026, 11, 24, 21, 59, 59, tzinfo=UTC))
    lp.now_us = before
    lp.say("0")
    assert lp.session.state is SessionState.UP

    lp.wait(1)  # 17:00 in New York

    assert text(lp.last("5"), 58) == "end of the LP's day"
    lp.say("5")
    lp.seq = 1
    lp.log_on()
    assert text(lp.last("A"), 34) == "1"
    assert text(lp.last("A"), 141) == ""
    assert (numbers.next_out, numbers.next_in, numbers.day) == (2, 2, "2026-11-24")


def test_a_quotes_session_begins_anew_at_each_logon() -> None:
    lp, _, numbers = a_session(replace(TERMS, reset_at_logon=True, day_ends_at=time(0)))
    lp.log_on((141, "Y"))
    lp.drop()
    lp.seq = 1

    lp.log_on((141, "Y"))

    assert [text(lp.last("A"), tag) for tag in (34, 141)] == ["1", "Y"]
    assert (numbers.next_out, numbers.next_in) == (2, 2)


def test_an_lp_that_begins_anew_unasked_is_followed_at_the_next_logon() -> None:
    lp, _, _ = up()
    lp.drop()
    lp.session.connected(lp.now_us)
    lp.seq = 1
    lp.say("A", (98, 0), (108, 30), (141, "Y"))
    assert lp.session.state is SessionState.DOWN
    lp.seq = 1

    lp.log_on((141, "Y"))

    assert [text(lp.last("A"), tag) for tag in (34, 141)] == ["1", "Y"]


def test_nothing_of_a_failed_transaction_leaves_the_house() -> None:
    lp, _, numbers = up()

    def fail_halfway() -> None:
        with lp.session.work():
            lp.session.send(MsgType.NEW_ORDER, [(Tag.CL_ORD_ID, "x")], lp.now_us)
            lp.session.tell("news")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()

    assert lp.session.outgoing() == []
    assert lp.session.news() == []
    assert numbers.next_out == 2


def test_nothing_is_sent_while_the_session_is_down() -> None:
    lp, _, _ = a_session()

    with pytest.raises(RuntimeError, match="not logged on"), lp.session.work():
        lp.session.send(MsgType.NEW_ORDER, [], NOON_US)
    with pytest.raises(RuntimeError, match="outside of a transaction"):
        lp.session.tell("news")


def test_what_we_would_not_send_is_not_sent_back() -> None:
    lp, _, _ = up()

    lp.say("1", (112, "caf\u00e9"))
    lp.say("\u00e9", (58, "odd type"))

    assert [text(message, 371) for message in lp.heard if text(message, 35) == "3"] == ["112", "35"]
    assert lp.session.state is SessionState.UP
