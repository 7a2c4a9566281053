from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from scripted_lp import TERMS, ScriptedLp, text

from dealerdesk.bridges.fix.market_data import Depth, Level, MarketData, QuotesRefused

QUOTES = replace(TERMS, reset_at_logon=True)


@pytest.fixture
def quotes() -> MarketData:
    return MarketData(QUOTES, ["EUR/USD", "USD/JPY"])


@pytest.fixture
def lp(quotes: MarketData) -> ScriptedLp:
    lp = ScriptedLp(quotes.session)
    lp.log_on((141, "Y"))
    return lp


def level(price: str, size: int) -> Level:
    return Level(Decimal(price), Decimal(size))


def entry(kind: int, price: str, size: int, **more: object) -> list[tuple[int, object]]:
    entry_id = [(278, more["id"])] if "id" in more else []
    return [(269, kind), *entry_id, (270, price), (271, size)]


def test_each_symbol_is_asked_for_at_logon(lp: ScriptedLp) -> None:
    requests = [message for message in lp.heard if text(message, 35) == "V"]

    assert [[text(message, tag) for tag in (55, 263, 264, 267)] for message in requests] == [
        ["EUR/USD", "1", "0", "2"],
        ["USD/JPY", "1", "0", "2"],
    ]


def test_a_snapshot_is_the_whole_book_best_price_first(lp: ScriptedLp, quotes: MarketData) -> None:
    entries = entry(0, "1.0801", 5) + entry(0, "1.0802", 1) + entry(1, "1.0804", 2) + entry(1, "1.0803", 1)
    lp.say("W", (55, "EUR/USD"), (268, 4), *entries)

    depth = quotes.depth("EUR/USD")
    assert depth.bids == (level("1.0802", 1), level("1.0801", 5))
    assert depth.asks == (level("1.0803", 1), level("1.0804", 2))
    assert (depth.bid, depth.ask) == (Decimal("1.0802"), Decimal("1.0803"))
    assert lp.news == [depth]


def test_increments_change_and_delete_by_the_lps_ids(lp: ScriptedLp, quotes: MarketData) -> None:
    lp.say("W", (55, "EUR/USD"), (268, 2), *entry(0, "1.08", 5, id="b1"), *entry(1, "1.09", 5, id="a1"))

    changed = [(279, 1), (269, 0), (278, "b1"), (55, "EUR/USD"), (270, "1.081"), (271, 7)]
    lp.say("X", (268, 2), *changed, (279, 2), (278, "a1"))

    depth = quotes.depth("EUR/USD")
    assert (depth.bids, depth.asks) == ((level("1.081", 7),), ())
    assert depth.ask is None


def test_without_ids_a_price_is_the_key(lp: ScriptedLp, quotes: MarketData) -> None:
    request = text(lp.heard[1], 262)
    lp.say("W", (262, request), (268, 1), *entry(0, "1.10", 5))

    lp.say("X", (262, request), (268, 1), (279, 1), (269, 0), (270, "1.1"), (271, 3))
    assert quotes.depth("EUR/USD").bids == (level("1.1", 3),)
    lp.say("X", (262, request), (268, 1), (279, 2), (269, 0), (270, "1.100"))

    assert quotes.depth("EUR/USD").bids == ()


def test_trades_and_session_prices_are_not_depth(lp: ScriptedLp, quotes: MarketData) -> None:
    lp.say("W", (55, "EUR/USD"), (268, 2), *entry(2, "1.08", 5), *entry(7, "1.09", 5))

    assert quotes.depth("EUR/USD") == Depth("EUR/USD", (), (), lp.now_us)


def test_an_increment_that_cannot_be_read_changes_nothing(lp: ScriptedLp, quotes: MarketData) -> None:
    lp.say("W", (55, "EUR/USD"), (268, 1), *entry(0, "1.08", 5))
    first = [(279, 0), (269, 0), (55, "EUR/USD"), (270, "1.07"), (271, 1)]

    lp.say("X", (268, 2), *first, (279, 0), (269, 0), (270, "dear"), (271, 1))

    assert quotes.depth("EUR/USD").bids == (level("1.08", 5),)
    assert text(lp.last("3"), 371) == "270"


def test_a_symbol_that_was_not_asked_for_is_rejected(lp: ScriptedLp) -> None:
    lp.say("W", (55, "XAU/USD"), (268, 1), *entry(0, "2000", 5))

    assert text(lp.last("3"), 371) == "55"


def test_a_refused_subscription_names_its_symbol(lp: ScriptedLp) -> None:
    lp.say("Y", (262, text(lp.last("V"), 262)), (281, 0), (58, "not enabled"))

    assert lp.news == [QuotesRefused("USD/JPY", "not enabled")]


def test_a_price_of_before_a_drop_is_none(lp: ScriptedLp, quotes: MarketData) -> None:
    lp.say("W", (55, "EUR/USD"), (268, 1), *entry(0, "1.08", 5))

    lp.drop()

    assert quotes.depth("EUR/USD").bid is None
    assert lp.news[-1] == Depth("EUR/USD", (), (), lp.now_us)


def test_a_quotes_session_must_begin_anew_at_each_logon() -> None:
    with pytest.raises(ValueError, match="begins anew"):
        MarketData(TERMS, ["EUR/USD"])
