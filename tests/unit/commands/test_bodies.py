"""Bodies as they are written down: the payload that is approved, hashed and matched by the guards."""

from __future__ import annotations

from decimal import Decimal
from typing import get_args

import msgspec
import pytest

from dealerdesk.bridges.protocol import SetBook
from dealerdesk.commands.bodies import (
    AddStaff,
    Body,
    ChangeRole,
    CoverAbsence,
    DeskBody,
    EraseClient,
    Outcome,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetPolicy,
    SettleUnknown,
)
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.roles import Role
from dealerdesk.trading import Book


@pytest.mark.parametrize(
    ("body", "payload"),
    [
        (ChangeRole(staff="ana", role=Role.DEALER), '{"kind":"change_role","role":"dealer","staff":"ana"}'),
        (
            AddStaff(staff="carl", name="Carl Roe", role=Role.DEALER, scopes=(Scope("MT5", "real"),)),
            '{"kind":"add_staff","login":"","name":"Carl Roe","role":"dealer",'
            '"scopes":[{"group":"real","server":"MT5"}],"staff":"carl"}',
        ),
        (
            CoverAbsence(absent="ana", cover="ben", from_us=1, until_us=2),
            '{"absent":"ana","cover":"ben","from_us":1,"kind":"cover_absence","until_us":2}',
        ),
        (RateClient(client_id=7, rating=Rating.HIGH), '{"client_id":7,"kind":"rate_client","rating":"high"}'),
        (EraseClient(client_id=7), '{"client_id":7,"kind":"erase_client"}'),
        (
            SettleUnknown(command_id="dd1", outcome=Outcome.FAILED, evidence="no ticket"),
            '{"command_id":"dd1","evidence":"no ticket","kind":"settle_unknown","outcome":"failed"}',
        ),
    ],
)
def test_a_payload_is_written_in_one_way_only_and_read_back_as_the_same_body(body: Body, payload: str) -> None:
    assert canonical(body) == payload
    assert msgspec.json.decode(payload, type=Body) == body


def test_every_body_for_the_database_is_a_body_of_a_command() -> None:
    assert set(get_args(DeskBody)) < set(get_args(Body))
    assert SetBook not in get_args(DeskBody)


def test_a_condition_that_nobody_knows_is_not_left_out_of_a_rule_in_silence() -> None:
    written = b'{"kind":"set_policy","policy":"p","of_kind":"set_book","rule":{"open_lot_min":"50"}}'

    with pytest.raises(msgspec.ValidationError, match="open_lot_min"):
        msgspec.json.decode(written, type=Body)


def test_a_rule_without_conditions_asks_one_supervisor_always() -> None:
    rule = Rule()

    assert (rule.approvals, rule.roles) == (1, (Role.SUPERVISOR,))
    assert (rule.open_lots_min, rule.to_books, rule.risks, rule.deviates_from_advice) == (None, (), (), False)


def test_a_rules_limit_comes_back_to_the_last_digit() -> None:
    rule = Rule(open_lots_min=Decimal("50.00000001"), to_books=(Book.A,), amounts_min={"USD": 10_000_00})
    body = SetPolicy(policy="p", of_kind="set_book", rule=rule)

    assert msgspec.json.decode(canonical(body), type=Body) == body


@pytest.mark.parametrize(
    "written",
    [
        b'{"kind":"rate_client","client_id":7,"rating":"splendid"}',
        b'{"kind":"rate_client","client_id":"7","rating":"high"}',
        b'{"kind":"make_coffee"}',
        b'{"client_id":7}',
    ],
    ids=["a rating of one's own", "a number as text", "a kind of one's own", "no kind"],
)
def test_what_is_no_body_is_not_read_as_one(written: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(written, type=Body)
