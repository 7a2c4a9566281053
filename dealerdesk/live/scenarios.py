"""The catalogue of scenarios as data: gaps that happened, jumps of a class, of a currency, and those people make.

Sizes of what happened are rounded from published prices and say between which: they are a measure of what can come,
not a price record. Nothing is computed here.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from dealerdesk.live.shocks import Shock, Shocks, Target


class Kind(StrEnum):
    """Where a scenario comes from."""

    HAPPENED = "happened"
    CLASS = "class"
    CURRENCY = "currency"
    OWN = "own"


class Scenario(msgspec.Struct, frozen=True):
    """A named shock. `day` is when it happened (ISO), `words` what is measured from where to where."""

    name: str
    kind: Kind
    shocks: Shocks
    day: str = ""
    words: str = ""


NAME_MAX = 60


def _gaps(**percents: float) -> tuple[Shock, ...]:
    return tuple(Shock(Target.INSTRUMENT, name, percent) for name, percent in percents.items())


def _currencies(**percents: float) -> tuple[Shock, ...]:
    return tuple(Shock(Target.CURRENCY, name, percent) for name, percent in percents.items())


def _class(name: str, percent: float) -> Shock:
    return Shock(Target.ASSET_CLASS, name, percent)


HAPPENED = (
    Scenario(
        "CHF floor given up, to the close",
        Kind.HAPPENED,
        Shocks((*_currencies(CHF=21.5), *_gaps(EURCHF=-18.8, USDCHF=-17.7, EURUSD=-1.4)), 20.0),
        "2015-01-15",
        "The SNB gives up its floor of 1.20: EURCHF from 1.201 to 0.975, USDCHF from 1.019 to 0.839 at the day's end; "
        "other franc pairs by the same gain of the franc. Spreads twenty times as wide is our assumption.",
    ),
    Scenario(
        "CHF floor given up, to the low",
        Kind.HAPPENED,
        Shocks((*_currencies(CHF=41.0), *_gaps(EURCHF=-29.0, USDCHF=-28.0, EURUSD=-1.4)), 50.0),
        "2015-01-15",
        "The same minutes at their worst: EURCHF from 1.20 to about 0.85; USDCHF follows from EURUSD. Stop-outs were "
        "filled near here. Spreads fifty times as wide is our assumption.",
    ),
    Scenario(
        "Britain votes to leave",
        Kind.HAPPENED,
        Shocks(
            (
                *_currencies(GBP=-8.1, JPY=3.85),
                *_gaps(US500=-3.6, DE40=-6.8, FRA40=-8.0, UK100=-3.1, JP225=-7.9, XAUUSD=4.7),
            ),
            5.0,
        ),
        "2016-06-24",
        "One day: GBPUSD −8.1 %, USDJPY −3.7 %, S&P 500 −3.6 %, DAX −6.8 %, CAC −8.0 %, FTSE −3.1 %, Nikkei −7.9 %, "
        "gold +4.7 %. Spreads five times as wide is our assumption.",
    ),
    Scenario(
        "Sterling flash crash",
        Kind.HAPPENED,
        Shocks(_currencies(GBP=-9.0), 10.0),
        "2016-10-07",
        "GBPUSD from 1.26 to about 1.15 within minutes of the early Asian morning, about −9 %; most of it was "
        "back before the hour was over. Spreads ten times as wide is our assumption.",
    ),
    Scenario(
        "Yen flash rally",
        Kind.HAPPENED,
        Shocks((*_currencies(JPY=3.5, AUD=-3.8, TRY=-7.0),), 10.0),
        "2019-01-03",
        "Within seven minutes before Tokyo was open: USDJPY from 108.8 to about 105, AUDUSD from 0.698 to 0.672, "
        "AUDJPY about −7 %, TRYJPY about −10 %. Spreads ten times as wide is our assumption.",
    ),
    Scenario(
        "Oil price war and pandemic Monday",
        Kind.HAPPENED,
        Shocks((*_gaps(XTIUSD=-24.6, XBRUSD=-24.1, US500=-7.6, US30=-7.8, NAS100=-7.3, DE40=-7.9, UK100=-7.7),), 5.0),
        "2020-03-09",
        "From Friday's close to Monday's: WTI 41.28 to 31.13, Brent 45.27 to 34.36, S&P 500 −7.6 %, Dow −7.8 %, Nasdaq "
        "−7.3 %, DAX −7.9 %, FTSE −7.7 %. Spreads five times as wide is our assumption.",
    ),
    Scenario(
        "Oil opens after the weekend",
        Kind.HAPPENED,
        Shocks((*_gaps(XTIUSD=-30.0, XBRUSD=-30.0),), 5.0),
        "2020-03-09",
        "The first quotes of the same Monday: about −30 % in one gap. Spreads five times as wide is our assumption.",
    ),
    Scenario(
        "Pandemic Monday after",
        Kind.HAPPENED,
        Shocks((*_gaps(US500=-12.0, US30=-12.9, NAS100=-12.3),), 5.0),
        "2020-03-16",
        "S&P 500 −12.0 %, Dow −12.9 %, Nasdaq −12.3 % in one day. Spreads five times as wide is our assumption.",
    ),
    Scenario(
        "WTI below nought",
        Kind.HAPPENED,
        Shocks((*_gaps(XTIUSD=-306.0),), 10.0),
        "2020-04-20",
        "The May future settled at −37.63 after 18.27. A spot price made from later months fell far less: know what "
        "yours is made from. Spreads ten times as wide is our assumption.",
    ),
    Scenario(
        "Nikkei's worst day since 1987",
        Kind.HAPPENED,
        Shocks((*_gaps(JP225=-12.4, US500=-3.0),), 5.0),
        "2024-08-05",
        "Nikkei −12.4 %, S&P 500 −3.0 %. Spreads five times as wide is our assumption.",
    ),
)
"""Events whose dates and sizes are well documented, oldest first within what belongs together."""

SUPPOSED = (
    Scenario("Indices −10 %", Kind.CLASS, Shocks((_class("indices", -10.0),), 3.0)),
    Scenario("Indices −20 %, as in October 1987", Kind.CLASS, Shocks((_class("indices", -20.0),), 5.0)),
    Scenario("Shares −15 %", Kind.CLASS, Shocks((_class("shares", -15.0),), 3.0)),
    Scenario("Metals −9 %, as in April 2013", Kind.CLASS, Shocks((_class("metals", -9.0),), 3.0)),
    Scenario("Energies −25 %", Kind.CLASS, Shocks((_class("energies", -25.0),), 3.0)),
    Scenario("Crypto −40 %, as in March 2020", Kind.CLASS, Shocks((_class("crypto", -40.0),), 5.0)),
    Scenario("Dollar +5 %", Kind.CURRENCY, Shocks(_currencies(USD=5.0), 2.0)),
    Scenario("Euro −5 %", Kind.CURRENCY, Shocks(_currencies(EUR=-5.0), 2.0)),
    Scenario("Yen +8 %", Kind.CURRENCY, Shocks(_currencies(JPY=8.0), 3.0)),
    Scenario(
        "Flight to safety",
        Kind.CURRENCY,
        Shocks(
            (
                *_currencies(USD=3.0, JPY=5.0, CHF=3.0),
                _class("indices", -8.0),
                _class("shares", -8.0),
                _class("energies", -10.0),
                _class("crypto", -20.0),
            ),
            4.0,
        ),
        words="Havens gain while whatever is risky falls, all at once.",
    ),
    Scenario("Everything −1 %", Kind.CLASS, Shocks((Shock(Target.EVERYTHING, "", -1.0),))),
)
CATALOGUE = HAPPENED + SUPPOSED


def describe(move: Shock) -> str:
    """«EURCHF −18.8 %», «indices −10 %», «everything −1 %»."""
    percent = f"{move.percent:+g} %".replace("-", "−")
    return f"{move.name or 'everything'} {percent}"
