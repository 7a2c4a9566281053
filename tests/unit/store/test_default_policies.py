from __future__ import annotations

import msgspec
import pytest

from dealerdesk.commands import desk_checks
from dealerdesk.commands.bodies import Rule
from dealerdesk.commands.kinds import NAMED
from dealerdesk.commands.policy_rule import Facts, applies
from dealerdesk.store.default_policies import DEFAULT_POLICIES

RULES = {name: (kind, rule) for name, kind, rule, _ in DEFAULT_POLICIES}


def rule_of(name: str) -> Rule:
    return msgspec.json.decode(RULES[name][1], type=Rule)


@pytest.mark.parametrize("name", RULES)
def test_a_default_policy_is_one_that_could_be_asked_for(name: str) -> None:
    kind, _ = RULES[name]

    assert kind in NAMED
    assert desk_checks.POLICY_ID.fullmatch(name)
    assert 1 <= rule_of(name).approvals <= desk_checks.APPROVALS_MAX


@pytest.mark.parametrize(
    ("minor", "currency", "asking"),
    [
        (999_999, "USD", []),
        (-1_000_000, "USD", ["balance-large"]),
        (5_000_000, "USD", ["balance-large", "balance-daily-total"]),
        (10_000_000, "USD", ["balance-large", "balance-very-large", "balance-daily-total"]),
        (1_499_999, "JPY", []),
        (1, "XAU", ["balance-large", "balance-very-large", "balance-daily-total"]),
    ],
)
def test_the_more_money_the_more_people(minor: int, currency: str, asking: list[str]) -> None:
    facts = Facts(amount=minor, currency=currency, daily_total=abs(minor), risk="low")

    found = [name for name, (kind, _) in RULES.items() if kind == "change_balance" and applies(rule_of(name), facts)]

    assert found == asking


def test_a_prohibited_clients_money_takes_compliance() -> None:
    rule = rule_of("prohibited-clients")

    assert applies(rule, Facts(amount=1, currency="USD", risk="prohibited")) == "the client is rated prohibited"
    assert [role.value for role in rule.roles] == ["compliance"]
