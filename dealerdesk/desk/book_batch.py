"""Moving many accounts to another book at once: who is moved, who is left out and why, and how far all have come.

One batch a server, since a batch is carried out on one. No widgets, no database.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dealerdesk.commands.records import CommandRecord, CommandState, Member, new_command_id
from dealerdesk.desk import numbers
from dealerdesk.desk.book_change import Standing, body, book_words, is_as_wanted
from dealerdesk.desk.theme import Tone

if TYPE_CHECKING:
    from dealerdesk.trading import Book

NAMED_MAX = 3
WORDS = {
    CommandState.CONFIRMED: "confirmed",
    CommandState.REQUESTED: "wait for approval",
    CommandState.APPROVED: "approved",
    CommandState.DISPATCHED: "sent, not read back yet",
    CommandState.UNKNOWN: "unknown, looking",
    CommandState.REFUSED: "refused",
    CommandState.EXPIRED: "expired",
    CommandState.WITHDRAWN: "withdrawn",
    CommandState.FAILED: "failed",
}


@dataclass(frozen=True, slots=True)
class Move:
    """Who would be moved where, and the sentences about everybody who is left out."""

    book: Book
    covered_percent: int
    moved: tuple[Standing, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """What is asked of one server; its ids stay for asking again."""

    id: str
    server: str
    members: tuple[Member, ...]


def move(
    chosen: Sequence[Standing],
    book: Book,
    covered_percent: int,
    under_way: Collection[tuple[str, int]],
    refusal: Callable[[str], str],
) -> Move:
    """Those chosen accounts that can be moved now. `refusal(server)` is "" or why nothing may be asked of it."""
    moved: list[Standing] = []
    there, busy, shut = 0, [], Counter[str]()
    for one in chosen:
        sentence = refusal(one.server)
        if sentence:
            shut[f"{one.server}: {sentence}"] += 1
        elif is_as_wanted(one, body(one.login, book, covered_percent)):
            there += 1
        elif (one.server, one.login) in under_way:
            busy.append(numbers.account(one.server, one.login))
        else:
            moved.append(one)
    left_out = [f"{numbers.integer(count)} of {sentence}" for sentence, count in shut.items()]
    if there:
        left_out.append(f"{numbers.integer(there)} in {book_words(book, covered_percent)} already")
    if busy:
        left_out.append(f"{numbers.integer(len(busy))} with a command under way ({_named(busy)})")
    return Move(book, covered_percent, tuple(moved), tuple(left_out))


def where_they_are(chosen: Iterable[Standing]) -> str:
    """«now 8 in B · 3 in A»."""
    counts = Counter(book_words(one.book, one.covered_percent) for one in chosen)
    return "now " + " · ".join(f"{numbers.integer(count)} in {book}" for book, count in counts.most_common(NAMED_MAX))


def consequence(wanted: Move) -> str:
    """What would be different afterwards, and who is left out, in a few sentences."""
    to = book_words(wanted.book, wanted.covered_percent)
    sentences = [f"{numbers.counted(len(wanted.moved), 'accounts')} → {to}."]
    positions = sum(one.positions for one in wanted.moved)
    if positions:
        holding = [one for one in wanted.moved if one.positions]
        after_percent = body(0, wanted.book, wanted.covered_percent).covered_percent
        before = -sum(one.net_usd * (100 - one.covered_percent) / 100 for one in holding)
        after = -sum(one.net_usd * (100 - after_percent) / 100 for one in holding)
        sentences.append(
            f"{numbers.counted(positions, 'open positions')}: our uncovered share goes from "
            f"{numbers.compact(before)} to {numbers.compact(after)} USD net."
        )
    if wanted.left_out:
        sentences.append(f"Left out: {'; '.join(wanted.left_out)}.")
    return " ".join(sentences)


def batches(wanted: Move) -> tuple[Batch, ...]:
    """One batch of each server, with ids of its own; each command about the book that the dealer saw."""
    by_server: dict[str, list[Member]] = {}
    for one in wanted.moved:
        asked = body(one.login, wanted.book, wanted.covered_percent)
        member = Member(command_id=new_command_id(), body=asked, expected_version=one.version)
        by_server.setdefault(one.server, []).append(member)
    return tuple(Batch(new_command_id(), server, tuple(members)) for server, members in by_server.items())


def approvals(of_server: Mapping[str, str]) -> str:
    """Who must approve, said once where it is the same on every server."""
    if len(set(of_server.values())) == 1:
        return next(iter(of_server.values()))
    servers: dict[str, list[str]] = {}
    for server, sentence in of_server.items():
        servers.setdefault(sentence, []).append(server)
    return " ".join(f"{', '.join(names)}: {sentence.rstrip('.')}." for sentence, names in servers.items())


def tally(records: Mapping[str, CommandRecord]) -> tuple[str, Tone]:
    """«5 of 12 confirmed · 6 wait for approval · 1 failed», with the look of what needs a look most."""
    counts = Counter(record.state for record in records.values())
    confirmed = counts.pop(CommandState.CONFIRMED, 0)
    others = [f"{numbers.integer(counts[state])} {words}" for state, words in WORDS.items() if counts[state]]
    text = " · ".join((f"{numbers.integer(confirmed)} of {numbers.integer(len(records))} confirmed", *others))
    if counts.keys() & {CommandState.REFUSED, CommandState.EXPIRED, CommandState.FAILED, CommandState.WITHDRAWN}:
        return f"✕ {text}", Tone.ALARM
    if counts[CommandState.UNKNOWN]:
        return f"◌ {text}", Tone.ATTENTION
    if not counts.total():
        return f"● {text}", Tone.RUNNING
    return (f"● {text}", Tone.ATTENTION) if counts[CommandState.REQUESTED] else (f"○ {text}", Tone.SECONDARY)


def _named(accounts: Sequence[str]) -> str:
    more = len(accounts) - NAMED_MAX
    return ", ".join(accounts[:NAMED_MAX]) + (f" and {numbers.integer(more)} more" if more > 0 else "")
