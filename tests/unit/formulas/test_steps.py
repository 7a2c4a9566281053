from __future__ import annotations

from dataclasses import FrozenInstanceError
from decimal import Decimal

import pytest

from dealerdesk.formulas.steps import Result, Step


def test_a_result_cannot_be_changed_after_it_was_computed() -> None:
    result = Result(Decimal("1.01"), Decimal("1.005"), (Step("profit", Decimal("1.005"), Decimal("1.01")),))

    with pytest.raises(FrozenInstanceError):
        result.value = Decimal(2)  # type: ignore[misc]
