from __future__ import annotations

from dealerdesk.bridges.protocol import Gone, RowSet
from dealerdesk.live.directory import name_clients, names_given
from dealerdesk.live.state import LiveState
from dealerdesk.live.tables import BOOKS
from dealerdesk.trading import Book
from live.live_rows import account, client, desk, group, pair, routing, say


def slot(state: LiveState, login: int) -> int:
    found = state.accounts.slot("MT5", login)
    assert found is not None
    return found


def test_an_account_carries_its_client_its_group_and_its_limits() -> None:
    state = desk()
    one = slot(state, 1)

    assert (state.accounts.name[one], state.accounts.country[one], state.accounts.group_name[one]) == (
        "Anna",
        "PL",
        "real",
    )
    assert (state.accounts.margin_call[one], state.accounts.stop_out[one]) == (100.0, 50.0)
    assert state.clients[1].accounts == [one]


def test_a_group_and_a_client_may_come_after_their_accounts() -> None:
    state = LiveState()
    say(state, "MT5", account(7))
    one = slot(state, 7)
    assert state.accounts.margin_call[one] != state.accounts.margin_call[one]
    say(state, "MT5", group(call=80, out=30), client(7, "Zoë"))

    assert (state.accounts.margin_call[one], state.accounts.stop_out[one]) == (80.0, 30.0)
    assert state.accounts.name[one] == "Zoë"


def test_routing_may_come_before_its_account() -> None:
    state = LiveState()
    say(state, "MT5", routing(7, Book.C, 60), version=9)
    say(state, "MT5", account(7))
    one = slot(state, 7)

    assert (BOOKS[state.accounts.book[one]], state.accounts.covered_percent[one]) == (Book.C, 60)
    assert state.accounts.routing_version[one] == 9


def test_without_routing_the_risk_is_the_brokers_own() -> None:
    state = desk()
    say(state, "MT5", routing(1, Book.A, 100))
    say(state, "MT5", Gone(set=RowSet.ROUTING, key=1))

    assert BOOKS[state.accounts.book[slot(state, 1)]] is Book.B


def test_yen_have_no_minor_unit_and_dollars_have_two_decimals() -> None:
    state = desk()
    say(state, "MT5", account(3, "JPY"))

    assert (state.accounts.unit[slot(state, 1)], state.accounts.unit[slot(state, 3)]) == (0.01, 1.0)


def test_a_client_with_accounts_on_two_servers_knows_both() -> None:
    state = desk()
    say(state, "MT4", account(55, client=1))

    assert [state.accounts.login[one] for one in state.clients[1].accounts] == [1, 55]
    say(state, "MT4", Gone(set=RowSet.ACCOUNT, key=55))
    assert [state.accounts.login[one] for one in state.clients[1].accounts] == [1]


def test_a_client_whom_nobody_knows_any_more_is_forgotten() -> None:
    state = desk()
    say(state, "MT5", client(9, "Nobody"))
    say(state, "MT5", Gone(set=RowSet.CLIENT, key=9), Gone(set=RowSet.CLIENT, key=1))

    assert 9 not in state.clients
    assert state.clients[1].name == "Anna"


def test_a_symbol_that_moves_in_the_quote_batches_is_found_at_its_new_place() -> None:
    state = desk()
    say(state, "MT5", pair("EURUSD", 7))
    rows = state.server("MT5").quote_rows

    assert (rows[0], rows[7]) == (-1, state.symbols.slot("MT5", "EURUSD"))


def test_a_group_that_is_gone_keeps_its_name_on_its_accounts() -> None:
    state = desk()
    say(state, "MT5", Gone(set=RowSet.GROUP, key="real"))

    assert state.groups[0].record is None
    assert state.accounts.group_name[slot(state, 1)] == "real"


def test_a_client_whose_name_is_not_known_stands_behind_a_mask() -> None:
    state = LiveState()
    say(state, "MT5", client(20013, ""), account(7, client=20013))

    assert state.clients[20013].label == state.accounts.name[slot(state, 7)] == "••• 20013"


def test_names_are_given_in_bulk_and_reach_every_account() -> None:
    state = LiveState()
    say(state, "MT5", client(8, ""), account(7, client=8))
    say(state, "MT4", account(55, client=8))
    before = state.version.structure

    assert name_clients(state, {8: "Ada Abel", 9: "Nobody here yet"})
    assert [state.accounts.name[one] for one in state.clients[8].accounts] == ["Ada Abel", "Ada Abel"]
    assert state.version.structure == before
    names_given(state)
    assert state.version.structure == before + 1
    assert not name_clients(state, {8: "Ada Abel"})


def test_a_name_that_was_given_before_its_client_came_is_kept_and_a_nameless_row_does_not_take_it_away() -> None:
    state = LiveState()
    name_clients(state, {8: "Ada Abel"})
    say(state, "MT5", client(8, ""), account(7, client=8))

    assert state.accounts.name[slot(state, 7)] == "Ada Abel"


def test_a_name_that_is_not_known_any_more_goes_behind_the_mask_again() -> None:
    state = LiveState()
    say(state, "MT5", client(8, ""), account(7, client=8))
    name_clients(state, {8: "Ada Abel"})

    assert name_clients(state, {8: ""})
    assert state.accounts.name[slot(state, 7)] == "••• 8"
