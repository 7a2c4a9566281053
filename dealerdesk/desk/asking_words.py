"""What every strip says of a request: who must approve it, and how far it has come. No widgets, no database."""

from __future__ import annotations

from dealerdesk.commands.records import CommandRecord, CommandState, Need
from dealerdesk.desk import numbers
from dealerdesk.desk.theme import Tone


def approval(needs: tuple[Need, ...]) -> str:
    """Who must approve, in words."""
    if not needs:
        return "No approval needed: it is done at once."
    return "Needs approval: " + "; ".join(
        f"{' or '.join(r.words for r in need.roles)} ({numbers.spoken(need.words)})" for need in needs
    )


def progress(record: CommandRecord) -> tuple[str, Tone]:
    """How far a command has come, in words and with the look of its state."""
    match record.state:
        case CommandState.REQUESTED:
            return "● asked, waits for approval", Tone.ATTENTION
        case CommandState.APPROVED:
            return "○ approved, on its way to the hub", Tone.SECONDARY
        case CommandState.DISPATCHED:
            return "○ sent, not read back yet", Tone.SECONDARY
        case CommandState.CONFIRMED:
            where = record.server or "the database"
            return f"● confirmed {numbers.clock_time(record.settled_us or 0)}: read back from {where}", Tone.RUNNING
        case CommandState.UNKNOWN:
            return f"◌ unknown, looking: {record.result or 'sent, but no answer came'}", Tone.ATTENTION
        case CommandState.REFUSED:
            return f"refused: {record.comment or record.result}", Tone.ALARM
        case CommandState.EXPIRED | CommandState.WITHDRAWN | CommandState.FAILED:
            return f"{record.state.value}: {record.result or record.comment}".rstrip(": "), Tone.ALARM
