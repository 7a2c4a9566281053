"""The desk's and the hub's own reading and writing works under the roles that it runs under, and under no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from attacked_firm import NOW_US, Firm
from recorded_books import snapshot_of
from registry_work import Registry
from scripted_broker import ScriptedBroker
from sqlalchemy import Connection, Engine

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.clock import now_us
from dealerdesk.commands import dispatch, effects, procedures, queries
from dealerdesk.commands.client_names import client_names
from dealerdesk.commands.inbox_queries import Inbox, evidence, inbox
from dealerdesk.commands.policy_queries import policy_book
from dealerdesk.commands.records import CommandState, Refused
from dealerdesk.commands.sealing import seal
from dealerdesk.commands.staff_queries import colleagues
from dealerdesk.store import heartbeats, lease
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.feed import FeedReader, announce, prune
from dealerdesk.store.identity import fitness, identity
from dealerdesk.store.long_transactions import end_long_transactions, end_sessions_of_inactive
from dealerdesk.store.queries import (
    HubStatus,
    balance_operations_of,
    deals_of,
    final_figures,
    hub_status,
    staff_members,
)
from dealerdesk.store.recording import record_snapshot
from dealerdesk.store.step import step_problems
from dealerdesk.trading import Book

TOKEN = "dd1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw=="
"""Shaped as what is sealed under a client's key."""

PEOPLE = ("dana", "ana", "otto", "ben", "cleo", "carol", "iris", "adam")


def engine_of(firm: Firm, login: str) -> Engine:
    with firm.connect(login):
        return open_engine(firm.url(login))


def evidence_of_waiting(connection: Connection) -> object:
    record = queries.command(connection, "waiting-02")
    assert record is not None
    return evidence(connection, record, 2)


READINGS: tuple[tuple[str, Callable[[Connection], object]], ...] = (
    ("the step", step_problems),
    ("fitness", fitness),
    ("identity", identity),
    ("deals", partial(deals_of, server="MT5", login=1001)),
    ("balance operations", partial(balance_operations_of, server="MT5", login=1001)),
    ("figures", final_figures),
    ("hub status", hub_status),
    ("staff", staff_members),
    ("recent commands", queries.recent_commands),
    ("open commands", queries.open_commands),
    ("commands of an account", partial(queries.commands_of, server="MT5", login=1001)),
    ("policies", partial(policy_book, now_us=NOW_US)),
    ("the feed", FeedReader().changes),
    ("the evidence", evidence_of_waiting),
)


@pytest.mark.parametrize("login", PEOPLE)
def test_every_desk_reads_what_it_shows(busy_firm: Firm, login: str) -> None:
    engine, answered = engine_of(busy_firm, login), []
    try:
        for name, read in READINGS:
            with reading(engine) as connection:
                read(connection)
            answered.append(name)
        with reading(engine) as connection:
            box = inbox(connection, login, NOW_US)
    finally:
        engine.dispose()

    assert answered == [name for name, _ in READINGS]
    assert isinstance(box, Inbox)


def test_what_one_may_not_ask_for_is_not_said_to_need_nobody(busy_firm: Firm) -> None:
    engine = engine_of(busy_firm, "dora")
    with reading(engine) as connection, pytest.raises(Refused, match="not yours to ask for"):
        procedures.needs(connection, "MT5", SetBook(login=1001, book=Book.A, covered_percent=100))
    engine.dispose()


@pytest.mark.parametrize("login", ["carol", "iris", "adam"])
def test_those_who_look_after_staff_see_their_logins(busy_firm: Firm, login: str) -> None:
    engine = engine_of(busy_firm, login)
    with reading(engine) as connection:
        assert len(colleagues(connection, NOW_US)) >= 11
    engine.dispose()


@pytest.mark.parametrize("login", ["otto", "ben", "cleo", "carol", "iris"])
def test_those_who_need_names_read_them(busy_firm: Firm, login: str) -> None:
    engine = engine_of(busy_firm, login)
    with reading(engine) as connection:
        assert client_names(connection)[2] == "Victor Hale"
    engine.dispose()


@pytest.fixture
def hub(busy_firm: Firm) -> Iterator[Engine]:
    engine = engine_of(busy_firm, "dealerdesk_hub")
    yield engine
    engine.dispose()


def test_the_hub_records_a_whole_server(hub: Engine) -> None:
    broker = ScriptedBroker(seed=1)
    with writing(hub) as connection:
        record_snapshot(connection, "MT6", snapshot_of(broker, "e1"), NOW_US)
        heartbeats.write_hub_status(connection, [HubStatus("MT6", "joined", "e1", 1, 0, NOW_US, NOW_US, "")])
        announce(connection, "commands", ["waiting-01"], now_us=1)
        assert prune(connection, 2) == 1
        assert step_problems(connection) == []


def test_the_hub_holds_its_lease(hub: Engine) -> None:
    with writing(hub) as connection:
        taken = lease.take(connection, "hub one", NOW_US)
        assert taken is not None
        assert lease.renew(connection, taken, NOW_US)
        lease.hold(connection, "hub one", taken.term)
        lease.release(connection, taken)


def test_the_hub_dispatches_settles_expires_and_seals(busy_firm: Firm, hub: Engine) -> None:
    busy_firm.arrange("UPDATE commands SET expires_us = 1 WHERE id = 'waiting-02'")
    with writing(hub) as connection:
        sent = dispatch.mark_dispatched(connection, "approved-01", "e1", now_us())
        assert sent is not None
        dispatch.mark_sent_again(connection, sent.id, now_us())
        settled = dispatch.settle_by_id(connection, sent.id, CommandState.UNKNOWN, "no answer", now_us())
        assert settled is not None
        assert dispatch.expire_overdue(connection, now_us()) > 0
    with writing(hub) as connection:
        assert seal(connection, "0" * 63 + "1", now_us()) is not None
        assert end_long_transactions(connection, 60) == 0
        end_sessions_of_inactive(connection)


STAFF_COMMANDS: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "add_staff",
        {"login": "hal", "name": "Hal", "role": "dealer", "staff": "hal", "scopes": [{"group": "", "server": "MT5"}]},
    ),
    ("set_scopes", {"staff": "hal", "scopes": [{"group": "", "server": ""}]}),
    ("change_role", {"staff": "hal", "role": "head_dealer"}),
    ("make_login", {"staff": "hal", "login": "hal_home"}),
    ("set_active", {"staff": "hal", "active": False}),
    ("drop_login", {"staff": "hal", "login": "hal_home"}),
    ("drop_login", {"staff": "hal", "login": "hal"}),
    (
        "cover_absence",
        {"absent": "sam", "cover": "cleo", "from_us": 3_999_999_999_000_000, "until_us": 4_000_000_000_000_000},
    ),
)
CLIENT_COMMANDS: tuple[tuple[str, str, str, dict[str, object]], ...] = (
    ("cleo", "", "rate_client", {"client_id": 2, "rating": "high"}),
    ("cleo", "carol", "erase_client", {"client_id": 1}),
    ("otto", "", "set_contact", {"client_id": 2, "field": "email", "token": TOKEN}),
    ("carol", "adam", "set_policy", {"policy": "books", "of_kind": "set_book", "rule": None,
                                     "effective_us": 0, "note": "no longer"}),
)  # fmt: skip


def test_the_hub_carries_out_what_was_let_through_about_staff(busy_firm: Firm, hub: Engine) -> None:
    registry = Registry(busy_firm)
    try:
        for number, (kind, fields) in enumerate(STAFF_COMMANDS):
            registry.let_through(f"staff-effect-{number}", kind, **fields)
            assert carried_out(hub, f"staff-effect-{number}") == (CommandState.CONFIRMED, kind)
    finally:
        with busy_firm.as_superuser() as owner:
            left = owner.execute("SELECT rolname FROM pg_roles WHERE rolname IN ('hal', 'hal_home')").fetchall()
            owner.execute("DROP ROLE IF EXISTS hal; DROP ROLE IF EXISTS hal_home")

    assert left == []


def test_the_hub_carries_out_what_was_let_through_about_clients_and_policies(busy_firm: Firm, hub: Engine) -> None:
    registry = Registry(busy_firm)
    for number, (by, approver, kind, fields) in enumerate(CLIENT_COMMANDS):
        registry.let_through(f"client-effect-{number}", kind, by=by, approver=approver, **fields)
        assert carried_out(hub, f"client-effect-{number}") == (CommandState.CONFIRMED, kind)

    with busy_firm.as_superuser() as owner:
        assert owner.execute("SELECT key FROM subject_keys WHERE client_id = 1").fetchall() == [(None,)]
        assert owner.execute("SELECT name FROM clients WHERE id = 1").fetchall() == [("",)]


def carried_out(hub: Engine, command_id: str) -> tuple[CommandState, str]:
    with writing(hub) as connection:
        done = effects.execute(connection, command_id, now_us())
    assert done is not None
    assert done.state is CommandState.CONFIRMED, done.result
    return done.state, done.kind
