"""The pages of the request form: one for each kind, empty until somebody types."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from dealerdesk.desk.forms import load_form
from dealerdesk.desk.request_fields import FIELDS, NEEDED, Offer
from dealerdesk.desk.request_terms import TITLES, about
from dealerdesk.live.state import LiveState


def test_every_kind_has_its_page() -> None:
    assert {each.kind for each in FIELDS} == set(TITLES)


def test_a_page_begins_and_ends_empty(outer: QWidget, state: LiveState) -> None:
    form = load_form("request.ui", NEEDED, outer)
    balance = next(each for each in FIELDS if each.kind == "change_balance")(form, state, outer)
    balance.begin(about(state, "MT5", 101))
    assert balance.currency.text() == "USD"
    balance.amount.setText("250")
    balance.operation.box.setCurrentIndex(1)
    balance.forget()

    assert (balance.amount.text(), balance.operation.chosen) == ("", None)


def test_an_offer_chooses_nothing_that_it_does_not_hold(outer: QWidget) -> None:
    form = load_form("request.ui", NEEDED, outer)
    offer: Offer[int] = Offer(form.parts["position"])  # type: ignore[arg-type]
    offer.fill([(7, "seven"), (9_007_199_254_740_993, "large")])
    offer.choose(8)
    assert offer.chosen is None
    offer.choose(9_007_199_254_740_993)
    assert offer.chosen == 9_007_199_254_740_993
