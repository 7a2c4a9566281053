"""A stress test in one row of large figures, and in a line of words. Computes nothing."""

from __future__ import annotations

import numpy as np

from dealerdesk.desk.numbers import clock_time, compact, counted, integer
from dealerdesk.desk.theme import Tone
from dealerdesk.desk.tiles import Tile
from dealerdesk.live.stress import Outcome, StressResult
from dealerdesk.live.tables import BOOKS
from dealerdesk.live.triggers import by_kind

TITLES = ("Company", *(f"Book {name}" for name in BOOKS), "Stopped out", "Negative", "Triggered")
NOTHING = tuple(Tile(title) for title in TITLES)
TILE_PX_MIN = 92
MOST_WANTED = ("Company", "Stopped out", "Negative", "Triggered")


def tiles(result: StressResult, outcome: Outcome, is_old: bool) -> tuple[Tile, ...]:
    """The tiles of one direction; grey when the market has gone on."""
    books = outcome.books
    found = (
        _money("Company", float(books.company_after.sum()), float(books.company_before.sum()), result.currency),
        *(
            _money(f"Book {name}", float(books.company_after[n]), float(books.company_before[n]), result.currency)
            for n, name in enumerate(BOOKS)
        ),
        _stopped(result, outcome),
        _negative(result, outcome),
        _triggered(result, outcome),
    )
    if not is_old:
        return found
    return tuple(Tile(tile.title, tile.figure, tile.detail, Tone.STALE, tile.brief) for tile in found)


def that_fit(found: tuple[Tile, ...], width_px: int) -> tuple[Tile, ...]:
    """All of them, or in a narrow panel those without which it says nothing."""
    if len(found) * TILE_PX_MIN <= width_px:
        return found
    return tuple(tile for tile in found if tile.title in MOST_WANTED)


def moment_words(result: StressResult, now_us: int, is_old: bool) -> str:
    """Which moment it is of, and how old."""
    unknown = int(result.given.unknown.sum())
    left_out = f"{counted(unknown, 'accounts')} without figures · " if unknown else ""
    at = f"as of {clock_time(result.book.time_us)} UTC"
    if not is_old:
        return f"{left_out}{at}"
    return f"{left_out}{at}, {(now_us - result.book.time_us) // 1_000_000} s ago · R runs again"


def _money(title: str, after: float, before: float, currency: str) -> Tile:
    tone = Tone.POSITIVE if after > 0 else Tone.NEGATIVE if after < 0 else Tone.NORMAL
    same = abs(after - before) < 0.5
    detail = f"{currency} · nothing compensated" if same else f"{currency} · {compact(before)} before compensation"
    return Tile(title, compact(after), detail, tone, currency if same else f"was {compact(before)}")


def _stopped(result: StressResult, outcome: Outcome) -> Tile:
    count, called = int(outcome.stopped.sum()), int(outcome.called.sum())
    closed = counted(outcome.closed_by_stop_out, "positions")
    already = f" · {integer(result.below_now)} below it already" if result.below_now else ""
    detail = f"{closed} · {integer(called)} called, now {integer(result.called_now)}{already}"
    return Tile(
        "Stopped out", integer(count), detail, Tone.ALARM if count else Tone.NORMAL, f"{integer(called)} called"
    )


def _negative(result: StressResult, outcome: Outcome) -> Tile:
    count, books = int(np.count_nonzero(outcome.negative > 0)), outcome.books
    amount = compact(float(books.negative.sum()), with_sign=False)
    paid = compact(float(books.compensation.sum()), with_sign=False)
    detail = f"{amount} {result.currency} below nought · {paid} compensated"
    return Tile("Negative", integer(count), detail, Tone.ALARM if count else Tone.NORMAL, f"paid {paid}")


def _triggered(result: StressResult, outcome: Outcome) -> Tile:
    found = outcome.triggered
    stops, takes = int(found.stop_loss.sum()), int(found.take_profit.sum())
    pending = by_kind(result.book, found)
    whole = sum(pending.values())
    kinds = ", ".join(f"{integer(count)} {kind.replace('_', ' ')}" for kind, count in pending.items() if count)
    detail = f"{integer(stops)} SL, {integer(takes)} TP, {kinds or 'no pending'}"
    return Tile("Triggered", integer(stops + takes + whole), detail, brief=f"{integer(whole)} pending")
