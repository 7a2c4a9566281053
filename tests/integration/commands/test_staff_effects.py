"""What commands on staff do, from the asking to the row, on both backends."""

from __future__ import annotations

from carried_out import done, execute, found, person
from office import Office

from dealerdesk.commands.bodies import (
    AddStaff,
    ChangeRole,
    DropLogin,
    MakeLogin,
    Scope,
    SetActive,
    SetScopes,
)
from dealerdesk.commands.capacities import scopes_of
from dealerdesk.commands.records import CommandState
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading, writing
from dealerdesk.store.queries import StaffMember

EVA = AddStaff(staff="eva", name='Eva "the" Lund\\Å', role=Role.DEALER, scopes=(Scope("MT5", "real\\a"), Scope("MT4")))


def test_a_new_person_comes_with_role_and_scopes(office: Office) -> None:
    settled = done(office, "adam", EVA)

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, 'Eva "the" Lund\\Å is here as dealer')
    assert person(office, "eva") == StaffMember("eva", 'Eva "the" Lund\\Å', "dealer", True)
    with reading(office.engine) as connection:
        assert scopes_of(connection, "eva") == (Scope("MT4"), Scope("MT5", "real\\a"))


def test_a_role_is_changed_and_the_row_counts_its_versions(office: Office) -> None:
    office.hire("eva", Role.DEALER)

    settled = done(office, "adam", ChangeRole(staff="eva", role=Role.HEAD_DEALER))

    assert (settled.state, settled.result) == (CommandState.CONFIRMED, "eva is a head dealer now")
    assert found(office, "SELECT role, version, command_id FROM staff WHERE id = 'eva'") == [
        ("head_dealer", 2, settled.id)
    ]


def test_whoever_is_shut_out_can_do_nothing_any_more(office: Office) -> None:
    done(office, "adam", EVA)
    office.now_us += 1

    settled = done(office, "adam", SetActive(staff="eva", active=False))

    assert settled.result == "eva is no longer active"
    again = done(office, "adam", SetActive(staff="eva", active=True))
    assert again.result == "eva is active"


def test_a_login_is_made_dropped_and_made_anew(office: Office) -> None:
    done(office, "adam", EVA)

    made = done(office, "adam", MakeLogin(staff="eva", login="eva_db"))
    dropped = done(office, "adam", DropLogin(staff="eva", login="eva_db"))
    again = done(office, "adam", MakeLogin(staff="eva", login="eva_db"))

    assert made.result == again.result == "eva can sign in as eva_db"
    assert dropped.result == "Nobody can sign in as eva_db any more"
    assert found(office, "SELECT login, command_id FROM staff_logins WHERE staff = 'eva'") == [("eva_db", again.id)]
    if office.has_logins:
        assert found(office, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'eva_db'") == [(True,)]
    done(office, "adam", DropLogin(staff="eva", login="eva_db"))


def test_scopes_are_replaced_whole(office: Office) -> None:
    done(office, "adam", EVA)

    settled = done(office, "adam", SetScopes(staff="eva", scopes=(Scope("cTrader"),)))

    assert settled.result == "eva sees and acts on all of cTrader"
    with reading(office.engine) as connection:
        assert scopes_of(connection, "eva") == (Scope("cTrader"),)


def test_a_change_on_another_version_than_was_seen_fails(office: Office) -> None:
    done(office, "adam", EVA)
    body = SetActive(staff="eva", active=False)
    record = office.approve("carol", office.request("adam", body, server="", expected_version=7))

    settled = execute(office, record)

    assert settled is not None
    assert (settled.state, settled.result) == (CommandState.FAILED, "eva has been changed since: look again")
    assert person(office, "eva") is not None


def test_a_login_that_the_cluster_has_lost_is_dropped_and_made_anew(office: Office) -> None:
    done(office, "adam", EVA)
    done(office, "adam", MakeLogin(staff="eva", login="eva_moved"))
    if office.has_logins:
        with writing(office.engine) as connection:
            connection.exec_driver_sql("DROP ROLE eva_moved")  # as in a cluster that the database was restored into

    dropped = done(office, "adam", DropLogin(staff="eva", login="eva_moved"))
    made = done(office, "adam", MakeLogin(staff="eva", login="eva_moved"))

    assert (dropped.state, made.state) == (CommandState.CONFIRMED, CommandState.CONFIRMED)
    assert found(office, "SELECT staff, active FROM staff_logins WHERE login = 'eva_moved'") == [("eva", True)]
    if office.has_logins:
        assert found(office, "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'eva_moved'") == [(True,)]
        done(office, "adam", DropLogin(staff="eva", login="eva_moved"))
