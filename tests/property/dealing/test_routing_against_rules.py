"""Routing by the table is routing rule by rule, and never loses a part of an order."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.dealing.routing import Action, Facts, Range, Rule, Target, Window, decide, trace
from dealerdesk.dealing.routing_table import RoutingTable
from dealerdesk.instruments import LOT, AssetClass
from dealerdesk.trading import Book

NOW = 1_000_000
RANGES = st.none() | st.builds(Range, st.none() | st.floats(0, 50), st.none() | st.floats(50, 200))
TARGETS = st.builds(
    Target,
    server=st.sampled_from(["", "MT4", "MT5"]),
    login=st.sampled_from([0, 0, 1, 2]),
    client_id=st.sampled_from([0, 0, 1, 2]),
    segment=st.sampled_from(["", "", "sharp"]),
    group=st.sampled_from(["", "real", "real*", "r?al"]),
    country=st.sampled_from(["", "", "PL"]),
    introducer=st.sampled_from(["", "", "IB1"]),
    symbol=st.sampled_from(["", "EURUSD", "EUR*", "XAU???"]),
    asset_class=st.sampled_from([None, AssetClass.FX, AssetClass.METALS]),
    lots=RANGES,
    level=RANGES,
    toxicity=RANGES,
    times=st.just(()) | st.builds(lambda a, b: (Window(a, b),), st.integers(0, 10_079), st.integers(1, 10_080)),
)


@st.composite
def rule_lists(draw: st.DrawFn) -> list[Rule]:
    count = draw(st.integers(0, 25))
    return [
        Rule(
            id=f"r{number}",
            version=1,
            target=draw(TARGETS),
            action=draw(st.sampled_from(Action)),
            owner="hana",
            reason="test",
            priority=draw(st.integers(0, 3)),
            share=draw(st.integers(1, 99)),
            cap_lots=draw(st.none() | st.floats(0.001, 100)),
            effective_us=draw(st.sampled_from([0, NOW, NOW + 1])),
            expires_us=draw(st.sampled_from([0, NOW, NOW + 1])),
        )
        for number in range(count)
    ]


ORDERS = st.builds(
    Facts,
    server=st.sampled_from(["MT4", "MT5"]),
    login=st.sampled_from([1, 2, 3]),
    client_id=st.sampled_from([1, 2, 3]),
    group=st.sampled_from(["real", "demo"]),
    country=st.sampled_from(["PL", "DE"]),
    introducer=st.sampled_from(["", "IB1"]),
    symbol=st.sampled_from(["EURUSD", "XAUUSD"]),
    asset_class=st.sampled_from([AssetClass.FX, AssetClass.METALS]),
    volume=st.integers(1, 300 * LOT),
    moment_us=st.just(NOW),
    minute=st.integers(0, 10_079),
    segment=st.sampled_from(["", "sharp"]),
    level=st.none() | st.floats(0, 300),
    toxicity=st.none() | st.floats(0, 1),
)


@given(rule_lists(), st.lists(ORDERS, min_size=1, max_size=5))
def test_the_table_finds_the_rule_that_looking_at_all_of_them_finds(rules: list[Rule], orders: list[Facts]) -> None:
    table = RoutingTable(rules)
    for order in orders:
        looked = trace(rules, order)
        matched = looked[-1].rule if looked and not looked[-1].failed else None
        assert table.first_match(order) == matched


@given(rule_lists(), ORDERS, st.sampled_from(Book), st.integers(0, 100))
def test_covered_and_kept_are_the_whole_order_unless_it_is_rejected(
    rules: list[Rule], order: Facts, book: Book, covered: int
) -> None:
    verdict = RoutingTable(rules).route(order, book, covered)

    assert min(verdict.covered, verdict.kept) >= 0
    assert verdict.covered + verdict.kept == (0 if verdict.action is Action.REJECT else order.volume)
    assert decide(verdict.rule, order, book, covered) == verdict
