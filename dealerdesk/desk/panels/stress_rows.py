"""What a stress test found as tables: the worst accounts, the exposure, scenarios side by side, value at risk.

Reads results; computes no shock and holds no widgets."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
import numpy.typing as npt

from dealerdesk.desk.numbers import account as account_name
from dealerdesk.desk.panels.account_rows import BOOK_NAMES, REPORTING, decimals_of
from dealerdesk.desk.table import Coded, Column, ColumnRows, Kind
from dealerdesk.desk.theme import Tone
from dealerdesk.live.scenarios import Kind as Source
from dealerdesk.live.scenarios import Scenario
from dealerdesk.live.stop_outs import OPEN
from dealerdesk.live.stress import Outcome, StressResult
from dealerdesk.live.value_at_risk import Risk, ValueAtRisk

WORST_MAX = 2_000
STOPPED, CALLED, UNKNOWN, OPEN_STILL = range(4)
ENDS = ("stopped out", "margin call", "unknown", "")
END_TONES = (Tone.ALARM, Tone.ATTENTION, Tone.SECONDARY, Tone.NORMAL)
SOURCES = {Source.HAPPENED: "happened", Source.CLASS: "supposed", Source.CURRENCY: "supposed", Source.OWN: "own"}
DIRECTIONS = ("as given", "reversed")

SCENARIO_COLUMNS = (
    Column("name", "Scenario", width=24, frozen=True),
    Column("day", "Day", width=10, priority=2),
    Column("source", "", width=8, priority=3),
)
WORST_COLUMNS = (
    Column("account", "Account", width=10, frozen=True, whole=True, tip="Server and login"),
    Column("client", "Client", width=14, priority=5),
    Column("book", "Book", Kind.BOOK, width=4, priority=2, tip="A passed on, B kept, C partly covered"),
    Column("end", "Ends", width=10, priority=1, tone_key="end_tone"),
    Column("pnl", "P&L", Kind.SIGNED_MONEY, 9, 1, 0, unit=REPORTING, total=True, tip="Of the client by the jump"),
    Column("compensation", "Paid", Kind.MONEY, 9, 1, 0, unit=REPORTING, total=True, tip="What the broker compensates"),
    Column("equity", "Equity after", Kind.SIGNED_MONEY, 11, 2, decimals_key="decimals"),
    Column("currency", "Ccy", width=4, priority=2),
    Column("level", "Level", Kind.PERCENT, 6, 2, 0, tip="After all closings; — when no margin is used"),
    Column("closed", "Closed", Kind.INTEGER, 5, 3, total=True, tip="Positions closed by the stop-out"),
    Column("by_order", "SL/TP", Kind.INTEGER, 5, 4, total=True, tip="Positions closed by stop loss or take profit"),
    Column("positions", "Pos", Kind.INTEGER, 4, 4, tip="Positions before the jump"),
    Column("margin", "Margin after", Kind.MONEY, 11, 5, decimals_key="decimals"),
    Column("group", "Group", width=14, priority=6),
)
EXPOSURE_COLUMNS = (
    Column("instrument", "Instrument", width=10, frozen=True),
    Column("company", "Company wins", Kind.SIGNED_MONEY, 9, 1, 0, unit=REPORTING, total=True),
    Column("before", "Exposure", Kind.SIGNED, 9, 1, 1, unit=REPORTING, total=True, compact=True, tip="Own, shocked"),
    Column("after", "After closings", Kind.SIGNED, 9, 1, 1, unit=REPORTING, total=True, compact=True),
    Column("change", "Shock", Kind.SIGNED, 7, 2, 2, unit="%"),
)
COMPARE_COLUMNS = (
    Column("name", "Scenario", width=24, frozen=True),
    Column("direction", "", width=7, priority=1),
    Column("after", "Company", Kind.SIGNED_MONEY, 8, 1, 0, unit=REPORTING, tip="P&L less compensations"),
    Column("stopped", "Out", Kind.INTEGER, 5, 1, tip="Accounts stopped out"),
    Column("negative", "Negative", Kind.INTEGER, 5, 1, tip="Accounts below nought"),
    Column("compensation", "Compensated", Kind.MONEY, 8, 2, 0),
    Column("before", "Before it", Kind.SIGNED_MONEY, 8, 2, 0, tip="The company's P&L before compensations"),
    Column("a", "A", Kind.SIGNED_MONEY, 8, 3, 0),
    Column("b", "B", Kind.SIGNED_MONEY, 8, 3, 0),
    Column("c", "C", Kind.SIGNED_MONEY, 8, 3, 0),
    Column("clients", "Clients", Kind.SIGNED_MONEY, 9, 2, 0),
    Column("called", "Called", Kind.INTEGER, 6, 2),
    Column("orders", "SL/TP", Kind.INTEGER, 6, 3),
    Column("pending", "Pending", Kind.INTEGER, 6, 3),
    Column("exposure", "Own gross after", Kind.NUMBER, 8, 4, 1, compact=True),
)
RISK_COLUMNS = (
    Column("who", "Whose", width=18, frozen=True),
    Column("var95", "VaR 95 %", Kind.MONEY, 9, 1, 0, unit=REPORTING),
    Column("es95", "ES 95 %", Kind.MONEY, 9, 1, 0, tip="Mean of the losses beyond it"),
    Column("var99", "VaR 99 %", Kind.MONEY, 9, 1, 0),
    Column("es99", "ES 99 %", Kind.MONEY, 9, 1, 0),
    Column("gross", "Gross exposure", Kind.NUMBER, 9, 2, 1, compact=True),
)


def scenario_rows(scenarios: Sequence[Scenario]) -> ColumnRows:
    """The scenarios to choose from; a key is a name."""
    return ColumnRows(
        {
            "name": [scenario.name for scenario in scenarios],
            "day": [scenario.day for scenario in scenarios],
            "source": [SOURCES[scenario.kind] for scenario in scenarios],
        },
        [scenario.name for scenario in scenarios],
    )


def worst_rows(result: StressResult, outcome: Outcome, is_old: bool) -> ColumnRows:
    """Accounts that are stopped out, called, negative or unknown, then those that lose most; at most WORST_MAX.

    A key is (server, login), so that a row still means its account when the book has gone on."""
    book, accounts = result.book, result.book.accounts
    slots = worst_slots(outcome, book.known)
    columns: dict[str, npt.NDArray[np.generic] | Sequence[str] | Coded] = {
        "account": [account_name(accounts.server_name[slot], int(accounts.login[slot])) for slot in slots.tolist()],
        "client": [accounts.name[slot] for slot in slots.tolist()],
        "book": Coded(accounts.book[slots], BOOK_NAMES),
        "group": [accounts.group_name[slot] for slot in slots.tolist()],
        "currency": [accounts.currency_code[slot] for slot in slots.tolist()],
        **_figures(result, outcome, slots),
    }
    keys: list[Hashable] = [(accounts.server_name[slot], int(accounts.login[slot])) for slot in slots.tolist()]
    return ColumnRows(columns, keys, stale=np.full(len(slots), is_old))


def worst_slots(outcome: Outcome, known: npt.NDArray[np.bool_]) -> npt.NDArray[np.intp]:
    """The accounts in question, the greatest compensation first, then the greatest loss."""
    loss = np.nan_to_num(-outcome.pnl * outcome.rate)
    paid = np.nan_to_num(outcome.compensation * outcome.rate)
    touched = outcome.stopped | outcome.called | outcome.unknown | (outcome.negative > 0) | (loss > 0)
    slots = np.flatnonzero(touched & known)
    return slots[np.lexsort((-loss[slots], -paid[slots]))][:WORST_MAX]


def _figures(
    result: StressResult, outcome: Outcome, slots: npt.NDArray[np.intp]
) -> dict[str, npt.NDArray[np.generic] | Coded]:
    book, accounts = result.book, result.book.accounts
    count = accounts.count
    closed = np.bincount(book.account, weights=outcome.closed > OPEN, minlength=count).astype(np.int64)
    by_order = np.bincount(book.account, weights=outcome.closed < OPEN, minlength=count).astype(np.int64)
    ends = np.full(count, OPEN_STILL)
    ends[outcome.unknown], ends[outcome.called], ends[outcome.stopped] = UNKNOWN, CALLED, STOPPED
    with np.errstate(divide="ignore", invalid="ignore"):
        level = outcome.equity / outcome.margin * 100
    level[~(outcome.margin > 0)] = np.nan
    unknown = outcome.unknown[slots]
    return {
        "end": Coded(ends[slots], ENDS),
        "end_tone": np.array(END_TONES, np.int8)[ends[slots]],
        "pnl": (outcome.pnl * outcome.rate)[slots],
        "compensation": np.where(unknown, np.nan, (outcome.compensation * outcome.rate)[slots]),
        "equity": outcome.equity[slots],
        "level": level[slots],
        "margin": outcome.margin[slots],
        "closed": closed[slots],
        "by_order": by_order[slots],
        "positions": accounts.positions[slots].astype(np.int64),
        "decimals": decimals_of(accounts.unit[slots]),
    }


def exposure_rows(result: StressResult, outcome: Outcome, is_old: bool) -> ColumnRows:
    """The broker's own exposure by instrument, before and after the closings, the largest first; a key is its name."""
    symbols, before = result.book.symbols, result.book.prices.mid
    held = np.flatnonzero((outcome.exposure_before != 0) | (outcome.company != 0))
    names = list(dict.fromkeys(symbols.instrument_name[slot] for slot in held.tolist()))
    place = {name: row for row, name in enumerate(names)}
    rows = np.array([place[symbols.instrument_name[slot]] for slot in held.tolist()], np.intp)
    figures = {
        name: np.bincount(rows, weights=values[held], minlength=len(names)).astype(np.float64)
        for name, values in (
            ("before", outcome.exposure_before),
            ("after", outcome.exposure_after),
            ("company", outcome.company),
        )
    }
    figures["change"] = np.full(len(names), np.nan)
    figures["change"][rows] = (outcome.prices.mid[held] / before[held] - 1) * 100
    order = np.argsort(-np.abs(np.nan_to_num(figures["before"])), kind="stable")
    names = [names[row] for row in order.tolist()]
    columns: dict[str, npt.NDArray[np.generic] | Sequence[str]] = {name: each[order] for name, each in figures.items()}
    columns["instrument"] = names
    return ColumnRows(columns, list(names), stale=np.full(len(names), is_old))


def compare_rows(results: Sequence[tuple[Scenario, StressResult]], is_old: bool) -> ColumnRows:
    """Two rows a scenario, one each direction, all of the same moment; a key is (name, direction)."""
    lines = [
        (scenario.name, direction, outcome)
        for scenario, result in results
        for direction, outcome in zip(DIRECTIONS, (result.given, result.reversed), strict=True)
    ]
    outcomes = [outcome for _, _, outcome in lines]

    def figures(read: Sequence[float]) -> npt.NDArray[np.float64]:
        return np.array(read, np.float64)

    columns: dict[str, npt.NDArray[np.generic] | Sequence[str]] = {
        "name": [name for name, _, _ in lines],
        "direction": [direction for _, direction, _ in lines],
        "before": figures([float(each.books.company_before.sum()) for each in outcomes]),
        "after": figures([float(each.books.company_after.sum()) for each in outcomes]),
        "clients": figures([float(each.books.clients.sum()) for each in outcomes]),
        "compensation": figures([float(each.books.compensation.sum()) for each in outcomes]),
        "exposure": figures([float(np.nansum(np.abs(each.exposure_after))) for each in outcomes]),
        "called": np.array([int(each.called.sum()) for each in outcomes], np.int64),
        "stopped": np.array([int(each.stopped.sum()) for each in outcomes], np.int64),
        "negative": np.array([int((each.negative > 0).sum()) for each in outcomes], np.int64),
        "orders": np.array([each.closed_by_order for each in outcomes], np.int64),
        "pending": np.array([int(each.triggered.pending.sum()) for each in outcomes], np.int64),
    }
    for number, key in enumerate("abc"):
        columns[key] = figures([float(each.books.company_after[number]) for each in outcomes])
    return ColumnRows(columns, [line[:2] for line in lines], stale=np.full(len(lines), is_old))


def risk_rows(found: ValueAtRisk, names: Sequence[str]) -> ColumnRows:
    """The broker's books, then the clients at most risk; `names` are the clients' in their order."""
    rows: list[tuple[Hashable, str, Risk, float]] = [("all", "All books, kept", found.total, np.nan)]
    rows += [(name, f"Book {name}, kept", risk, np.nan) for name, risk in zip(BOOK_NAMES, found.books, strict=True)]
    rows += [
        (client.client_id, name, client.risk, client.gross) for client, name in zip(found.clients, names, strict=True)
    ]
    columns: dict[str, npt.NDArray[np.generic] | Sequence[str]] = {
        "who": [who for _, who, _, _ in rows],
        "gross": np.array([gross for *_, gross in rows]),
    }
    for place, level in enumerate(("95", "99")):
        columns[f"var{level}"] = np.array([risk.var[place] for _, _, risk, _ in rows])
        columns[f"es{level}"] = np.array([risk.shortfall[place] for _, _, risk, _ in rows])
    return ColumnRows(columns, [key for key, *_ in rows])
