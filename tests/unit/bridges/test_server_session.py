"""A bridge lets in who proves a key, lets each do what its role may, and owes everyone the stream in order."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from platform_double import (
    KEYS,
    SETS,
    MemoryLog,
    PlatformDouble,
    TermsDouble,
    account,
    bridge_of,
    client_session,
    position,
    server_session,
    set_book,
)

from dealerdesk.bridges.client_session import new_hello
from dealerdesk.bridges.handshake import client_proof
from dealerdesk.bridges.holdings import Holdings
from dealerdesk.bridges.protocol import (
    Ack,
    Challenge,
    CommandQuery,
    Delta,
    Deltas,
    Digests,
    Error,
    ErrorCode,
    Hello,
    Joined,
    Ping,
    Pong,
    Replay,
    ResumePoint,
    Resync,
    Role,
    RowSet,
    SnapshotBegin,
    SnapshotEnd,
    Stage,
    Welcome,
    decode_from_bridge,
    encode,
)
from dealerdesk.bridges.server_session import OUTBOX_MAX, Phase, ServerSession
from dealerdesk.trading import Client


class Stage5:
    """A bridge whose platform has made five deltas, and one session of it."""

    def __init__(self, lag_deltas_max: int = 10_000) -> None:
        self.platform = PlatformDouble()
        self.platform.seed(account(1), position(1))
        self.log = MemoryLog()
        self.move(5)
        self.bridge = bridge_of(self.platform, self.log, lag_deltas_max)
        self.session = server_session(self.bridge)

    def move(self, count: int) -> None:
        for i in range(count):
            self.log.append(self.platform.put(account(1, i)))

    def hello(self, name: str = "desk", resume: ResumePoint | None = None, **changes: Any) -> ServerSession:
        challenge = self.sent()[0]
        assert isinstance(challenge, Challenge)
        hello = replace(new_hello(name, KEYS[name].role, "c" * 64, SETS, True, resume), **changes)
        hello = replace(hello, mac=client_proof(KEYS[name].key, challenge, hello))
        self.session.receive(encode(hello), 0.0)
        return self.session

    def another(self) -> None:
        """From now on `session` is another connection of the same bridge."""
        self.session = server_session(self.bridge)

    def sent(self) -> list[Any]:
        frames = []
        while (frame := self.session.next_frame()) is not None:
            frames.append(decode_from_bridge(frame))
        return frames


def types(messages: list[Any]) -> list[type]:
    return [type(message) for message in messages]


def test_a_desk_with_its_key_is_welcomed_with_a_snapshot() -> None:
    play = Stage5()
    play.hello()

    sent = play.sent()

    assert isinstance(sent[0], Welcome)
    assert (sent[0].joined, sent[0].seq, sent[0].clock_offset_s) == (Joined.SNAPSHOT, 5, 7_200)
    assert isinstance(sent[1], SnapshotBegin)
    assert sent[1].as_of == 5
    assert types(sent)[-1] is SnapshotEnd
    assert play.session.has_joined


def test_quotes_may_go_out_as_soon_as_the_first_snapshot_has_begun() -> None:
    play = Stage5()
    assert not play.session.may_have_quotes
    session = play.hello()
    assert not session.may_have_quotes

    session.next_frame()
    assert not session.may_have_quotes
    session.next_frame()
    assert session.may_have_quotes
    assert not session.has_joined


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"version": 2}, ErrorCode.VERSION),
        ({"role": Role.HUB}, ErrorCode.UNAUTHENTICATED),
        ({"client": "nobody"}, ErrorCode.UNAUTHENTICATED),
        ({"nonce": "short"}, ErrorCode.MALFORMED),
        ({"frame_bytes_max": 10}, ErrorCode.MALFORMED),
    ],
)
def test_a_hello_that_does_not_fit_is_refused(changes: dict[str, Any], code: ErrorCode) -> None:
    play = Stage5()
    play.hello(**changes)

    assert [error.code for error in play.sent()] == [code]
    assert play.session.phase is Phase.CLOSED


def test_a_proof_of_another_connection_is_refused() -> None:
    first, second = Stage5(), Stage5()
    client = client_session(Holdings())
    client.receive(first.session.next_frame() or b"", 0.0)
    stolen = client.outbox.popleft()
    second.session = ServerSession(bridge_of(second.platform, second.log), "6" * 64, 0.0)
    second.sent()

    second.session.receive(stolen, 0.0)

    assert [error.code for error in second.sent()] == [ErrorCode.UNAUTHENTICATED]


@pytest.mark.parametrize(
    ("resume", "expected"),
    [
        (ResumePoint("e" * 32, 3), [4, 5]),
        (ResumePoint("e" * 32, 5), []),
        (ResumePoint("e" * 32, 0), [1, 2, 3, 4, 5]),
    ],
)
def test_a_resume_point_in_the_journal_is_replayed_from(resume: ResumePoint, expected: list[int]) -> None:
    play = Stage5()
    play.hello(resume=resume)

    welcome, *rest = play.sent()

    assert welcome.joined is Joined.RESUMED
    assert [item.seq for message in rest for item in message.items] == expected


@pytest.mark.parametrize(
    "resume", [ResumePoint("f" * 32, 3), ResumePoint("e" * 32, 6), ResumePoint("e" * 32, 1), ResumePoint("e" * 32, -1)]
)
def test_a_resume_point_elsewhere_means_a_snapshot(resume: ResumePoint) -> None:
    play = Stage5()
    play.log.first_seq = 3
    play.hello(resume=resume)

    assert play.sent()[0].joined is Joined.SNAPSHOT


def test_nothing_is_sent_before_it_is_on_disk() -> None:
    play = Stage5()
    play.hello(resume=ResumePoint("e" * 32, 5))
    play.sent()
    play.move(3)
    play.log.synced_seq = 6

    assert [item.seq for message in play.sent() for item in message.items] == [6]
    play.log.synced_seq = 8
    assert [item.seq for message in play.sent() for item in message.items] == [7, 8]


def test_a_snapshot_waits_until_what_it_contains_is_on_disk() -> None:
    play = Stage5()
    play.log.synced_seq = 4
    play.hello()
    assert types(play.sent()) == [Welcome]

    play.log.synced_seq = 5
    assert types(play.sent())[0] is SnapshotBegin


def test_a_replay_sets_the_cursor_back_and_one_out_of_the_journal_gets_a_snapshot() -> None:
    play = Stage5()
    session = play.hello(resume=ResumePoint("e" * 32, 5))
    play.sent()

    session.receive(encode(Replay(4)), 0.0)
    assert [item.seq for message in play.sent() for item in message.items] == [4, 5]
    play.log.first_seq = 3
    session.receive(encode(Replay(2)), 0.0)
    assert types(play.sent())[:2] == [Resync, SnapshotBegin]
    session.receive(encode(Replay(99)), 0.0)
    assert types(play.sent())[:2] == [Resync, SnapshotBegin]


def test_a_client_too_far_behind_is_told_and_sent_a_snapshot() -> None:
    play = Stage5(lag_deltas_max=10)
    play.hello(resume=ResumePoint("e" * 32, 5))
    play.sent()
    play.move(12)

    sent = play.sent()

    assert isinstance(sent[0], Resync)
    assert isinstance(sent[1], SnapshotBegin)
    assert sent[1].as_of == 17


def test_one_set_is_sent_anew_at_the_point_the_client_has_reached() -> None:
    play = Stage5()
    session = play.hello(resume=ResumePoint("e" * 32, 3))
    session.receive(encode(Resync("digest differs", (RowSet.ACCOUNT,))), 0.0)

    sent = play.sent()

    assert types(sent)[:3] == [Welcome, Deltas, SnapshotBegin]
    assert sent[2].rows == {RowSet.ACCOUNT: 1}
    assert sent[2].as_of == 5


def test_sets_that_were_not_named_in_the_hello_are_refused() -> None:
    play = Stage5()
    play.hello(resume=ResumePoint("e" * 32, 5)).receive(encode(Resync("", (RowSet.ORDER,))), 0.0)

    assert play.sent()[-1].code is ErrorCode.UNEXPECTED


def test_digests_come_exactly_behind_their_delta() -> None:
    play = Stage5()
    session = play.hello(resume=ResumePoint("e" * 32, 3))
    session.compare(5, play.platform.digests())
    play.move(2)

    sent = play.sent()

    assert types(sent) == [Welcome, Deltas, Digests, Deltas]
    assert [item.seq for item in sent[1].items] == [4, 5]
    assert sent[2].seq == 5


def test_a_ping_is_answered_before_everything_else() -> None:
    play = Stage5()
    session = play.hello()
    session.next_frame()
    session.next_frame()
    session.receive(encode(Ping(3, 44)), 1.0)

    assert decode_from_bridge(session.next_frame() or b"") == Pong(
        3, 44, 5, play.platform.time_us(), 0, play.bridge.clock()
    )


def test_only_the_hub_commands() -> None:
    hub, desk = Stage5(), Stage5()

    assert hub.hello("hub").receive(encode(set_book("x")), 0.0) == (set_book("x"),)
    assert desk.hello().receive(encode(set_book("x")), 0.0) == ()
    assert desk.session.receive(encode(CommandQuery("x")), 0.0) == ()
    refused = [message for message in desk.sent() if isinstance(message, Error)]
    assert [(error.code, error.id, error.fatal) for error in refused] == [(ErrorCode.FORBIDDEN, "x", False)] * 2


@pytest.mark.parametrize("frame", [encode(Ping(1, 1)), encode(Replay(1)), encode(set_book("x"))])
def test_nothing_is_done_for_one_who_has_not_said_who_he_is(frame: bytes) -> None:
    play = Stage5()
    play.sent()

    assert play.session.receive(frame, 0.0) == ()
    assert [error.code for error in play.sent()] == [ErrorCode.UNEXPECTED]


def test_a_second_hello_is_refused() -> None:
    play = Stage5()
    session = play.hello()
    hello = Hello(1, "desk", Role.DESK, "c" * 64, "", SETS)
    session.receive(encode(hello), 0.0)

    assert session.closing is not None
    assert session.closing[0] == 4409


def test_answers_that_nobody_fetches_end_the_session() -> None:
    play = Stage5()
    session = play.hello()
    for i in range(OUTBOX_MAX + 1):
        session.say(Ack(str(i), Stage.DONE, 0))

    assert session.closing is not None
    assert session.closing[0] == 4429


def test_silence_ends_the_session() -> None:
    play = Stage5()
    session = play.hello()

    session.tick(14.9)
    assert session.closing is None
    session.tick(15.0)
    assert session.closing == (4409, "nothing heard for 15 s")


@pytest.mark.parametrize(("key", "name"), [("desk", ""), ("dealer", ""), ("hub", "Ada Abel")])
def test_clients_names_go_to_the_hub_alone(key: str, name: str) -> None:
    ada = Client(id=7, name="Ada Abel", country="PL", profile="", registered_us=1)
    play = Stage5()
    play.hello(key)
    play.sent()
    play.log.append(Delta(6, 6, 6, ada))
    play.session.say(Ack("dd-open-account-1", Stage.DONE, 1, row=ada))

    ack, deltas = play.sent()
    assert (ack.row.name, deltas.items[0].row.name) == (name, name)


@pytest.mark.parametrize("message", [set_book("x"), CommandQuery("x"), Ping(1, 5)])
def test_an_older_hub_on_an_open_line_is_cut_off_once_a_newer_one_has_come(message: Any) -> None:
    play = Stage5()
    older = play.hello("hub", term=7)
    play.sent()
    assert older.receive(encode(set_book("a")), 0.0) == (set_book("a"),)
    play.another()
    newer = play.hello("hub", term=8)
    play.sent()

    assert older.receive(encode(message), 1.0) == ()
    assert newer.receive(encode(set_book("b")), 1.0) == (set_book("b"),)
    play.session = older
    assert play.sent() == [Error(ErrorCode.REPLACED, "another hub has taken over", fatal=True)]
    assert older.closing == (4412, "another hub has taken over")


def test_a_hub_with_an_older_term_is_not_let_in_and_the_same_term_is() -> None:
    play = Stage5()
    play.hello("hub", term=8)
    for term, phase in ((8, Phase.OPEN), (7, Phase.CLOSED), (0, Phase.CLOSED), (-1, Phase.CLOSED), (9, Phase.OPEN)):
        play.another()
        assert play.hello("hub", term=term).phase is phase, term


def test_the_term_of_a_hub_counts_only_with_its_key_and_other_roles_have_none() -> None:
    play = Stage5()
    challenge = play.sent()[0]
    forged = replace(new_hello("hub", Role.HUB, "c" * 64, SETS, True, None, 3), mac="")
    forged = replace(forged, mac=client_proof(KEYS["hub"].key, challenge, forged), term=99)
    play.session.receive(encode(forged), 0.0)
    assert play.session.closing is not None
    assert play.session.closing[0] == 4401
    play.another()
    assert play.hello("desk", term=99).phase is Phase.OPEN
    assert play.bridge.terms.newest == 0


def test_a_hub_whose_term_cannot_be_written_down_is_not_let_in() -> None:
    play = Stage5()
    terms = play.bridge.terms
    assert isinstance(terms, TermsDouble)
    terms.fault = OSError("no disk")

    session = play.hello("hub", term=1)

    assert session.phase is Phase.CLOSED
    assert play.sent() == [Error(ErrorCode.UNEXPECTED, "the bridge cannot write the hub's term: no disk", fatal=True)]
