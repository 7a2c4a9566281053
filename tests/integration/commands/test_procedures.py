"""The procedures of PostgreSQL as people meet them at a prompt: what they answer, whatever they are given."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from office import NOW_US, SERVER, TO_A, Office
from postgres_server import PostgresServer
from sqlalchemy import Connection, Engine, text

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, SetBook, SetGroup, SetLeverage
from dealerdesk.commands import audit, bodies, dispatch, policy, procedures, queries
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import kind_name
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.trading import BalanceKind, Book

PAYLOAD = canonical(TO_A)
DEEP = "[" * 30_000


@pytest.fixture
def postgres_office(postgres: PostgresServer, recycled_database: str) -> Iterator[Office]:
    """An office on PostgreSQL."""
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    yield Office(engine)
    engine.dispose()


def said(office: Office, who: str, call: str, **terms: Any) -> Any:
    """What a procedure answers somebody, each call a transaction of its own."""
    with office.deed(who) as connection:
        answer = connection.scalar(text(f"SELECT api.{call}"), terms)
    return json.loads(answer) if isinstance(answer, str) else answer


def outcome(office: Office, who: str, call: str, **terms: Any) -> tuple[str, str]:
    answer = said(office, who, call, **terms)
    return answer["outcome"], answer["sentence"]


def _refused_reads(office: Office) -> int:
    with reading(office.engine) as connection:
        return int(connection.execute(text("SELECT count(*) FROM audit WHERE action = 'reading refused'")).scalar_one())


REQUEST = "request_command(:id, :kind, :server, :payload, :reason, CAST(:version AS bigint), CAST(:batch AS text), '')"
ASKED = {"id": "command-1", "kind": "set_book", "server": SERVER, "payload": PAYLOAD, "reason": "r", "version": None}
ODD = [
    {"id": None},
    {"id": "short"},
    {"id": "x" * 32},
    {"id": "with\na line"},
    {"kind": None},
    {"kind": "drop_database"},
    {"kind": "answer_request"},
    {"kind": "x" * 100_000},
    {"server": None},
    {"server": "x" * 1_000},
    {"payload": None},
    {"payload": ""},
    {"payload": "{"},
    {"payload": "null"},
    {"payload": "[]"},
    {"payload": DEEP},
    {"payload": "x" * 1_000_000},
    {"payload": '{"kind": "set_book"}'},
    {"payload": PAYLOAD + " "},
    {"payload": PAYLOAD.replace("}", ',"more":1}')},
    {"payload": PAYLOAD.replace("1001", "1001.0")},
    {"payload": PAYLOAD.replace("1001", '"1001"')},
    {"payload": PAYLOAD.replace("1001", "1" * 40)},
    {"payload": PAYLOAD.replace('"A"', '"\\u0000"')},
    {"payload": PAYLOAD.replace('"A"', '"Z"')},
    {"reason": None},
    {"reason": " \n"},
    {"reason": "x" * 501},
    {"batch": "some-batch"},
]


def test_whatever_is_given_is_answered_by_a_sentence_and_not_by_an_error(postgres_office: Office) -> None:
    for odd in ODD:
        answer, sentence = outcome(postgres_office, "dana", REQUEST, **(ASKED | {"batch": None} | odd))
        assert answer == "refused", odd
        assert 5 < len(sentence) < 300, odd
    with reading(postgres_office.engine) as connection:
        assert queries.recent_commands(connection) == []
        told = connection.scalar(text("SELECT count(*) FROM audit WHERE action = 'command request refused'"))
        assert audit.verify_leaves(connection) == []
    assert told == len(ODD)


@pytest.mark.parametrize(
    "call",
    [
        "decide_command(NULL, NULL, NULL, NULL, NULL)",
        "decide_command('command-1', 'perhaps', '', '', '')",
        "decide_command(repeat('x', 100000), 'approve', repeat('x', 100000), repeat('x', 100000), repeat('x', 100000))",
        "withdraw_command(NULL, NULL, NULL)",
        "request_batch(NULL, 'set_book', 'MT5', '[]', 'r', '')",
        "request_batch('batch-one', 'set_book', 'MT5', '{}', 'r', '')",
        "request_batch('batch-one', 'set_book', 'MT5', '[1, null, {}]', 'r', '')",
        "request_batch('batch-one', 'set_book', 'MT5', NULL, 'r', '')",
        "decide_batch(NULL, NULL, NULL, NULL, NULL)",
        "decide_batch('no-batch', '', 'approve', '', '')",
        "ask_to_read(NULL, NULL, NULL, NULL)",
        "ask_to_read('name', 'one', 'r', '')",
        "ask_to_read('document', 'no-such', 'r', '')",
        "note('command approved', 's', '{}', '')",
        "note('exported', 's', '[]', '')",
        "note(NULL, NULL, NULL, NULL)",
    ],
)
def test_other_procedures_too_refuse_odd_things_in_words(postgres_office: Office, call: str) -> None:
    answer, sentence = outcome(postgres_office, "dana", call)

    assert answer == "refused"
    assert len(sentence) > 5


@pytest.mark.parametrize(
    "call",
    [
        "unmask(NULL, NULL, NULL, NULL)",
        "unmask(-1, 'name', 'r', '')",
        "unmask(9223372036854775807, repeat('x', 100000), repeat('x', 100000), repeat('x', 100000))",
        "unmask(1, 'document', 'r', '')",
        "unmask(1, 'key', 'r', '')",
        "open_document(NULL, NULL, NULL)",
        "open_document(repeat('x', 100000), repeat('x', 100000), repeat('x', 100000))",
        "open_document('''; DROP TABLE audit; --', 'r', '')",
        "subject_key(NULL, NULL, NULL)",
        "subject_key(-9223372036854775808, '', '')",
        "subject_key(1, repeat('x', 100000), repeat('x', 100000))",
    ],
)
def test_what_is_masked_is_not_given_out_for_odd_questions_and_each_is_on_record(
    postgres_office: Office, call: str
) -> None:
    before = _refused_reads(postgres_office)

    assert said(postgres_office, "carol", call) is None
    assert _refused_reads(postgres_office) == before + 1


def test_nothing_is_done_on_an_old_view_of_the_database(postgres_office: Office) -> None:
    engine = postgres_office.engine_of("dana").execution_options(isolation_level="REPEATABLE READ")
    with engine.begin() as connection:
        answer = json.loads(connection.scalar(text(f"SELECT api.{REQUEST}"), ASKED | {"batch": None}))
    engine.dispose()

    assert answer["outcome"] == "refused"
    assert "READ COMMITTED" in answer["sentence"]


def test_a_person_is_who_signed_in_whatever_they_say(postgres_office: Office) -> None:
    postgres_office.hire("sam", Role.DEALER, server=SERVER)

    assert said(postgres_office, "sam", "sign_in('DealerDesk', 'desk 4')") == {
        "database_id": "",
        "login": "sam",
        "name": "sam",
        "outcome": "done",
        "role": "dealer",
        "scopes": [{"group": "", "server": SERVER}],
        "server_time_us": NOW_US,
        "staff": "sam",
    }
    assert outcome(postgres_office, "stranger", "sign_in('DealerDesk', '')") == (
        "refused",
        "stranger is not a member of staff here",
    )
    with reading(postgres_office.engine) as connection:
        assert [entry.action for entry in audit.history_of(connection, "sam")] == ["signed in"]
        assert [entry.action for entry in audit.history_of(connection, "stranger")] == ["sign-in refused"]


def _at_once(deeds: list[Any]) -> list[Any]:
    """The answers of deeds that begin at the same moment, each on a connection of its own."""
    answers: list[Any] = [None] * len(deeds)
    gate = threading.Barrier(len(deeds))

    def run(place: int) -> None:
        gate.wait()
        answers[place] = deeds[place]()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(deeds))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def _caller(engine: Engine, call: str, **terms: Any) -> Any:
    def deed() -> str:
        with engine.begin() as connection:
            return str(json.loads(connection.scalar(text(f"SELECT api.{call}"), terms))["outcome"])

    return deed


def test_of_eight_approvers_at_once_exactly_one_lets_it_through(postgres_office: Office) -> None:
    office = postgres_office
    people = [f"super{number}" for number in range(8)]
    for person in people:
        office.hire(person, Role.SUPERVISOR)
    office.needs_supervisor()
    office.now_us = _real_now_us(office)
    asked = office.request("dana")
    engines = [office.engine_of(person) for person in people]

    call = "decide_command(:id, 'approve', :hash, '', '')"
    answers = _at_once([_caller(engine, call, id=asked.id, hash=asked.payload_hash) for engine in engines])

    for engine in engines:
        engine.dispose()
    assert sorted(answers) == ["conflict"] * 7 + ["done"]
    with reading(office.engine) as connection:
        assert len(dispatch.approvers(connection, asked.id)) == 1


def test_the_same_request_sent_four_times_at_once_is_one_command(postgres_office: Office) -> None:
    office = postgres_office
    engines = [office.engine_of("dana") for _ in range(4)]

    answers = _at_once([_caller(engine, REQUEST, **(ASKED | {"batch": None})) for engine in engines])

    for engine in engines:
        engine.dispose()
    assert answers == ["done"] * 4
    with reading(office.engine) as connection:
        assert [record.state for record in queries.recent_commands(connection)] == [CommandState.APPROVED]
        assert len(audit.history_of(connection, "command-1")) == 2


def test_what_is_read_stands_on_record_before_it_is_given_out(postgres_office: Office) -> None:
    office = postgres_office
    read = "unmask(CAST(:client AS bigint), 'name', 'a call', '')"
    with reading(office.engine) as connection:
        client, name = connection.execute(text("SELECT id, name FROM clients ORDER BY id LIMIT 1")).one()
    ask = {"client": str(client)}

    assert said(office, "ben", read, client=client) is None
    with office.deed("ben") as connection:
        connection.execute(text("SELECT api.ask_to_read('name', :client, 'a call', '')"), ask)
        assert connection.scalar(text(f"SELECT api.{read}"), {"client": client}) is None
    assert said(office, "ben", read, client=client) == {"value": name}
    assert outcome(office, "ana", "ask_to_read('name', :client, 'a call', '')", **ask) == (
        "refused",
        "A dealer may not read this: name",
    )

    office.now_us += 61_000_000
    assert said(office, "ben", read, client=client) is None


BODIES = [
    *(SetBook(login=login, book=Book.A, covered_percent=100) for login in (1001, 1002, 9)),
    SetGroup(login=1001, group="real"),
    SetLeverage(login=1002, leverage=200),
    ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=900_000),
    ChangeBalance(login=1001, operation=BalanceKind.WITHDRAWAL, amount=-50_000, reference="w 1"),
    ClosePosition(position_id=1),
    ClosePosition(position_id=10**9),
    bodies.RateClient(client_id=1, rating=bodies.Rating.HIGH),
    bodies.SetActive(staff="ana", active=False),
]
FACTS = (
    "SELECT api.facts_json(api.facts(:kind, api.place(:kind, :server, CAST(said AS jsonb)), said, CAST(said AS jsonb),"
    " :now)) FROM (SELECT CAST(:payload AS text) AS said) AS given"
)
RULES = [
    ("balance-day", "change_balance", policy.Rule(daily_totals_min={"USD": 1_000_000, "EUR": 1})),
    ("balance-one", "change_balance", policy.Rule(amounts_min={"USD": 900_000}, roles=(Role.PAYMENTS,))),
    ("book-lots", "set_book", policy.Rule(open_lots_min=Decimal(0), to_books=(Book.A,))),
    ("book-risk", "set_book", policy.Rule(risks=("unrated", "high"), approvals=2)),
    (
        "leverage",
        "set_leverage",
        policy.Rule(leverage_min=150, escalate_after_s=60, escalate_roles=(Role.HEAD_DEALER,)),
    ),
]


def test_the_facts_and_needs_of_a_request_are_the_same_in_both_worlds(postgres_office: Office) -> None:
    office = postgres_office
    with writing(office.engine) as connection:
        for name, kind, rule in RULES:
            policy.enact(connection, name, kind, rule, author="setup", note="", now_us=NOW_US - 5)
    office.request("otto", ChangeBalance(login=1001, operation=BalanceKind.DEPOSIT, amount=300_000))

    with reading(office.engine) as connection:
        for body in BODIES:
            asked = {"kind": kind_name(body), "server": SERVER, "payload": canonical(body), "now": NOW_US}
            told = json.loads(connection.scalar(text(FACTS), asked))
            assert told == json.loads(canonical(policy.facts(connection, SERVER, body, NOW_US))), body
    for body in BODIES:
        with office.deed("carol") as connection:
            theirs = procedures.needs(connection, SERVER, body)
        with reading(office.engine) as connection:
            assert theirs == policy.needs(connection, SERVER, body, NOW_US), body


def test_every_function_of_the_schema_is_shut_to_the_public_and_keeps_its_search_path(
    postgres: PostgresServer, migrated_template: str
) -> None:
    engine = open_engine(postgres.url(migrated_template))
    with reading(engine) as connection:
        loose = connection.scalars(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace AND prosqlbody IS NULL"
                " AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, public, pg_temp'], false)"
            )
        ).all()
        public = connection.scalars(
            text(
                "SELECT proname FROM pg_proc WHERE pronamespace = 'api'::regnamespace"
                " AND (proacl IS NULL OR EXISTS (SELECT FROM aclexplode(proacl) AS given WHERE grantee = 0))"
            )
        ).all()
    engine.dispose()

    assert loose == []
    assert public == []


def _real_now_us(office: Office) -> int:
    with reading(office.engine) as connection:
        return _clock(connection)


def _clock(connection: Connection) -> int:
    return int(connection.scalar(text("SELECT api.clock_us()")))
