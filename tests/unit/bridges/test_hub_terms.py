"""A bridge remembers the newest hub's term, whatever happens to the bridge."""

from __future__ import annotations

from pathlib import Path

import pytest

from dealerdesk.bridges.hub_terms import HubTerms
from dealerdesk.bridges.record_file import JournalCorruptError


def test_a_newer_term_is_admitted_the_same_again_and_an_older_one_never(tmp_path: Path) -> None:
    terms = HubTerms(tmp_path / "hub-term")

    assert [terms.admit(term) for term in (0, 3, 3, 2, 0, 4)] == [True, True, True, False, False, True]


def test_the_newest_term_is_known_after_a_restart(tmp_path: Path) -> None:
    HubTerms(tmp_path / "hub-term").admit(1_000_001)
    again = HubTerms(tmp_path / "hub-term")

    assert again.newest == 1_000_001
    assert not again.admit(1_000_000)
    assert [file.name for file in tmp_path.iterdir()] == ["hub-term"]


def test_a_term_that_cannot_be_written_is_not_admitted(tmp_path: Path) -> None:
    folder = tmp_path / "bridge"
    folder.mkdir()
    terms = HubTerms(folder / "hub-term")
    terms.admit(5)
    (folder / "hub-term.new").mkdir()

    with pytest.raises(OSError):
        terms.admit(6)
    assert terms.newest == 5


def test_a_file_that_holds_no_number_is_no_reason_to_let_anybody_in(tmp_path: Path) -> None:
    (tmp_path / "hub-term").write_text("many")

    with pytest.raises(JournalCorruptError, match="no hub's term at byte 0"):
        HubTerms(tmp_path / "hub-term")
