"""Takes in the rows of trading, one at a time: positions, deals, session results. A row whose account or symbol has
not arrived is kept and attached when it does; nothing is lost and nothing is counted twice.
"""

from __future__ import annotations

import math
from decimal import Decimal

from dealerdesk.live.registry import Missing, Registry, Server, Unattached
from dealerdesk.live.tables import REASONS
from dealerdesk.trading import Deal, Position, SessionResult, Side

NAN = math.nan
REASON_CODES = {reason: number for number, reason in enumerate(REASONS)}


def put_position(state: Registry, server: Server, row: Position, version: int) -> None:
    """Opens the position, or changes it to what the row says."""
    slot = server.position_index.get(row.id)
    account, symbol = server.logins.get(row.login), server.symbols.get(row.symbol)
    side = 1 if row.side is Side.BUY else -1
    state.version.positions += 1
    if slot >= 0:
        table = state.positions
        if table.account_at[slot] == account and table.symbol_at[slot] == symbol and table.side_at[slot] == side:
            _change(state, server, slot, row, version)
            return
        remove_position(state, server, row.id)
    server.waiting.positions.pop(row.id, None)
    if account is None:
        server.waiting.keep(("login", row.login), row, version)
    elif symbol is None:
        server.waiting.keep(("symbol", row.symbol), row, version)
    else:
        _open(state, server, row, version, account, symbol, side)


def remove_position(state: Registry, server: Server, position_id: int) -> None:
    """The position is closed; one that is not known changes nothing."""
    server.waiting.positions.pop(position_id, None)
    slot = server.position_index.pop(position_id)
    if slot < 0:
        return
    table = state.positions
    if not server.building:
        cell, volume = table.cell_at[slot], table.volume_at[slot]
        state.engine.trade(cell, table.side_at[slot], -volume, -(volume * table.open_price_at[slot]), -1)
        accrued = table.swap_at[slot] + table.commission_at[slot]
        if accrued:
            state.engine.accrue(cell, -accrued)
    table.release(slot)
    table.comment[slot] = ""
    state.version.positions += 1


def put_deal(state: Registry, server: Server, row: Deal) -> None:
    """Adds the deal's result to the session's realised result of its account and symbol."""
    account, symbol = server.logins.get(row.login), server.symbols.get(row.symbol)
    if account is None or symbol is None:
        server.waiting.others.append(row)
        return
    result = row.profit + row.swap + row.commission
    if result:
        state.engine.realise(state.engine.cell(account, symbol), result)
        state.version.positions += 1


def put_result(state: Registry, server: Server, row: SessionResult) -> None:
    """Sets the session's realised result and starting point of an account and symbol."""
    account, symbol = server.logins.get(row.login), server.symbols.get(row.symbol)
    if account is None or symbol is None:
        server.waiting.others.append(row)
        return
    if row.realised or row.start_floating or state.engine.cells.find(account, symbol) >= 0:
        state.engine.set_session(state.engine.cell(account, symbol), row.realised, row.start_floating)
        state.version.positions += 1


def remove_result(state: Registry, server: Server, key: str) -> None:
    """No result of this session for `login/symbol`."""
    login, _, symbol = key.partition("/")
    server.waiting.others[:] = [row for row in server.waiting.others if (row.login, row.symbol) != (int(login), symbol)]
    if int(login) in server.logins and symbol in server.symbols:
        put_result(state, server, SessionResult(login=int(login), symbol=symbol, realised=0, start_floating=0))


def attach(state: Registry, server: Server, missing: Missing) -> None:
    """An account or symbol has arrived: what waited for it goes to its place."""
    if not server.waiting:
        return
    for row, version in list(server.waiting.release(missing)):
        put_position(state, server, row, version)
    field, key = missing
    ready: list[Unattached] = [row for row in server.waiting.others if getattr(row, field) == key]
    server.waiting.others[:] = [row for row in server.waiting.others if getattr(row, field) != key]
    for other in ready:
        if isinstance(other, Deal):
            put_deal(state, server, other)
        else:
            put_result(state, server, other)


def detach(state: Registry, server: Server, account: int | None = None, symbol: int | None = None) -> None:
    """Before an account or symbol goes: its positions wait for it again, its session results are forgotten."""
    table, cells = state.positions, state.engine.cells
    for slot in table.rows_of(server.code).tolist():
        if table.account_at[slot] == account or table.symbol_at[slot] == symbol:
            row, version = position_row(state, slot), table.version_at[slot]
            remove_position(state, server, row.id)
            missing: Missing = ("symbol", row.symbol) if account is None else ("login", row.login)
            server.waiting.keep(missing, row, version)
    for cell in cells.living_slots().tolist():
        if cells.account_at[cell] == account or cells.symbol_at[cell] == symbol:
            state.engine.set_session(cell, 0, 0)


def position_row(state: Registry, slot: int) -> Position:
    """The position in a slot as the record it came from."""
    table = state.positions
    return Position(
        id=int(table.id[slot]),
        login=int(state.accounts.login[table.account[slot]]),
        symbol=state.symbols.name[int(table.symbol[slot])],
        side=Side.BUY if table.side[slot] > 0 else Side.SELL,
        volume=int(table.volume[slot]),
        open_price=_price(float(table.open_price[slot])),
        opened_us=int(table.opened_us[slot]),
        stop_loss=_level(float(table.stop_loss[slot])),
        take_profit=_level(float(table.take_profit[slot])),
        swap=int(table.swap[slot]),
        commission=int(table.commission[slot]),
        reason=REASONS[int(table.reason[slot])],
        comment=table.comment[slot],
    )


def _open(state: Registry, server: Server, row: Position, version: int, account: int, symbol: int, side: int) -> None:
    table = state.positions
    slot = table.take()
    server.position_index.put(row.id, slot)
    table.server_at[slot] = server.code
    table.id_at[slot] = row.id
    table.account_at[slot] = account
    table.symbol_at[slot] = symbol
    table.side_at[slot] = side
    table.opened_us_at[slot] = row.opened_us
    price = float(row.open_price)
    _write(state, slot, row, price, version)
    if server.building:
        return
    engine = state.engine
    cell = engine.cell(account, symbol)
    table.cell_at[slot] = cell
    engine.trade(cell, side, row.volume, row.volume * price, 1)
    accrued = row.swap + row.commission
    if accrued:
        engine.accrue(cell, accrued)


def _change(state: Registry, server: Server, slot: int, row: Position, version: int) -> None:
    table = state.positions
    price = float(row.open_price)
    if not server.building:
        cell, side = table.cell_at[slot], table.side_at[slot]
        volume = table.volume_at[slot]
        cost = row.volume * price - volume * table.open_price_at[slot]
        if cost or row.volume != volume:
            state.engine.trade(cell, side, row.volume - volume, cost, 0)
        accrued = row.swap + row.commission - table.swap_at[slot] - table.commission_at[slot]
        if accrued:
            state.engine.accrue(cell, accrued)
    _write(state, slot, row, price, version)


def _write(state: Registry, slot: int, row: Position, price: float, version: int) -> None:
    table = state.positions
    table.volume_at[slot] = row.volume
    table.open_price_at[slot] = price
    table.stop_loss_at[slot] = NAN if row.stop_loss is None else float(row.stop_loss)
    table.take_profit_at[slot] = NAN if row.take_profit is None else float(row.take_profit)
    table.swap_at[slot] = row.swap
    table.commission_at[slot] = row.commission
    table.reason_at[slot] = REASON_CODES[row.reason]
    table.version_at[slot] = version
    table.comment[slot] = row.comment


def _price(price: float) -> Decimal:
    # the shortest decimal that reads back as this float is the price that was sent
    return Decimal(repr(price))


def _level(price: float) -> Decimal | None:
    return None if math.isnan(price) else _price(price)
