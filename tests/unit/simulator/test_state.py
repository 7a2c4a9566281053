from small_server import small_server

from dealerdesk.trading import Platform


def test_accounts_and_groups_are_found_by_name():
    server = small_server(Platform.MT5)
    account = server.account("JPY", "netting")
    state = server.state
    assert state.account_of(1_001) == account
    assert state.account_of(5) is None
    assert state.nets(account)
    assert (state.currency(account), state.exponent(account)) == ("JPY", 0)
    assert state.groups[state.group_named("real\\netting\\JPY")] is state.terms(account)
    assert state.group_named("nowhere") is None


def test_only_currencies_that_convert_are_on_offer():
    currencies = small_server().state.currencies
    assert currencies[0] == "USD"
    assert {"EUR", "GBP", "JPY"} <= set(currencies)
    assert "PLN" not in currencies
