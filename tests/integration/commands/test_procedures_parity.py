"""The database's procedures and the program's own rules say the same of whatever is asked, to the letter."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer
from sqlalchemy import Connection, text

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.commands import bodies
from dealerdesk.commands.canonical import canonical, leaf_hash, payload_hash
from dealerdesk.commands.kinds import KINDS, kind_name, payload_to_tell, title
from dealerdesk.commands.policy_rule import Facts, applies
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import open_engine, reading
from dealerdesk.trading import BalanceKind, Book

YEAR_2100_US = 4_102_444_800_000_000
CURRENCIES = ("USD", "EUR", "JPY", "BHD", "USDT", "BTC", "XAU", "")
RISKS = ("low", "medium", "high", "prohibited", "unrated")

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), max_size=30)
NAMES = st.text(st.characters(exclude_characters="\0", exclude_categories=("Cs",)), min_size=1, max_size=30)
WHOLE = st.integers(-(10**17), 10**17)
COUNTS = st.integers(0, 10**17)
MOMENTS = st.integers(0, YEAR_2100_US - 1)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=5),
    max_leaves=12,
)
LOTS = st.decimals(0, 10**9, places=3, allow_nan=False, allow_infinity=False) | st.integers(0, 10**9).map(Decimal)
LIMITS = st.none() | st.dictionaries(st.sampled_from(CURRENCIES), st.integers(0, 10**9), max_size=4)
ROLES = st.lists(st.sampled_from(list(Role)), max_size=3, unique=True).map(tuple)
SERVERS = st.sampled_from(("MT4", "MT5", ""))
GROUPS = st.sampled_from(("real", "vip", 'größe \\ "x"', ""))
RULES = st.builds(
    bodies.Rule,
    servers=st.lists(SERVERS, max_size=2).map(tuple),
    groups=st.lists(GROUPS, max_size=2).map(tuple),
    to_books=st.lists(st.sampled_from(list(Book)), max_size=2, unique=True).map(tuple),
    open_lots_min=st.none() | LOTS,
    leverage_min=st.none() | st.integers(0, 500),
    amounts_min=LIMITS,
    daily_totals_min=LIMITS,
    risks=st.lists(st.sampled_from(RISKS), max_size=2, unique=True).map(tuple),
    deviates_from_advice=st.booleans(),
    approvals=st.sampled_from((1, 2)),
    roles=ROLES.filter(bool),
    escalate_after_s=st.none() | st.integers(0, 10**6),
    escalate_roles=ROLES,
)
FACTS = st.builds(
    Facts,
    server=SERVERS,
    login=st.none() | COUNTS,
    group=GROUPS,
    client_id=st.none() | COUNTS,
    to_book=st.none() | st.sampled_from(list(Book)),
    open_lots=LOTS,
    leverage=st.none() | st.integers(0, 500),
    amount=st.none() | st.integers(-(10**10), 10**10),
    currency=st.sampled_from(CURRENCIES),
    daily_total=st.none() | st.integers(0, 10**10),
    risk=st.sampled_from((*RISKS, "")),
    deviates=st.booleans(),
)
SCOPES = st.lists(st.builds(bodies.Scope, server=TEXTS, group=TEXTS), max_size=3).map(tuple)
BODIES = st.one_of(
    st.builds(SetBook, login=COUNTS, book=st.sampled_from(list(Book)), covered_percent=st.integers(0, 100)),
    st.builds(SetGroup, login=COUNTS, group=NAMES),
    st.builds(SetLeverage, login=COUNTS, leverage=COUNTS),
    st.builds(ChangeBalance, login=COUNTS, operation=st.sampled_from(list(BalanceKind)), amount=WHOLE, reference=TEXTS),
    st.builds(OpenAccount, client_id=COUNTS, name=NAMES, country=TEXTS, group=NAMES, leverage=COUNTS),
    st.builds(ClosePosition, position_id=COUNTS, volume=COUNTS),
    st.builds(bodies.AddStaff, staff=NAMES, name=NAMES, role=st.sampled_from(list(Role)), scopes=SCOPES, login=TEXTS),
    st.builds(bodies.ChangeRole, staff=NAMES, role=st.sampled_from(list(Role))),
    st.builds(bodies.SetScopes, staff=NAMES, scopes=SCOPES),
    st.builds(bodies.SetActive, staff=NAMES, active=st.booleans()),
    st.builds(bodies.MakeLogin, staff=NAMES, login=NAMES),
    st.builds(bodies.DropLogin, staff=NAMES, login=NAMES),
    st.builds(
        bodies.SetPolicy,
        policy=NAMES,
        of_kind=st.sampled_from(sorted(kind.name for kind in KINDS.values())),
        rule=st.none() | RULES,
        effective_us=MOMENTS,
        note=TEXTS,
    ),
    st.builds(bodies.CoverAbsence, absent=NAMES, cover=NAMES, from_us=MOMENTS, until_us=MOMENTS),
    st.builds(bodies.RateClient, client_id=COUNTS, rating=st.sampled_from(list(bodies.Rating))),
    st.builds(bodies.SetContact, client_id=COUNTS, field=st.sampled_from(list(bodies.ContactField)), token=NAMES),
    st.builds(bodies.EraseClient, client_id=COUNTS),
    st.builds(bodies.SettleUnknown, command_id=NAMES, outcome=st.sampled_from(list(bodies.Outcome)), evidence=NAMES),
)
many = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
"""Each example is a batch of values: one question to the database for all of them."""


@pytest.fixture(scope="module")
def database(postgres: PostgresServer, migrated_template: str) -> Iterator[Connection]:
    """A connection that may call what is internal."""
    engine = open_engine(postgres.url(migrated_template))
    with reading(engine) as connection:
        yield connection
    engine.dispose()


def answers(database: Connection, expression: str, asked: list[Any]) -> list[Any]:
    """What `expression` makes of each value `v` (jsonb), in order."""
    sql = f"SELECT {expression} FROM jsonb_array_elements(CAST(:all AS jsonb)) WITH ORDINALITY AS x (v, n) ORDER BY n"
    return list(database.scalars(text(sql), {"all": json.dumps(asked)}))


@many
@given(values=st.lists(VALUES, min_size=1, max_size=40))
def test_canonical_json_is_spelt_alike(database: Connection, values: list[Any]) -> None:
    assert answers(database, "api.canonical(v)", values) == [canonical(value) for value in values]


@many
@given(terms=st.lists(st.tuples(TEXTS, TEXTS, TEXTS, st.none() | WHOLE), min_size=1, max_size=40))
def test_hashes_are_alike(database: Connection, terms: list[tuple[str, str, str, int | None]]) -> None:
    hashed = "api.payload_hash(v ->> 0, v ->> 1, v ->> 2, CAST(v ->> 3 AS bigint))"

    assert answers(database, hashed, [list(term) for term in terms]) == [payload_hash(*term) for term in terms]
    assert answers(database, "api.leaf_hash(v ->> 1)", [list(term) for term in terms]) == [
        leaf_hash(term[1]) for term in terms
    ]


@many
@given(pairs=st.lists(st.tuples(RULES, FACTS), min_size=1, max_size=40))
def test_a_rule_applies_in_the_same_words(database: Connection, pairs: list[tuple[bodies.Rule, Facts]]) -> None:
    asked = [[json.loads(canonical(rule)), _as_known(facts)] for rule, facts in pairs]

    found = answers(database, "api.applies(v -> 0, jsonb_populate_record(NULL::api.known, v -> 1))", asked)

    assert found == [applies(rule, facts) for rule, facts in pairs]


@many
@given(facts=st.lists(FACTS, min_size=1, max_size=40))
def test_facts_are_told_alike(database: Connection, facts: list[Facts]) -> None:
    told = answers(
        database, "api.facts_json(jsonb_populate_record(NULL::api.known, v))", [_as_known(each) for each in facts]
    )

    assert [json.loads(each) for each in told] == [json.loads(canonical(each)) for each in facts]


@many
@given(asked=st.lists(st.tuples(BODIES, st.sampled_from(CURRENCIES)), min_size=1, max_size=40))
def test_every_body_is_taken_and_called_by_the_same_title(
    database: Connection, asked: list[tuple[bodies.Body, str]]
) -> None:
    terms = [[kind_name(body), canonical(body), currency] for body, currency in asked]
    body = "CAST(v ->> 1 AS jsonb)"

    problems = answers(database, f"api.payload_problem(v ->> 0, v ->> 1, {body})", terms)
    titles = answers(database, f"api.title(v ->> 0, 'MT5', {body}, v ->> 2)", terms)
    told = answers(database, f"api.payload_to_tell(v ->> 0, v ->> 1, {body})", terms)

    assert problems == [None] * len(asked)
    assert titles == [title("MT5", each, currency) for each, currency in asked]
    assert told == [payload_to_tell(each) for each, _ in asked]


@many
@given(asked=st.lists(st.tuples(BODIES, VALUES, st.integers(0, 20)), min_size=1, max_size=40))
def test_a_payload_that_the_program_could_not_read_is_not_taken(
    database: Connection, asked: list[tuple[bodies.Body, Any, int]]
) -> None:
    terms, expected = [], []
    for body, value, place in asked:
        fields = json.loads(canonical(body))
        names = sorted(fields)
        fields[names[place % len(names)]] = value
        spelt = canonical(fields)
        terms.append([kind_name(body), spelt])
        expected.append(_is_readable(body, spelt))

    taken = answers(database, "api.payload_problem(v ->> 0, v ->> 1, CAST(v ->> 1 AS jsonb)) IS NULL", terms)

    wrongly = [term for term, mine, theirs in zip(terms, taken, expected, strict=True) if mine and not theirs]
    assert wrongly == []


def _as_known(facts: Facts) -> dict[str, Any]:
    known = json.loads(canonical(facts))
    return {("group_name" if name == "group" else name): value for name, value in known.items()}


def _is_readable(body: bodies.Body, spelt: str) -> bool:
    try:
        msgspec.json.decode(spelt, type=type(body))
    except msgspec.MsgspecError:
        return False
    return True
