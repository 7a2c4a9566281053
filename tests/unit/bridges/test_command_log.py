"""A command is known by its id for ever, whatever happened in between."""

from __future__ import annotations

from pathlib import Path

import pytest
from platform_double import set_book

from dealerdesk.bridges import command_log
from dealerdesk.bridges.command_log import CommandLog, Receipt
from dealerdesk.bridges.protocol import Ack, Stage
from dealerdesk.trading import Book


def ack(command_id: str, stage: Stage) -> Ack:
    return Ack(command_id, stage, 5)


def test_the_same_command_twice_is_known_and_another_body_is_a_conflict(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")

    assert log.receive(set_book("x"), 7, 1) is Receipt.NEW
    assert log.receive(set_book("x", deadline_us=99), 8, 2) is Receipt.KNOWN
    assert log.receive(set_book("x", book=Book.B), 8, 2) is Receipt.CONFLICT
    assert log.state("x", 3) == Ack("x", Stage.RECEIVED, 1)
    log.close()


def test_an_unknown_id_is_absent(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")

    assert log.state("never", 9) == Ack("never", Stage.ABSENT, 9)
    log.close()


def test_after_a_restart_the_marks_and_the_newest_answers_are_there(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")
    for name, at in (("a", 10), ("b", 12), ("c", 12)):
        log.receive(set_book(name), at, 1)
    log.answer(ack("a", Stage.SENT))
    log.answer(ack("a", Stage.DONE))
    log.answer(ack("b", Stage.SENT))
    log.close()

    again = CommandLog.open(tmp_path / "c")

    assert [(entry.command.id, entry.at, entry.ack.stage) for entry in again.since(0)] == [
        ("a", 10, Stage.DONE),
        ("b", 12, Stage.SENT),
        ("c", 12, Stage.RECEIVED),
    ]
    assert [entry.command.id for entry in again.since(12)] == ["b", "c"]
    assert [entry.command.id for entry in again.unfinished()] == ["b", "c"]
    again.close()


def test_an_answer_only_goes_forward(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")
    log.receive(set_book("x"), 1, 1)

    assert log.answer(ack("x", Stage.SENT))
    assert not log.answer(ack("x", Stage.SENT))
    assert log.answer(ack("x", Stage.UNKNOWN))
    assert not log.answer(ack("x", Stage.SENT))
    assert log.answer(ack("x", Stage.DONE))
    assert not log.answer(ack("x", Stage.REJECTED))
    assert log.state("x", 9).stage is Stage.DONE
    log.close()


def test_an_answer_to_nothing_is_an_error(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")

    with pytest.raises(KeyError):
        log.answer(ack("never", Stage.DONE))
    log.close()


def test_a_log_torn_in_its_last_entry_keeps_the_ones_before(tmp_path: Path) -> None:
    log = CommandLog.open(tmp_path / "c")
    log.receive(set_book("a"), 1, 1)
    log.receive(set_book("b"), 1, 1)
    log.close()
    data = (tmp_path / "c").read_bytes()
    (tmp_path / "c").write_bytes(data[:-3])

    again = CommandLog.open(tmp_path / "c")

    assert again.state("a", 9).stage is Stage.RECEIVED
    assert again.state("b", 9).stage is Stage.ABSENT
    again.close()


def test_old_finished_commands_are_forgotten_and_open_ones_never(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_log, "FINISHED_KEPT", 5)
    log = CommandLog.open(tmp_path / "c")
    log.receive(set_book("open"), 1, 1)
    for i in range(30):
        log.receive(set_book(f"c{i}"), 1, 1)
        log.answer(ack(f"c{i}", Stage.DONE))
    log.close()

    again = CommandLog.open(tmp_path / "c")

    assert again.state("open", 9).stage is Stage.RECEIVED
    assert again.state("c29", 9).stage is Stage.DONE
    assert again.state("c0", 9).stage is Stage.ABSENT
    assert len(again.since(0)) < 12
    again.close()
