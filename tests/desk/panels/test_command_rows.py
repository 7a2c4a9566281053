from __future__ import annotations

from math import isnan

import numpy as np

from dealerdesk.commands.records import CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.panels.command_rows import (
    COMMAND_COLUMNS,
    TONES,
    WORDS,
    command_rows,
    outcome_words,
    state_words,
    took_ms,
)
from dealerdesk.desk.panels.identity import AccountLabels
from dealerdesk.desk.theme import Tone
from dealerdesk.live.state import LiveState

from .small_broker import NAMES, NOW_US, command


def test_every_state_has_words_and_only_what_needs_a_person_is_coloured() -> None:
    assert set(WORDS) == set(CommandState)
    assert {state for state, tone in TONES.items() if tone is Tone.ATTENTION} == {
        CommandState.REQUESTED,
        CommandState.UNKNOWN,
    }
    assert WORDS[CommandState.UNKNOWN] == "◌ unknown, looking"


def test_a_waiting_command_says_whom_it_needs() -> None:
    assert outcome_words(command(), NAMES, NOW_US) == "needs supervisor"


def test_a_request_that_has_aged_says_who_may_decide_it_now() -> None:
    need = Need("p", "words", 1, (Role.SUPERVISOR,), escalate_after_s=1, escalate_roles=(Role.HEAD_DEALER,))
    aging = command(needs=(need,))

    assert outcome_words(aging, NAMES, aging.requested_us + 999_999) == "needs supervisor"
    assert outcome_words(aging, NAMES, aging.requested_us + 1_000_000) == "needs head dealer or supervisor"


def test_what_expired_says_what_it_waited_for_and_not_who_had_let_it_through() -> None:
    late = command(state=CommandState.EXPIRED, comment="no approval needed", result="not sent in time")

    assert state_words(late) == f"{WORDS[CommandState.EXPIRED]}: not sent in time"


def test_a_refused_one_says_by_whom_and_why_and_a_failed_one_what_the_server_said() -> None:
    refused = command(state=CommandState.REFUSED, decided_by="carol", comment="too small a sample")
    failed = command(state=CommandState.FAILED, decided_by="carol", result="no such account")

    assert outcome_words(refused, NAMES, NOW_US) == "Carol Ferreira: too small a sample"
    assert outcome_words(failed, NAMES, NOW_US) == "Carol Ferreira · no such account"
    assert outcome_words(command(state=CommandState.APPROVED), NAMES, NOW_US) == ""


def test_how_long_it_took_is_known_once_it_is_settled() -> None:
    assert isnan(took_ms(command()))
    assert took_ms(command(state=CommandState.CONFIRMED, settled_us=NOW_US)) == 2_000.0


def test_rows_are_told_apart_by_their_ids(state: LiveState) -> None:
    rows = command_rows([command(1), command(2, login=None)], AccountLabels(state), NAMES, NOW_US)

    assert [rows.key(row) for row in range(2)] == ["dd1", "dd2"]
    assert rows.column("account") == ["MT5 101", ""]
    for column in COMMAND_COLUMNS:
        for key in filter(None, (column.key, column.tone_key, column.tip_key)):
            assert len(rows.column(key)) == 2  # type: ignore[arg-type]
    assert np.asarray(rows.column("asked"))[0] == NOW_US - 2_000_000


def test_what_will_not_be_done_is_crossed_out_and_what_may_be_is_not() -> None:
    records = [command(state=state) for state in (CommandState.REFUSED, CommandState.CONFIRMED, CommandState.REQUESTED)]
    rows = command_rows(records, AccountLabels(LiveState()), NAMES, NOW_US)

    assert np.asarray(rows.column("struck")).tolist() == [True, False, False]
    assert next(column for column in COMMAND_COLUMNS if column.key == "title").struck_key == "struck"


def test_the_reason_stands_beside_what_will_not_be_done() -> None:
    refused = command(state=CommandState.REFUSED, decided_by="carol", comment="too small a sample")
    rows = command_rows([refused, command(state=CommandState.CONFIRMED)], AccountLabels(LiveState()), NAMES, NOW_US)

    assert rows.column("state") == ["✕ refused: too small a sample", "confirmed"]


def test_who_asked_is_said_by_name_and_the_id_stands_under_the_mouse() -> None:
    rows = command_rows([command(1), command(2, requested_by="gone")], AccountLabels(LiveState()), NAMES, NOW_US)
    who = next(column for column in COMMAND_COLUMNS if column.key == "who")

    assert rows.column("who") == ["Dana Novak", "gone"]
    assert rows.column(who.tip_key) == ["Dana Novak (dana)", "gone"]
