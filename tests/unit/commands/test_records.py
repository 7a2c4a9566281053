from __future__ import annotations

from dealerdesk.commands.records import OPEN_STATES, CommandState, Conflict, Refused, new_command_id
from dealerdesk.commands.roles import Role
from dealerdesk.store.decided import TRANSITIONS


def test_the_states_are_those_of_the_state_table() -> None:
    assert {state.value for state in CommandState} == {state for pair in TRANSITIONS for state in pair}


def test_nothing_leads_out_of_a_final_state() -> None:
    ways_out = {before for before, _ in TRANSITIONS}

    assert ways_out - {state.value for state in OPEN_STATES} == {"unknown"}, "a person settles it by another command"
    assert {after for before, after in TRANSITIONS if before == "unknown"} == {"confirmed", "failed"}
    assert [state for state in CommandState if state.is_final] == [
        CommandState.REFUSED,
        CommandState.EXPIRED,
        CommandState.WITHDRAWN,
        CommandState.CONFIRMED,
        CommandState.FAILED,
        CommandState.UNKNOWN,
    ]


def test_what_is_not_approved_is_never_dispatched() -> None:
    assert [before for before, after in TRANSITIONS if after == "dispatched"] == ["approved"]


def test_a_conflict_is_a_refusal_with_its_sentence() -> None:
    assert str(Conflict("dana was first")) == "dana was first"
    assert issubclass(Conflict, Refused)


def test_an_id_fits_the_platforms_comment() -> None:
    assert len(new_command_id()) == 26
    assert new_command_id() != new_command_id()


def test_a_role_reads_as_people_say_it() -> None:
    assert Role.HEAD_DEALER.words == "head dealer"
