"""Holds what a firm's desks were told, its tables and its simulated server's own books against one another."""

from __future__ import annotations

import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
from busy_desk import Answer, Decision, Intent
from busy_firm import SERVER, Firm
from busy_wishes import Wish
from sqlalchemy import Connection, Table, func, select

from dealerdesk.bridges.journal import Journal
from dealerdesk.bridges.protocol import Row as BridgeRow
from dealerdesk.bridges.protocol import RowSet, decode_delta
from dealerdesk.bridges.simulator.bridge_source import SimulatedSource
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.checkpoint import read_checkpoint
from dealerdesk.commands import audit, checkpoints, queries
from dealerdesk.commands.audit_export import export_everything
from dealerdesk.commands.audit_verify import verify
from dealerdesk.commands.bodies import Body, Scope
from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.commands.seals import public_key
from dealerdesk.store import schema
from dealerdesk.store.engine import reading
from dealerdesk.store.recording import stream_point
from dealerdesk.trading import Account, Entry, Routing

CONFIRMED, UNKNOWN = CommandState.CONFIRMED, CommandState.UNKNOWN
ASKING = "abs"
"""The desks that ask."""
MOVES = frozenset(f"command {state.value}" for state in CommandState if state is not CommandState.REQUESTED)


class Reckoning:
    """Everything is read once, when all processes have ended."""

    def __init__(self, firm: Firm) -> None:
        self.firm = firm
        with reading(firm.engine) as connection:
            self.commands = {one.id: one for one in queries.recent_commands(connection, 10_000)}
            self.history: dict[str, list[audit.Entry]] = defaultdict(list)
            entries = connection.scalars(select(schema.audit.c.entry).order_by(schema.audit.c.id))
            point = stream_point(connection, SERVER)
            for entry in (msgspec.json.decode(said, type=audit.Entry) for said in entries):
                self.history[entry.subject].append(entry)
        brokerage = read_checkpoint(Path(firm.simulator.journal_dir))
        assert brokerage is not None
        assert point is not None
        self.platform = rows_of(brokerage)
        # the server trades on for a moment when the hub has ended
        self.heard = rows_of(brokerage, point.seq)
        self.at_first = rows_of(Brokerage(firm.simulator))

    # -- what was told ------------------------------------------------------------------------------------------

    def what_was_acknowledged_is_there(self) -> None:
        """Every wish that was accepted exists with its terms, every one that was refused does not exist."""
        for letter in ASKING:
            lines = self.firm.lines(letter)
            accepted = {line.number: line.accepted for line in lines if isinstance(line, Answer)}
            for wish in (line.wish for line in lines if isinstance(line, Intent)):
                for command_id, body in wish.members:
                    record = self.commands.get(command_id)
                    assert (record is not None) == accepted[wish.number], (wish, record)
                    if record is not None:
                        self._is_as_wished(wish, record, body)

    def _is_as_wished(self, wish: Wish, record: CommandRecord, body: Body) -> None:
        told = (record.requested_by, record.server, record.reason, record.expected_version)
        assert told == (wish.who, wish.server, wish.reason, wish.expected_version)
        assert canonical(record.body) == canonical(body)
        assert record.batch_id == (wish.id if wish.is_batch else None)

    def what_was_decided_is_there(self) -> None:
        """Every decision that was acknowledged stands, about the payload that was asked for."""
        said = self._decisions()
        for line in self.firm.lines("d"):
            assert isinstance(line, Decision)
            record = self.commands[line.command_id]
            if line.verdict == "withdraw":
                assert record.state is CommandState.WITHDRAWN
            else:
                assert said[line.command_id][line.who] == (line.verdict, record.payload_hash)

    def nobody_decided_their_own(self) -> None:
        """No command has a decider who asked for it."""
        for command_id, deciders in self._decisions().items():
            assert self.commands[command_id].requested_by not in deciders

    def all_have_ended(self) -> None:
        """Each command is final, by legal moves alone, each of them with one entry."""
        for record in self.commands.values():
            assert record.state.is_final, record
            actions = [entry.action for entry in self.history[record.id]]
            assert actions.count("command requested") == 1, (record, actions)
            moves = [
                (entry.before["state"], entry.after["state"])
                for entry in self.history[record.id]
                if entry.action in MOVES
            ]
            path = ["requested", *(to for _from, to in moves)]
            assert [start for start, _to in moves] == path[:-1], (record.id, moves)
            assert all(move in schema.TRANSITIONS for move in moves), (record.id, moves)
            assert path[-1] == record.state.value
            assert actions.count("command dispatched") == (1 if record.dispatched_us else 0)

    def _decisions(self) -> dict[str, dict[str, tuple[str, str]]]:
        found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
        with reading(self.firm.engine) as connection:
            for row in connection.execute(select(schema.decisions)):
                found[row.command_id][row.staff] = (row.verdict, row.payload_hash)
        return found

    # -- what the platform did ----------------------------------------------------------------------------------

    def money_moved_once(self) -> None:
        """Each balance operation of a command is on the platform once, and the hub has recorded the platform's."""
        booked = Counter(row.comment for row in self.platform[RowSet.BALANCE_OPERATION] if row.comment)
        self._once("change_balance", booked)
        for row in self.platform[RowSet.BALANCE_OPERATION]:
            if row.comment:
                body: Any = self.commands[row.comment].body
                assert (row.login, row.amount, row.kind) == (body.login, body.amount, body.operation)
        self._is_recorded(RowSet.BALANCE_OPERATION, schema.balance_operations, "comment")

    def positions_closed_once(self) -> None:
        """Each closing deal of a command is on the platform once."""
        closed = [row for row in self.platform[RowSet.DEAL] if row.comment in self.commands]
        assert {row.entry for row in closed} <= {Entry.OUT}
        self._once("close_position", Counter(row.comment for row in closed))
        for row in closed:
            body: Any = self.commands[row.comment].body
            assert row.position_id == body.position_id
        self._is_recorded(RowSet.DEAL, schema.deals, "comment")

    def accounts_opened_once(self) -> None:
        """Each new account's client has that one account, in the group that was asked for."""
        bodies: dict[int, Any] = {one.client_id or 0: one for one in self._of("open_account")}
        opened = Counter(bodies[row.client_id].id for row in self.platform[RowSet.ACCOUNT] if row.client_id in bodies)
        self._once("open_account", opened)

    def accounts_changed_once(self) -> None:
        """Books, leverages and groups went from one value to the next just as the confirmed commands say."""
        changes = self._journal()
        for kind, field in (("set_book", "book"), ("set_leverage", "leverage"), ("set_group", "group")):
            done: dict[int, list[tuple[int, Any, CommandState]]] = defaultdict(list)
            for record in self._of(kind):
                if record.state in (CONFIRMED, UNKNOWN):
                    done[record.login or 0].append((record.dispatched_us or 0, record.body, record.state))
            for login, history in changes[field].items():
                asked = [getattr(body, field) for _us, body, state in sorted(done[login], key=_first)]
                assert all(state is CONFIRMED for _us, _body, state in done[login]), (kind, login)
                all_of_it = [one for one in self._of(kind) if one.login == login]
                assert history[1:] == asked, (kind, login, history, asked, all_of_it)

    def _journal(self) -> dict[str, dict[int, list[Any]]]:
        """Field → account → its values from the first one on, without repetitions, as the bridge told them."""
        told: dict[str, dict[int, list[Any]]] = {name: {} for name in ("book", "leverage", "group")}
        journal = Journal.open(Path(self.firm.simulator.journal_dir) / "journal")
        assert journal.first_seq == 1
        first: Iterable[BridgeRow] = [*self.at_first[RowSet.ACCOUNT], *self.at_first[RowSet.ROUTING]]
        news = (decode_delta(data).row for _seq, data in journal.entries(1))
        for row in (*first, *news):
            if isinstance(row, Routing):
                told["book"].setdefault(row.login, []).append(row.book)
            if isinstance(row, Account):
                told["leverage"].setdefault(row.login, []).append(row.leverage)
                told["group"].setdefault(row.login, []).append(row.group)
        journal.close()
        return {
            name: {login: [value for value, _same in groupby(values)] for login, values in of_all.items()}
            for name, of_all in told.items()
        }

    def _once(self, kind: str, effects: Counter[str]) -> None:
        """One effect of each confirmed command, at most one of one that nobody knows, none of all others."""
        for record in self._of(kind):
            count = effects.pop(record.id, 0)
            match record.state:
                case CommandState.CONFIRMED:
                    assert count == 1, record
                case CommandState.UNKNOWN:
                    assert count <= 1, record
                case _:
                    assert count == 0, record
        assert not effects, f"nobody asked for {effects}"

    def _is_recorded(self, row_set: RowSet, table: Table, column: str) -> None:
        heard = Counter((row.id, getattr(row, column)) for row in self.heard[row_set])
        with reading(self.firm.engine) as connection:
            query = select(table.c.id, table.c[column]).where(table.c.server == SERVER)
            recorded = Counter((row[0], row[1]) for row in connection.execute(query))
        assert recorded == heard

    # -- what the database did ----------------------------------------------------------------------------------

    def database_changed_once(self) -> None:
        """What database commands did is there once, and only where they were confirmed."""
        with reading(self.firm.engine) as connection:
            self._one_row_each(connection, "set_policy", schema.policies)
            self._one_row_each(connection, "cover_absence", schema.covers)
            self._staff_changed_once(connection)
            self._logins_are_as_last_said(connection)
            self._scopes_are_as_last_said(connection)
            self._last_one_holds(connection, "rate_client", schema.client_ratings, "client_id", "rating")
            self._last_one_holds(connection, "set_contact", schema.contacts, "client_id", "token")
            erased = connection.scalar(
                select(func.count()).select_from(schema.subject_keys).where(schema.subject_keys.c.destroyed_us > 0)
            )
            gone = [one.client_id for one in self._of("erase_client", CONFIRMED)]
            names = connection.scalars(select(schema.clients.c.name).where(schema.clients.c.id.in_(gone))).all()
        assert erased == len(gone)
        assert set(names) <= {""}, "an erased client's name came back"
        for record in self._of("settle_unknown", CONFIRMED):
            body: Any = record.body
            assert self.commands[body.command_id].state.value == body.outcome.value

    def _one_row_each(self, connection: Connection, kind: str, table: Table) -> None:
        query = select(table.c.command_id).where(table.c.command_id.is_not(None))
        assert Counter(connection.scalars(query)) == Counter(one.id for one in self._of(kind, CONFIRMED))

    def _staff_changed_once(self, connection: Connection) -> None:
        """A person's version counts the changes; whoever was taken on is there."""
        changed = Counter(
            one.body.staff  # type: ignore[union-attr]
            for kind in ("add_staff", "change_role", "set_active")
            for one in self._of(kind, CONFIRMED)
        )
        hired = select(schema.staff.c.id, schema.staff.c.version).where(schema.staff.c.command_id.is_not(None))
        assert {row.id: row.version for row in connection.execute(hired)} == dict(changed)

    def _logins_are_as_last_said(self, connection: Connection) -> None:
        """Every login that was made is there once, and works unless it was dropped."""
        made = [one.body for kind in ("add_staff", "make_login") for one in self._of(kind, CONFIRMED)]
        dropped = {one.body.login for one in self._of("drop_login", CONFIRMED)}  # type: ignore[union-attr]
        expected = [(body.login, body.login not in dropped) for body in made if body.login]  # type: ignore[union-attr]
        logins = schema.staff_logins.c
        query = select(logins.login, logins.active).where(logins.command_id.is_not(None))
        assert Counter((row.login, row.active) for row in connection.execute(query)) == Counter(expected)

    def _scopes_are_as_last_said(self, connection: Connection) -> None:
        last: dict[str, tuple[Scope, ...]] = {}
        changes = self._of("add_staff", CONFIRMED) + self._of("set_scopes", CONFIRMED)
        for record in sorted(changes, key=_settled):
            body: Any = record.body
            last[body.staff] = body.scopes
        expected = Counter((person, one.server, one.group) for person, scopes in last.items() for one in scopes)
        scopes = schema.staff_scopes.c
        query = select(scopes.staff, scopes.server, scopes.group_name).where(scopes.command_id.is_not(None))
        assert Counter((row[0], row[1], row[2]) for row in connection.execute(query)) == expected

    def _last_one_holds(self, connection: Connection, kind: str, table: Table, key: str, column: str) -> None:
        erased = {one.client_id for one in self._of("erase_client", CONFIRMED)}
        last: dict[Any, Any] = {}
        for record in sorted(self._of(kind, CONFIRMED), key=_settled):
            last[record.client_id] = getattr(record.body, column)
        rows = connection.execute(select(table.c[key], table.c[column]).where(table.c.command_id.is_not(None)))
        held = {row[0]: row[1] for row in rows}
        for client in erased:
            last.pop(client, None)
            held.pop(client, None)
        assert held == {client: str(value) for client, value in last.items()}

    # -- the audit log ------------------------------------------------------------------------------------------

    def audit_chain_is_whole(self) -> None:
        """Every entry is sealed; the export, its seals and the checkpoints kept elsewhere verify."""
        file, key = io.BytesIO(), public_key(self.firm.seal_key)
        with reading(self.firm.engine) as connection:
            count = connection.scalar(select(func.count()).select_from(schema.audit))
            written = export_everything(connection, file, 1)
        file.seek(0)
        report = verify(file, (key,), checkpoints.read_file(self.firm.checkpoints, (key,)))
        assert report.problems == []
        assert written.entries == report.entries == count
        assert report.seals == report.checkpoints

    def _of(self, kind: str, *states: CommandState) -> list[CommandRecord]:
        return [one for one in self.commands.values() if one.kind == kind and (not states or one.state in states)]


def rows_of(brokerage: Brokerage, up_to: int | None = None) -> dict[RowSet, list[Any]]:
    """What a server's own books hold, or those of its rows that are not younger than delta `up_to`."""
    taken = SimulatedSource(brokerage, {}).snapshot(tuple(RowSet))
    found: dict[RowSet, list[Any]] = {one: [] for one in RowSet}
    for row_set, rows, versions in taken.chunks:
        found[row_set] += [row for row, age in zip(rows, versions, strict=True) if up_to is None or age <= up_to]
    return found


def _first(row: tuple[int, Any, Any]) -> int:
    return row[0]


def _settled(record: CommandRecord) -> int:
    return record.settled_us or 0
