"""The simulated server as a bridge's server asks for it: snapshots, digests, and commands queued for the next step."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from dealerdesk.bridges.protocol import Ack, Command, Delta, Digest, RowSet, Stage
from dealerdesk.bridges.simulator.brokerage import Brokerage
from dealerdesk.bridges.simulator.market import Ticks
from dealerdesk.bridges.simulator.snapshots import Snapshots
from dealerdesk.bridges.source import Report, Snapshot


class SimulatedSource:
    """A `BridgeSource` over one brokerage. Commands wait for the step under whose number they were logged."""

    def __init__(self, brokerage: Brokerage, pending: dict[int, list[Command]]) -> None:
        self._brokerage = brokerage
        self._snapshots = Snapshots(brokerage.state)
        self._pending = pending

    def time_us(self) -> int:
        """The server's present moment in µs UTC."""
        return self._brokerage.time_us

    def snapshot(self, sets: Collection[RowSet]) -> Snapshot:
        """These sets as of the last step."""
        return self._snapshots.take(sets, self._brokerage.seq)

    def digests(self) -> dict[RowSet, Digest]:
        """All sets' digests as of the last step."""
        return self._snapshots.digests()

    def mark(self) -> int:
        """The number of the next step."""
        return self._brokerage.step_number

    def execute(self, command: Command, at: int, report: Report) -> None:
        """Queues the command for step `at`, which is the next one."""
        report(Ack(id=command.id, stage=Stage.SENT, time_us=self._brokerage.time_us))
        self._pending.setdefault(at, []).append(command)

    def step(self) -> tuple[list[Delta], Ticks, Sequence[Ack]]:
        """One step with the commands that are queued for it; its deltas are in the digests afterwards."""
        commands = self._pending.pop(self._brokerage.step_number, ())
        deltas, ticks = self._brokerage.step(commands)
        self._snapshots.follow(deltas)
        return deltas, ticks, self._brokerage.last_acks
