import pytest

from dealerdesk.bridges.simulator.refusals import Refusal, RefusedError, platform_code
from dealerdesk.trading import Platform


@pytest.mark.parametrize("platform", list(Platform))
def test_every_refusal_has_a_code_of_every_platform(platform):
    assert all(platform_code(platform, refusal) for refusal in Refusal)


def test_the_codes_are_the_platforms_own():
    assert platform_code(Platform.MT4, Refusal.NO_MONEY) == "134"
    assert platform_code(Platform.MT5, Refusal.MARKET_CLOSED) == "10018"
    assert platform_code(Platform.CTRADER, Refusal.NO_MONEY) == "NOT_ENOUGH_MONEY"


def test_a_refusal_is_its_sentence():
    assert str(RefusedError(Refusal.LIMIT, "too much")) == "too much"
