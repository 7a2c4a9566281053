"""Who of many chosen accounts is moved to another book, in words and in batches, without any widget."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dealerdesk.commands.records import CommandState
from dealerdesk.desk.book_batch import batches, consequence, move, tally
from dealerdesk.desk.book_change import standing
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.theme import Tone
from dealerdesk.live.state import LiveState
from dealerdesk.trading import Book

from .conftest import command


def test_ids_are_new_for_each_batch_and_command(state: LiveState, desk: Desk) -> None:
    one = standing(state, desk.frame(), "MT5", 101)
    assert one is not None
    wanted = move([one, replace(one, login=7)], Book.A, 100, (), lambda _server: "")
    ids = [(b.id, *(m.command_id for m in b.members)) for b in (*batches(wanted), *batches(wanted))]

    assert len({part for each in ids for part in each}) == 6


def test_without_positions_no_share_is_told(state: LiveState, desk: Desk) -> None:
    one = standing(state, desk.frame(), "MT5", 101)
    assert one is not None
    flat = replace(one, positions=0, net_usd=float("nan"))

    assert consequence(move([flat], Book.A, 100, (), lambda _server: "")) == "1 account → A."
    assert "−220.0 k to 0" in consequence(move([flat, one], Book.A, 100, (), lambda _server: ""))


@pytest.mark.parametrize(
    ("states", "words", "tone"),
    [
        ((CommandState.CONFIRMED,) * 2, "● 2 of 2 confirmed", Tone.RUNNING),
        ((CommandState.CONFIRMED, CommandState.UNKNOWN), "◌ 1 of 2 confirmed · 1 unknown, looking", Tone.ATTENTION),
        ((CommandState.DISPATCHED, CommandState.APPROVED), "○ 0 of 2 confirmed · 1 approved · 1 sent", Tone.SECONDARY),
        ((CommandState.EXPIRED, CommandState.REQUESTED), "✕ 0 of 2 confirmed · 1 wait for approval", Tone.ALARM),
    ],
)
def test_the_tally_looks_as_its_gravest(states: tuple[CommandState, ...], words: str, tone: Tone) -> None:
    text, look = tally({str(n): command(state) for n, state in enumerate(states)})

    assert text.startswith(words)
    assert look is tone
