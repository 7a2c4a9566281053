from decimal import Decimal

from dealerdesk.bridges.simulator.groups import groups_of
from dealerdesk.trading import Accounting, Book, Platform


def named(platform, currencies):
    return {terms.group.name: terms for terms in groups_of(platform, currencies)}


def test_an_mt4_group_says_the_book_and_fits_the_platforms_sixteen_characters():
    groups = named(Platform.MT4, ("USD", "EUR"))
    assert groups["real-B-USD"].book is Book.B
    assert groups["ecn-A-EUR"].book is Book.A
    assert len(groups) == 12
    assert all(len(name) <= 15 for name in groups)


def test_an_mt5_group_is_a_path_and_the_netting_one_nets():
    groups = named(Platform.MT5, ("EUR",))
    assert set(groups) == {"real\\retail\\EUR", "real\\raw\\EUR", "real\\netting\\EUR"}
    assert groups["real\\netting\\EUR"].group.accounting is Accounting.NETTING
    assert groups["real\\retail\\EUR"].group.accounting is Accounting.HEDGING


def test_raw_groups_pay_commission_in_their_own_currency_and_stop_out_later():
    raw = named(Platform.CTRADER, ("JPY",))["Raw JPY"].group
    assert (raw.commission_per_lot, raw.margin_call_percent, raw.stop_out_percent) == (
        Decimal(500),
        Decimal(80),
        Decimal(30),
    )
    retail = named(Platform.CTRADER, ("JPY",))["Retail JPY"].group
    assert (retail.commission_per_lot, retail.stop_out_percent) == (Decimal(0), Decimal(50))
