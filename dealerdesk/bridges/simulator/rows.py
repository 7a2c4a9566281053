"""Slots of the server's tables as rows of the bridge protocol. Reads tables, changes nothing.

One function a set, many slots at a time: a delta is one slot, a snapshot hands in a table's copy in pieces.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from numpy.typing import NDArray

from dealerdesk.bridges.protocol import Row, RowSet
from dealerdesk.bridges.simulator.cashier import operation_texts
from dealerdesk.bridges.simulator.columns import Columns, Slots
from dealerdesk.bridges.simulator.people import introducer_code
from dealerdesk.bridges.simulator.pricing import RATE_DIGITS
from dealerdesk.bridges.simulator.state import ServerState
from dealerdesk.bridges.simulator.tables import (
    BALANCE_KINDS,
    BOOKS,
    ENTRIES,
    ORDER_TYPES,
    REASONS,
    REQUEST_STATES,
    SIDES,
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
from dealerdesk.clock import DAY_US, from_us
from dealerdesk.trading import (
    Account,
    BalanceOperation,
    DayEnd,
    Deal,
    Order,
    Position,
    QuoteSample,
    Request,
    Routing,
    SessionResult,
)


class RowWriter:
    """Writes rows of one server; the texts behind the codes are looked up in its state.

    `frozen` keeps the texts that change as they are now, for rows that are written later.
    """

    def __init__(self, state: ServerState, frozen: bool = False) -> None:
        self._state = state
        self._commands = dict(state.routing_command) if frozen else state.routing_command
        self._dealers = dict(state.dealers) if frozen else state.dealers
        self._names = [symbol.name for symbol in state.symbols]
        self._digits = [symbol.digits for symbol in state.symbols]
        self._groups = [terms.group.name for terms in state.groups]

    def rows(self, row_set: RowSet, table: Columns, slots: Slots) -> list[Row]:
        """The rows of `row_set` at `slots` of its table (or of a copy of it), in that order."""
        match row_set, table:
            case RowSet.ACCOUNT, AccountTable():
                return self._accounts(table, slots)
            case RowSet.ROUTING, AccountTable():
                return self._routing(table, slots)
            case RowSet.POSITION, PositionTable():
                return self._positions(table, slots)
            case RowSet.ORDER, OrderTable():
                return self._orders(table, slots)
            case RowSet.REQUEST, RequestTable():
                return self._requests(table, slots)
            case RowSet.DEAL, DealTable():
                return self._deals(table, slots)
            case RowSet.BALANCE_OPERATION, OperationTable():
                return self._operations(table, slots)
            case RowSet.QUOTE_SAMPLE, SampleTable():
                return self._samples(table, slots)
            case RowSet.DAY_END, DayEndTable():
                return self._day_ends(table, slots)
            case RowSet.SESSION_RESULT, ResultTable():
                return self._results(table, slots)
            case other:
                raise ValueError(f"no rows of {other!r}")

    def _price(self, symbol: int, points: int) -> Decimal:
        return Decimal(points).scaleb(-self._digits[symbol])

    def _maybe(self, symbol: int, points: int) -> Decimal | None:
        return Decimal(points).scaleb(-self._digits[symbol]) if points else None

    def _logins(self, accounts: NDArray[Any]) -> list[int]:
        logins: list[int] = self._state.accounts.login[accounts].tolist()
        return logins

    def _accounts(self, table: AccountTable, slots: Slots) -> list[Row]:
        currencies = self._state.currencies
        return [
            Account(
                login=login,
                client_id=client,
                group=self._groups[group],
                currency=currencies[unit],
                leverage=leverage,
                balance=balance,
                credit=credit,
                opened_us=opened,
                enabled=bool(enabled),
                introducer=introducer_code(introducer),
                session_start_equity=start,
                session_deposits=deposits,
                session_realised=realised,
            )
            for (
                login,
                client,
                group,
                unit,
                leverage,
                balance,
                credit,
                opened,
                enabled,
                introducer,
                start,
                deposits,
                realised,
            ) in _columns(
                table,
                slots,
                "login client_id group currency leverage balance credit opened_us enabled introducer "
                "session_start_equity session_deposits session_realised",
            )
        ]

    def _routing(self, table: AccountTable, slots: Slots) -> list[Row]:
        commands = self._commands
        return [
            Routing(
                login=login,
                book=BOOKS[book],
                covered_percent=covered,
                changed_us=changed,
                command_id=commands.get(login, ""),
            )
            for login, book, covered, changed in _columns(table, slots, "login book covered_percent routing_changed_us")
        ]

    def _positions(self, table: PositionTable, slots: Slots) -> list[Row]:
        names, price, maybe = self._names, self._price, self._maybe
        logins = self._logins(table.account[slots])
        fields = _columns(
            table,
            slots,
            "id symbol side volume open_points opened_us stop_loss take_profit swap commission reason from_ticket",
        )
        return [
            Position(
                id=number,
                login=login,
                symbol=names[symbol],
                side=SIDES[side],
                volume=volume,
                open_price=price(symbol, points),
                opened_us=opened,
                stop_loss=maybe(symbol, loss),
                take_profit=maybe(symbol, profit),
                swap=swap,
                commission=commission,
                reason=REASONS[reason],
                comment=f"from #{origin}" if origin else "",
            )
            for login, (
                number,
                symbol,
                side,
                volume,
                points,
                opened,
                loss,
                profit,
                swap,
                commission,
                reason,
                origin,
            ) in zip(logins, fields, strict=True)
        ]

    def _orders(self, table: OrderTable, slots: Slots) -> list[Row]:
        fields = _columns(table, slots, "id symbol kind volume price placed_us stop_loss take_profit expires_us")
        return [
            Order(
                id=number,
                login=login,
                symbol=self._names[symbol],
                kind=ORDER_TYPES[kind],
                volume=volume,
                price=self._price(symbol, points),
                placed_us=placed,
                stop_loss=self._maybe(symbol, loss),
                take_profit=self._maybe(symbol, profit),
                expires_us=expires,
            )
            for login, (number, symbol, kind, volume, points, placed, loss, profit, expires) in zip(
                self._logins(table.account[slots]), fields, strict=True
            )
        ]

    def _requests(self, table: RequestTable, slots: Slots) -> list[Row]:
        fields = _columns(table, slots, "id symbol side volume price state raised_us deadline_us position_id")
        return [
            Request(
                id=number,
                login=login,
                symbol=self._names[symbol],
                side=SIDES[side],
                volume=volume,
                price=self._price(symbol, points),
                state=REQUEST_STATES[state],
                raised_us=raised,
                deadline_us=deadline,
                dealer=self._dealers.get(number, ""),
                position_id=position,
            )
            for login, (number, symbol, side, volume, points, state, raised, deadline, position) in zip(
                self._logins(table.account[slots]), fields, strict=True
            )
        ]

    def _deals(self, table: DealTable, slots: Slots) -> list[Row]:
        names, price, notes = self._names, self._price, self._state.deal_comments
        logins = self._logins(table.account[slots])
        fields = _columns(
            table,
            slots,
            "id position_id order_id symbol side entry volume price dealt_us profit swap commission rate reason book",
        )
        return [
            Deal(
                id=number,
                position_id=position,
                order_id=order,
                login=login,
                symbol=names[symbol],
                side=SIDES[side],
                entry=ENTRIES[entry],
                volume=volume,
                price=price(symbol, points),
                dealt_us=dealt,
                profit=profit,
                swap=swap,
                commission=commission,
                rate_profit=Decimal(rate).scaleb(-RATE_DIGITS),
                reason=REASONS[reason],
                book=BOOKS[book],
                comment=notes.get(number, ""),
            )
            for login, (
                number,
                position,
                order,
                symbol,
                side,
                entry,
                volume,
                points,
                dealt,
                profit,
                swap,
                commission,
                rate,
                reason,
                book,
            ) in zip(logins, fields, strict=True)
        ]

    def _operations(self, table: OperationTable, slots: Slots) -> list[Row]:
        made: list[Row] = []
        logins = self._logins(table.account[slots])
        fields = _columns(table, slots, "id kind amount booked_us provider")
        for login, (number, kind, amount, booked, provider) in zip(logins, fields, strict=True):
            name, reference, comment = operation_texts(self._state.operation_notes, number, provider)
            made.append(
                BalanceOperation(
                    id=number,
                    login=login,
                    kind=BALANCE_KINDS[kind],
                    amount=amount,
                    booked_us=booked,
                    provider=name,
                    reference=reference,
                    comment=comment,
                )
            )
        return made

    def _samples(self, table: SampleTable, slots: Slots) -> list[Row]:
        return [
            QuoteSample(
                symbol=self._names[symbol],
                minute_us=minute,
                bid=self._price(symbol, bid),
                ask=self._price(symbol, ask),
                high=self._price(symbol, high),
                low=self._price(symbol, low),
                ticks=ticks,
            )
            for symbol, minute, bid, ask, high, low, ticks in _columns(
                table, slots, "symbol minute_us bid ask high low ticks"
            )
        ]

    def _day_ends(self, table: DayEndTable, slots: Slots) -> list[Row]:
        fields = _columns(table, slots, "day balance credit floating margin realised deposits")
        return [
            DayEnd(
                login=login,
                day=day_name(day),
                balance=balance,
                credit=credit,
                floating=floating,
                margin=margin,
                realised=realised,
                deposits=deposits,
            )
            for login, (day, balance, credit, floating, margin, realised, deposits) in zip(
                self._logins(table.account[slots]), fields, strict=True
            )
        ]

    def _results(self, table: ResultTable, slots: Slots) -> list[Row]:
        logins = self._logins(table.cell[slots] >> 16)
        return [
            SessionResult(login=login, symbol=self._names[cell & 0xFFFF], realised=realised, start_floating=start)
            for login, (cell, realised, start) in zip(
                logins, _columns(table, slots, "cell realised start_floating"), strict=True
            )
        ]


def day_name(day: int) -> str:
    """A day counted since 1970-01-01 as its date."""
    return from_us(day * DAY_US).date().isoformat()


def _columns(table: Columns, slots: Slots, names: str) -> zip[tuple[int, ...]]:
    """The named columns at `slots`, as tuples of plain integers, one a row."""
    return zip(*(getattr(table, name)[slots].tolist() for name in names.split()), strict=True)
