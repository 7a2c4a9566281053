"""What is known of one account, as facts: who it is, its rules, its money, its margin. State and frame in, text out."""

from __future__ import annotations

from math import isnan

import numpy as np

from dealerdesk.commands.records import CommandRecord
from dealerdesk.desk import numbers
from dealerdesk.desk.panels.account_rows import BOOK_NAMES, decimals_of, level_tones
from dealerdesk.desk.panels.command_rows import TONES, WORDS, mark_of
from dealerdesk.desk.panels.fact_grid import Fact
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frame import Frame
from dealerdesk.live.state import LiveState


def account_facts(state: LiveState, frame: Frame, slot: int, command: CommandRecord | None) -> list[Fact]:
    """The facts of the account in a slot of the frame; `command` is what is under way for it, if anything."""
    made = [
        *_money(state, frame, slot),
        *_margin(state, frame, slot),
        *_rules(state, slot, command),
        *_who(state, slot),
    ]
    facts = sorted(made, key=_importance)
    if state.stale_since(state.servers[int(state.accounts.server[slot])]) is None:
        return facts
    return [Fact(fact.key, fact.label, fact.text, Tone.STALE, fact.explained) for fact in facts]


FIRST = ("equity", "level", "floating", "session", "book", "command", "balance", "margin", "free_margin", "currency")
"""What a small panel keeps; the rest follows in the order it is made."""


def _importance(fact: Fact) -> int:
    return FIRST.index(fact.key) if fact.key in FIRST else len(FIRST)


def _money(state: LiveState, frame: Frame, slot: int) -> list[Fact]:
    decimals = int(decimals_of(state.accounts.unit[slot : slot + 1])[0])
    deposits = float(state.accounts.session_deposits[slot] * state.accounts.unit[slot])

    def plain(key: str, label: str, value: float, explained: bool = False) -> Fact:
        return Fact(key, label, numbers.fixed(value, decimals), Tone.NORMAL, explained)

    def signed(key: str, label: str, value: float, explained: bool = False) -> Fact:
        return Fact(key, label, numbers.signed(value, decimals), sign_tone(value, decimals), explained)

    return [
        plain("equity", "Equity", float(frame.equity[slot]), explained=True),
        plain("balance", "Balance", float(frame.balance[slot])),
        plain("credit", "Credit", float(frame.credit[slot])),
        signed("floating", "Float", float(frame.floating[slot]), explained=True),
        signed("accrued", "Swap + commission", float(frame.accrued[slot])),
        signed("session", "P&L today", float(frame.session_pnl[slot]), explained=True),
        signed("deposits", "Deposits today", deposits),
    ]


def _margin(state: LiveState, frame: Frame, slot: int) -> list[Fact]:
    accounts = state.accounts
    one = slice(slot, slot + 1)
    decimals = int(decimals_of(accounts.unit[one])[0])
    tone = Tone(int(level_tones(frame.level[one], accounts.margin_call[one], accounts.stop_out[one])[0]))
    net = float(frame.net_lots[slot])
    limits = f"{numbers.percent(float(accounts.margin_call[slot]))} / {numbers.percent(float(accounts.stop_out[slot]))}"
    return [
        Fact("level", "Margin level", numbers.percent(float(frame.level[slot]), 1), tone, explained=True),
        Fact("limits", "Call / stop-out", limits),
        Fact("margin", "Margin", numbers.fixed(float(frame.margin[slot]), decimals), explained=True),
        Fact("free_margin", "Free margin", numbers.fixed(float(frame.free_margin[slot]), decimals), explained=True),
        Fact("net_lots", "Net lots", numbers.signed(net), sign_tone(net)),
        Fact("positions", "Positions", numbers.integer(int(accounts.positions[slot]))),
    ]


def _rules(state: LiveState, slot: int, command: CommandRecord | None) -> list[Fact]:
    accounts = state.accounts
    book, covered = BOOK_NAMES[int(accounts.book[slot])], int(accounts.covered_percent[slot])
    words = f"{book} · {covered}% covered" if book == "C" else book
    return [
        *_book(words, command),
        Fact("group", "Group", numbers.plain(accounts.group_name[slot])),
        Fact("leverage", "Leverage", f"1 : {int(accounts.leverage[slot])}"),
        Fact("currency", "Currency", accounts.currency_code[slot]),
        Fact("enabled", "Trading", "allowed" if accounts.enabled[slot] else "disabled"),
    ]


def _book(words: str, command: CommandRecord | None) -> list[Fact]:
    """The book, and beside it, while another is asked for, how far that is."""
    if command is None:
        return [Fact("book", "Book", words)]
    tone = TONES.get(command.state, Tone.NORMAL)
    return [
        Fact("book", "Book", f"{words} {mark_of(command.state)}".rstrip(), tone),
        Fact("command", "Under way", WORDS[command.state], tone),
    ]


def _who(state: LiveState, slot: int) -> list[Fact]:
    accounts = state.accounts
    client = state.clients.get(int(accounts.client_id[slot]))
    siblings = len(client.accounts) if client is not None else 1
    return [
        Fact("client", "Client", str(int(accounts.client_id[slot]))),
        Fact("country", "Country", numbers.plain(accounts.country[slot]) or numbers.NONE),
        Fact("profile", "Profile", numbers.plain(accounts.profile[slot]) or numbers.NONE),
        Fact("introducer", "Introducer", numbers.plain(accounts.introducer[slot]) or numbers.NONE),
        Fact("accounts", "Accounts of the client", numbers.integer(siblings)),
        Fact("opened", "Opened", numbers.day(int(accounts.opened_us[slot]))),
    ]


def sign_tone(value: float, decimals: int = 2) -> Tone:
    """The tone of a signed figure, by the sign it is written with."""
    if isnan(value) or np.round(value, decimals) == 0:
        return Tone.NORMAL
    return Tone.POSITIVE if value > 0 else Tone.NEGATIVE
