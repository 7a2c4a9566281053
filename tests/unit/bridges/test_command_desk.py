"""A command is executed once, its answers go to who asked last, and the log is always ahead of them."""

from __future__ import annotations

from pathlib import Path

from platform_double import START_US, PlatformDouble, set_book

from dealerdesk.bridges.command_desk import CommandDesk
from dealerdesk.bridges.command_log import CommandLog
from dealerdesk.bridges.protocol import Ack, CommandQuery, Error, ErrorCode, Stage
from dealerdesk.trading import Book


class Asker:
    def __init__(self) -> None:
        self.told: list[Ack | Error] = []

    def say(self, message: Ack | Error) -> None:
        self.told.append(message)

    @property
    def stages(self) -> list[Stage]:
        return [ack.stage for ack in self.told if isinstance(ack, Ack)]


class Play:
    def __init__(self, folder: Path) -> None:
        self.platform = PlatformDouble()
        self.platform.answers = False
        self.log = CommandLog.open(folder / "c")
        self.desk = CommandDesk(self.platform, self.log, self.now_us, self.report)

    def now_us(self) -> int:
        return START_US

    def report(self, ack: Ack) -> None:
        self.desk.answer(ack)


def test_a_command_is_logged_with_its_mark_before_it_is_executed(tmp_path: Path) -> None:
    play, asker = Play(tmp_path), Asker()

    play.desk.command(asker, set_book("x"))

    assert play.platform.executed == [("x", 1)]
    assert [(entry.command.id, entry.at) for entry in play.log.unfinished()] == [("x", 1)]
    assert asker.stages == [Stage.RECEIVED]
    play.log.close()


def test_a_repeated_command_is_answered_and_not_executed(tmp_path: Path) -> None:
    play, first, second = Play(tmp_path), Asker(), Asker()
    play.desk.command(first, set_book("x"))
    play.desk.command(second, set_book("x"))
    play.report(Ack("x", Stage.DONE, START_US))

    assert play.platform.executed == [("x", 1)]
    assert first.stages == [Stage.RECEIVED]
    assert second.stages == [Stage.RECEIVED, Stage.DONE]
    play.log.close()


def test_another_body_under_the_same_id_is_a_conflict(tmp_path: Path) -> None:
    play, asker = Play(tmp_path), Asker()
    play.desk.command(asker, set_book("x"))
    play.desk.command(asker, set_book("x", book=Book.C))

    assert isinstance(asker.told[-1], Error)
    assert asker.told[-1].code is ErrorCode.CONFLICT
    assert len(play.platform.executed) == 1
    play.log.close()


def test_a_command_past_its_deadline_is_rejected_and_was_never_there(tmp_path: Path) -> None:
    play, asker = Play(tmp_path), Asker()
    play.desk.command(asker, set_book("x", deadline_us=START_US - 1))
    play.desk.query(asker, CommandQuery("x"))

    assert asker.stages == [Stage.REJECTED, Stage.ABSENT]
    assert play.platform.executed == []
    play.log.close()


def test_a_known_command_is_answered_even_past_its_deadline(tmp_path: Path) -> None:
    play, asker = Play(tmp_path), Asker()
    play.desk.command(asker, set_book("x"))
    play.report(Ack("x", Stage.DONE, START_US))
    play.desk.command(asker, set_book("x", deadline_us=1))

    assert asker.stages == [Stage.RECEIVED, Stage.DONE, Stage.DONE]
    play.log.close()


def test_a_client_that_has_gone_is_not_answered_and_can_ask_again(tmp_path: Path) -> None:
    play, gone, back = Play(tmp_path), Asker(), Asker()
    play.desk.command(gone, set_book("x"))
    play.desk.forget(gone)
    play.report(Ack("x", Stage.SENT, START_US))
    play.desk.query(back, CommandQuery("x"))
    play.report(Ack("x", Stage.DONE, START_US))

    assert gone.stages == [Stage.RECEIVED]
    assert back.stages == [Stage.SENT, Stage.DONE]
    play.log.close()
