"""What every strip says of a request: who must approve, how far it has come."""

from __future__ import annotations

import pytest

from dealerdesk.commands.records import CommandState, Need
from dealerdesk.commands.roles import Role
from dealerdesk.desk.asking_words import approval, progress
from dealerdesk.desk.theme import Tone

from .conftest import NOW_US, command


def test_who_must_approve_is_said() -> None:
    need = Need(policy="p v1", words="100 lots open", approvals=1, roles=(Role.SUPERVISOR,))

    assert approval(()) == "No approval needed: it is done at once."
    assert approval((need,)) == "Needs approval: supervisor (100 lots open)"


@pytest.mark.parametrize(
    ("state", "begins", "tone"),
    [
        (CommandState.REQUESTED, "● asked", Tone.ATTENTION),
        (CommandState.APPROVED, "○", Tone.SECONDARY),
        (CommandState.DISPATCHED, "○ sent, not read back yet", Tone.SECONDARY),
        (CommandState.CONFIRMED, "● confirmed 10:00:00", Tone.RUNNING),
        (CommandState.UNKNOWN, "◌ unknown, looking", Tone.ATTENTION),
        (CommandState.REFUSED, "refused: not today", Tone.ALARM),
        (CommandState.FAILED, "failed: not today", Tone.ALARM),
        (CommandState.EXPIRED, "expired: not today", Tone.ALARM),
        (CommandState.WITHDRAWN, "withdrawn: not today", Tone.ALARM),
    ],
)
def test_every_state_has_its_look_and_what_was_sent_is_hollow_until_it_is_read_back(
    state: CommandState, begins: str, tone: Tone
) -> None:
    words, shown = progress(command(state, result="not today", settled_us=NOW_US))

    assert words.startswith(begins)
    assert shown is tone


def test_what_is_on_no_server_is_read_back_from_the_database() -> None:
    words, _ = progress(command(CommandState.CONFIRMED, server="", settled_us=NOW_US))

    assert words == "● confirmed 10:00:00: read back from the database"
