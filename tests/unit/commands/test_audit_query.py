from __future__ import annotations

import pytest

from dealerdesk.commands.audit_query import READERS, AuditQuery
from dealerdesk.commands.roles import Role


@pytest.mark.parametrize(
    ("query", "followed"),
    [
        (AuditQuery(), ""),
        (AuditQuery(actor="dana", text="1001"), ""),
        (AuditQuery(client_id=8), "client 8"),
        (AuditQuery(client_id=0), "client 0"),
        (AuditQuery(server="MT5", login=101, client_id=8), "MT5 101"),
        (AuditQuery(subject="dd-command-1", server="MT5", login=101), "dd-command-1"),
    ],
)
def test_what_is_followed_is_the_narrowest_thing_asked_about(query: AuditQuery, followed: str) -> None:
    assert query.follows == followed


def test_the_log_is_read_by_those_who_oversee_and_by_nobody_whom_it_oversees() -> None:
    assert sorted(role.value for role in READERS) == ["auditor", "compliance", "supervisor"]
    assert Role.ADMINISTRATOR not in READERS
