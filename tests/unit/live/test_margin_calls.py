"""Who crossed a margin call or a stop-out while the desk ran."""

from __future__ import annotations

from dealerdesk.live.frame import compute
from dealerdesk.live.margin_calls import KEPT, CallLog, Standing, standings
from dealerdesk.live.state import LiveState
from live.live_rows import NOW, account, group, position, quotes, say, snapshot, thing


def broker(price: str = "5000") -> LiveState:
    """Account 1 with 10,000 USD bought 10 lots of US500 at `price`; call at 100 %, stop-out at 50 %."""
    state = LiveState()
    snapshot(state, "MT5", thing("US500", 0), group(), account(1))
    say(state, "MT5", position(1, 1, "US500", "10", price))
    at(state, 5_000)
    return state


def at(state: LiveState, price: int) -> None:
    state.apply_quotes("MT5", quotes((0, price * 100, price * 100)), NOW)


def look(state: LiveState, log: CallLog, later_us: int = 0) -> None:
    log.look(state, compute(state, NOW + later_us))


def told(log: CallLog) -> list[tuple[str, int, Standing, Standing]]:
    return [(each.server, each.login, each.before, each.after) for each in log.crossings]


def test_an_account_that_is_fine_from_the_beginning_is_not_written_down() -> None:
    log = CallLog()
    look(broker(), log)

    assert (told(log), log.revision) == ([], 0)


def test_falling_below_the_call_and_coming_back_are_two_crossings() -> None:
    state, log = broker(), CallLog()
    look(state, log)
    at(state, 4_940)
    look(state, log, 1_000_000)
    look(state, log, 2_000_000)
    at(state, 5_000)
    look(state, log, 3_000_000)

    assert told(log) == [
        ("MT5", 1, Standing.FINE, Standing.CALLED),
        ("MT5", 1, Standing.CALLED, Standing.FINE),
    ]
    assert [each.time_us - NOW for each in log.crossings] == [1_000_000, 3_000_000]
    assert log.crossings[0].level == 80
    assert log.revision == 2


def test_a_gap_goes_straight_to_the_stop_out() -> None:
    state, log = broker(), CallLog()
    look(state, log)
    at(state, 4_920)
    look(state, log)

    assert told(log) == [("MT5", 1, Standing.FINE, Standing.STOPPED_OUT)]


def test_who_is_below_the_call_at_first_sight_is_written_down_once() -> None:
    state, log = broker("5060"), CallLog()
    look(state, log)
    look(state, log)

    assert told(log) == [("MT5", 1, Standing.UNKNOWN, Standing.CALLED)]


def test_while_nothing_is_known_of_an_account_its_standing_stays() -> None:
    state, log = broker("5060"), CallLog()
    look(state, log)
    state.begin_snapshot("MT5", ())
    state.server("MT5").ready = False
    look(state, log)
    state.server("MT5").ready = True
    look(state, log)

    assert len(log.crossings) == 1


def test_a_new_account_in_an_old_row_has_no_past() -> None:
    state, log = broker("5060"), CallLog()
    look(state, log)
    first = state.accounts.slot("MT5", 1)
    assert first is not None
    state.accounts.login[first] = 77
    look(state, log)

    assert told(log)[-1] == ("MT5", 77, Standing.UNKNOWN, Standing.CALLED)


def test_without_margin_nobody_is_called() -> None:
    state = LiveState()
    snapshot(state, "MT5", group(), account(1, balance=-500))
    frame = compute(state, NOW)
    one = state.accounts.slot("MT5", 1)
    assert one is not None

    assert standings(state, frame)[one] == Standing.FINE


def test_the_log_keeps_the_newest() -> None:
    log = CallLog()

    assert log.crossings.maxlen == KEPT
