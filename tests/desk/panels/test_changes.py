"""What each kind of command would change, as a person reads it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, OpenAccount, SetBook, SetGroup, SetLeverage
from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    ContactField,
    CoverAbsence,
    DropLogin,
    EraseClient,
    MakeLogin,
    Outcome,
    RateClient,
    Rating,
    Rule,
    Scope,
    SetActive,
    SetContact,
    SetPolicy,
    SetScopes,
    SettleUnknown,
)
from dealerdesk.commands.inbox_queries import Evidence
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.changes import Sight, changes, login_of, rule_words
from dealerdesk.desk.panels.sheet import Line, Style
from dealerdesk.live.frame import compute
from dealerdesk.live.state import LiveState
from dealerdesk.trading import BalanceKind, Book

from .small_broker import NOW_US, PEOPLE, command


def said(line: Line) -> str:
    match line.style:
        case Style.CHANGE:
            return f"{line.text}: {line.before} → {line.value}"
        case Style.PAIR:
            return f"{line.text}: {line.value}"
        case _:
            return line.text


def words(state: LiveState, body: Any, evidence: Evidence | None = None, **terms: Any) -> list[str]:
    record = command(1, body=body, **{"login": getattr(body, "login", None), "expected_version": None, **terms})
    return [said(line) for line in changes(record, Sight(state, compute(state, NOW_US), PEOPLE, evidence))]


def test_a_book_says_what_we_keep_before_and_after(state: LiveState) -> None:
    found = words(state, SetBook(login=101, book=Book.C, covered_percent=40))

    # long 2 lots EURUSD and short 1 lot of gold: +220 010 − 200 025 or so, kept in full and then to 60 %
    assert found[0] == "Book: B → C with 40 % covered"
    assert found[1].startswith("We keep of its net, USD: ")


def test_an_account_that_has_moved_since_is_pointed_out(state: LiveState) -> None:
    body = SetBook(login=101, book=Book.A, covered_percent=100)

    assert words(state, body, expected_version=7)[-1] == (
        "The account has moved since this was asked: it would be refused by the bridge."
    )
    assert len(words(state, body, expected_version=0)) == 2


def test_a_withdrawal_says_what_is_left_and_the_margin_level_then(state: LiveState) -> None:
    body = ChangeBalance(login=101, operation=BalanceKind.WITHDRAWAL, amount=-250_000, reference="W-1")
    found = words(state, body)

    assert found[0] == "Withdrawal: −2\u2009500.00 USD"
    assert found[1] == "Balance: 10\u2009000.00 → 7\u2009500.00 USD"
    assert found[2].startswith("Margin level: ")
    assert found[3] == "Reference: W-1"


def test_credit_changes_the_credit_and_not_the_balance(state: LiveState) -> None:
    found = words(state, ChangeBalance(login=101, operation=BalanceKind.CREDIT, amount=10_000))

    assert found[:2] == ["Credit: +100.00 USD", "Credit: 0.00 → 100.00 USD"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (SetGroup(login=101, group="pro"), ["Group: real\\usd → pro"]),
        (SetLeverage(login=101, leverage=200), ["Leverage: 1 : 100 → 1 : 200"]),
        (SetLeverage(login=999, leverage=200), ["Leverage: not known here → 1 : 200"]),
        (ClosePosition(position_id=9001), ["Position 9001: buy 2.00 EURUSD → closed"]),
        (ClosePosition(position_id=9001, volume=50_000_000), ["Position 9001: buy 2.00 EURUSD → 1.50 lots"]),
        (ClosePosition(position_id=1), ["Position 1: not known here → closed"]),
        (
            OpenAccount(client_id=1, name="Ada", country="PL", group="real", leverage=100),
            ["Account: none → real · 1 : 100 · PL", "In the name of: •••"],
        ),
        (
            AddStaff(staff="nora", name="Nora", role=Role.DEALER, scopes=(Scope("MT5"),), login="nora_db"),
            ["Nora (nora): not here → dealer", "Sees: all of MT5", "Signs in as: nora_db"],
        ),
        (ChangeRole(staff="ben", role=Role.SUPERVISOR), ["Role of Ben Osei: payments officer → supervisor"]),
        (SetScopes(staff="ben", scopes=(Scope(),)), ["Ben Osei would see: everything", "Role: payments officer"]),
        (
            SetActive(staff="ben", active=False),
            ["Ben Osei: may sign in → may do nothing any more", "Role: payments officer"],
        ),
        (MakeLogin(staff="ben", login="ben2"), ["Login of Ben Osei: none → ben2", "Role: payments officer"]),
        (DropLogin(staff="ben", login="ben2"), ["Login of Ben Osei: ben2 → none", "Role: payments officer"]),
        (RateClient(client_id=7, rating=Rating.HIGH), ["Rating of client 7: not known here → high"]),
        (
            SetContact(client_id=7, field=ContactField.BANK_ACCOUNT, token="x"),
            ["Bank account: what is kept now → another, kept encrypted"],
        ),
    ],
)
def test_every_kind_says_what_would_be_different(state: LiveState, body: Any, expected: list[str]) -> None:
    assert words(state, body) == expected


def test_erasing_a_client_says_that_it_cannot_be_undone(state: LiveState) -> None:
    found = words(state, EraseClient(client_id=7))

    assert found[0] == "Client 7: known → erased"
    assert "can never be read again" in found[1]


def test_a_cover_says_who_would_decide_for_whom_and_until_when(state: LiveState) -> None:
    body = CoverAbsence(absent="ben", cover="carol", from_us=NOW_US, until_us=NOW_US + 3_600_000_000)

    assert words(state, body) == [
        "Decides for Ben Osei: nobody → Carol Ferreira",
        "Carol Ferreira may decide as: supervisor → also payments officer",
        "From: 11 Mar 10:00:00",
        "Until: 11 Mar 11:00:00",
    ]


def test_a_policy_is_held_against_the_one_it_replaces(state: LiveState) -> None:
    before = '{"approvals":1,"open_lots_min":"50","roles":["supervisor"]}'
    body = SetPolicy(policy="large", of_kind="set_book", rule=Rule(open_lots_min=Decimal(20)), note="tighter")

    assert words(state, body, Evidence("dd1", (), {}, before=before)) == [
        "Policy: large",
        "For: set book",
        "From: at once",
        "Open lots from: 50 → 20",
        "Asks for: 1 × supervisor",
        "Note: tighter",
    ]
    ended = SetPolicy(policy="large", of_kind="set_book", rule=None)
    assert words(state, ended, Evidence("dd1", (), {}, before=before))[-1].startswith("The policy would end")


def test_settling_says_what_the_command_was_and_what_was_found(state: LiveState) -> None:
    lost = command(7, CommandState.UNKNOWN)
    body = SettleUnknown(command_id="dd7", outcome=Outcome.FAILED, evidence="not in the journal")

    assert words(state, body, Evidence("dd1", (), {}, about=lost)) == [
        "About: Move 101 on MT5 from B to A",
        "Command: unknown → failed",
        "Asked by: Dana Novak",
        "Evidence: not in the journal",
    ]


def test_a_rule_is_said_with_all_its_conditions() -> None:
    rule = Rule(
        amounts_min={"USD": 1_000_000},
        risks=("high",),
        to_books=(Book.A,),
        deviates_from_advice=True,
        approvals=2,
        escalate_after_s=900,
        escalate_roles=(Role.HEAD_DEALER,),
    )

    assert rule_words(rule) == [
        ("To book", "A"),
        ("Amount from", "10\u2009000.00 USD"),
        ("Client rated", "high"),
        ("Against the advice", "yes"),
        ("Asks for", "2 × supervisor"),
        ("Escalates", "after 15 min to head dealer"),
    ]


def test_a_position_leads_to_its_account(state: LiveState) -> None:
    assert login_of(command(1, login=None, body=ClosePosition(position_id=9003)), state) == 102
    assert login_of(command(1, login=None, body=ClosePosition(position_id=1)), state) is None


def test_the_name_of_a_new_account_is_shown_to_a_role_that_sees_names(state: LiveState) -> None:
    body = OpenAccount(client_id=7, name="Ada", country="PL", group="real", leverage=100)
    record = command(1, body=body, login=None, expected_version=None)
    frame = compute(state, NOW_US)

    for evidence, name in ((None, "kept encrypted"), (Evidence(record.id, (), {}, name="Ada"), "Ada")):
        sight = Sight(state, frame, PEOPLE, evidence, names=True)
        assert [said(line) for line in changes(record, sight)][1] == f"In the name of: {name}"
