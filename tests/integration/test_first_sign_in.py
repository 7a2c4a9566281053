"""From a request for somebody new to that person's own password: asked, approved, carried out, handed out, changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import keyring
import pytest
from debian_postgres import debian_binaries
from sqlalchemy import Engine, select
from tls_server import Authority, TlsServer

from dealerdesk.clock import now_us
from dealerdesk.commands import effects
from dealerdesk.commands.bodies import AddStaff
from dealerdesk.commands.records import CommandState, Refused, new_command_id
from dealerdesk.commands.roles import Role
from dealerdesk.commands.setting_up import note_set_up
from dealerdesk.config import Profile, Secret
from dealerdesk.desk.access import Access
from dealerdesk.desk.admission import Denied, admit, found, needs_people
from dealerdesk.desk.archive import Archive
from dealerdesk.store import passwords
from dealerdesk.store.engine import open_engine, reading, writing
from dealerdesk.store.schema import audit
from dealerdesk.store.setup import FirstPerson, set_up

ADAM, CAROL = "correct horse battery", "battery staple two"
OWN = "a password of my own"
PEOPLE = (FirstPerson("adam", "Adam Kowalski", "administrator"), FirstPerson("carol", "Carol Ferreira", "supervisor"))


@dataclass
class Firm:
    """A firm of two people; `hub` is a connection that may carry out commands."""

    profile: Profile
    passwords: dict[str, str]
    hub: Engine

    def come_in(self, who: str, password: str) -> Archive | Denied:
        access = admit(self.profile, who, Secret(password), now_us)
        return Archive.open(access, now_us) if isinstance(access, Access) else access

    def archive(self, who: str) -> Archive:
        archive = self.come_in(who, self.passwords[who])
        assert isinstance(archive, Archive)
        return archive

    def take_on(self, who: str) -> None:
        """adam asks, carol approves, the hub carries it out."""
        body = AddStaff(staff=who, name="Mia Okafor", role=Role.DEALER, login=who)
        adam, carol = self.archive("adam"), self.archive("carol")
        asked = adam.request("", body, "Starts on Monday", new_command_id(), None)
        carol.approve(asked, "")
        with writing(self.hub) as connection:
            done = effects.execute(connection, asked.id, now_us())
        assert done is not None
        assert done.state is CommandState.CONFIRMED, done.result
        adam.close()
        carol.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def firm(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Firm]:
    monkeypatch.setattr(keyring, "get_password", lambda _service, client: f"key of {client}")
    monkeypatch.setattr(passwords, "ARGON2_MEMORY_KIB", 64)
    if request.param == "sqlite":
        profile = Profile(name="own", database_url=f"sqlite:///{tmp_path / 'own.db'}", endpoints=())
        assert needs_people(profile) is True
        first = [(person.id, person.name, Secret(word)) for person, word in zip(PEOPLE, (ADAM, CAROL), strict=True)]
        assert found(profile, first[0], first[1], now_us) == ""
        made = Firm(profile, {"adam": ADAM, "carol": CAROL}, open_engine(profile.database_url))
        yield made
        made.hub.dispose()
        return
    folder = Path(tempfile.mkdtemp(prefix="dealerdesk-first-"))
    folder.chmod(0o755)
    authority = Authority("firm", folder)
    data = folder / "cluster"
    data.mkdir()
    server = TlsServer(data, debian_binaries(), authority)
    name = server.new_database()
    address = f"postgresql+psycopg://postgres@127.0.0.1:{server.port}/{name}?sslmode=verify-full"
    people = set_up(f"{address}&sslrootcert={authority.file}", server.password, PEOPLE, note_set_up, now_us()).people
    url = f"postgresql+psycopg://127.0.0.1:{server.port}/{name}"
    profile = Profile(name="firm", database_url=url, endpoints=(), database_ca=str(authority.file))
    made = Firm(profile, people, open_engine(server.url(name)))
    yield made
    made.hub.dispose()
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


def test_somebody_new_signs_in_with_the_first_password_and_changes_it(firm: Firm) -> None:
    firm.take_on("mia")
    assert isinstance(firm.come_in("mia", OWN), Denied)

    adam = firm.archive("adam")
    first = adam.hand_out_password("mia")
    with pytest.raises(Refused, match="has had its first password already"):
        adam.hand_out_password("mia")
    with pytest.raises(Refused, match="Nobody gives a login to themselves"):
        adam.hand_out_password("adam")
    adam.close()

    mia = firm.come_in("mia", first)
    assert isinstance(mia, Archive)
    assert (mia.session.name, mia.session.role) == ("Mia Okafor", "dealer")
    assert mia.change_password("not the old one", OWN) == "The old password is wrong."
    assert mia.change_password(first, "short") == "The password is shorter than 12 characters."
    assert mia.change_password(first, first) == "The new password is the old one."
    assert mia.change_password(first, OWN) == ""
    mia.suspend("on command")
    assert mia.resume(Secret(OWN)) is None
    mia.close()

    assert isinstance(firm.come_in("mia", first), Denied)
    again = firm.come_in("mia", OWN)
    assert isinstance(again, Archive)
    again.close()
    _assert_on_record_without_the_passwords(firm, first)


def _assert_on_record_without_the_passwords(firm: Firm, first: str) -> None:
    with reading(firm.hub) as connection:
        rows = connection.execute(select(audit)).all()
    told = [(row.actor, row.action, row.subject) for row in rows]
    assert ("adam", "first password set", "mia") in told
    assert ("mia", "setting changed", "mia") in told
    everything = repr(rows)
    assert first not in everything
    assert OWN not in everything
