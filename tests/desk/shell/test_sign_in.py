"""The sign-in window: which broker, who, the password, and each way of not coming in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings, Qt
from pytestqt.qtbot import QtBot

from dealerdesk.commands.signed_in import Session
from dealerdesk.config import FoundProfile, Profile, Secret
from dealerdesk.desk import kept_password, sign_in, theme
from dealerdesk.desk.access import Access
from dealerdesk.desk.admission import Denied, Typed
from dealerdesk.desk.application import make_application
from dealerdesk.desk.jobs import Jobs
from dealerdesk.desk.sign_in import SignInWindow

from .conftest import NOW_US, RunInQt

LIVE = Profile(name="northwind", broker="Northwind Markets", live=True, database_url="sqlite:///a", endpoints=())
DEMO = Profile(name="training", broker="Training", database_url="postgresql://db.example/desk", endpoints=())
BROKEN = FoundProfile(Path("old.toml"), None, "old.toml: Object missing required field `name`")
FOUND = [FoundProfile(Path(f"{profile.name}.toml"), profile) for profile in (LIVE, DEMO)]
Deed = Callable[[SignInWindow], Awaitable[None]]


class Database:
    """Answers what the test says next; notes who asked with what."""

    def __init__(self) -> None:
        self.answers: list[Denied | None] = []
        self.asked: list[tuple[str, str, str]] = []
        self.secrets: list[Secret] = []
        self.is_empty = False
        self.founded: list[str] = []

    def admit(self, profile: Profile, person: str, secret: Secret, _clock: object) -> Access | Denied:
        self.asked.append((profile.name, person, secret.read()))
        self.secrets.append(secret)
        answer = self.answers.pop(0) if self.answers else None
        session = Session(staff=person, name=person, role="dealer", login=person)
        return answer or Access(profile, session, secret)

    def needs_people(self, _profile: Profile) -> bool | Denied:
        return self.is_empty

    def found(self, _profile: Profile, first: Typed, second: Typed, _clock: object) -> str:
        self.founded += [first[0], second[0]]
        return ""


class Ring:
    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.is_there = True

    def keep(self, profile: str, person: str, password: str) -> str:
        self.kept[(profile, person)] = password
        return ""


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Database:
    made = Database()
    monkeypatch.setattr(sign_in, "_admit", made.admit)
    monkeypatch.setattr(sign_in, "_needs_people", made.needs_people)
    monkeypatch.setattr(sign_in, "_found", made.found)
    monkeypatch.setattr(sign_in, "TRY_AGAIN_S", 0.05)
    return made


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch) -> Ring:
    made = Ring()
    monkeypatch.setattr(kept_password, "is_possible", lambda: made.is_there)
    monkeypatch.setattr(kept_password, "kept", lambda profile, person: made.kept.get((profile, person)))
    monkeypatch.setattr(kept_password, "keep", made.keep)
    monkeypatch.setattr(kept_password, "forget", lambda profile, person: made.kept.pop((profile, person), None))
    return made


@pytest.fixture
def settings(tmp_path: Path) -> QSettings:
    return QSettings(str(tmp_path / "sign-in.ini"), QSettings.Format.IniFormat)


@pytest.fixture
def at_the_door(
    qtbot: QtBot, dark: theme.Theme, in_qt_loop: RunInQt, settings: QSettings, database: Database, ring: Ring
) -> Callable[..., None]:
    """Does something at the window, which closes afterwards."""
    make_application()  # which outlives its last window

    async def whole(deed: Deed, found: list[FoundProfile]) -> None:
        async with Jobs(lambda text, _tone: pytest.fail(text)) as jobs:
            window = SignInWindow(found, settings, jobs.run, lambda: NOW_US)
            qtbot.addWidget(window)
            window.show()
            await deed(window)
            window.close()
        assert jobs.bugs == 0

    def run(deed: Deed, found: list[FoundProfile] | None = None) -> None:
        in_qt_loop(whole(deed, FOUND if found is None else found))

    return run


async def until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 - what is waited for is what a widget shows
        await asyncio.sleep(0.01)


async def admitted(window: SignInWindow, deed: Callable[[], None]) -> Access:
    """Who comes in after `deed`."""
    came: asyncio.Future[Access] = asyncio.get_running_loop().create_future()
    window.admitted.connect(came.set_result)
    deed()
    return await came


def type_in(qtbot: QtBot, window: SignInWindow, person: str, password: str) -> None:
    window.person.setText(person)
    qtbot.keyClicks(window.password, password)
    qtbot.keyClick(window.password, Qt.Key.Key_Return)


def test_a_person_signs_in_and_their_name_but_no_password_is_remembered(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database, settings: QSettings
) -> None:
    async def deed(window: SignInWindow) -> None:
        access = await admitted(window, lambda: type_in(qtbot, window, "dana", "green tea leaves"))
        assert access.session.staff == "dana"
        assert window.password.text() == ""

    at_the_door(deed)
    assert database.asked == [("northwind", "dana", "green tea leaves")]
    settings.sync()
    kept = Path(settings.fileName()).read_text()
    assert "dana" in kept
    assert "green tea" not in kept


def test_a_live_broker_is_red_and_named_a_demo_is_not(at_the_door: Callable[..., None]) -> None:
    async def deed(window: SignInWindow) -> None:
        window.profiles.choose("northwind")
        assert window.band.words == "LIVE  ·  Northwind Markets  ·  real money"
        assert window.windowTitle() == "Sign in · LIVE · Northwind Markets · DealerDesk"
        red = window.band.grab().toImage().pixelColor(4, 4)
        window.profiles.choose("training")
        assert window.band.words == "DEMO  ·  Training  ·  no real money"
        assert red.name().upper() == theme.DARK.alarm
        assert window.band.grab().toImage().pixelColor(4, 4) != red

    at_the_door(deed)


def test_a_profile_that_cannot_be_used_says_why_and_takes_no_password(at_the_door: Callable[..., None]) -> None:
    async def deed(window: SignInWindow) -> None:
        window.profiles.setCurrentRow(1)
        assert "missing required field" in window.trouble.text()
        assert not window.password.isEnabled()

    at_the_door(deed, [FOUND[0], BROKEN])


def test_without_a_profile_it_says_where_one_belongs(at_the_door: Callable[..., None]) -> None:
    async def deed(window: SignInWindow) -> None:
        assert "profiles" in window.trouble.text()
        assert not window.enter.isEnabled()

    at_the_door(deed, [])


def test_a_wrong_password_is_said_and_the_next_may_be_typed(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database
) -> None:
    database.answers = [Denied("The name or the password is wrong.")]

    async def deed(window: SignInWindow) -> None:
        type_in(qtbot, window, "dana", "wrong")
        await until(lambda: bool(window.trouble.text()))
        assert window.trouble.text() == "The name or the password is wrong."
        assert window.password.isEnabled()
        assert not database.secrets[0].is_known
        await admitted(window, lambda: type_in(qtbot, window, "dana", "right"))

    at_the_door(deed)


def test_a_database_that_is_down_is_asked_again_by_itself(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database
) -> None:
    down = Denied("The database does not answer.", may_pass=True)
    database.answers = [down, down]

    async def deed(window: SignInWindow) -> None:
        await admitted(window, lambda: type_in(qtbot, window, "dana", "green tea leaves"))
        assert len(database.asked) == 3

    at_the_door(deed)


def test_escape_stops_asking_and_only_then_closes(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database
) -> None:
    database.answers = [Denied("The database does not answer.", may_pass=True)] * 1_000

    async def deed(window: SignInWindow) -> None:
        type_in(qtbot, window, "dana", "green tea leaves")
        await until(lambda: "asked again" in window.trouble.text())
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        assert window.isVisible()
        assert window.enter.isEnabled()
        await until(lambda: not database.secrets[0].is_known)
        qtbot.keyClick(window, Qt.Key.Key_Escape)
        assert not window.isVisible()

    at_the_door(deed)


def test_a_password_is_kept_only_when_asked_and_then_enter_is_enough(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database, ring: Ring
) -> None:
    async def first(window: SignInWindow) -> None:
        await until(window.remember.isEnabled)
        window.remember.setChecked(True)
        await admitted(window, lambda: type_in(qtbot, window, "dana", "green tea leaves"))

    async def second(window: SignInWindow) -> None:
        await until(lambda: window.password.placeholderText() != "")
        await admitted(window, lambda: qtbot.keyClick(window.password, Qt.Key.Key_Return))

    at_the_door(first)
    assert ring.kept == {("northwind", "dana"): "green tea leaves"}
    at_the_door(second)
    assert database.asked[1] == ("northwind", "dana", "green tea leaves")


def test_unticking_takes_the_password_out_of_the_keyring(
    at_the_door: Callable[..., None], qtbot: QtBot, ring: Ring
) -> None:
    ring.kept[("northwind", "dana")] = "green tea leaves"

    async def deed(window: SignInWindow) -> None:
        await until(window.remember.isEnabled)
        window.person.setText("dana")
        window.remember.setChecked(False)
        await admitted(window, lambda: type_in(qtbot, window, "dana", "green tea leaves"))

    at_the_door(deed)
    assert ring.kept == {}


def test_without_a_keyring_it_says_that_the_password_is_asked_each_time(
    at_the_door: Callable[..., None], ring: Ring
) -> None:
    ring.is_there = False

    async def deed(window: SignInWindow) -> None:
        await until(lambda: "asked each time" in window.remember.text())
        assert not window.remember.isEnabled()

    at_the_door(deed)


def test_an_empty_name_or_password_is_asked_for_and_nothing_is_sent(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database
) -> None:
    async def deed(window: SignInWindow) -> None:
        type_in(qtbot, window, "", "x")
        assert window.trouble.text() == "Type the name you sign in with."
        type_in(qtbot, window, "dana", "")
        assert window.trouble.text() == "Type your password."

    at_the_door(deed)
    assert database.asked == []


def test_an_empty_database_asks_for_its_first_two_people(
    at_the_door: Callable[..., None], qtbot: QtBot, database: Database
) -> None:
    database.is_empty = True

    async def deed(window: SignInWindow) -> None:
        await until(lambda: window.pages.currentWidget() is window.first_people)
        words = {"id": ("adam", "carol"), "name": ("Adam K", "Carol F")}
        words |= {"password": ("one", "two"), "again": ("one", "two")}
        for what, (first, second) in words.items():
            window.first_people.fields[f"first_{what}"].setText(first)
            window.first_people.fields[f"second_{what}"].setText(second)
        qtbot.keyClick(window.first_people.fields["second_again"], Qt.Key.Key_Return)
        await until(lambda: window.pages.currentWidget() is window.form)
        assert window.person.text() == "adam"
        assert window.first_people.fields["first_password"].text() == ""

    at_the_door(deed)
    assert database.founded == ["adam", "carol"]
