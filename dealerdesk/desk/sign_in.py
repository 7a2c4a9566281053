"""The sign-in window: which broker, who, and the password; or the first two people of an empty database.

What is asked of the database and the keyring runs in a thread (`admission`, `kept_password`); here it is only shown.
The typed password leaves its field at once and lives in one `Secret`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING

from PySide6.QtCore import QSettings, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from dealerdesk.config import FoundProfile, Profile, Secret
from dealerdesk.desk import kept_password
from dealerdesk.desk.access import Access
from dealerdesk.desk.broker_band import BrokerBand
from dealerdesk.desk.caps_lock import CapsLockHint
from dealerdesk.desk.first_people import FirstPeople, Typed
from dealerdesk.desk.forms import load_form
from dealerdesk.desk.numbers import plain
from dealerdesk.desk.profile_list import ProfileList, place_of

if TYPE_CHECKING:
    from dealerdesk.clock import Clock
    from dealerdesk.desk.admission import Denied

LIST_PX = 280
FORM_PX = 420
HEIGHT_PX = 440
TRY_AGAIN_S = 3.0
KEPT_WORDS = "kept in the keyring: press Enter"
NO_KEYRING = "This system has no keyring: the password is asked each time"
NO_PROFILE = "There is no profile yet: put a broker's TOML file into {folder} and open this window again."
PARTS = {
    "heading": QLabel,
    "where": QLabel,
    "person": QLineEdit,
    "password": QLineEdit,
    "caps": QLabel,
    "remember": QCheckBox,
    "trouble": QLabel,
    "enter": QPushButton,
    "keys": QLabel,
    "leave": QPushButton,
}
Run = Callable[[Coroutine[object, object, None]], None]


class SignInWindow(QWidget):
    """`admitted` carries the Access of who signed in; `closed` comes once, when the window has gone."""

    admitted = Signal(object)
    closed = Signal()

    def __init__(
        self, found: list[FoundProfile], settings: QSettings, run: Run, clock: Clock, notice: str = ""
    ) -> None:
        super().__init__()
        self.setObjectName("sign-in")
        self._run = run
        self._clock = clock
        self._settings = settings
        self._profile: Profile | None = None
        self._attempt = 0
        self._has_keyring = False
        self._is_over = False
        self.band = BrokerBand()
        self.profiles = ProfileList(found)
        self.profiles.setFixedWidth(LIST_PX)
        self.profiles.setVisible(len(found) > 1)
        form = load_form("sign_in.ui", PARTS, self)
        self.form = form.widget
        self.where = form.part("where", QLabel)
        self.person = form.part("person", QLineEdit)
        self.password = form.part("password", QLineEdit)
        self.remember = form.part("remember", QCheckBox)
        self.trouble = form.part("trouble", QLabel)
        self.enter = form.part("enter", QPushButton)
        self.leave = form.part("leave", QPushButton)
        self.caps = form.part("caps", QLabel)
        self._hint = CapsLockHint(self.password, self.caps)
        self.first_people = FirstPeople()
        form.part("heading", QLabel).setProperty("role", "tile")
        for label in (self.where, form.part("keys", QLabel)):
            label.setProperty("role", "hint")
        for label in (self.trouble, self.caps):
            label.setProperty("tone", "attention")
        self.enter.setProperty("role", "primary")
        self._lay_out()
        self.setMinimumSize((LIST_PX if len(found) > 1 else 0) + FORM_PX, HEIGHT_PX)
        self._connect()
        self.profiles.choose(str(settings.value("profile", "")))
        self._show_chosen(notice)
        self._run(self._ask_keyring())

    # -- the profile --------------------------------------------------------------------------------------------

    def _show_chosen(self, notice: str = "") -> None:
        found = self.profiles.current()
        self._attempt += 1
        self._profile = found.profile if found is not None else None
        self.band.show_profile(self._profile)
        title = (
            "DealerDesk"
            if self._profile is None
            else f"{self._profile.kind} · {plain(self._profile.title)} · DealerDesk"
        )
        self.setWindowTitle(f"Sign in · {title}")
        self.pages.setCurrentWidget(self.form)
        self._be_ready(self._profile is not None)
        self._say(notice)
        if found is None:
            from dealerdesk.config import profiles_dir

            self._say(NO_PROFILE.format(folder=profiles_dir()))
        elif self._profile is None:
            self._say(found.trouble)
        else:
            self.where.setText(f"{plain(self._profile.title)}: {plain(place_of(self._profile))}")
            self.person.setText(str(self._settings.value(f"person/{self._profile.name}", self._profile.staff)))
            self.password.clear()
            self._run(self._look(self._profile, self._attempt))
            self._run(self._show_kept(self._profile, self.person.text()))
        self._focus_field()

    async def _look(self, profile: Profile, attempt: int) -> None:
        """Whether an embedded database has people already; the database is brought up to date on the way."""
        answer = await asyncio.to_thread(_needs_people, profile)
        if attempt != self._attempt:
            return
        if isinstance(answer, bool):
            if answer:
                self.pages.setCurrentWidget(self.first_people)
                self.first_people.begin()
        else:
            self._say(answer.sentence)

    async def _found_people(self, profile: Profile, first: Typed, second: Typed) -> None:
        refusal = await asyncio.to_thread(_found, profile, first, second, self._clock)
        if refusal:
            self.first_people.show_trouble(refusal)
            return
        self.first_people.begin()
        self.pages.setCurrentWidget(self.form)
        self.person.setText(first[0])
        self._say("The first two people are there. Sign in as one of them.")
        self._focus_field()

    def _on_found_asked(self, first: Typed, second: Typed) -> None:
        if self._profile is not None:
            self._run(self._found_people(self._profile, first, second))

    # -- the keyring --------------------------------------------------------------------------------------------

    async def _ask_keyring(self) -> None:
        self._has_keyring = await asyncio.to_thread(kept_password.is_possible)
        self.remember.setEnabled(self._has_keyring)
        if not self._has_keyring:
            self.remember.setText(NO_KEYRING)

    async def _show_kept(self, profile: Profile, person: str) -> None:
        kept = bool(person) and await asyncio.to_thread(kept_password.kept, profile.name, person) is not None
        if profile is self._profile and person == self.person.text():
            self.remember.setChecked(kept)
            self.password.setPlaceholderText(KEPT_WORDS if kept else "")

    async def _kept(self, profile: Profile, person: str) -> str:
        return await asyncio.to_thread(kept_password.kept, profile.name, person) or ""

    async def _remember(self, profile: Profile, person: str, secret: Secret) -> None:
        if self.remember.isChecked():
            await asyncio.to_thread(kept_password.keep, profile.name, person, secret.read())
        elif self._has_keyring:
            await asyncio.to_thread(kept_password.forget, profile.name, person)

    # -- signing in ---------------------------------------------------------------------------------------------

    def _submit(self) -> None:
        if self._profile is None or not self.enter.isEnabled():
            return
        person, typed = self.person.text().strip(), self.password.text()
        self.password.clear()
        if not person:
            self._say("Type the name you sign in with.")
            self.person.setFocus()
        elif not typed and self.password.placeholderText() != KEPT_WORDS:
            self._say("Type your password.")
            self.password.setFocus()
        else:
            self._attempt += 1
            self._be_ready(False)
            self._say("")
            self._run(self._sign_in(self._profile, person, typed, self._attempt))

    async def _sign_in(self, profile: Profile, person: str, typed: str, attempt: int) -> None:
        """Asks until the database has answered; one that is down is asked again until the person does otherwise."""
        secret = Secret(typed or await self._kept(profile, person))
        while attempt == self._attempt:
            answer = await asyncio.to_thread(_admit, profile, person, secret, self._clock)
            if attempt != self._attempt:
                break
            if isinstance(answer, Access):
                await self._remember(profile, person, secret)
                self._come_in(answer, person)
                return
            if not answer.may_pass:
                self._deny(answer.sentence)
                break
            self._say(f"{answer.sentence} It is asked again every {TRY_AGAIN_S:.0f} seconds; Esc stops.")
            await asyncio.sleep(TRY_AGAIN_S)
        secret.forget()

    def _come_in(self, access: Access, person: str) -> None:
        name = access.profile.name
        self._settings.setValue("profile", name)
        self._settings.setValue(f"person/{name}", person)
        self._attempt += 1
        self._is_over = True
        self.admitted.emit(access)

    def show_trouble(self, sentence: str) -> None:
        """Says what went wrong, and takes the next try."""
        self._attempt += 1
        self._deny(sentence)

    def _deny(self, sentence: str) -> None:
        self._be_ready(True)
        self._say(sentence)
        self.password.setPlaceholderText("")
        self.password.setFocus()

    def _say(self, sentence: str) -> None:
        self.trouble.setText(plain(sentence))

    def _be_ready(self, ready: bool) -> None:
        for widget in (self.person, self.password, self.enter):
            widget.setEnabled(ready)
        self.remember.setEnabled(ready and self._has_keyring)
        self.profiles.setEnabled(ready or self._profile is None)
        self.enter.setText("Sign in" if ready or self._profile is None else "Asking the database …")

    # -- the window ---------------------------------------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.pages.currentWidget() is self.form:
            self._submit()
        elif event.key() != Qt.Key.Key_Escape:
            super().keyPressEvent(event)
        elif self._profile is not None and not self.enter.isEnabled():
            self.show_trouble("")
        else:
            self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        self._attempt += 1
        self._is_over = True
        super().closeEvent(event)
        self.closed.emit()

    def _connect(self) -> None:
        self.profiles.chosen.connect(self._on_chosen)
        self.person.returnPressed.connect(self._on_person)
        self.person.editingFinished.connect(self._on_person_edited)
        self.password.returnPressed.connect(self._submit)
        self.enter.clicked.connect(self._submit)
        self.leave.clicked.connect(self.close)
        self.first_people.found_asked.connect(self._on_found_asked)
        self.first_people.left.connect(self.close)

    def _on_chosen(self) -> None:
        self._show_chosen()

    def _on_person(self) -> None:
        self.password.setFocus()

    def _on_person_edited(self) -> None:
        # a window that goes takes the focus out of its field, when nothing runs any more
        if self._profile is not None and self.person.isEnabled() and not self._is_over:
            self._run(self._show_kept(self._profile, self.person.text()))

    def _focus_field(self) -> None:
        if self._profile is None:
            self.profiles.setFocus()
        else:
            (self.password if self.person.text() else self.person).setFocus()

    def _lay_out(self) -> None:
        self.pages = QStackedWidget()
        self.pages.addWidget(self.form)
        self.pages.addWidget(self.first_people)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.band)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.profiles)
        row.addWidget(self.pages, 1)
        whole.addLayout(row, 1)


def _needs_people(profile: Profile) -> bool | Denied:
    # what works with databases takes its time to import; the window does not wait for it
    from dealerdesk.desk import admission

    return admission.needs_people(profile)


def _admit(profile: Profile, person: str, secret: Secret, clock: Clock) -> Access | Denied:
    from dealerdesk.desk import admission

    return admission.admit(profile, person, secret, clock)


def _found(profile: Profile, first: Typed, second: Typed, clock: Clock) -> str:
    from dealerdesk.desk import admission

    return admission.found(profile, first, second, clock)
