"""A stress test in large figures."""

from __future__ import annotations

from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress_tiles import NOTHING, moment_words, that_fit, tiles
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frozen_book import freeze
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.stress import run

from .small_broker import NOW_US


def test_the_company_pays_what_is_compensated_and_the_tiles_say_so(desk: Desk) -> None:
    fall = Shocks((Shock(Target.INSTRUMENT, "EURUSD", -10.0),))
    result = run(freeze(desk.state, desk.frame(), {}), fall)

    found = {tile.title: tile for tile in tiles(result, result.given, is_old=False)}
    # account 101 in B loses 22,001, of which 11,001 were never there
    assert found["Book B"].figure == "+11.0 k"
    assert found["Book B"].brief == "was +22.0 k"
    assert found["Stopped out"].tone is Tone.ALARM
    assert found["Negative"].detail.endswith("compensated")
    assert {tile.tone for tile in tiles(result, result.given, is_old=True)} == {Tone.STALE}


def test_the_moment_is_said_and_how_old_it_is(desk: Desk) -> None:
    result = run(freeze(desk.state, desk.frame(), {}), Shocks(()))

    assert moment_words(result, NOW_US, is_old=False) == "as of 10:00:00 UTC"
    assert moment_words(result, NOW_US + 42_000_000, is_old=True) == "as of 10:00:00 UTC, 42 s ago · R runs again"


def test_a_narrow_row_keeps_the_four_that_say_most() -> None:
    assert len(that_fit(NOTHING, 900)) == 7
    assert [tile.title for tile in that_fit(NOTHING, 500)] == ["Company", "Stopped out", "Negative", "Triggered"]
