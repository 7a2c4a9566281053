"""Value at risk and expected shortfall by historical simulation: what the book of now would have made of the past.

The past are recorded returns over the horizon, one after the other and not overlapping; the book is revalued linearly,
exposure × return, by instrument. With too few of them there is no figure, only how many there are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from dealerdesk.live.frozen_book import Floats, FrozenBook
from dealerdesk.live.tables import BOOKS

LEVELS = (0.95, 0.99)
TAIL_MIN = 5
"""So many observations must lie in the tail for its edge and its mean to say something."""
CLIENTS_LOOKED_AT = 500


@dataclass(frozen=True, slots=True)
class PriceHistory:
    """Middles at moments `step_us` apart, oldest first; nan where nothing was recorded. One array an instrument."""

    step_us: int
    moments_us: NDArray[np.int64]
    prices: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Returns:
    """`matrix[observation, instrument]`, as fractions; `left_out` are instruments without a whole history."""

    instruments: tuple[str, ...]
    matrix: Floats
    left_out: tuple[str, ...]
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True)
class Risk:
    """Losses as positive figures, in the reporting currency, by LEVELS; nan where there are too few observations."""

    var: tuple[float, ...]
    shortfall: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class ClientRisk:
    """What a client may lose, on their own side and in full."""

    client_id: int
    gross: float
    risk: Risk


@dataclass(frozen=True, slots=True)
class ValueAtRisk:
    """Of the broker's kept book, all together and by book in the order of BOOKS, and of the clients at most risk.

    `left_out_share` is the share of the kept gross exposure whose instruments have no whole history."""

    currency: str
    step_us: int
    observations: int
    from_us: int
    until_us: int
    total: Risk
    books: tuple[Risk, ...]
    clients: tuple[ClientRisk, ...]
    left_out: tuple[str, ...]
    left_out_share: float


def needed(level: float) -> int:
    """Observations without which a level is not computed: 100 for 95 %, 500 for 99 %."""
    return ceil(TAIL_MIN / (1.0 - level) - 1e-9)


def returns_of(history: PriceHistory) -> Returns:
    """Returns between the moments at which anything was recorded; a price not recorded then stays the last one.

    An instrument that begins later than the others, or whose price was ever nought or less, is left out."""
    names = sorted(history.prices)
    columns = [history.prices[name] for name in names]
    prices = np.stack(columns, axis=1) if columns else np.zeros((len(history.moments_us), 0))
    some = ~np.isnan(prices).all(axis=1)
    prices, moments = _filled(prices[some]), history.moments_us[some]
    whole = [len(prices) > 0 and bool((prices[:, place] > 0).all()) for place in range(len(names))]
    kept = prices[:, np.array(whole, np.bool_)]
    matrix = kept[1:] / kept[:-1] - 1.0
    return Returns(
        tuple(name for name, is_whole in zip(names, whole, strict=True) if is_whole),
        matrix,
        tuple(name for name, is_whole in zip(names, whole, strict=True) if not is_whole),
        int(moments[0]) if len(moments) else 0,
        int(moments[-1]) if len(moments) else 0,
    )


def value_at_risk(book: FrozenBook, history: PriceHistory, currency: str = "USD", clients_max: int = 50) -> ValueAtRisk:
    """The risk over the history's step."""
    past = returns_of(history)
    exposure, gross = _kept_exposure(book, past, currency)
    outcomes = past.matrix @ exposure
    lacking, share = _lacking(book, past, gross)
    return ValueAtRisk(
        currency,
        history.step_us,
        len(past.matrix),
        past.from_us,
        past.until_us,
        _risk(outcomes.sum(axis=1)),
        tuple(_risk(outcomes[:, number]) for number in range(len(BOOKS))),
        _clients(book, past, currency, clients_max),
        lacking,
        share,
    )


def risk_at(outcomes: Floats, level: float) -> tuple[float, float]:
    """(value at risk, expected shortfall) of outcomes, gains positive: the k-th worst loss and the mean of the k worst,
    k = ⌈n × (1 − level)⌉. nan with fewer than `needed` outcomes."""
    if len(outcomes) < needed(level) or np.isnan(outcomes).any():
        return float("nan"), float("nan")
    k = max(1, ceil(len(outcomes) * (1.0 - level) - 1e-9))
    worst = np.sort(-outcomes)[-k:]
    return float(worst[0]), float(worst.mean())


def _risk(outcomes: Floats) -> Risk:
    found = [risk_at(outcomes, level) for level in LEVELS]
    return Risk(tuple(var for var, _ in found), tuple(shortfall for _, shortfall in found))


def _filled(prices: Floats) -> Floats:
    """Each nan becomes the last price before it; before the first there is none."""
    row = np.where(np.isnan(prices), 0, np.arange(len(prices))[:, np.newaxis])
    np.maximum.accumulate(row, axis=0, out=row)
    filled: Floats = np.take_along_axis(prices, row, axis=0)
    return filled


def _places(book: FrozenBook, past: Returns, notional: Floats) -> NDArray[np.int64]:
    """For each symbol the column of its instrument, −1 for one without a history or without a price now."""
    column = {name: place for place, name in enumerate(past.instruments)}
    found = np.array([column.get(name, -1) for name in book.symbols.instrument_name], np.int64)
    found[np.isnan(notional)] = -1
    return found


def _kept_exposure(book: FrozenBook, past: Returns, currency: str) -> tuple[Floats, Floats]:
    """The broker's net exposure [instrument × book], and its size by symbol, in the reporting currency."""
    notional = book.lot_notional(currency, book.prices)
    symbols, books = book.symbols.count, len(BOOKS)
    number = book.accounts.book[book.account].astype(np.int64)
    lots = np.bincount(
        book.symbol * books + number, weights=-book.lots * book.kept[book.account], minlength=symbols * books
    ).reshape(symbols, books)
    worth = np.where(lots != 0, lots * notional[:, np.newaxis], 0.0)
    exposure, places = np.zeros((len(past.instruments), books)), _places(book, past, notional)
    np.add.at(exposure, places[places >= 0], worth[places >= 0])
    return exposure, np.abs(worth).sum(axis=1)


def _lacking(book: FrozenBook, past: Returns, gross: Floats) -> tuple[tuple[str, ...], float]:
    """Instruments held without a whole history or without a price now, and the share of the kept gross exposure that
    those have whose price is known."""
    lacks = (_places(book, past, gross) < 0) & (gross != 0)
    names = {book.symbols.instrument_name[slot] for slot in np.flatnonzero(lacks).tolist()}
    whole = float(np.nansum(gross))
    return tuple(sorted(names)), float(np.nansum(gross[lacks])) / whole if whole else 0.0


def _clients(book: FrozenBook, past: Returns, currency: str, most: int) -> tuple[ClientRisk, ...]:
    """The clients who may lose most by the first level, most first; only those whose exposure could matter are
    simulated: the first CLIENTS_LOOKED_AT by exposure × the largest return of each instrument."""
    if len(past.matrix) < needed(LEVELS[0]) or not past.instruments:
        return ()
    ids, owner = np.unique(book.accounts.client_id, return_inverse=True)
    notional = book.lot_notional(currency, book.prices)
    places, worth = _places(book, past, notional)[book.symbol], book.lots * notional[book.symbol]
    some = places >= 0
    shape = (len(ids), len(past.instruments))
    exposure = csr_array((worth[some], (owner[book.account[some]], places[some])), shape=shape)
    gross = np.asarray(abs(exposure).sum(axis=1)).reshape(-1)
    bound = np.asarray(abs(exposure) @ np.abs(past.matrix).max(axis=0)).reshape(-1)
    bound[np.isnan(bound)] = 0.0
    chosen = np.argsort(-bound, kind="stable")[:CLIENTS_LOOKED_AT]
    chosen = chosen[bound[chosen] > 0]
    outcomes = exposure[chosen] @ past.matrix.T
    found = [
        ClientRisk(int(ids[row]), float(gross[row]), _risk(outcome))
        for row, outcome in zip(chosen.tolist(), outcomes, strict=True)
    ]
    return tuple(sorted(found, key=_by_first_level)[:most])


def _by_first_level(client: ClientRisk) -> tuple[float, int]:
    return (-client.risk.var[0], client.client_id)
