"""Takes in the rows that say who and what there is: symbols, groups, clients, accounts, routing. No positions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dealerdesk.instruments import Symbol
from dealerdesk.live.margins import write_margin_columns
from dealerdesk.live.matrix import BLOCK_ROWS
from dealerdesk.live.registry import ClientEntry, GroupEntry, Registry, Server
from dealerdesk.live.tables import ASSET_CLASSES, BOOKS
from dealerdesk.money import currency
from dealerdesk.trading import Account, Book, Client, Group, Routing

KEPT = BOOKS.index(Book.B)


def put_symbol(state: Registry, server: Server, row: Symbol, version: int) -> bool:
    """Enters or changes a symbol; True when it is new."""
    table, codes = state.symbols, state.currency_codes
    slot = server.symbols.get(row.name)
    new = slot is None
    if slot is None:
        slot = server.symbols[row.name] = table.enter(server.name, row.name)
        table.server[slot] = server.code
    table.instrument[slot] = state.instrument_codes.code(row.instrument)
    table.asset_class[slot] = ASSET_CLASSES.index(row.asset_class)
    table.base_currency[slot] = codes.code(row.base_currency)
    table.profit_currency[slot] = codes.code(row.profit_currency)
    table.margin_currency[slot] = codes.code(row.margin_currency)
    table.digits[slot] = row.digits
    table.scale[slot] = 10.0**row.digits
    table.contract_size[slot] = float(row.contract_size)
    table.stale_after_ms[slot] = row.stale_after_ms
    table.version[slot] = version
    table.instrument_name[slot], table.description[slot] = row.instrument, row.description
    table.record[slot] = row
    write_margin_columns(table, slot, row)
    state.engine.make_room(table.count, len(codes.names))
    state.engine.state_symbol(slot)
    _index_quotes(server, slot, int(table.index[slot]), row.index, new)
    table.index[slot] = row.index
    state.router.forget()
    state.version.structure += 1
    return new


def _index_quotes(server: Server, slot: int, old: int, index: int, new: bool) -> None:
    if not new and old < len(server.quote_rows) and server.quote_rows[old] == slot:
        server.quote_rows[old] = -1
    if index >= len(server.quote_rows):
        grown = np.full(max(64, index + 1, 2 * len(server.quote_rows)), -1, np.int64)
        grown[: len(server.quote_rows)] = server.quote_rows
        server.quote_rows = grown
    server.quote_rows[index] = slot


def remove_symbol(state: Registry, server: Server, name: str) -> None:
    """The symbol is gone; its positions must have been detached."""
    slot = server.symbols.pop(name)
    server.quote_rows[server.quote_rows == slot] = -1
    state.symbols.leave(slot)
    state.router.forget()
    state.version.structure += 1


def put_group(state: Registry, server: Server, row: Group) -> None:
    """Enters or changes a group, and the limits of its accounts."""
    entry = state.groups[_group_code(state, server, row.name)]
    entry.currency, entry.accounting, entry.record = row.currency, row.accounting, row
    entry.margin_call_percent = float(row.margin_call_percent)
    entry.stop_out_percent = float(row.stop_out_percent)
    members = state.accounts.group[: state.accounts.count] == server.groups[row.name]
    members &= state.accounts.alive[: state.accounts.count]
    state.accounts.margin_call[: state.accounts.count][members] = entry.margin_call_percent
    state.accounts.stop_out[: state.accounts.count][members] = entry.stop_out_percent
    state.version.structure += 1


def remove_group(state: Registry, server: Server, name: str) -> None:
    """The group is gone; accounts that still name it keep its name."""
    if name in server.groups:
        state.groups[server.groups[name]].record = None
        state.version.structure += 1


def put_client(state: Registry, server: Server, row: Client) -> None:
    """Enters or changes a client, and what their accounts say of them."""
    entry = _client(state, row.id)
    server.clients.add(row.id)
    if row.name:
        entry.name = row.name
    entry.country, entry.profile = row.country, row.profile
    entry.registered_us, entry.introducer = row.registered_us, row.introducer
    for slot in entry.accounts:
        _name_account(state, slot, entry)
    state.version.structure += 1


def remove_client(state: Registry, server: Server, client_id: int) -> None:
    """This server no longer knows the client; forgotten when no server and no account does."""
    server.clients.discard(client_id)
    entry = state.clients.get(client_id)
    if entry and not entry.accounts and not any(client_id in one.clients for one in state.server_list):
        del state.clients[client_id]
    state.version.structure += 1


def name_clients(state: Registry, names: Mapping[int, str]) -> bool:
    """Gives clients their names, "" for one that is not known any more; those who have not arrived yet get theirs when
    they do. True when it changed what is shown: whoever gave the last of them then calls `names_given`."""
    state.names.update(names)
    changed = False
    for client_id, name in names.items():
        entry = state.clients.get(client_id)
        if entry is None or entry.name == name:
            continue
        entry.name = name
        label, changed = entry.label, True
        for slot in entry.accounts:
            state.accounts.name[slot] = label
    return changed


def names_given(state: Registry) -> None:
    """Lets what is grouped and drawn by name be made anew; once for many slices of names, it is not cheap."""
    state.version.structure += 1


def put_account(state: Registry, server: Server, row: Account, version: int) -> bool:
    """Enters or changes an account; True when it is new."""
    accounts = state.accounts
    slot = server.logins.get(row.login)
    new = slot is None
    if slot is None:
        slot = _enter_account(state, server, row)
    elif accounts.currency_code[slot] != row.currency:
        _set_currency(state, slot, row.currency)
        state.engine.tear([slot // BLOCK_ROWS])
    if accounts.client_id_at[slot] != row.client_id:
        _set_client(state, slot, row.client_id)
    if accounts.group_name[slot] != row.group:
        _set_group(state, server, slot, row.group)
    accounts.balance_at[slot] = row.balance
    accounts.credit_at[slot] = row.credit
    accounts.settled_at[slot] = row.balance + row.credit + accounts.accrued_at[slot]
    accounts.session_start_equity_at[slot] = row.session_start_equity
    accounts.session_deposits_at[slot] = row.session_deposits
    accounts.session_realised_at[slot] = row.session_realised
    accounts.opened_us_at[slot] = row.opened_us
    accounts.enabled_at[slot] = row.enabled
    accounts.introducer[slot] = row.introducer
    accounts.version_at[slot] = version
    if accounts.leverage_at[slot] != row.leverage:
        accounts.leverage_at[slot] = row.leverage
        if not new and not server.building:
            state.engine.remargin(slot)
    state.version.accounts += 1
    return new


def remove_account(state: Registry, server: Server, login: int) -> None:
    """The account is gone; its positions and cells must have been detached."""
    slot = server.logins[login]
    entry = state.clients.get(int(state.accounts.client_id[slot]))
    if entry:
        entry.accounts.remove(slot)
    for column in state.accounts.TEXTS:
        getattr(state.accounts, column)[slot] = ""
    state.accounts.leave(slot)
    server.routing.pop(login, None)
    state.version.structure += 1


def put_routing(state: Registry, server: Server, row: Routing, version: int) -> None:
    """Enters the book of an account; kept when the account has not arrived yet."""
    server.routing[row.login] = (row, version)
    slot = server.logins.get(row.login)
    if slot is not None:
        _set_routing(state, slot, BOOKS.index(row.book), row.covered_percent, version)
        state.version.accounts += 1


def remove_routing(state: Registry, server: Server, login: int) -> None:
    """Without routing an account's risk is the broker's own: book B."""
    server.routing.pop(login, None)
    slot = server.logins.get(login)
    if slot is not None:
        _set_routing(state, slot, KEPT, 0, 0)
        state.version.accounts += 1


def _enter_account(state: Registry, server: Server, row: Account) -> int:
    slot = state.accounts.enter(server.code, server.name, row.login)
    accounts = state.accounts
    state.engine.reserve_accounts(accounts.count)
    accounts.login[slot] = row.login
    accounts.server_name[slot] = server.name
    accounts.client_id[slot] = -1
    accounts.book[slot] = KEPT
    _set_currency(state, slot, row.currency)
    if row.login in server.routing:
        routing, version = server.routing[row.login]
        _set_routing(state, slot, BOOKS.index(routing.book), routing.covered_percent, version)
    state.version.structure += 1
    return slot


def _set_currency(state: Registry, slot: int, code: str) -> None:
    accounts = state.accounts
    number = state.currency_codes.code(code)
    accounts.currency[slot] = number
    accounts.currency_code[slot] = code
    accounts.unit[slot] = 10.0 ** -currency(code).exponent
    accounts.deposit[slot] = state.engine.deposits.code(number)
    kind = state.engine.totals.kind_of(
        int(accounts.deposit[slot]), int(accounts.book[slot]), int(accounts.covered_percent[slot])
    )
    accounts.kind[slot] = kind
    state.engine.make_room(state.symbols.count, len(state.currency_codes.names))


def _set_routing(state: Registry, slot: int, book: int, covered_percent: int, version: int) -> None:
    accounts = state.accounts
    accounts.routing_version[slot] = version
    kind = state.engine.totals.kind_of(int(accounts.deposit[slot]), book, covered_percent)
    state.engine.set_kind(slot, kind)
    accounts.book[slot], accounts.covered_percent[slot] = book, covered_percent


def _set_client(state: Registry, slot: int, client_id: int) -> None:
    old = state.clients.get(int(state.accounts.client_id[slot]))
    if old and slot in old.accounts:
        old.accounts.remove(slot)
    entry = _client(state, client_id)
    entry.accounts.append(slot)
    state.accounts.client_id[slot] = client_id
    _name_account(state, slot, entry)
    state.version.structure += 1


def _name_account(state: Registry, slot: int, entry: ClientEntry) -> None:
    accounts = state.accounts
    accounts.name[slot], accounts.country[slot], accounts.profile[slot] = entry.label, entry.country, entry.profile


def _client(state: Registry, client_id: int) -> ClientEntry:
    found = state.clients.get(client_id)
    if found is None:
        found = state.clients[client_id] = ClientEntry(client_id, state.names.get(client_id, ""))
    return found


def _set_group(state: Registry, server: Server, slot: int, name: str) -> None:
    code = _group_code(state, server, name)
    entry = state.groups[code]
    state.accounts.group[slot] = code
    state.accounts.group_name[slot] = entry.name
    state.accounts.margin_call[slot] = entry.margin_call_percent
    state.accounts.stop_out[slot] = entry.stop_out_percent
    state.version.structure += 1


def _group_code(state: Registry, server: Server, name: str) -> int:
    code = server.groups.get(name)
    if code is None:
        code = server.groups[name] = len(state.groups)
        state.groups.append(GroupEntry(server.name, name))
    return code
