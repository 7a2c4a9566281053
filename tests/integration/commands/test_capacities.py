from __future__ import annotations

import pytest
from office import SERVER, Office
from sqlalchemy import select

from dealerdesk.commands.bodies import Scope
from dealerdesk.commands.capacities import Capacity, own, person, reaches_client, roles_words, scopes_of, within
from dealerdesk.commands.records import Refused
from dealerdesk.commands.roles import Role
from dealerdesk.store.engine import reading
from dealerdesk.store.schema import accounts

EVERYTHING = Capacity("carol", Role.SUPERVISOR, (Scope(),))
ONE_SERVER = Capacity("sam", Role.SUPERVISOR, (Scope("MT5"),))
ONE_GROUP = Capacity("eve", Role.DEALER, (Scope("MT5", "real"), Scope("", "vip")))
NOTHING = Capacity("new", Role.DEALER, ())


@pytest.mark.parametrize(
    ("server", "group", "seen"),
    [
        ("MT5", "real", [EVERYTHING, ONE_SERVER, ONE_GROUP]),
        ("MT5", "other", [EVERYTHING, ONE_SERVER]),
        ("MT4", "real", [EVERYTHING]),
        ("MT4", "vip", [EVERYTHING, ONE_GROUP]),
        ("", "", [EVERYTHING, ONE_SERVER, ONE_GROUP, NOTHING]),
    ],
)
def test_a_scope_is_a_server_and_a_group_and_empty_is_all(server: str, group: str, seen: list[Capacity]) -> None:
    assert within([EVERYTHING, ONE_SERVER, ONE_GROUP, NOTHING], server, group) == seen


def test_roles_are_said_as_a_choice() -> None:
    assert roles_words([Role.SUPERVISOR, Role.HEAD_DEALER, Role.SUPERVISOR]) == "head dealer or supervisor"
    assert roles_words([]) == "nobody"


def test_only_active_staff_have_a_capacity(office: Office) -> None:
    office.hire("gone", Role.DEALER, active=False)
    with reading(office.engine) as connection:
        assert own(connection, person(connection, "dana")) == Capacity("dana", Role.HEAD_DEALER, (Scope(),))
        assert scopes_of(connection, "nobody") == ()
        with pytest.raises(Refused, match="gone is no longer active"):
            person(connection, "gone")
        with pytest.raises(Refused, match="nobody is not a member of staff here"):
            person(connection, "nobody")


@pytest.mark.parametrize(
    ("server", "in_group", "reached"),
    [("", False, True), (SERVER, False, True), (SERVER, True, True), ("", True, True), ("MT4", False, False)],
)
def test_a_client_is_reached_through_one_of_their_accounts(
    office: Office, server: str, in_group: bool, reached: bool
) -> None:
    with reading(office.engine) as connection:
        of_account = (accounts.c.server == SERVER) & (accounts.c.login == 1001)
        client_id, group = connection.execute(
            select(accounts.c.client_id, accounts.c.group_name).where(of_account)
        ).one()
    office.hire("eve", Role.DEALER, server, group if in_group else "")
    office.hire("far", Role.DEALER, SERVER, "another group")

    with reading(office.engine) as connection:
        assert reaches_client(connection, "eve", client_id) is reached
        assert not reaches_client(connection, "far", client_id)
        assert not reaches_client(connection, "nobody", client_id)


def test_only_who_sees_everything_reaches_a_client_nobody_knows(office: Office) -> None:
    office.hire("eve", Role.DEALER, SERVER)
    with reading(office.engine) as connection:
        assert reaches_client(connection, "dana", 987_654)
        assert not reaches_client(connection, "eve", 987_654)
