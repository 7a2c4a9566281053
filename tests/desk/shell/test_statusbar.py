"""The bottom line: colours with words, and a sentence for eight seconds."""

from __future__ import annotations

from math import inf

from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.listener import ConnectionState
from dealerdesk.clock_gap import ClockGap
from dealerdesk.config import Profile
from dealerdesk.desk import theme
from dealerdesk.desk.database_light import DatabaseLight, DatabaseState
from dealerdesk.desk.statusbar import (
    Arranged,
    Identity,
    Light,
    StatusLine,
    bridge_light,
    clock_lights,
    database_light,
    feed_age_ms,
    hub_light,
)
from dealerdesk.desk.theme import Tone
from dealerdesk.live.state import LiveState

from .conftest import NOW_US, status


def test_only_what_delivers_is_green_and_says_its_latency() -> None:
    assert bridge_light(status(), 100.0) == Light("MT5", Tone.RUNNING, "3 ms")


def test_a_feed_older_than_a_second_and_a_half_is_amber_with_its_age() -> None:
    assert bridge_light(status(), 1_800.0) == Light("MT5", Tone.ATTENTION, "feed 1.8 s")


def test_a_dead_bridge_is_red_and_says_since_when() -> None:
    assert bridge_light(status(state=ConnectionState.DEAD), 0.0) == Light("MT5", Tone.ALARM, "dead since 10:00:00")


def test_everything_between_is_amber_in_words() -> None:
    joining = bridge_light(status(state=ConnectionState.JOINING), float("nan"))
    first = bridge_light(status(state=ConnectionState.CONNECTING), float("nan"))
    stale = bridge_light(status(state=ConnectionState.STALE), 9_000.0)

    assert (joining.tone, joining.words) == (Tone.ATTENTION, "loading")
    assert (first.tone, first.words) == (Tone.ATTENTION, "connecting")
    assert (stale.tone, stale.words) == (Tone.ATTENTION, "platform down since 10:00:00")


def test_the_databases_light_says_what_is_wrong() -> None:
    assert database_light(DatabaseLight(DatabaseState.UP, 2.4)) == Light("Database", Tone.RUNNING, "2 ms")
    assert database_light(DatabaseLight(DatabaseState.OPENING)).tone is Tone.ATTENTION
    assert database_light(DatabaseLight(DatabaseState.DOWN, trouble="disk full")) == Light(
        "Database", Tone.ALARM, "down: disk full", "disk full"
    )


def test_a_long_trouble_is_cut_with_a_sign_and_stands_whole_under_the_mouse() -> None:
    trouble = "The server's certificate is made out to another name. Tell your administrator."
    light = database_light(DatabaseLight(DatabaseState.DOWN, trouble=trouble, detail="SSL error: host mismatch"))

    assert light.words == "down: The server's certificate is made out to another name.…"
    assert light.hint == f"{trouble} It said: SSL error: host mismatch"


def test_the_raw_words_of_a_trouble_are_shown_under_the_mouse_over_its_light_alone(qtbot: QtBot) -> None:
    line = StatusLine(Identity("DEMO", "dana", hint="Roles are not enforced."))
    qtbot.addWidget(line)
    line.resize(1200, line.height())
    line.show_facts(
        (Light("MT5", Tone.RUNNING, "3 ms"), Light("Database", Tone.ALARM, "down", "errno 111")), "", NOW_US
    )
    line.grab()

    tips = [line.tip_at(x) for x in range(0, 1200, 4)]
    assert list(dict.fromkeys(tips)) == ["Roles are not enforced.", "errno 111"]
    assert tips[0] == tips[-1] == "Roles are not enforced."


def test_the_hub_is_green_only_while_it_is_heard() -> None:
    assert hub_light(alive=True, known=True, troubles=("", "")) == Light("Hub", Tone.RUNNING, "recording")
    assert hub_light(alive=False, known=True, troubles=()) == Light("Hub", Tone.ALARM, "silent")
    assert hub_light(alive=False, known=False, troubles=()).tone is Tone.ATTENTION
    assert hub_light(alive=True, known=True, troubles=("", "MT4 lags")) == Light("Hub", Tone.ATTENTION, "MT4 lags")


def test_the_age_of_a_feed_is_that_of_its_newest_quote(state: LiveState) -> None:
    assert feed_age_ms(state, "MT5", NOW_US + 250_000) == 250.0
    assert feed_age_ms(state, "unheard of", NOW_US) != feed_age_ms(state, "unheard of", NOW_US)


def test_after_the_clock_was_put_back_old_quotes_make_no_feed_look_fresh(state: LiveState) -> None:
    assert feed_age_ms(state, "MT5", NOW_US - 3_600_000_000) == inf
    assert bridge_light(status(), inf) == Light("MT5", Tone.ATTENTION, "feed of unknown age")


def test_a_clock_that_is_wrong_is_an_amber_sentence_and_the_widest_gap_is_said() -> None:
    behind = ClockGap.seen(0, 4_200_000, 0)
    gaps = {"the database": behind, "MT4": ClockGap.seen(0, 3_000_000, 0), "MT5": None}

    assert clock_lights(gaps) == (Light("Clock", Tone.ATTENTION, "This machine's clock is 4.2 s behind the database"),)


def test_clocks_within_two_seconds_and_clocks_not_known_say_nothing() -> None:
    assert clock_lights({"the database": ClockGap.seen(0, 2_000_000, 0), "MT4": None}) == ()


def test_a_sentence_stays_eight_seconds(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)

    line.say("Moved 101 to A.\u202e", Tone.NORMAL, NOW_US)
    line.show_facts((), "", NOW_US + 7_999_999)
    assert line.said == "Moved 101 to A."

    line.show_facts((), "", NOW_US + 8_000_000)
    assert line.said == ""


def test_the_lights_are_told_in_words_to_who_cannot_see_them(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1_000, 25)

    line.show_facts((Light("MT5", Tone.ALARM, "dead since 10:00:00"),), "9 812 ticks/s", NOW_US)

    assert line.accessibleDescription() == "MT5: dead since 10:00:00"
    assert not line.grab().isNull()


def test_every_desk_shows_who_it_is_and_whether_money_is_real(qtbot: QtBot, profile: Profile) -> None:
    live = StatusLine(Identity.of(replace(profile, live=True, broker="Northwind"), "Dana Novak", "head_dealer"))
    demo = StatusLine(Identity.of(profile, "Dana <b>\nNovak", "head_dealer"))
    for line in (live, demo):
        qtbot.addWidget(line)
        line.resize(600, 25)

    assert live.identity is not None
    assert demo.identity is not None
    assert (live.identity.kind, live.identity.words) == ("LIVE", "Dana Novak, head dealer · Northwind")
    assert (demo.identity.kind, demo.identity.words) == ("DEMO", "Dana <b> Novak, head dealer · demo")
    assert "not enforced" in demo.toolTip()
    assert live.grab().toImage().pixelColor(10, 6).name().upper() == theme.DARK.alarm
    assert demo.grab().toImage().pixelColor(10, 6).name().upper() != theme.DARK.alarm


GREEN = tuple(Light(name, Tone.RUNNING, "12 ms") for name in ("MT4", "MT5", "cTrader", "Database", "Hub"))


def test_a_sentence_is_read_whole_while_anything_else_on_the_line_can_leave(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    for_you = Light("Approvals", Tone.ATTENTION, "3 for you")
    line.show_facts((*GREEN, for_you), "62 ticks/s · 0 changes/s · frame 0 ms · MT5 23:56:19 · 21:56:19 UTC", NOW_US)
    assert line.arranged(1_000).right

    line.say("This is you: somebody else must ask for what concerns you.", Tone.ATTENTION, NOW_US)

    assert line.arranged(1_800).right
    assert line.arranged(1_050).lights == (*GREEN, for_you)
    assert line.arranged(1_050).right == ""
    assert [light.words for light in line.arranged(890).lights] == ["", "", "", "", "", "3 for you"]
    assert line.arranged(500).lights == (for_you,)


def test_what_is_amiss_stays_beside_a_sentence_however_narrow_the_line(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    dead = Light("MT5", Tone.ALARM, "dead since 10:00:00")
    line.show_facts((*GREEN, dead), "21:56:19 UTC", NOW_US)
    line.say("A sentence that is longer than so narrow a line.", Tone.NORMAL, NOW_US)

    assert line.arranged(60).lights == (dead,)
    line.resize(400, 25)
    assert not line.grab().isNull()


def test_facts_that_have_no_room_leave_and_the_clock_leaves_last(qtbot: QtBot) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    lights, facts = (Light("MT5", Tone.RUNNING, "3 ms"),), "900 ticks/s · frame 7 ms · 10:00:00 UTC"
    line.show_facts(lights, facts, NOW_US)
    whole = line.arranged(10_000)

    assert whole.right == facts
    assert line.arranged(whole.width_px() - 1).right == "frame 7 ms · 10:00:00 UTC"
    assert line.arranged(Arranged(lights, "10:00:00 UTC").width_px()).right == "10:00:00 UTC"
    assert line.arranged(0) == Arranged(lights, "")
