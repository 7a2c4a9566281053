from __future__ import annotations

import platform

import pytest

from dealerdesk.config import Secret
from dealerdesk.desk.access import Access, origin

from .conftest import access_of


def test_the_audit_log_hears_from_which_machine_somebody_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platform, "node", str)
    assert origin() == "desk on an unnamed machine"

    monkeypatch.setattr(platform, "node", "pc-7".strip)
    assert origin() == "desk on pc-7"


def test_a_password_is_never_in_what_is_printed_of_an_access() -> None:
    known = access_of("dana")
    access = Access(known.profile, known.session, Secret("green tea leaves"))

    assert "green tea" not in repr(access)
