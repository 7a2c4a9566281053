"""What a desk knows to be open: from the news, and from what it did itself a moment before them."""

from __future__ import annotations

from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk.news import News
from dealerdesk.desk.open_commands import OpenCommands

from .conftest import command


def news(*records: CommandRecord, told: tuple[str, ...] = (), anew: bool = False) -> News:
    return News(commands=told, routing=(), open_commands=records, hub=(), anew=anew)


def test_news_replace_what_was_open_and_tell_what_changed() -> None:
    opened = OpenCommands()
    first, second = command(id="one", login=101), command(id="two", login=102)

    assert opened.take(news(first, told=("one",))) == ("one",)
    assert opened.take(news(second, told=("one", "two"))) == ("one", "two")
    assert dict(opened.of) == {("MT5", 102): second}
    assert opened.take(News(commands=(), routing=(), open_commands=None, hub=())) == ()
    assert dict(opened.of) == {("MT5", 102): second}


def test_after_trouble_what_was_settled_meanwhile_is_told_as_well() -> None:
    opened = OpenCommands()
    opened.take(news(command(id="one", login=101)))

    assert opened.take(news(command(id="two", login=102), anew=True)) == ("one", "two")


def test_a_deed_of_this_desk_counts_before_the_news_of_it() -> None:
    opened = OpenCommands()
    asked = command(id="one", login=101, state=CommandState.REQUESTED)
    opened.note([asked, command(id="staff", login=None)])
    assert dict(opened.of) == {("MT5", 101): asked}
    assert not opened.are_in_flight

    opened.note([command(id="one", login=101, state=CommandState.APPROVED)])
    assert opened.are_in_flight
    opened.note([command(id="older", login=101, state=CommandState.REFUSED)])
    assert len(opened.of) == 1
    opened.note([command(id="one", login=101, state=CommandState.REFUSED)])
    assert len(opened.of) == 0
