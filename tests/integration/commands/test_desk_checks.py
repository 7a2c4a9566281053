"""What makes no sense on staff, policies and clients is refused alike by the program and by the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from office import SERVER, Office
from postgres_server import PostgresServer
from sqlalchemy import Connection, text

from dealerdesk.commands import bodies
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.kinds import KINDS, kind_name, kind_of
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import open_engine, reading, writing

TOKEN = "dd1.AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8gISIjJCUmJw=="
"""Shaped as what is sealed under a client's key."""

ASKERS = st.sampled_from(("adam", "carol", "cleo", "mia"))
PEOPLE = st.sampled_from(("adam", "ana", "carol", "gone", "nobody", "Nobody", "hub", "n", "a" * 40, "a b"))
LOGINS = st.sampled_from(("ana", "carol", "new", "dealerdesk_x", "postgres", "Ana", "a", "x" * 32, "old"))
NAMES = st.sampled_from(("Ann", " ", "a\nb", "x" * 129, "Ágnes"))
ROLES = st.sampled_from(list(Role))
PLACES = st.sampled_from(("", "MT5", "MT4", "a\tb", "größe"))
SCOPES = st.lists(st.builds(bodies.Scope, server=PLACES, group=PLACES), max_size=2).map(tuple)
LIMITS = st.none() | st.dictionaries(st.sampled_from(("USD", "EUR")), st.integers(-1, 5), max_size=2)
RULES = st.builds(
    bodies.Rule,
    leverage_min=st.none() | st.integers(-1, 5),
    amounts_min=LIMITS,
    daily_totals_min=LIMITS,
    approvals=st.sampled_from((1, 2)),
    roles=st.lists(ROLES, min_size=1, max_size=2, unique=True).map(tuple),
    escalate_after_s=st.none() | st.just(60),
    escalate_roles=st.lists(ROLES, max_size=1).map(tuple),
)
MOMENTS = st.sampled_from((0, 1, 86_400_000_000, 367 * 86_400_000_000))
BODIES = st.one_of(
    st.builds(bodies.AddStaff, staff=PEOPLE, name=NAMES, role=ROLES, scopes=SCOPES, login=st.just("") | LOGINS),
    st.builds(bodies.ChangeRole, staff=PEOPLE, role=ROLES),
    st.builds(bodies.SetScopes, staff=PEOPLE, scopes=SCOPES),
    st.builds(bodies.SetActive, staff=PEOPLE, active=st.booleans()),
    st.builds(bodies.MakeLogin, staff=PEOPLE, login=LOGINS),
    st.builds(bodies.DropLogin, staff=PEOPLE, login=LOGINS),
    st.builds(
        bodies.SetPolicy,
        policy=st.sampled_from(("all", "ended", "new-one", "No", "n")),
        of_kind=st.sampled_from((*sorted(kind.name for kind in KINDS.values()), "no_kind")),
        rule=st.none() | RULES,
        effective_us=st.just(0),
        note=st.just(""),
    ),
    st.builds(bodies.CoverAbsence, absent=PEOPLE, cover=PEOPLE, from_us=MOMENTS, until_us=MOMENTS),
    st.builds(
        bodies.RateClient, client_id=st.sampled_from((1, 2, 3, 999_999)), rating=st.sampled_from(list(bodies.Rating))
    ),
    st.builds(
        bodies.SetContact,
        client_id=st.sampled_from((1, 2, 3, 999_999)),
        field=st.sampled_from(list(bodies.ContactField)),
        token=st.sampled_from(("t", "t" * 4_001, TOKEN, f"{TOKEN}\n", TOKEN[:-1], f" {TOKEN}", "dd1." + "A" * 4_000)),
    ),
    st.builds(bodies.EraseClient, client_id=st.sampled_from((1, 2, 3, 999_999))),
    st.builds(
        bodies.SettleUnknown,
        command_id=st.sampled_from(("command-1", "no-such-one")),
        outcome=st.sampled_from(list(bodies.Outcome)),
        evidence=st.sampled_from((" ", "seen")),
    ),
)


@pytest.fixture
def firm(postgres: PostgresServer, recycled_database: str) -> Iterator[Connection]:
    """An office on PostgreSQL with people, clients and policies of every kind that the checks look at."""
    postgres.empty(recycled_database)
    engine = open_engine(postgres.url(recycled_database))
    office = Office(engine)
    office.hire("gone", Role.DEALER, active=False)
    office.hire("mia", Role.COMPLIANCE, server="MT4")
    office.needs_supervisor()
    with writing(engine) as connection:
        for sql in (
            "INSERT INTO policies (id, version, kind, rule, effective_us, author, note)"
            " VALUES ('ended', 1, 'set_group', 'null', 1, 'setup', '')",
            "INSERT INTO staff_logins (login, staff, active, made_us) VALUES ('old', 'ana', false, 1)",
            "UPDATE clients SET id = 1 WHERE id = (SELECT min(id) FROM clients)",
            "INSERT INTO client_ratings (client_id, rating, changed_us) VALUES (1, 'high', 1)",
        ):
            connection.exec_driver_sql(sql)
    office.request()
    with reading(engine) as connection:
        yield connection
    engine.dispose()


@settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))
@given(who=ASKERS, server=st.sampled_from(("", "", "", SERVER)), body=BODIES)
def test_what_makes_no_sense_is_refused_in_the_same_words(
    firm: Connection, who: str, server: str, body: bodies.Body
) -> None:
    problem = firm.scalar(
        text(
            "SELECT api.desk_problem(CAST(ROW(staff.id, staff.name, staff.role, NULL, true, false) AS api.caller),"
            " :kind, :server, CAST(:body AS jsonb)) FROM staff WHERE staff.id = :who"
        ),
        {"kind": kind_name(body), "server": server, "body": canonical(body), "who": who},
    )

    assert problem == _problem(firm, who, server, body)


def test_a_client_none_of_whose_accounts_one_may_act_on_is_left_alone(office: Office) -> None:
    office.hire("mia", Role.COMPLIANCE, server="MT4")
    with reading(office.engine) as connection:
        client = connection.execute(text("SELECT client_id FROM accounts WHERE login = 1001")).scalar_one()
    body = bodies.RateClient(client_id=client, rating=bodies.Rating.HIGH)

    with pytest.raises(Refused, match=f"Client {client} is not yours to act on"):
        office.request("mia", body, server="")
    assert office.request("cleo", body, server="").client_id == client


def _problem(connection: Connection, who: str, server: str, body: bodies.Body) -> str | None:
    try:
        kind_of(body).check(connection, server, body, who)
    except Refused as refused:
        return str(refused)
    return None
