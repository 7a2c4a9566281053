"""How much and what clients trade: popularity of symbols, favourites of accounts, volumes. Draws, books nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dealerdesk.bridges.simulator.people import Profile, chance
from dealerdesk.bridges.simulator.pricing import lots
from dealerdesk.bridges.simulator.state import ServerState

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

FAVOURITES = 3
FAVOURITE_SHARE = 0.75
POPULARITY_POWER = 0.9
NOTIONAL_MEDIAN_USD = {
    Profile.CASUAL: 4_000,
    Profile.SWING: 12_000,
    Profile.SCALPER: 40_000,
    Profile.NEWS_TRADER: 30_000,
    Profile.MARTINGALE: 5_000,
    Profile.LATENCY_ARBITRAGE: 100_000,
    Profile.BONUS_PAIR: 60_000,
}
NOTIONAL_SPREAD = 1.0
WEALTH_SPREAD = 0.8
_WEALTH, _FAVOURITE, _OPINION = 200, 210, 220


class Sizing:
    """Tastes of a server's accounts; each follows from (seed, account), so nothing of it needs to be kept.

    `tradable` are the symbols whose profit currency converts into every deposit currency.
    """

    def __init__(self, state: ServerState, seed: int) -> None:
        self._state = state
        self._seed = seed
        prices = state.prices
        usd = prices.rates_to_targets()[:, state.currencies.index("USD")]
        self._usd_rate: Floats = usd[prices.profit_currency]
        self.tradable: NDArray[np.bool_] = np.isfinite(self._usd_rate)
        ranks = np.arange(len(state.symbols)) + 2.0
        popularity = np.where(self.tradable, ranks**-POPULARITY_POWER, 0.0)
        self._cumulated: Floats = np.cumsum(popularity) / popularity.sum()
        self._steps: Int64s = np.array([state.dialect.volume_step(s) for s in state.symbols], np.int64)
        self._least: Int64s = np.array([s.volume_min for s in state.symbols], np.int64)
        self._most: Int64s = np.array([s.volume_max for s in state.symbols], np.int64)
        self._medians = np.array([NOTIONAL_MEDIAN_USD[each] for each in Profile], np.float64)

    def symbols(self, accounts: Int64s, generator: np.random.Generator) -> Int64s:
        """A symbol for each of `accounts`: mostly one of its few favourites, else by popularity."""
        draws = generator.random((3, len(accounts)))
        place = (draws[0] * FAVOURITES).astype(np.int64)
        favourite = chance(self._seed, accounts * FAVOURITES + place, _FAVOURITE)
        return self._by_popularity(np.where(draws[1] < FAVOURITE_SHARE, favourite, draws[2]))

    def buys(self, accounts: Int64s, symbols: Int64s, generator: np.random.Generator) -> NDArray[np.bool_]:
        """Whether each order is a buy: an account mostly keeps its opinion of a symbol."""
        opinion = chance(self._seed, accounts * 1_024 + symbols, _OPINION) < 0.56
        return np.where(generator.random(len(accounts)) < 0.85, opinion, ~opinion)

    def volumes(self, accounts: Int64s, symbols: Int64s, generator: np.random.Generator) -> Int64s:
        """A volume for each order that the symbol and the platform allow, by the account's wealth and habits."""
        profile = self._state.accounts.profile[accounts]
        wealth = np.exp(WEALTH_SPREAD * _normal(chance(self._seed, accounts, _WEALTH)))
        spread = np.exp(NOTIONAL_SPREAD * generator.standard_normal(len(accounts)))
        notional = self._medians[profile] * wealth * spread
        wanted = notional / self.lot_usd(symbols)
        return self.fitted(symbols, wanted)

    def fitted(self, symbols: Int64s, wanted_lots: Floats) -> Int64s:
        """Volumes in 1e-8 lot, cut to steps and kept between the symbols' least and most."""
        steps = self._steps[symbols]
        least = -(-self._least[symbols] // steps) * steps
        cut = np.minimum(wanted_lots * 1e8, 1e15).astype(np.int64) // steps * steps
        volumes: Int64s = np.clip(cut, least, self._most[symbols] // steps * steps)
        return volumes

    def lot_usd(self, symbols: Int64s) -> Floats:
        """What a lot is worth in USD at present prices."""
        prices = self._state.prices
        value = prices.mid() / prices.size * prices.point_value
        worth: Floats = value[symbols] * self._usd_rate[symbols]
        return worth

    def notional_usd(self, symbol: int, volume: int) -> float:
        """What `volume` of a symbol is worth in USD."""
        return float(self.lot_usd(np.array([symbol]))[0] * lots(np.array([volume]))[0])

    def _by_popularity(self, draws: Floats) -> Int64s:
        return np.searchsorted(self._cumulated, draws, side="right").clip(0, len(self._cumulated) - 1)


def _normal(uniform: Floats) -> Floats:
    """Standard normal numbers out of uniform ones (logistic approximation, tails a little heavier)."""
    kept = np.clip(uniform, 1e-6, 1 - 1e-6)
    return np.asarray(np.log(kept / (1 - kept)) / 1.702, np.float64)
