"""Policies with all their versions, and where each stands."""

from __future__ import annotations

from decimal import Decimal

from office import NOW_US, Office

from dealerdesk.clock import DAY_US
from dealerdesk.commands import policy
from dealerdesk.commands.bodies import Rule, SetPolicy
from dealerdesk.commands.policy_queries import PolicyBook, Standing, policy_book
from dealerdesk.store.engine import reading, writing

LARGE = Rule(open_lots_min=Decimal(10))


def book(office: Office, now_us: int = NOW_US) -> PolicyBook:
    with reading(office.engine) as connection:
        return policy_book(connection, now_us)


def test_of_each_policy_one_version_is_in_force(office: Office) -> None:
    with writing(office.engine) as connection:
        for effective_us, rule in ((NOW_US - 3, LARGE), (NOW_US - 2, Rule()), (NOW_US + DAY_US, LARGE)):
            policy.enact(
                connection, "mine", "set_book", rule, author="setup", note="", now_us=1, effective_us=effective_us
            )

    mine = [(each.version, each.standing) for each in book(office).versions if each.id == "mine"]
    assert mine == [(3, Standing.LATER), (2, Standing.IN_FORCE), (1, Standing.REPLACED)]
    tomorrow = [(each.version, each.standing) for each in book(office, NOW_US + DAY_US).versions if each.id == "mine"]
    assert tomorrow == [(3, Standing.IN_FORCE), (2, Standing.REPLACED), (1, Standing.REPLACED)]


def test_a_policy_that_was_ended_is_not_in_force(office: Office) -> None:
    with writing(office.engine) as connection:
        policy.enact(connection, "mine", "set_book", LARGE, author="setup", note="", now_us=NOW_US - 3)
        policy.end(connection, "mine", author="setup", now_us=NOW_US - 2)

    mine = [(each.standing, each.rule) for each in book(office).versions if each.id == "mine"]
    assert mine == [(Standing.ENDED, None), (Standing.REPLACED, LARGE)]


def test_what_is_asked_for_stands_beside_them(office: Office) -> None:
    record = office.request("carol", SetPolicy(policy="mine", of_kind="set_book", rule=LARGE), server="")

    assert [each.id for each in book(office).asked] == [record.id]
