"""Everything one simulated server knows at a moment: its tables, prices, groups, counters. No behaviour.

It pickles as a whole; together with the market and the generator of chance it is what a checkpoint holds.
"""

from __future__ import annotations

from collections.abc import Sequence

from dealerdesk.bridges.simulator.bounds import Bounds
from dealerdesk.bridges.simulator.dialects import DIALECTS
from dealerdesk.bridges.simulator.groups import GroupTerms, groups_of
from dealerdesk.bridges.simulator.instrument_facts import Instrument
from dealerdesk.bridges.simulator.pricing import Prices
from dealerdesk.bridges.simulator.tables import (
    AccountTable,
    DayEndTable,
    DealTable,
    OperationTable,
    OrderTable,
    PositionTable,
    RequestTable,
    ResultTable,
    SampleTable,
)
from dealerdesk.bridges.simulator.tickets import Tickets
from dealerdesk.instruments import Symbol
from dealerdesk.money import currency
from dealerdesk.trading import Accounting, Client, Platform

DEPOSIT_CURRENCIES = ("USD", "EUR", "GBP", "CHF", "JPY", "AUD", "CAD", "NZD", "SGD", "ZAR", "PLN", "SEK")


class ServerState:
    """The tables of a server and the lists that their codes point into.

    `currencies` are the deposit currencies on offer, `clients` rows by id with their versions; texts that few rows
    have are kept aside: `routing_command` by login, `comments` of positions, deals and operations by their numbers.
    """

    def __init__(self, platform: Platform, instruments: Sequence[Instrument], symbols: Sequence[Symbol]) -> None:
        self.dialect = DIALECTS[platform]
        self.symbols = tuple(symbols)
        self.prices = Prices(platform, instruments, symbols)
        self.tickets = Tickets(platform)
        self.time_us = 0
        self.currencies: tuple[str, ...] = ()
        self.exponents: tuple[int, ...] = ()
        self.groups: tuple[GroupTerms, ...] = ()
        self.accounts = AccountTable()
        self.positions = PositionTable()
        self.orders = OrderTable()
        self.requests = RequestTable()
        self.deals = DealTable()
        self.operations = OperationTable()
        self.samples = SampleTable()
        self.day_ends = DayEndTable()
        self.results = ResultTable()
        self.bounds = Bounds(len(symbols))
        self.clients: dict[int, tuple[Client, int]] = {}
        self.routing_command: dict[int, str] = {}
        self.dealers: dict[int, str] = {}
        self.deal_comments: dict[int, str] = {}
        self.operation_notes: dict[int, tuple[str, str]] = {}
        """Reference and comment of a balance operation that did not come from a payment provider."""

    def offer_currencies(self) -> None:
        """Fixes deposit currencies and groups: those to which every profit currency that trades converts.

        Needs prices; USD is always there.
        """
        convertible = [code for code in DEPOSIT_CURRENCIES if code == "USD" or self.prices.has_rate("USD", code)]
        self.currencies = tuple(convertible)
        self.exponents = tuple(currency(code).exponent for code in self.currencies)
        self.groups = groups_of(self.dialect.platform, self.currencies)
        self.prices.plan_rates(self.currencies)

    def account_of(self, login: int) -> int | None:
        """The slot of a login."""
        return self.accounts.find("login", login)

    def terms(self, account: int) -> GroupTerms:
        """The group of an account."""
        return self.groups[int(self.accounts.group[account])]

    def nets(self, account: int) -> bool:
        """Whether an account has one position a symbol."""
        return self.terms(account).group.accounting is Accounting.NETTING

    def group_named(self, name: str) -> int | None:
        """The number of a group."""
        return next((n for n, terms in enumerate(self.groups) if terms.group.name == name), None)

    def exponent(self, account: int) -> int:
        """Decimals of an account's currency."""
        return self.exponents[int(self.accounts.currency[account])]

    def currency(self, account: int) -> str:
        """An account's currency."""
        return self.currencies[int(self.accounts.currency[account])]
