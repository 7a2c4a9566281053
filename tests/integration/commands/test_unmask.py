"""One field of one client: given to whom it may be, refused to others, on record either way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from office import NOW_US, Office
from sqlalchemy import Engine, insert, select

from dealerdesk.commands import audit
from dealerdesk.commands.fields import PersonalField
from dealerdesk.commands.personal import key_of, protect
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.commands.unmask import unmask
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.schema import accounts, clients, contacts

Opening = Callable[..., str]
ROLES = {
    "dana": Role.HEAD_DEALER,
    "ana": Role.DEALER,
    "carol": Role.SUPERVISOR,
    "otto": Role.BACK_OFFICE,
    "iris": Role.AUDITOR,
    "adam": Role.ADMINISTRATOR,
}


@pytest.fixture
def client(office: Office) -> int:
    """The client of MT5 1001, with an e-mail address."""
    with writing(office.engine) as connection:
        of_account = (accounts.c.server == "MT5") & (accounts.c.login == 1001)
        client_id = connection.scalars(select(accounts.c.client_id).where(of_account)).one()
        token = protect(key_of(connection, client_id, NOW_US), client_id, "email", "ada@example.org")
        row = {"client_id": client_id, "field": "email", "token": token, "changed_us": NOW_US}
        connection.execute(insert(contacts).values(**row))
    return int(client_id)


@pytest.fixture
def opening(office: Office, client: int) -> Iterator[Opening]:
    """Opens a field of the client as a person would, on PostgreSQL over a connection of their own."""
    with ExitStack() as engines:

        def ask(who: str, field: PersonalField, reason: str = "", client_id: int = client) -> str:
            engine: Engine = office.engine_of(who) if office.has_logins else office.engine
            if office.has_logins:
                engines.callback(engine.dispose)
            return unmask(
                engine,
                who=who,
                role=ROLES[who],
                client_id=client_id,
                field=field,
                reason=reason,
                now_us=office.now_us,
                origin="desk on pc7",
            )

        yield ask


def entries(office: Office, client_id: int) -> list[tuple[str, str, str]]:
    with reading(office.engine) as connection:
        history = audit.history_of(connection, f"client {client_id}")
    return [(entry.actor, entry.action, entry.reason) for entry in history]


def test_a_head_dealer_opens_a_name_with_a_reason_and_that_is_on_record(
    office: Office, client: int, opening: Opening
) -> None:
    with reading(office.engine) as connection:
        name = connection.scalars(select(clients.c.name).where(clients.c.id == client)).first()

    assert opening("dana", PersonalField.NAME, "calls about a margin call") == name
    assert entries(office, client) == [
        ("dana", "asked to read", "calls about a margin call"),
        ("dana", "read", "calls about a margin call"),
    ]


def test_a_contact_is_decrypted_for_a_supervisor(opening: Opening) -> None:
    assert opening("carol", PersonalField.EMAIL, "complaint 71") == "ada@example.org"


def test_whose_daily_work_it_is_need_not_say_why(office: Office, client: int, opening: Opening) -> None:
    assert opening("otto", PersonalField.EMAIL) == "ada@example.org"
    assert entries(office, client)[-1] == ("otto", "read", "daily work")


@pytest.mark.parametrize(
    ("who", "field", "sentence"),
    [
        ("ana", PersonalField.NAME, "A dealer may not read this: name"),
        ("dana", PersonalField.EMAIL, "A head dealer may not read this: email"),
        ("otto", PersonalField.BANK_ACCOUNT, "A back office clerk may not read this: bank account"),
        ("iris", PersonalField.EMAIL, "An auditor may not read this: email"),
        ("adam", PersonalField.NAME, "An administrator may not read this: name"),
    ],
)
def test_who_may_not_is_refused_and_that_is_on_record(
    office: Office, client: int, opening: Opening, who: str, field: PersonalField, sentence: str
) -> None:
    with pytest.raises(Refused) as refused:
        opening(who, field, "curious")

    assert str(refused.value) == sentence
    assert entries(office, client) == [(who, "reading refused", sentence)]


def test_who_needs_a_reason_must_give_one(office: Office, client: int, opening: Opening) -> None:
    with pytest.raises(Refused, match="Give a reason"):
        opening("carol", PersonalField.EMAIL, "  ")
    assert entries(office, client) == [("carol", "reading refused", "Give a reason")]


def test_what_is_not_kept_is_said_to_be_so(client: int, opening: Opening) -> None:
    with pytest.raises(Refused, match=f"No phone of client {client} is kept here"):
        opening("carol", PersonalField.PHONE, "complaint 71")


def test_a_client_of_another_scope_is_not_given(office: Office, client: int, opening: Opening) -> None:
    office.hire("sue", Role.SUPERVISOR, "MT4")
    ROLES["sue"] = Role.SUPERVISOR
    with pytest.raises(Refused, match=f"Client {client} is not yours to look at"):
        opening("sue", PersonalField.EMAIL, "complaint 71")


def test_somebody_who_sees_everything_is_told_that_nothing_is_kept_of_a_client_nobody_knows(opening: Opening) -> None:
    with pytest.raises(Refused, match="No email of client 987654 is kept here"):
        opening("carol", PersonalField.EMAIL, "complaint 71", 987_654)
