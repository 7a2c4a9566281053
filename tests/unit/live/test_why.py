from __future__ import annotations

from dealerdesk.live import why, why_accounts, why_rows


def test_every_explanation_can_be_imported_from_one_place() -> None:
    made = {name for module in (why_accounts, why_rows) for name in vars(module) if name.startswith("why_")}

    assert set(why.__all__) == made
