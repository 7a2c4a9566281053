"""Figures that no server has are refused, and all others pass."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from platform_double import account, position

from dealerdesk.bridges import figures
from dealerdesk.bridges.figures import impossible_figure
from dealerdesk.bridges.protocol import Delta, Deltas, ProtocolError, decode_from_bridge, encode, encode_delta
from dealerdesk.trading import Client


@pytest.mark.parametrize("text", ["NaN", "nan", "-sNaN", "Infinity", "-inf", "1e999999999", "1E+30", "1e-99", "9" * 40])
def test_a_price_that_is_no_figure_is_named(text: str) -> None:
    delta = Delta(1, 1, 1, msgspec.structs.replace(position(1), open_price=Decimal(text)))

    assert impossible_figure(encode_delta(delta), delta) is not None


def test_a_price_spelt_with_escapes_is_found_too() -> None:
    frame = b'[1,1,1,["position",1,1,"X","buy",1,"\\u004eaN",1]]'

    assert impossible_figure(frame, msgspec.json.decode(frame, type=Delta)) == "NaN is no figure"


@pytest.mark.parametrize("balance", [2**63, -(2**63), 10**30])
def test_money_beyond_64_bits_is_refused(balance: int) -> None:
    delta = Delta(1, 1, 1, account(1, balance))

    assert impossible_figure(encode_delta(delta), delta) == "a number beyond 64 bits"


@pytest.mark.parametrize("balance", [2**63 - 1, 1 - 2**63, 0])
def test_money_within_64_bits_passes(balance: int) -> None:
    delta = Delta(1, 1, 1, account(1, balance))

    assert impossible_figure(encode_delta(delta), delta) is None


@pytest.mark.parametrize("name", ["Nan Infante", "0e5", "12345678901234567890123", "Zoë Émile", "\\u0041"])
def test_text_may_say_anything(name: str) -> None:
    client = Client(id=1, name=name, country="AE", profile="", registered_us=0)
    delta = Delta(1, 1, 1, client)

    assert impossible_figure(encode_delta(delta), delta) is None


def test_an_epoch_that_looks_like_an_exponent_does_not_cost_a_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: list[object] = []
    monkeypatch.setattr(figures, "_walk", walked.append)
    message = Deltas("5e7" + "a" * 29, [Delta(1, 1, 1, position(1))])

    assert impossible_figure(encode(message), message) is None
    assert walked == []


def test_an_exponent_before_or_behind_the_epoch_is_found() -> None:
    row = '[1,1,1,["position",1,1,"X","buy",1,"1e999999",1]]'
    frames = [
        f'{{"type":"deltas","epoch":"ab","items":[{row}]}}',
        f'{{"items":[{row}],"epoch":"ab","type":"deltas"}}',
    ]

    for frame in frames:
        with pytest.raises(ProtocolError, match="is no figure"):
            decode_from_bridge(frame)
