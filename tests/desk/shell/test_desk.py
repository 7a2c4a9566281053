"""The record of collaborators."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from dealerdesk.desk.desk import Desk


def test_no_panel_can_put_another_collaborator_into_the_desk(desk: Desk) -> None:
    with pytest.raises(FrozenInstanceError):
        desk.who = "carol"  # type: ignore[misc]
