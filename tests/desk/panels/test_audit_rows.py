"""Audit entries in words."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dealerdesk.commands.audit import Entry
from dealerdesk.commands.audit_queries import AuditRow
from dealerdesk.desk.panels.audit_rows import about, audit_rows, change_line, changes, page
from dealerdesk.desk.theme import Tone

from .small_broker import NOW_US

PEOPLE = {"dana": "Dana Novak", "carol": "Carol Ferreira"}


def entry(**changes: Any) -> Entry:
    """carol approves dana's wish to move MT5 101."""
    fields: dict[str, Any] = {"id": "e1", "at_us": NOW_US, "actor": "carol", "action": "command approved"}
    fields |= {"subject": "dd-1", "server": "MT5", "login": 101, "client_id": 7, "kind": "set_book", "origin": "pc7"}
    fields |= {
        "reason": "seen",
        "before": {"state": "requested"},
        "after": {"state": "approved", "deadline_us": NOW_US},
    }
    return Entry(**(fields | changes))


def row(said: Entry, seal: int | None = 3) -> AuditRow:
    return AuditRow(41, said, "ab" * 32, None if seal is None else 40, seal, None if seal is None else NOW_US)


def test_an_entry_is_a_row_of_words() -> None:
    rows = audit_rows([row(entry())], PEOPLE)
    words = {key: rows.column(key)[0] for key in ("who", "what", "kind", "about", "change", "why", "client", "seal")}

    assert words == {
        "who": "Carol Ferreira",
        "what": "Command approved",
        "kind": "set book",
        "about": "MT5 101 · dd-1",
        "change": "requested → approved · deadline 11 Mar 10:00:00",
        "why": "seen",
        "client": "7",
        "seal": "seal 3",
    }
    assert rows.key(0) == 41


def test_what_is_not_sealed_yet_and_what_was_refused_stand_out() -> None:
    rows = audit_rows([row(entry(action="reading refused"), seal=None)], PEOPLE)

    assert rows.column("seal")[0] == "○ not sealed"
    assert (rows.column("seal_tone")[0], rows.column("tone")[0]) == (Tone.ATTENTION, Tone.ALARM)


def test_an_entry_is_about_a_command_a_field_or_a_person() -> None:
    nobody = {"server": "", "login": None}
    titled = replace(row(entry()), title="Set the book of MT5 101 to A")

    assert about(titled, PEOPLE) == "Set the book of MT5 101 to A"
    assert about(row(entry(subject="client 7", after={"what": "bank_account"})), PEOPLE) == "bank account of client 7"
    assert about(row(entry(subject="dana", **nobody)), PEOPLE) == "Dana Novak"


def test_what_the_machine_keeps_is_not_in_the_line_but_on_the_page() -> None:
    said = entry(before={}, after={"payload": '{"book":"A","login":101}', "payload_hash": "ff", "leverage": 100})

    assert change_line(said) == "leverage 100"
    assert ("payload", "", "book A, login 101") in changes(said)
    text = "\n".join(f"{line.text} {line.value}" for line in page(row(said), PEOPLE))
    assert "payload book A, login 101" in text
    assert "payload hash ff" in text


def test_what_stayed_the_same_is_still_said_and_what_was_never_there_is_not() -> None:
    said = entry(before={"role": "dealer", "login": None}, after={"role": "dealer", "login": None})

    assert changes(said) == [("role", "dealer", "dealer")]


def test_the_page_says_where_the_entry_lies_in_the_log() -> None:
    sealed = "\n".join(f"{line.text} {line.value}" for line in page(row(entry()), PEOPLE))
    fresh = "\n".join(line.text for line in page(row(entry(), seal=None), PEOPLE))

    assert "Sealed by seal 3, 11 Mar 10:00:00 UTC" in sealed
    assert "Who Carol Ferreira (carol)" in sealed
    assert "Not sealed yet: the next seal closes over it within a second." in fresh


def test_text_from_outside_stays_on_one_harmless_line() -> None:
    rows = audit_rows([row(entry(reason="a\nb\u202ec"))], PEOPLE)

    assert rows.column("why")[0] == "a bc"
