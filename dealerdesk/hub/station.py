"""Keeps the hub connected to one bridge: its stream goes to the recorder, its answers to the dispatcher.

Leaves the bridge when the recorder asks for it, and joins it again when the recorder is ready; the rest of reconnecting
is the bridge client's own business.
"""

# ruff: noqa: ARG002 - a listener's methods say which bridge spoke; a station hears one only

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from dealerdesk.bridges.client import BridgeClient
from dealerdesk.bridges.holdings import Held
from dealerdesk.bridges.listener import ConnectionState, ConnectionStatus, Listener
from dealerdesk.bridges.protocol import (
    Ack,
    Command,
    Delta,
    Error,
    ResumePoint,
    SnapshotBegin,
    SnapshotChunk,
    SnapshotEnd,
)
from dealerdesk.clock import Clock
from dealerdesk.config import Credentials, Endpoint
from dealerdesk.hub.dispatcher import Dispatcher
from dealerdesk.hub.recorder import Recorder
from dealerdesk.store.recording import RECORDED_SETS


class Station(Listener):
    """One bridge's place in the hub. `state` is the connection's, `started` is set when the bridge is first tried.

    `until_sure` is awaited before a command goes out: a hub that may have been replaced sends nothing, and what it
    sends all the same is refused by the bridge, which is told the hub's `term`.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        credentials: Credentials,
        recorder: Recorder,
        dispatcher: Dispatcher,
        clock: Clock,
        until_sure: Callable[[], Awaitable[None]] | None = None,
        term: int = 0,
    ) -> None:
        self.server = endpoint.server
        self.recorder = recorder
        self.state = ConnectionState.CONNECTING
        self.started = asyncio.Event()
        self._endpoint = endpoint
        self._credentials = credentials
        self._dispatcher = dispatcher
        self._clock = clock
        self._until_sure = until_sure
        self._term = term
        self._client: BridgeClient | None = None
        self._log = structlog.get_logger().bind(part="station", server=self.server)

    async def run(self) -> None:
        """Joins the bridge again and again until cancelled."""
        while True:
            await self.recorder.make_ready()
            self._client = BridgeClient(
                self._endpoint,
                self._credentials,
                RECORDED_SETS,
                self,
                quotes=False,
                clock=self._clock,
                term=self._term,
            )
            self.started.set()
            try:
                await self._until_hang_up(self._client)
            finally:
                self.state = ConnectionState.DEAD
                self._is_live(False)
            self._log.warning("left the bridge until the database has caught up", waiting=self.recorder.waiting)

    # -- what the dispatcher sends ------------------------------------------------------------------------------

    async def send(self, command: Command) -> None:
        """Hands a command to the bridge, while this hub is surely the one at work."""
        if self._until_sure is not None:
            await self._until_sure()
        if self._client is None:
            raise ConnectionError(f"{self.server}: not connected")
        await self._client.send(command)

    async def query(self, command_id: str) -> None:
        """Asks the bridge what became of a command."""
        if self._client is None:
            raise ConnectionError(f"{self.server}: not connected")
        await self._client.query(command_id)

    async def _until_hang_up(self, client: BridgeClient) -> None:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(client.run())
            await self.recorder.hang_up.wait()
            running.cancel()

    # -- what the bridge sends ----------------------------------------------------------------------------------

    def resume_point(self, server: str) -> ResumePoint | None:
        """Where the recorder stands."""
        return self.recorder.resume_point(server)

    def held(self, server: str) -> list[Held]:
        """What the recorder's tables hold there."""
        return self.recorder.held(server)

    def snapshot_begin(self, server: str, message: SnapshotBegin) -> None:
        """For the recorder."""
        self.recorder.snapshot_begin(server, message)

    def snapshot_chunk(self, server: str, message: SnapshotChunk) -> None:
        """For the recorder."""
        self.recorder.snapshot_chunk(server, message)

    def snapshot_end(self, server: str, message: SnapshotEnd) -> None:
        """For the recorder."""
        self.recorder.snapshot_end(server, message)

    def deltas(self, server: str, epoch: str, items: list[Delta]) -> None:
        """For the recorder."""
        self.recorder.deltas(server, epoch, items)

    def ack(self, server: str, ack: Ack) -> None:
        """For the dispatcher."""
        self._dispatcher.answer(server, ack)

    def error(self, server: str, error: Error) -> None:
        """A refusal of a command is for the dispatcher; any other is only worth a line."""
        if error.id:
            self._dispatcher.answer(server, error)
        self._log.warning("the bridge refused", code=error.code.value, text=error.text, command=error.id)

    def status(self, server: str, status: ConnectionStatus) -> None:
        """Commands flow while the connection is live."""
        changed = status.state is not self.state
        self.state = status.state
        if not changed:
            return
        self._log.info("connection", state=status.state.value, error=status.last_error)
        self._is_live(status.state is ConnectionState.LIVE)

    def _is_live(self, live: bool) -> None:
        if live and self._client is not None:
            self._dispatcher.connected(self.server, self, self._client.status.epoch)
        else:
            self._dispatcher.disconnected(self.server)
