from datetime import UTC, datetime

import pytest

from dealerdesk.bridges.simulator.catalogue import instruments
from dealerdesk.bridges.simulator.market import Market
from dealerdesk.bridges.simulator.news import JUMP_MAX, JUMP_MIN
from dealerdesk.clock import HOUR_US, to_us

SEVENTY = instruments(70)
START_US = to_us(datetime(2026, 3, 11, 15, 0, tzinfo=UTC))
DAY = (START_US, START_US + 24 * HOUR_US)


def market(seed=7, chosen=SEVENTY, start_us=START_US):
    return Market(chosen, seed, start_us, 10.0)


def test_news_is_the_same_in_whatever_pieces_it_is_asked_for():
    calendar = market()
    whole = calendar.news_between(START_US, START_US + 8 * HOUR_US)
    later = calendar.news_between(START_US + 3 * HOUR_US, START_US + 8 * HOUR_US)
    earlier = calendar.news_between(START_US, START_US + 3 * HOUR_US)

    assert whole == (*earlier, *later)
    assert [news.time_us for news in whole] == sorted(news.time_us for news in whole)


def test_the_first_moment_counts_and_the_last_does_not():
    calendar = market()
    first = calendar.news_between(*DAY)[0]

    assert calendar.news_between(first.time_us, first.time_us + 1) == (first,)
    assert first not in calendar.news_between(START_US, first.time_us)
    assert calendar.news_between(START_US, START_US) == ()


def test_an_hour_of_a_demo_has_some_news_but_not_all_the_time():
    news = market().news_between(*DAY)

    assert 2 < len(news) / 24 < 20


def test_every_piece_is_about_something_that_trades_then():
    for news in market().news_between(*DAY):
        minute = (news.time_us - START_US) // 60_000_000 + 15 * 60  # since Wednesday 00:00
        if SEVENTY[news.index].market_hours == "us_shares":
            assert 870 <= minute % 1_440 < 1_260
        assert SEVENTY[news.index].name == news.instrument


def test_crosses_have_no_news_of_their_own():
    told = {news.instrument for news in market().news_between(*DAY)}

    assert told
    assert not told & {"EURGBP", "EURJPY", "GBPJPY", "XAUEUR", "BTCEUR"}
    assert market(chosen=[i for i in SEVENTY if i.name == "EURGBP"]).news_between(*DAY) == ()


def test_a_move_is_three_to_ten_hundredths_of_a_daily_deviation():
    for news in market().news_between(*DAY):
        daily = SEVENTY[news.index].annual_volatility / 252**0.5
        assert abs(news.move) <= JUMP_MAX * daily * 1.0001
        assert abs(news.move) > 0.5 * JUMP_MIN * daily


@pytest.mark.parametrize("name", ["USDJPY", "EURUSD"])
def test_news_goes_up_and_down(name):
    moves = [n.move for n in market().news_between(START_US, START_US + 48 * HOUR_US) if n.instrument == name]

    assert min(moves) < 0 < max(moves)
