"""The fields of each kind of request in the strip: what is offered, what is there now, and what is typed as a wish.

One class for each page of the form. What makes sense is said by `request_terms`; nothing is asked for here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QWidget

from dealerdesk.bridges.protocol import ChangeBalance, ClosePosition, SetGroup, SetLeverage
from dealerdesk.commands.bodies import ContactField, EraseClient, RateClient, Rating
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.records import Refused
from dealerdesk.desk import request_terms as terms
from dealerdesk.desk.numbers import counted, plain
from dealerdesk.desk.request_terms import About, ContactWish, Wish
from dealerdesk.trading import BalanceKind

if TYPE_CHECKING:
    from dealerdesk.desk.forms import Form
    from dealerdesk.live.state import LiveState

NEEDED: dict[str, type[QWidget]] = {
    "set_group": QWidget,
    "group": QComboBox,
    "set_leverage": QWidget,
    "leverage": QLineEdit,
    "change_balance": QWidget,
    "operation": QComboBox,
    "amount": QLineEdit,
    "currency": QLabel,
    "reference": QLineEdit,
    "close_position": QWidget,
    "position": QComboBox,
    "volume": QLineEdit,
    "rate_client": QWidget,
    "rating": QComboBox,
    "set_contact": QWidget,
    "contact": QComboBox,
    "value": QLineEdit,
    "erase_client": QWidget,
    "number": QLineEdit,
}
Choice = TypeVar("Choice")
Made = TypeVar("Made", bound=Wish)


class Offer(Generic[Choice]):
    """A list of a few to choose one from; nothing is chosen until somebody does."""

    def __init__(self, box: QComboBox) -> None:
        self.box = box
        self._choices: list[Choice] = []

    def fill(self, choices: Iterable[tuple[Choice, str]]) -> None:
        """Offers these under their words."""
        offered = list(choices)
        self._choices = [choice for choice, _ in offered]
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItems([words for _, words in offered])
        self.box.setCurrentIndex(-1)
        self.box.blockSignals(False)

    def choose(self, choice: Choice) -> None:
        """Chooses one of them; nothing for one that is not offered."""
        if choice in self._choices:
            self.box.setCurrentIndex(self._choices.index(choice))

    @property
    def chosen(self) -> Choice | None:
        """None while nothing is chosen."""
        at = self.box.currentIndex()
        return self._choices[at] if 0 <= at < len(self._choices) else None


class RequestFields(QObject, Generic[Made]):
    """One kind's fields. `changed` comes whenever somebody types or chooses."""

    kind = ""
    changed = Signal()

    def __init__(self, form: Form, state: LiveState, parent: QObject) -> None:
        super().__init__(parent)
        self.state = state
        self.page = form[self.kind]
        self.build(form)
        for box in self.page.findChildren(QComboBox):
            box.currentIndexChanged.connect(self._on_change)
        for line in self.page.findChildren(QLineEdit):
            line.textChanged.connect(self._on_change)

    def build(self, form: Form) -> None:
        """Takes the fields out of the form."""
        raise NotImplementedError

    def begin(self, _of: About) -> None:
        """Offers what there is for this account; nothing is typed yet."""
        self.forget()

    def first(self) -> QWidget:
        """Where one begins."""
        raise NotImplementedError

    def now(self, of: About) -> str:
        """What is there now, in few words."""
        raise NotImplementedError

    def wish(self, of: About) -> Made:
        """What is wanted; raises Refused with what is missing or makes no sense."""
        raise NotImplementedError

    def change(self, of: About, wish: Made) -> str:
        """What would be different, in one sentence."""
        raise NotImplementedError

    def warning(self, _of: About) -> str:
        """What must be known before anything is typed."""
        return ""

    def forget(self) -> None:
        """Takes away what was typed and chosen."""
        for line in self.page.findChildren(QLineEdit):
            line.clear()
        for box in self.page.findChildren(QComboBox):
            box.setCurrentIndex(-1)

    def _on_change(self) -> None:
        self.changed.emit()


class GroupFields(RequestFields[SetGroup]):
    kind = "set_group"

    def build(self, form: Form) -> None:
        self.group: Offer[str] = Offer(form.part("group", QComboBox))

    def begin(self, of: About) -> None:
        super().begin(of)
        self.group.fill((name, plain(name)) for name in terms.other_groups(self.state, of))

    def first(self) -> QWidget:
        return self.group.box

    def now(self, of: About) -> str:
        return f"now group {of.group}"

    def wish(self, of: About) -> SetGroup:
        if not self.group.box.count():
            raise Refused(f"There is no other group in {of.currency} on {of.server}.")
        return terms.group_wish(of, self.group.chosen)

    def change(self, of: About, wish: SetGroup) -> str:
        return f"Group {of.group} → {wish.group}"


class LeverageFields(RequestFields[SetLeverage]):
    kind = "set_leverage"

    def build(self, form: Form) -> None:
        self.leverage = form.part("leverage", QLineEdit)

    def first(self) -> QWidget:
        return self.leverage

    def now(self, of: About) -> str:
        return f"now 1:{of.leverage}"

    def wish(self, of: About) -> SetLeverage:
        return terms.leverage_wish(of, self.leverage.text())

    def change(self, of: About, wish: SetLeverage) -> str:
        return f"Leverage 1:{of.leverage} → 1:{wish.leverage}"


class BalanceFields(RequestFields[ChangeBalance]):
    kind = "change_balance"

    def build(self, form: Form) -> None:
        self.operation: Offer[BalanceKind] = Offer(form.part("operation", QComboBox))
        self.operation.fill((each, each.value.capitalize()) for each in BalanceKind)
        self.amount = form.part("amount", QLineEdit)
        self.currency = form.part("currency", QLabel)
        self.reference = form.part("reference", QLineEdit)

    def begin(self, of: About) -> None:
        super().begin(of)
        self.currency.setText(of.currency.code)

    def first(self) -> QWidget:
        return self.operation.box

    def now(self, of: About) -> str:
        return f"now {terms.money_now(of)}"

    def wish(self, of: About) -> ChangeBalance:
        return terms.balance_wish(of, self.operation.chosen, self.amount.text(), self.reference.text())

    def change(self, of: About, wish: ChangeBalance) -> str:
        return terms.balance_change(of, wish)


class ClosingFields(RequestFields[ClosePosition]):
    kind = "close_position"

    def build(self, form: Form) -> None:
        self.position: Offer[int] = Offer(form.part("position", QComboBox))
        self.volume = form.part("volume", QLineEdit)

    def begin(self, of: About) -> None:
        super().begin(of)
        rows = terms.open_positions(self.state, of)
        self.position.fill((row.id, terms.position_words(row)) for row in rows)
        if len(rows) == 1:
            self.position.choose(rows[0].id)

    def first(self) -> QWidget:
        return self.position.box if self.position.chosen is None else self.volume

    def now(self, of: About) -> str:
        slot = self.state.positions.slot(of.server, self.position.chosen) if self.position.chosen is not None else None
        if slot is not None:
            return f"now {terms.position_words(self.state.position_row(slot))}"
        return f"now {counted(self.position.box.count(), 'open positions')}"

    def wish(self, of: About) -> ClosePosition:
        if not self.position.box.count():
            raise Refused(f"{of.account} has no open position.")
        return terms.closing_wish(self.state, of, self.position.chosen, self.volume.text())

    def change(self, of: About, wish: ClosePosition) -> str:
        slot = self.state.positions.slot(of.server, wish.position_id)
        return terms.closing_change(self.state.position_row(slot), wish) if slot is not None else ""


class RatingFields(RequestFields[RateClient]):
    kind = "rate_client"

    def build(self, form: Form) -> None:
        self.rating: Offer[Rating] = Offer(form.part("rating", QComboBox))
        self.rating.fill((each, each.value.capitalize()) for each in Rating)

    def first(self) -> QWidget:
        return self.rating.box

    def now(self, of: About) -> str:
        return f"now {of.rating}" if of.rating else ""

    def wish(self, of: About) -> RateClient:
        return terms.rating_wish(of, self.rating.chosen)

    def change(self, of: About, wish: RateClient) -> str:
        before = f"{of.rating} → " if of.rating else ""
        return f"Risk of client {of.client_id}: {before}{wish.rating.value}"


class ContactFields(RequestFields[ContactWish]):
    kind = "set_contact"

    def build(self, form: Form) -> None:
        self.contact: Offer[ContactField] = Offer(form.part("contact", QComboBox))
        self.contact.fill((each, PersonalField(each.value).words.capitalize()) for each in ContactField)
        self.value = form.part("value", QLineEdit)

    def first(self) -> QWidget:
        return self.contact.box

    def now(self, _of: About) -> str:
        return "what is kept now is masked (Ctrl U)"

    def wish(self, of: About) -> ContactWish:
        if self.contact.chosen is None:
            raise Refused("Choose which contact it is.")
        return terms.contact_wish(of, self.contact.chosen, self.value.text())

    def change(self, of: About, wish: ContactWish) -> str:
        words = PersonalField(wish.contact.value).words
        return f"The {words} of client {of.client_id} is kept encrypted; the value stands in no command and no log."


class ErasingFields(RequestFields[EraseClient]):
    kind = "erase_client"

    def build(self, form: Form) -> None:
        self.number = form.part("number", QLineEdit)

    def first(self) -> QWidget:
        return self.number

    def now(self, of: About) -> str:
        return f"client {of.client_id}"

    def wish(self, of: About) -> EraseClient:
        return terms.erasing_wish(of, self.number.text())

    def change(self, of: About, _wish: EraseClient) -> str:
        return self.warning(of)

    def warning(self, of: About) -> str:
        return terms.erasing_words(of)


FIELDS: tuple[type[RequestFields[Any]], ...] = (
    GroupFields,
    LeverageFields,
    BalanceFields,
    ClosingFields,
    RatingFields,
    ContactFields,
    ErasingFields,
)
"""A page for every kind of `request_terms.TITLES`."""
