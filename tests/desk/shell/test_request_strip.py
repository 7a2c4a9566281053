"""The strip that asks for a change of an account, a client or a position, by keyboard."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, Delta, Gone, RowSet, SetGroup, SetLeverage
from dealerdesk.commands.bodies import ContactField, EraseClient, RateClient, Rating, SetContact
from dealerdesk.commands.records import CommandState, Need, Refused
from dealerdesk.commands.roles import Role
from dealerdesk.desk.request_strip import RequestStrip
from dealerdesk.desk.request_terms import TITLES
from dealerdesk.instruments import LOT
from dealerdesk.live.state import LiveState
from dealerdesk.trading import BalanceKind

from .conftest import FakeLibrary, command, group, run_now


class AskedLibrary(FakeLibrary):
    """Seals every contact as «dd1.sealed»; `rated` is what every client is rated."""

    def __init__(self) -> None:
        super().__init__()
        self.checking: frozenset[str] = frozenset()
        self.rated = "low"
        self.sealings: list[tuple[int, ContactField, str]] = []

    async def read(self, _query: Any, *_given: Any) -> str:
        return self.rated

    async def seal_contact(self, client_id: int, field: ContactField, value: str) -> SetContact:
        self.sealings.append((client_id, field, value))
        return SetContact(client_id=client_id, field=field, token=f"dd1.sealed{len(self.sealings)}")


class Place:
    def __init__(self, window: QWidget, state: LiveState, library: AskedLibrary, role: str) -> None:
        self.window, self.state, self.library = window, state, library
        self.refusal = ""
        self.said: list[str] = []
        self.strip = RequestStrip(window, state, library, role, self._refusal, run_now, self._notify)  # type: ignore[arg-type]

    def _refusal(self, _server: str) -> str:
        return self.refusal

    def _notify(self, text: str, _tone: object = None) -> None:
        self.said.append(text)

    @property
    def focus(self) -> QWidget:
        return self.window.focusWidget() or self.strip

    def choose(self, title: str) -> None:
        self.strip.kind.setCurrentIndex(self.strip.kind.findText(title))


@pytest.fixture
def library() -> AskedLibrary:
    return AskedLibrary()


@pytest.fixture
def at(qtbot: QtBot, outer: QWidget, state: LiveState, library: AskedLibrary) -> Callable[[str], Place]:
    outer.resize(1000, 700)
    outer.show()
    outer.activateWindow()
    qtbot.waitUntil(outer.isActiveWindow)

    def make(role: str) -> Place:
        return Place(outer, state, library, role)

    return make


def titles(strip: RequestStrip) -> list[str]:
    return [strip.kind.itemText(number) for number in range(strip.kind.count())]


@pytest.mark.parametrize(
    ("role", "kinds"),
    [
        ("dealer", ["close_position"]),
        ("head_dealer", ["set_group", "set_leverage", "close_position"]),
        ("back_office", ["set_group", "set_leverage", "change_balance", "set_contact"]),
        ("payments", ["change_balance"]),
        ("compliance", ["rate_client", "set_contact", "erase_client"]),
        ("supervisor", ["set_group", "set_leverage"]),
    ],
)
def test_everybody_is_offered_what_their_role_may_ask_for_and_nothing_else(
    at: Callable[[str], Place], role: str, kinds: list[str]
) -> None:
    assert titles(at(role).strip) == [TITLES[kind] for kind in kinds]


@pytest.mark.parametrize("role", ["auditor", "administrator"])
def test_who_may_ask_for_none_is_told_so(at: Callable[[str], Place], role: str) -> None:
    place = at(role)

    assert place.strip.open_for("MT5", 101).endswith("asks for no change of an account, a client or a position here.")
    assert not place.strip.isVisible()


def test_a_leverage_is_typed_reasoned_and_asked_for(
    at: Callable[[str], Place], library: AskedLibrary, qtbot: QtBot
) -> None:
    library.answers = [command(CommandState.APPROVED)]
    library.needed = (Need(policy="p v1", words="1:200 or more needs it", approvals=1, roles=(Role.SUPERVISOR,)),)
    place = at("supervisor")
    assert place.strip.open_for("MT5", 101) == ""
    place.choose("Set the leverage")
    qtbot.keyClick(place.focus, Qt.Key.Key_Tab)
    qtbot.keyClicks(place.focus, "100")
    assert place.strip.progress.text() == "MT5 101 has leverage 1:100 already"
    qtbot.keyClick(place.focus, Qt.Key.Key_Home)
    qtbot.keyClicks(place.focus, "5")
    assert place.strip.progress.text() == "Leverage 1:5100 is outside 1:1 to 1:1000"
    place.focus.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(place.focus, "200")
    assert place.strip.current.text() == "now 1:100"
    assert place.strip.change.text() == "Leverage 1:100 → 1:200"
    assert place.strip.approval.text().startswith("Needs approval: supervisor")
    qtbot.keyClick(place.focus, Qt.Key.Key_Return)
    assert library.requests == []
    assert place.strip.progress.text() == "Write the reason."
    qtbot.keyClicks(place.focus, "asked by phone")
    qtbot.keyClick(place.focus, Qt.Key.Key_Return)

    [(server, body, reason, _, version)] = library.requests
    assert (server, body, reason, version) == ("MT5", SetLeverage(login=101, leverage=200), "asked by phone", None)
    assert place.strip.progress.text() == "○ approved, on its way to the hub"


def test_only_the_other_groups_of_the_accounts_currency_are_offered(
    at: Callable[[str], Place], state: LiveState, library: AskedLibrary
) -> None:
    state.apply("MT5", Delta(1, 1, 1, group("vip-usd", "USD")))
    library.answers = [command(CommandState.APPROVED)]
    place = at("supervisor")
    place.strip.open_for("MT5", 101)
    offer = place.strip.page.group
    assert [offer.box.itemText(n) for n in range(offer.box.count())] == ["vip-usd"]
    offer.choose("vip-usd")
    place.strip.reason.setText("large deposit")
    place.strip.ask()

    assert library.requests[0][1] == SetGroup(login=101, group="vip-usd")


@pytest.mark.parametrize(
    ("operation", "typed", "minor"),
    [
        (BalanceKind.DEPOSIT, "250", 25_000),
        (BalanceKind.WITHDRAWAL, "0.10", -10),
        (BalanceKind.CORRECTION, "-1 250.05", -125_005),
        (BalanceKind.CREDIT, "12.5", 1_250),
        (BalanceKind.DEPOSIT, "99999999999999.99", 9_999_999_999_999_999),
    ],
)
def test_an_amount_is_exact_and_goes_the_way_of_its_operation(
    at: Callable[[str], Place], library: AskedLibrary, operation: BalanceKind, typed: str, minor: int
) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place = at("payments")
    place.strip.open_for("MT5", 101)
    place.strip.page.operation.choose(operation)
    place.strip.page.amount.setText(typed)
    place.strip.page.reference.setText(" BANK-1 ")
    place.strip.reason.setText("came in")
    place.strip.ask()

    assert library.requests[0][1] == ChangeBalance(101, operation, minor, "BANK-1")


@pytest.mark.parametrize("typed", ["", "0", "1,5", "1.234", "1e3", "-5", "nan", "٣"])
def test_what_is_no_amount_is_not_asked_for(at: Callable[[str], Place], library: AskedLibrary, typed: str) -> None:
    place = at("payments")
    place.strip.open_for("MT5", 101)
    place.strip.page.operation.choose(BalanceKind.DEPOSIT)
    place.strip.page.amount.setText(typed)
    place.strip.reason.setText("came in")
    place.strip.ask()

    assert library.requests == []
    assert not place.strip.ask_button.isEnabled()


def test_a_row_that_is_a_position_is_there_to_be_closed_in_part(
    at: Callable[[str], Place], library: AskedLibrary, qtbot: QtBot
) -> None:
    library.answers = [command(CommandState.APPROVED)]
    place = at("head_dealer")
    place.strip.open_for("MT5", 101, 1)
    qtbot.keyClicks(place.focus, "2.5")
    assert place.strip.progress.text() == "Position 1 has 2 lots, not 2.5"
    place.focus.selectAll()  # type: ignore[attr-defined]
    qtbot.keyClicks(place.focus, "0.5")
    assert place.strip.change.text() == "EURUSD buy 2.00 lots · 1: 0.50 lots closed, 1.50 lots stay open"
    place.strip.reason.setText("client asked")
    place.strip.ask()

    assert library.requests[0][:2] == ("MT5", ClosePosition(position_id=1, volume=LOT // 2))


def test_a_position_that_closes_meanwhile_is_said_to_be_closed(
    at: Callable[[str], Place], state: LiveState, library: AskedLibrary
) -> None:
    place = at("dealer")
    place.strip.open_for("MT5", 101, 1)
    place.strip.reason.setText("client asked")
    state.apply("MT5", Delta(1, 1, 1, Gone(set=RowSet.POSITION, key=1)))
    place.strip.ask()

    assert place.strip.progress.text() == "Position 1 is not open any more."
    assert library.requests == []


def test_a_client_is_rated_on_no_server_even_while_the_bridge_is_down(
    at: Callable[[str], Place], library: AskedLibrary
) -> None:
    library.answers = [command(CommandState.CONFIRMED, server="")]
    place = at("compliance")
    place.refusal = "MT5 does not answer since 09:59:00."
    place.strip.open_for("MT5", 101)
    assert place.strip.current.text() == "now low"
    place.strip.page.rating.choose(Rating.LOW)
    assert place.strip.progress.text() == "Client 1 is rated low already"
    place.strip.page.rating.choose(Rating.HIGH)
    place.strip.reason.setText("adverse media")
    place.strip.ask()

    assert library.requests[0][:2] == ("", RateClient(client_id=1, rating=Rating.HIGH))
    assert place.strip.progress.text().endswith("read back from the database")


def test_a_dead_bridge_refuses_what_it_would_do(at: Callable[[str], Place]) -> None:
    place = at("dealer")
    place.refusal = "MT5 does not answer since 09:59:00."
    place.strip.open_for("MT5", 101, 1)

    assert place.strip.progress.text() == "MT5 does not answer since 09:59:00."


def test_a_contact_is_sealed_once_and_asked_again_under_the_same_id(
    at: Callable[[str], Place], library: AskedLibrary
) -> None:
    library.answers = [OSError("down"), command(CommandState.APPROVED)]
    place = at("compliance")
    place.strip.open_for("MT5", 101)
    place.choose("Set a contact")
    place.strip.page.contact.choose(ContactField.EMAIL)
    place.strip.page.value.setText("ada@example.org")
    place.strip.reason.setText("letter")
    place.strip.ask()
    assert "Enter asks again" in place.strip.progress.text()
    place.strip.ask()

    assert library.sealings == [(1, ContactField.EMAIL, "ada@example.org")]
    assert library.requests[0] == library.requests[1]
    assert library.requests[0][1] == SetContact(client_id=1, field=ContactField.EMAIL, token="dd1.sealed1")
    assert place.strip.page.value.text() == ""


def test_an_erasure_is_confirmed_by_the_clients_number(at: Callable[[str], Place], library: AskedLibrary) -> None:
    library.answers = [command()]
    place = at("compliance")
    place.strip.open_for("MT5", 102)
    place.choose("Erase the client")
    assert place.strip.change.text().startswith("Gone for good: the name,")
    place.strip.reason.setText("asked to be forgotten")
    place.strip.page.number.setText("1")
    place.strip.ask()
    assert place.strip.progress.text().startswith("Type the client's number, 2,")
    place.strip.page.number.setText("2")
    place.strip.ask()

    assert library.requests[0][:2] == ("", EraseClient(client_id=2))


def test_a_refusal_is_shown_and_a_new_attempt_is_a_new_command(
    at: Callable[[str], Place], library: AskedLibrary
) -> None:
    library.answers = [Refused("Client 1 is not yours to act on"), command()]
    place = at("compliance")
    place.strip.open_for("MT5", 101)
    place.strip.page.rating.choose(Rating.HIGH)
    place.strip.reason.setText("adverse media")
    place.strip.ask()
    assert place.strip.progress.text() == "✕ refused: Client 1 is not yours to act on"
    place.strip.ask()

    assert library.requests[0][3] != library.requests[1][3]


def test_nothing_that_was_typed_outlasts_the_lock(at: Callable[[str], Place]) -> None:
    place = at("compliance")
    place.strip.open_for("MT5", 101)
    place.choose("Set a contact")
    place.strip.page.value.setText("ada@example.org")
    place.strip.reason.setText("letter")
    place.window.setEnabled(False)
    place.window.setEnabled(True)

    assert not place.strip.isVisible()
    assert (place.strip.pages[1].value.text(), place.strip.reason.text()) == ("", "")
    assert place.strip.open_for("MT5", 999) == "There is no account MT5 999."


def test_escape_leaves_from_any_field(at: Callable[[str], Place], qtbot: QtBot) -> None:
    place = at("back_office")
    place.strip.open_for("MT5", 101)
    qtbot.keyClick(place.focus, Qt.Key.Key_Escape)

    assert not place.strip.isVisible()
