"""What regulators allow retail clients: greatest leverage by what is traded, close-out level, protection. No accounts.

ESMA's product intervention of 2018 (made permanent by CySEC and the other national authorities), the FCA's PS19/18 and
ASIC's order 2020/986 ask for the same leverages; the firm's own terms may be stricter. A professional client has none
of these limits by rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from dealerdesk.instruments import AssetClass

MAJORS = frozenset({"USD", "EUR", "JPY", "GBP", "CAD", "CHF"})
ASIC_MAJORS = MAJORS | {"AUD"}
MAJOR_INDICES = frozenset(
    {"UK100", "FRA40", "DE30", "DE40", "US30", "US500", "NAS100", "JP225", "AUS200", "EU50", "STOXX50"}
)
GOLD = frozenset({"XAUUSD", "XAUEUR", "XAUGBP", "XAUCHF", "XAUAUD", "XAUJPY", "GOLD"})


class Regime(StrEnum):
    """Under whose rules a client trades; PROFESSIONAL is a client who asked to be one and qualifies."""

    ESMA = "esma"
    CYSEC = "cysec"
    FCA = "fca"
    ASIC = "asic"
    PROFESSIONAL = "professional"


class Tradable(StrEnum):
    """The classes that the rules tell apart."""

    MAJOR_PAIR = "major_pair"
    OTHER_PAIR = "other_pair"
    GOLD = "gold"
    MAJOR_INDEX = "major_index"
    OTHER_INDEX = "other_index"
    COMMODITY = "commodity"
    SHARE = "share"
    CRYPTO = "crypto"


RETAIL: Mapping[Tradable, int] = {
    Tradable.MAJOR_PAIR: 30,
    Tradable.OTHER_PAIR: 20,
    Tradable.GOLD: 20,
    Tradable.MAJOR_INDEX: 20,
    Tradable.OTHER_INDEX: 10,
    Tradable.COMMODITY: 10,
    Tradable.SHARE: 5,
    Tradable.CRYPTO: 2,
}


@dataclass(frozen=True, slots=True)
class Preset:
    """A regime's terms: leverage by class (none: no limit), close-out in percent of the margin, and whether a balance
    below zero is the firm's loss. `bans_retail_crypto`: the FCA forbids it altogether."""

    regime: Regime
    leverages: Mapping[Tradable, int]
    close_out_percent: Decimal | None
    negative_balance_protection: bool
    majors: frozenset[str] = MAJORS
    bans_retail_crypto: bool = False


PRESETS: Mapping[Regime, Preset] = {
    Regime.ESMA: Preset(Regime.ESMA, RETAIL, Decimal(50), True),
    Regime.CYSEC: Preset(Regime.CYSEC, RETAIL, Decimal(50), True),
    Regime.FCA: Preset(Regime.FCA, RETAIL, Decimal(50), True, bans_retail_crypto=True),
    Regime.ASIC: Preset(Regime.ASIC, RETAIL, Decimal(50), True, majors=ASIC_MAJORS),
    Regime.PROFESSIONAL: Preset(Regime.PROFESSIONAL, {}, None, False),
}


def tradable(preset: Preset, asset_class: AssetClass, instrument: str, base: str, profit: str) -> Tradable:
    """The class of an instrument in the eyes of a regime; a pair is major when both of its currencies are."""
    match asset_class:
        case AssetClass.FX:
            is_major = base in preset.majors and profit in preset.majors
            return Tradable.MAJOR_PAIR if is_major else Tradable.OTHER_PAIR
        case AssetClass.METALS:
            return Tradable.GOLD if instrument.upper() in GOLD or base == "XAU" else Tradable.COMMODITY
        case AssetClass.INDICES:
            return Tradable.MAJOR_INDEX if instrument.upper() in MAJOR_INDICES else Tradable.OTHER_INDEX
        case AssetClass.ENERGIES:
            return Tradable.COMMODITY
        case AssetClass.SHARES:
            return Tradable.SHARE
        case AssetClass.CRYPTO:
            return Tradable.CRYPTO


def greatest_leverage(preset: Preset, kind: Tradable, granted: int) -> int:
    """The leverage that counts: the account's own, but no more than the regime allows; 0 where it forbids trading."""
    if kind is Tradable.CRYPTO and preset.bans_retail_crypto:
        return 0
    limit = preset.leverages.get(kind)
    return granted if limit is None else min(granted, limit)


def qualifies_as_professional(*, trades_a_quarter: Decimal, portfolio_eur: Decimal, years_in_sector: Decimal) -> bool:
    """Two of three: ten sizeable trades a quarter over the last four, more than 500,000 EUR, a year in the sector."""
    return sum((trades_a_quarter >= 10, portfolio_eur > 500_000, years_in_sector >= 1)) >= 2
