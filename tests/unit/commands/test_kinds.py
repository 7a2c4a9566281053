from __future__ import annotations

import msgspec
import pytest

from dealerdesk.bridges.protocol import (
    AnswerRequest,
    AnswerVerb,
    ChangeBalance,
    ClosePosition,
    OpenAccount,
    SetBook,
    SetGroup,
    SetLeverage,
)
from dealerdesk.commands.bodies import Body, EraseClient, SetActive
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.desk_checks import WITHOUT_MONEY
from dealerdesk.commands.kinds import (
    KINDS,
    NAMED,
    bridge_body,
    is_of_database,
    is_repeatable,
    kind_name,
    kind_of,
    may_decide,
    payload_to_tell,
    title,
    words,
)
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.migrations.versions import s0005_guards
from dealerdesk.trading import BalanceKind, Book

TO_B = SetBook(login=7, book=Book.B, covered_percent=0)
ANSWER = AnswerRequest(request_id=3, verb=AnswerVerb.REJECT)


def test_every_kind_is_filed_under_its_own_body_and_name() -> None:
    assert kind_of(TO_B).name == kind_name(TO_B) == "set_book"
    assert kind_of(TO_B).login(TO_B) == 7
    assert all(kind.body is body_type for body_type, kind in KINDS.items())
    assert len(NAMED) == len(KINDS) == 18


def test_a_dealers_answer_to_a_client_is_no_command_that_can_be_asked_for() -> None:
    with pytest.raises(Refused, match="«answer request» cannot be asked for here"):
        kind_of(ANSWER)
    assert not is_repeatable(ANSWER)
    assert title("MT5", ANSWER) == "Answer request 3 on MT5: reject"


@pytest.mark.parametrize(
    ("body", "again"),
    [
        (TO_B, True),
        (SetGroup(login=1, group="x"), True),
        (SetLeverage(login=1, leverage=50), True),
        (ChangeBalance(login=1, operation=BalanceKind.DEPOSIT, amount=5), False),
        (ClosePosition(position_id=1), False),
        (OpenAccount(client_id=1, name="n", country="PT", group="g", leverage=30), False),
    ],
)
def test_only_what_is_the_same_done_twice_may_be_sent_again(body: Body, again: bool) -> None:
    assert is_repeatable(body) is again
    assert bridge_body(body) is body
    assert not is_of_database(kind_name(body))


def test_what_is_done_in_the_database_is_never_for_a_bridge() -> None:
    body = SetActive(staff="ana", active=False)

    assert is_of_database("set_active")
    with pytest.raises(TypeError, match="not for a bridge: set_active"):
        bridge_body(body)


def test_an_auditor_asks_for_nothing_and_decides_nothing() -> None:
    assert not any(Role.AUDITOR in kind.may_request for kind in KINDS.values())
    assert not any(may_decide(Role.AUDITOR, kind) for kind in KINDS.values())


def test_an_administrator_touches_neither_money_nor_risk() -> None:
    touched = {kind.name for kind in KINDS.values() if Role.ADMINISTRATOR in kind.may_request}
    decided = {kind.name for kind in KINDS.values() if may_decide(Role.ADMINISTRATOR, kind)}

    assert decided == WITHOUT_MONEY
    assert touched == WITHOUT_MONEY - {"set_policy"}


def test_what_always_takes_a_second_person_says_so() -> None:
    always = {kind.name for kind in KINDS.values() if kind.always is not None}

    assert always == WITHOUT_MONEY | {"erase_client", "settle_unknown"}


def test_the_databases_table_of_kinds_says_what_the_program_says() -> None:
    written = {
        kind: (set(roles.split()), always, waits_us, dispatch_within_us, executor)
        for kind, roles, always, waits_us, dispatch_within_us, executor in s0005_guards.KINDS
    }
    said = {
        kind.name: (
            {role.value for role in kind.may_request},
            canonical(kind.always),
            kind.waits_us,
            kind.dispatch_within_us,
            kind.executor.value,
        )
        for kind in KINDS.values()
    }

    assert written == said


def test_a_clients_name_is_not_told_to_the_audit_log() -> None:
    body = OpenAccount(client_id=7, name="Maria Silva", country="PT", group="real", leverage=30)

    told = payload_to_tell(body)

    assert "Maria" not in told
    assert msgspec.json.decode(told)["client_id"] == 7
    assert payload_to_tell(EraseClient(client_id=7)) == '{"client_id":7,"kind":"erase_client"}'


def test_a_kinds_name_reads_as_people_say_it() -> None:
    assert words("settle_unknown") == "settle unknown"
