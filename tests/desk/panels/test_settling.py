"""A command whose end nobody knows, settled at the screen over a real database: asked by one, decided by another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from sqlalchemy import insert

from dealerdesk.bridges.protocol import Ack, SetBook, Stage
from dealerdesk.commands import dispatch, effects, inbox_queries, queries, requests
from dealerdesk.commands.bodies import Outcome, SettleUnknown
from dealerdesk.commands.inbox_queries import Evidence, Inbox
from dealerdesk.commands.records import CommandRecord, CommandState
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.inbox import InboxWatch
from dealerdesk.desk.panels.approvals import ApprovalsPanel
from dealerdesk.store.schema import accounts, routing
from dealerdesk.trading import Book

from .office_library import OfficeLibrary
from .small_broker import NOW_US

ACCOUNT = {"client_id": 1, "group_name": "g", "currency": "USD", "leverage": 1, "balance": 0, "credit": 0}
REST = {"opened_us": 0, "enabled": True, "introducer": "", "session_start_equity": 0}
SESSION = {"session_deposits": 0, "session_realised": 0}
PLACE = {"server": "MT5", "login": 101, "epoch": "e1", "sequence": 1}


class SettlingOffice(OfficeLibrary):
    """The inbox and the evidence of a real database too."""

    async def inbox(self) -> Inbox:
        return await self.read(inbox_queries.inbox, self.who, self.now_us)  # type: ignore[no-any-return]

    async def evidence(self, record: CommandRecord, client_id: int | None = None) -> Evidence:
        return await self.read(inbox_queries.evidence, record, client_id)  # type: ignore[no-any-return]

    async def approve(self, record: CommandRecord, comment: str = "") -> CommandRecord:

        with requests.audited(self.engine) as connection:
            return requests.approve(
                connection,
                who=self.who,
                command_id=record.id,
                payload_hash=record.payload_hash,
                now_us=self.now_us,
                comment=comment,
            )

    def lose(self, command_id: str) -> None:
        """The command is sent, and the bridge says that it does not know what became of it."""

        def lost(connection: Any) -> None:
            dispatch.mark_dispatched(connection, command_id, "e1", self.now_us)
            dispatch.note_ack(connection, Ack(id=command_id, stage=Stage.UNKNOWN, time_us=1), self.now_us)

        self.do(lost)


@pytest.fixture
def office(tmp_path: Path) -> Iterator[SettlingOffice]:
    made = SettlingOffice(tmp_path, "dana")
    made.do(lambda connection: connection.execute(insert(accounts), [PLACE | ACCOUNT | REST | SESSION]))
    made.do(
        lambda connection: connection.execute(
            insert(routing),
            [PLACE | {"book": "B", "covered_percent": 0, "changed_us": 0, "command_id": ""}],
        )
    )
    made.ask("dana", "MT5", SetBook(login=101, book=Book.A, covered_percent=100), "too large", "dd-command-1")
    made.lose("dd-command-1")
    yield made
    made.engine.dispose()


def opened(qtbot: QtBot, desk: Desk, office: SettlingOffice, who: str, role: str) -> ApprovalsPanel:
    office.who = who
    watch = InboxWatch(office, desk.clock, desk.run)  # type: ignore[arg-type]
    watch.reload()
    panel = ApprovalsPanel(replace(desk, library=office, inbox=watch, who=who, role=role))  # type: ignore[arg-type]
    qtbot.addWidget(panel)
    panel.resize(1300, 600)
    panel.show()
    panel.activateWindow()
    qtbot.waitUntil(panel.isActiveWindow)
    panel.refocus()
    panel.beat(desk.frame())
    return panel


def test_who_looked_asks_a_supervisor_decides_and_it_is_settled(
    qtbot: QtBot, desk: Desk, office: SettlingOffice
) -> None:
    panel = opened(qtbot, desk, office, "dana", "head_dealer")
    qtbot.keyClick(panel, Qt.Key.Key_3)
    panel.table.select_key("dd-command-1")
    assert "Sent, and no answer came. Look for dd-command-1" in panel.page.text()
    qtbot.keyClick(panel.table, Qt.Key.Key_S)
    form = panel.middle.settle
    assert form.isVisible()
    form.outcomes[Outcome.CONFIRMED].setChecked(True)
    qtbot.keyClicks(form.line, "ticket 77 stands there")
    qtbot.keyClick(form.line, Qt.Key.Key_Return)
    assert not form.isVisible(), form.answer.text()
    [asked] = [each for each in office.do(queries.open_commands) if isinstance(each.body, SettleUnknown)]
    assert asked.body.evidence == "ticket 77 stands there"
    panel.close()

    panel = opened(qtbot, desk, office, "carol", "supervisor")
    assert panel.table.current_key() == asked.id
    qtbot.keyClick(panel.table, Qt.Key.Key_A)
    qtbot.keyClick(panel.middle.strip.words, Qt.Key.Key_Return)
    settled = office.do(lambda connection: effects.execute(connection, asked.id, NOW_US))

    assert settled is not None
    assert settled.state is CommandState.CONFIRMED, settled.result
    lost = office.do(lambda connection: queries.command(connection, "dd-command-1"))
    assert lost.state is CommandState.CONFIRMED
