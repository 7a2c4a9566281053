"""The policies that a new database begins with: rows as data, so that setting up needs no rules of the program.

Each rule is `commands.bodies.Rule` as canonical JSON. They are replaced or ended like any other, by commands.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from dealerdesk.store.feed import announce
from dealerdesk.store.schema import policies

AUTHOR = "setup"

TEN_THOUSAND = {
    "AUD": 1_500_000,
    "CAD": 1_400_000,
    "CHF": 1_000_000,
    "EUR": 1_000_000,
    "GBP": 800_000,
    "JPY": 1_500_000,
    "NZD": 1_700_000,
    "PLN": 4_000_000,
    "SEK": 10_000_000,
    "SGD": 1_300_000,
    "USD": 1_000_000,
    "ZAR": 18_000_000,
}
"""About ten thousand dollars in minor units of each currency; any amount of another one needs approval."""


def _limits(times: int) -> str:
    """So many times ten thousand, as JSON."""
    return "{" + ",".join(f'"{currency}":{times * minor}' for currency, minor in TEN_THOUSAND.items()) + "}"


# id, kind, rule, note
DEFAULT_POLICIES = (
    (
        "set-book-large-account",
        "set_book",
        '{"approvals":1,"open_lots_min":"50","roles":["supervisor"]}',
        "Moving a large book is a supervisor's decision",
    ),
    (
        "balance-large",
        "change_balance",
        f'{{"amounts_min":{_limits(1)},"approvals":1,"escalate_after_s":3600,"escalate_roles":["head_dealer"],'
        '"roles":["supervisor","payments"]}',
        "Ten thousand and more take a second pair of eyes",
    ),
    (
        "balance-very-large",
        "change_balance",
        f'{{"amounts_min":{_limits(10)},"approvals":2,"roles":["supervisor","payments"]}}',
        "A hundred thousand and more take two",
    ),
    (
        "balance-daily-total",
        "change_balance",
        f'{{"approvals":1,"daily_totals_min":{_limits(5)},"roles":["supervisor","payments"]}}',
        "Small amounts add up",
    ),
    (
        "prohibited-clients",
        "change_balance",
        '{"approvals":1,"risks":["prohibited"],"roles":["compliance"]}',
        "No money of a prohibited client moves without compliance",
    ),
)


def add_default_policies(connection: Connection, now_us: int) -> None:
    """Adds the policies that are not there yet; the database takes them only before the first command."""
    known = set(connection.scalars(select(policies.c.id)))
    rows = [
        {
            "id": name,
            "version": 1,
            "kind": kind,
            "rule": rule,
            "effective_us": now_us,
            "ended_us": None,
            "author": AUTHOR,
            "note": note,
        }
        for name, kind, rule, note in DEFAULT_POLICIES
        if name not in known
    ]
    if rows:
        connection.execute(insert(policies), rows)
        announce(connection, "policies", [str(row["id"]) for row in rows], now_us=now_us)
