from dealerdesk.bridges.simulator.limits import LIMITS
from dealerdesk.instruments import LOT


def test_a_stolen_key_is_bounded():
    assert LIMITS.balance_usd_max == 100_000
    assert LIMITS.confirm_volume_max == 100 * LOT
    assert LIMITS.leverage_max == 500
    assert "manager" not in LIMITS.group_kinds
