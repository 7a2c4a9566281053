"""A login is made, changed and dropped by two people and a role of least rights; sessions that must end are ended."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from attacked_firm import NOW_US, Firm
from registry_work import Registry, answer, asking

from dealerdesk.commands.canonical import canonical
from dealerdesk.commands.first_passwords import hand_out
from dealerdesk.commands.records import Refused
from dealerdesk.store.engine import open_engine, writing
from dealerdesk.store.passwords import scram_verifier

HIRED = ("eve", "finn", "gil", "ida")


@pytest.fixture
def registry(busy_firm: Firm) -> Iterator[Registry]:
    yield Registry(busy_firm)
    with busy_firm.as_superuser() as owner:
        for login in HIRED:
            owner.execute(f"DROP ROLE IF EXISTS {login}".encode())


def groups_of(firm: Firm, login: str) -> list[str]:
    with firm.as_superuser() as owner:
        rows = owner.execute(
            "SELECT g.rolname FROM pg_auth_members AS m JOIN pg_roles AS g ON g.oid = m.roleid"
            " JOIN pg_roles AS p ON p.oid = m.member WHERE p.rolname = %s ORDER BY 1",
            (login,),
        ).fetchall()
    return [name for (name,) in rows]


def roles_and_members(firm: Firm) -> list[tuple[str, str]]:
    with firm.as_superuser() as owner:
        return owner.execute(
            "SELECT r::text, coalesce(string_agg(m.roleid::regrole::text, ' ' ORDER BY m.roleid), '')"
            " FROM pg_roles AS r LEFT JOIN pg_auth_members AS m ON m.member = r.oid GROUP BY r ORDER BY 1"
        ).fetchall()


def make_login(name: str) -> str:
    return canonical({"kind": "make_login", "login": name, "staff": "ana"})


def first_password(firm: Firm, login: str, verifier: str, by: str = "adam") -> dict[str, str]:
    with firm.connect(by) as administrator:
        return answer(administrator, f"SELECT api.first_password('{login}', '{verifier}', 'desk 7')")


def test_a_new_login_signs_in_once_it_has_its_first_password(busy_firm: Firm, registry: Registry) -> None:
    registry.hire("eve", "payments")
    assert groups_of(busy_firm, "eve") == ["dealerdesk_payments", "dealerdesk_staff"]
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        busy_firm.connect_with("eve", "eve")

    verifier = scram_verifier("a first password")
    clear = first_password(busy_firm, "eve", "a first password")
    by_a_colleague = first_password(busy_firm, "eve", verifier, by="carol")
    done = first_password(busy_firm, "eve", verifier)
    again = first_password(busy_firm, "eve", scram_verifier("another one"))

    outcomes = [said["outcome"] for said in (clear, by_a_colleague, done, again)]
    assert outcomes == ["refused", "refused", "done", "refused"]
    with busy_firm.connect_with("eve", "a first password") as eve:
        assert eve.execute("SELECT api.person(), count(*) FROM accounts").fetchone() == ("eve", 5)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        busy_firm.connect_with("eve", "another one")


def test_the_desk_hands_out_a_first_password(busy_firm: Firm, registry: Registry) -> None:
    registry.hire("ida", "compliance")
    engine = open_engine(busy_firm.url("adam"))
    try:
        with writing(engine) as connection:
            password = hand_out(connection, who="adam", login="ida", now_us=NOW_US)
        with writing(engine) as connection, pytest.raises(Refused, match="has had its first password already"):
            hand_out(connection, who="adam", login="ida", now_us=NOW_US)
    finally:
        engine.dispose()
    with busy_firm.connect_with("ida", password) as ida:
        assert ida.execute("SELECT api.role()").fetchone() == ("compliance",)


def test_an_administrator_gives_no_password_to_an_older_login(busy_firm: Firm) -> None:
    verifier = scram_verifier("known to adam")
    assert first_password(busy_firm, "adam", verifier)["outcome"] == "refused"
    assert first_password(busy_firm, "nobody", verifier)["outcome"] == "refused"


def test_another_role_is_another_group(busy_firm: Firm, registry: Registry) -> None:
    registry.hire("finn", "dealer")
    registry.let_through("promote-1", "change_role", staff="finn", role="back_office")
    done = registry.carry_out(
        "promote-1",
        "UPDATE staff SET role = 'back_office', version = 2, command_id = 'promote-1' WHERE id = 'finn'",
        "SELECT api.regroup_login('promote-1')",
    )

    assert done == [1]
    assert groups_of(busy_firm, "finn") == ["dealerdesk_back_office", "dealerdesk_staff"]


def test_who_is_no_longer_active_is_put_out_and_cannot_come_back(busy_firm: Firm, registry: Registry) -> None:
    registry.hire("gil", "dealer")
    assert first_password(busy_firm, "gil", scram_verifier("gil was here"))["outcome"] == "done"
    with busy_firm.connect_with("gil", "gil was here") as gil:
        registry.let_through("dismiss-1", "set_active", staff="gil", active=False)
        registry.carry_out(
            "dismiss-1",
            "UPDATE staff SET active = false, version = 2, command_id = 'dismiss-1' WHERE id = 'gil'",
            "SELECT api.regroup_login('dismiss-1')",
        )
        with pytest.raises(psycopg.OperationalError):
            gil.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError, match="not permitted to log in"):
        busy_firm.connect_with("gil", "gil was here")

    registry.let_through("drop-gil-1", "drop_login", staff="gil", login="gil")
    assert registry.carry_out("drop-gil-1", "SELECT api.drop_login('drop-gil-1')") == ["gil"]
    assert groups_of(busy_firm, "gil") == []


@pytest.mark.parametrize(
    ("number", "name"),
    list(enumerate(("postgres", "dealerdesk_hub", "pg_monitor", "carol", "Evil Name", "x'; DROP ROLE carol"))),
)
def test_no_login_is_made_over_a_role_that_is_there(
    busy_firm: Firm, registry: Registry, number: int, name: str
) -> None:
    command_id = f"make-login-{number}"
    before = roles_and_members(busy_firm)
    with busy_firm.connect("adam") as adam:
        said = answer(adam, asking(command_id, "make_login", "", make_login(name)))
    if said["outcome"] == "done":
        registry.let_through(command_id, "make_login", login=name, staff="ana")
        with pytest.raises(psycopg.Error):
            registry.carry_out(command_id, f"SELECT api.make_login('{command_id}')")

    assert roles_and_members(busy_firm) == before


def test_a_long_transaction_is_ended_whatever_its_session_says(busy_firm: Firm) -> None:
    with busy_firm.connect("ana") as ana, busy_firm.connect("dealerdesk_hub") as hub:
        ana.execute("SET idle_in_transaction_session_timeout = 0; SET statement_timeout = 0")
        ana.execute("BEGIN; SELECT count(*) FROM accounts; SELECT pg_sleep(1.1)")
        ended = hub.execute("SELECT api.end_long_transactions(1)").fetchone()
        with pytest.raises(psycopg.OperationalError):
            ana.execute("SELECT 1")

    assert ended == (1,)


def test_the_watchdog_leaves_services_and_short_transactions_alone(busy_firm: Firm) -> None:
    with busy_firm.connect("ana") as ana, busy_firm.connect("dealerdesk_hub") as hub:
        with busy_firm.connect("dealerdesk_migrator") as migrator:
            migrator.execute("BEGIN; SELECT pg_sleep(1.1)")
            ana.execute("BEGIN; SELECT 1")
            ended = hub.execute("SELECT api.end_long_transactions(1)").fetchone()
            migrator.execute("COMMIT")
        ana.execute("COMMIT")

    assert ended == (0,)


def test_sessions_of_people_who_were_told_to_go_are_ended(busy_firm: Firm) -> None:
    busy_firm.arrange("UPDATE staff SET active = false WHERE id = 'dora'")
    with (
        busy_firm.connect("dora") as dora,
        busy_firm.connect("ana") as ana,
        busy_firm.connect("dealerdesk_hub") as hub,
    ):
        ended = hub.execute("SELECT api.end_sessions_of_inactive()").fetchone()
        with pytest.raises(psycopg.OperationalError):
            dora.execute("SELECT 1")
        assert ana.execute("SELECT 1").fetchone() == (1,)

    assert ended == (1,)
