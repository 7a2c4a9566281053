"""What a bridge's server asks of the adapter of one platform. Types only; the adapters are in their own packages."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dealerdesk.bridges.protocol import Ack, Command, Digest, Row, RowSet

Report = Callable[[Ack], None]
"""Says how far a command has come. The answer is on disk when it returns."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The state as of the last published delta.

    `rows` counts what will come of each set; `chunks` yields (set, rows, versions), best 500 rows at a time, and is
    consumed over many turns of the loop, so it must go on describing `as_of` while the platform moves on.
    """

    as_of: int
    rows: dict[RowSet, int]
    chunks: Iterator[tuple[RowSet, Sequence[Row], Sequence[int]]]
    digests: dict[RowSet, Digest]


class BridgeSource(Protocol):
    """A platform's adapter. All methods are called in the server's loop and return at once."""

    def time_us(self) -> int:
        """The platform's present moment in µs UTC."""
        ...

    def snapshot(self, sets: Collection[RowSet]) -> Snapshot:
        """These sets as of the last delta given to `BridgeServer.publish`."""
        ...

    def digests(self) -> dict[RowSet, Digest]:
        """All sets' digests as of the last delta given to `BridgeServer.publish`."""
        ...

    def mark(self) -> int:
        """The mark under which a command that arrives now is logged, such as the number of the next step."""
        ...

    def execute(self, command: Command, at: int, report: Report) -> None:
        """Begins the work and returns at once; `report` is called once or more, the last time with a final stage.

        `at` is what `mark` has just returned; nothing else ran in between. SENT must be reported before the platform
        is called: a crash in between then reads as «unknown», never as «not sent».
        """
        ...
