"""Why a platform refuses a command: a code for programs, the platform's own number, a sentence for people."""

from __future__ import annotations

from enum import StrEnum

from dealerdesk.trading import Platform


class Refusal(StrEnum):
    """The kinds of refusal."""

    NOT_FOUND = "not_found"
    CHANGED = "changed"
    INVALID = "invalid"
    LIMIT = "limit"
    NO_MONEY = "no_money"
    MARKET_CLOSED = "market_closed"
    TAKEN = "taken"


class RefusedError(Exception):
    """The command was not carried out and nothing has changed; the text says why."""

    def __init__(self, refusal: Refusal, text: str) -> None:
        super().__init__(text)
        self.refusal = refusal
        self.text = text


_PLATFORM_CODES = {
    Platform.MT4: {
        Refusal.NOT_FOUND: "65",
        Refusal.CHANGED: "3",
        Refusal.INVALID: "3",
        Refusal.LIMIT: "7",
        Refusal.NO_MONEY: "134",
        Refusal.MARKET_CLOSED: "132",
        Refusal.TAKEN: "139",
    },
    Platform.MT5: {
        Refusal.NOT_FOUND: "13",
        Refusal.CHANGED: "16",
        Refusal.INVALID: "3",
        Refusal.LIMIT: "8",
        Refusal.NO_MONEY: "10019",
        Refusal.MARKET_CLOSED: "10018",
        Refusal.TAKEN: "17",
    },
    Platform.CTRADER: {
        Refusal.NOT_FOUND: "TRADER_NOT_FOUND",
        Refusal.CHANGED: "WRONG_TIME_SEQUENCE",
        Refusal.INVALID: "INVALID_REQUEST",
        Refusal.LIMIT: "NOT_ENOUGH_RIGHTS",
        Refusal.NO_MONEY: "NOT_ENOUGH_MONEY",
        Refusal.MARKET_CLOSED: "TRADING_DISABLED",
        Refusal.TAKEN: "POSITION_LOCKED",
    },
}


def platform_code(platform: Platform, refusal: Refusal) -> str:
    """What the platform itself would answer."""
    return _PLATFORM_CODES[platform][refusal]
