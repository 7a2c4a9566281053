"""Routing of orders by 1,000 rules: the table against looking at every rule in its order, in the same run.

    python tests/benchmarks/bench_routing.py

prints p50 and p99 of one order, both ways, and their ratio. No figure fails it.
"""

from __future__ import annotations

import random
import time

from dealerdesk.dealing.routing import Action, Facts, Range, Rule, Target, failed, rank
from dealerdesk.dealing.routing_table import RoutingTable
from dealerdesk.instruments import LOT, AssetClass

RULES, ORDERS, SEED = 1_000, 20_000, 1
SYMBOLS = [f"S{number}" for number in range(200)]
COUNTRIES = ["PL", "DE", "CZ", "ES", "IT", "AE", "ZA", "BR"]


def main() -> None:
    """Makes the rules and orders, routes them both ways, checks that they agree, and prints."""
    chance = random.Random(SEED)
    rules = [_rule(number, chance) for number in range(RULES)]
    orders = [_order(chance) for _ in range(ORDERS)]
    table, ordered = RoutingTable(rules), sorted(rules, key=rank)
    by_table, by_rule = [], []
    for order in orders:
        began = time.perf_counter_ns()
        found = table.first_match(order)
        between = time.perf_counter_ns()
        plain = next(
            (rule for rule in ordered if rule.is_in_force(order.moment_us) and not failed(rule.target, order)), None
        )
        ended = time.perf_counter_ns()
        assert found == plain
        by_table.append(between - began)
        by_rule.append(ended - between)
    for name, spent in (("table", by_table), ("rule by rule", by_rule)):
        spent.sort()
        print(f"{name:>12}: p50 {_at(spent, 0.50):7.1f} µs, p99 {_at(spent, 0.99):7.1f} µs")
    print(
        f"table ÷ rule by rule at p99: {_at(by_table, 0.99) / _at(by_rule, 0.99):.3f} ({RULES} rules, {ORDERS} orders)"
    )


def _at(spent: list[int], share: float) -> float:
    return spent[int(len(spent) * share)] / 1_000


def _rule(number: int, chance: random.Random) -> Rule:
    kind = chance.random()
    if kind < 0.5:
        target = Target(server="MT5", login=chance.randrange(45_000), lots=Range(least=chance.choice([0.1, 1, 5])))
    elif kind < 0.7:
        target = Target(client_id=chance.randrange(30_000))
    elif kind < 0.85:
        target = Target(symbol=chance.choice(SYMBOLS), lots=Range(least=10))
    else:
        target = Target(
            group=f"real\\{chance.randrange(40)}\\*", country=chance.choice(COUNTRIES), level=Range(most=80)
        )
    return Rule(
        id=f"r{number:04}",
        version=1,
        target=target,
        action=chance.choice([Action.A, Action.B]),
        owner="hana",
        reason="benchmark",
        priority=chance.randrange(100),
        review_us=1,
    )


def _order(chance: random.Random) -> Facts:
    return Facts(
        server="MT5",
        login=chance.randrange(45_000),
        client_id=chance.randrange(30_000),
        group=f"real\\{chance.randrange(40)}\\USD",
        country=chance.choice(COUNTRIES),
        introducer="",
        symbol=chance.choice(SYMBOLS),
        asset_class=AssetClass.FX,
        volume=chance.randrange(1, 20) * LOT,
        moment_us=1,
        minute=600,
        level=chance.uniform(50, 500),
    )


if __name__ == "__main__":
    main()
