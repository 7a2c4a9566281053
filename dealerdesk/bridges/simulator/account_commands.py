"""Commands on accounts: book, group, leverage, balance, a new account. Each is checked whole before anything changes.

Every function returns what was read back afterwards; with `dry_run` it stops after its checks and reads back what is.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.bridges.protocol import (
    ChangeBalance,
    Command,
    OpenAccount,
    Row,
    RowSet,
    SetBook,
    SetGroup,
    SetLeverage,
)
from dealerdesk.bridges.simulator.accounting import account_margin, equity, positions_of
from dealerdesk.bridges.simulator.dialects import COMMENT_CHARS_MAX
from dealerdesk.bridges.simulator.limits import Limits
from dealerdesk.bridges.simulator.people import INTRODUCERS, Profile
from dealerdesk.bridges.simulator.publisher import Publisher
from dealerdesk.bridges.simulator.refusals import Refusal, RefusedError
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import BOOKS
from dealerdesk.bridges.simulator.till import CREDIT_KINDS, Till
from dealerdesk.money import Money, currency
from dealerdesk.trading import BalanceKind, Book, Client

COVERED_IN_C_PERCENT = 50
NAME_CHARS_MAX = 128


@dataclass(frozen=True, slots=True)
class Outcome:
    """The row as it stands afterwards, its version, and the platform's number for what was done."""

    row: Row | None
    version: int | None
    ticket: str = ""


class AccountCommands:
    """Commands on the accounts of one server."""

    def __init__(self, state: ServerState, publisher: Publisher, till: Till, limits: Limits) -> None:
        self._state = state
        self._publisher = publisher
        self._till = till
        self._limits = limits

    def set_book(self, body: SetBook, command: Command) -> Outcome:
        """Moves an account to another book; on MT4 that is another group as well."""
        account = self._account(body.login)
        self._same_version(command, int(self._state.accounts.routing_version[account]))
        _check_cover(body.book, body.covered_percent)
        group = self._group_for_book(account, body.book)
        if not command.dry_run:
            if group != self._state.accounts.group[account]:
                self._state.accounts.group[account] = group
                self._publisher.accounts(account)
            self._route(account, body.book, body.covered_percent, command.id)
        return self._read(RowSet.ROUTING, account, "routing_version")

    def set_group(self, body: SetGroup, command: Command) -> Outcome:
        """Moves an account to another group of the same currency; on MT4 the group says the book."""
        account = self._account(body.login)
        self._same_version(command, int(self._state.accounts.version[account]))
        group = self._allowed_group(body.group)
        old, new = self._state.terms(account), self._state.groups[group]
        if new.group.currency != old.group.currency:
            raise RefusedError(
                Refusal.INVALID,
                f"{body.group} is in {new.group.currency}, account {body.login} is not",
            )
        if new.group.accounting is not old.group.accounting and len(positions_of(self._state, account)):
            raise RefusedError(
                Refusal.INVALID,
                f"account {body.login} has open positions and cannot change from {old.group.accounting} to "
                f"{new.group.accounting}",
            )
        if not command.dry_run:
            self._state.accounts.group[account] = group
            self._publisher.accounts(account)
            if new.book is not None and new.book is not old.book:
                self._route(account, new.book, _cover_of(new.book), command.id)
        return self._read(RowSet.ACCOUNT, account)

    def set_leverage(self, body: SetLeverage, command: Command) -> Outcome:
        """Changes the leverage, unless that would bring the account to its margin call."""
        account = self._account(body.login)
        self._same_version(command, int(self._state.accounts.version[account]))
        self._check_leverage(body.leverage)
        self._check_level_at(account, body.leverage)
        if not command.dry_run:
            self._state.accounts.leverage[account] = body.leverage
            self._publisher.accounts(account)
        return self._read(RowSet.ACCOUNT, account)

    def change_balance(self, body: ChangeBalance, command: Command) -> Outcome:
        """Books money in or out; a withdrawal only out of what is free."""
        account = self._account(body.login)
        self._same_version(command, int(self._state.accounts.version[account]))
        self._check_amount(account, body)
        if command.dry_run:
            return self._read(RowSet.ACCOUNT, account)
        slot = self._till.book(
            account,
            body.operation,
            body.amount,
            reference=body.reference[:COMMENT_CHARS_MAX],
            comment=command.id[:COMMENT_CHARS_MAX],
        )
        operations = self._state.operations
        row = self._publisher.row_of(RowSet.BALANCE_OPERATION, operations, slot)
        return Outcome(row, int(operations.version[slot]), str(operations.id[slot]))

    def open_account(self, body: OpenAccount, command: Command) -> Outcome:
        """Opens an account without money, in book B (or MT4's group's book), for a client who may be new here."""
        group = self._allowed_group(body.group)
        self._check_leverage(body.leverage)
        if body.client_id <= 0 or not body.name.strip() or len(body.name) > NAME_CHARS_MAX:
            raise RefusedError(Refusal.INVALID, "a new account needs a client's number and name")
        if command.dry_run:
            return Outcome(None, None)
        if body.client_id not in self._state.clients:
            self._new_client(body)
        account = self._new_account(body, group)
        self._publisher.accounts(account)
        self._route(account, BOOKS[int(self._state.accounts.book[account])], self._cover(account), command.id)
        return self._read(RowSet.ACCOUNT, account, ticket=str(self._state.accounts.login[account]))

    def _new_client(self, body: OpenAccount) -> None:
        row = Client(
            id=body.client_id,
            name=body.name,
            country=body.country,
            profile=Profile.CASUAL.words,
            registered_us=self._state.time_us,
        )
        self._state.clients[body.client_id] = (row, self._publisher.row(row))

    def _new_account(self, body: OpenAccount, group: int) -> int:
        state, terms = self._state, self._state.groups[group]
        client = state.clients[body.client_id][0]
        book = terms.book or Book.B
        return state.accounts.add(
            login=int(state.accounts.column("login").max()) + 1,
            client_id=body.client_id,
            group=group,
            currency=state.currencies.index(terms.group.currency),
            leverage=body.leverage,
            opened_us=state.dialect.time_us(state.time_us),
            enabled=True,
            introducer=INTRODUCERS.index(client.introducer) + 1 if client.introducer else 0,
            book=BOOKS.index(book),
            covered_percent=_cover_of(book),
            partner=-1,
        )

    def _route(self, account: int, book: Book, covered_percent: int, command_id: str) -> None:
        accounts = self._state.accounts
        accounts.book[account] = BOOKS.index(book)
        accounts.covered_percent[account] = covered_percent
        accounts.routing_changed_us[account] = self._state.dialect.time_us(self._state.time_us)
        self._state.routing_command[int(accounts.login[account])] = command_id
        self._publisher.routing(account)

    def _cover(self, account: int) -> int:
        return int(self._state.accounts.covered_percent[account])

    def _account(self, login: int) -> int:
        account = self._state.account_of(login)
        if account is None:
            raise RefusedError(Refusal.NOT_FOUND, f"there is no account {login} on this server")
        return account

    def _allowed_group(self, name: str) -> int:
        number = self._state.group_named(name)
        if number is None:
            raise RefusedError(Refusal.NOT_FOUND, f"there is no group {name!r} on this server")
        if self._state.groups[number].kind not in self._limits.group_kinds:
            raise RefusedError(Refusal.LIMIT, f"this bridge puts no account into {name!r}")
        return number

    def _group_for_book(self, account: int, book: Book) -> int:
        """The account's group, or on MT4 its sister that stands for `book`."""
        groups = self._state.groups
        here = groups[int(self._state.accounts.group[account])]
        if here.book is None or here.book is book:
            return int(self._state.accounts.group[account])
        wanted = (here.kind, here.group.currency, book)
        return next(n for n, each in enumerate(groups) if (each.kind, each.group.currency, each.book) == wanted)

    def _same_version(self, command: Command, version: int) -> None:
        if command.expected_version is not None and command.expected_version != version:
            raise RefusedError(
                Refusal.CHANGED,
                f"the row has changed since it was read: expected version {command.expected_version}, it is {version}",
            )

    def _check_leverage(self, leverage: int) -> None:
        if not 1 <= leverage <= self._limits.leverage_max:
            raise RefusedError(Refusal.LIMIT, f"leverage 1:{leverage} is outside 1:1 to 1:{self._limits.leverage_max}")

    def _check_level_at(self, account: int, leverage: int) -> None:
        accounts = self._state.accounts
        slots = positions_of(self._state, account)
        before = int(accounts.leverage[account])
        accounts.leverage[account] = leverage
        margin = account_margin(self._state, slots) if len(slots) else 0
        accounts.leverage[account] = before
        call = self._state.terms(account).group.margin_call_percent
        level = equity(self._state, account, slots) * 100 / margin if margin else float("inf")
        if leverage < before and level < call:
            raise RefusedError(
                Refusal.NO_MONEY,
                f"leverage 1:{leverage} would bring account {accounts.login[account]} to a margin level of "
                f"{level:.0f}%, below its margin call at {call}%",
            )

    def _check_amount(self, account: int, body: ChangeBalance) -> None:
        if body.amount == 0:
            raise RefusedError(Refusal.INVALID, "the amount is zero")
        if (body.operation is BalanceKind.DEPOSIT) != (body.amount > 0) and body.operation in _ONE_WAY:
            raise RefusedError(Refusal.INVALID, f"a {body.operation} of {body.amount} goes the wrong way")
        state, code = self._state, self._state.currency(account)
        usd = abs(body.amount) / 10 ** state.exponent(account) * float(state.prices.rate(code, "USD"))
        if usd > self._limits.balance_usd_max:
            raise RefusedError(
                Refusal.LIMIT,
                f"{Money(abs(body.amount), currency(code))} is more than this bridge books at once "
                f"({self._limits.balance_usd_max:,.0f} USD)",
            )
        if body.amount < 0:
            self._check_free(account, body)

    def _check_free(self, account: int, body: ChangeBalance) -> None:
        state, accounts = self._state, self._state.accounts
        slots = positions_of(state, account)
        free = equity(state, account, slots) - account_margin(state, slots)
        own = int(accounts.credit[account] if body.operation in CREDIT_KINDS else accounts.balance[account])
        available = min(free - (0 if body.operation in CREDIT_KINDS else int(accounts.credit[account])), own)
        if body.operation is not BalanceKind.CORRECTION and -body.amount > available:
            unit = currency(state.currency(account))
            raise RefusedError(
                Refusal.NO_MONEY,
                f"{Money(-body.amount, unit)} is more than the {Money(max(available, 0), unit)} that account "
                f"{body.login} has free",
            )

    def _read(self, rows: RowSet, account: int, version: str = "version", ticket: str = "") -> Outcome:
        accounts = self._state.accounts
        row = self._publisher.row_of(rows, accounts, account)
        return Outcome(row, int(accounts.column(version)[account]), ticket)


_ONE_WAY = frozenset({BalanceKind.DEPOSIT, BalanceKind.WITHDRAWAL})


def _cover_of(book: Book) -> int:
    return {Book.A: 100, Book.B: 0, Book.C: COVERED_IN_C_PERCENT}[book]


def _check_cover(book: Book, covered_percent: int) -> None:
    fits = 1 <= covered_percent <= 99 if book is Book.C else covered_percent == _cover_of(book)
    if not fits:
        raise RefusedError(
            Refusal.INVALID, f"book {book} with {covered_percent}% covered: A covers 100%, B 0%, C between"
        )
