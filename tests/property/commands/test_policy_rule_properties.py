"""Whatever a rule says: more of what it looks at never takes its approval away, and more conditions never add any."""

from __future__ import annotations

from decimal import Decimal

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.policy_rule import Facts, applies
from dealerdesk.trading import Book

SERVERS, GROUPS, CURRENCIES = ("MT4", "MT5"), ("real", "vip"), ("USD", "EUR", "JPY")
RISKS = ("low", "medium", "high", "prohibited", "unrated")
AMOUNTS = st.integers(-(10**10), 10**10)
LOTS = st.decimals(0, 1_000, places=8)
LIMITS = st.none() | st.dictionaries(st.sampled_from(CURRENCIES), st.integers(0, 10**10))


def some(*values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2).map(tuple)


RULES = st.builds(
    Rule,
    servers=some(*SERVERS),
    groups=some(*GROUPS),
    to_books=some(*Book),
    open_lots_min=st.none() | LOTS,
    leverage_min=st.none() | st.integers(1, 1_000),
    amounts_min=LIMITS,
    daily_totals_min=LIMITS,
    risks=some(*RISKS),
    deviates_from_advice=st.booleans(),
)
FACTS = st.builds(
    Facts,
    server=st.sampled_from(SERVERS),
    group=st.sampled_from(GROUPS),
    to_book=st.none() | st.sampled_from(list(Book)),
    open_lots=LOTS,
    leverage=st.none() | st.integers(1, 1_000),
    amount=st.none() | AMOUNTS,
    currency=st.sampled_from(CURRENCIES),
    daily_total=st.none() | st.integers(0, 10**11),
    risk=st.sampled_from(RISKS),
    deviates=st.booleans(),
)


@given(rule=RULES, facts=FACTS, lots=LOTS, leverage=st.integers(0, 1_000), amount=st.integers(0, 10**10))
def test_more_volume_leverage_or_money_never_needs_less(
    rule: Rule, facts: Facts, lots: Decimal, leverage: int, amount: int
) -> None:
    more = msgspec.structs.replace(
        facts,
        open_lots=facts.open_lots + lots,
        leverage=None if facts.leverage is None else facts.leverage + leverage,
        amount=None if facts.amount is None else facts.amount + (amount if facts.amount >= 0 else -amount),
        daily_total=None if facts.daily_total is None else facts.daily_total + amount,
        deviates=True,
    )

    if applies(rule, facts) is not None:
        assert applies(rule, more) is not None


@given(rule=RULES, facts=FACTS)
def test_money_out_needs_what_the_same_money_in_needs(rule: Rule, facts: Facts) -> None:
    turned = msgspec.structs.replace(facts, amount=None if facts.amount is None else -facts.amount)

    assert applies(rule, facts) == applies(rule, turned)


@given(rule=RULES, facts=FACTS)
def test_a_rule_applies_where_each_of_its_conditions_alone_does(rule: Rule, facts: Facts) -> None:
    conditions = [name for name in Rule.__struct_fields__ if name not in ("approvals", "roles")]
    alone = [applies(Rule(**{name: getattr(rule, name)}), facts) for name in conditions]

    assert (applies(rule, facts) is not None) == all(words is not None for words in alone)


@given(rule=RULES)
def test_a_rule_that_was_written_down_is_the_same_rule(rule: Rule) -> None:
    assert msgspec.json.decode(canonical(rule), type=Rule) == rule
