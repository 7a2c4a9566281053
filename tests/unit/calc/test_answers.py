"""Every kind of question, answered from the formula library."""

from __future__ import annotations

from typing import Any

import pytest

from dealerdesk.calc.lines import answer_line

from .lines_of import line


def value(kind: str, **fields: Any) -> Any:
    found = answer_line(line(kind, **fields))
    assert "error" not in found, found
    return found["value"]


def error(kind: str, **fields: Any) -> str:
    return str(answer_line(line(kind, **fields))["error"])


FOREX = {"mode": "forex", "contract_size": "100000"}
LONG_TWO_SHORT_HALF = [
    {"side": "buy", "lots": "2", "open": "1.0790"},
    {"side": "sell", "lots": "0.5", "open": "1.0810"},
]


@pytest.mark.parametrize(("amount", "rounded"), [("0.125", "0.13"), ("-0.125", "-0.13"), ("2.5", "2.50")])
def test_amounts_are_rounded_half_away_from_zero(amount: str, rounded: str) -> None:
    assert value("round", amount=amount, digits=2) == rounded


@pytest.mark.parametrize(
    ("fields", "profit"),
    [
        ({"mode": "forex", "side": "sell", "lots": "0.30", "open": "1.10250", "close": "1.10110"}, "42.00"),
        ({"mode": "forex_no_leverage", "side": "buy", "lots": "1", "open": "1.1", "close": "1.2"}, "10000.00"),
        ({"mode": "cfd", "contract_size": "10", "side": "buy", "lots": "2", "open": "100", "close": "99.5"}, "-10.00"),
        (
            {"mode": "cfd_index", "contract_size": "1", "side": "sell", "lots": "5", "open": "90", "close": "80"},
            "50.00",
        ),
        ({"mode": "cfd_leverage", "contract_size": "1", "side": "buy", "lots": "3", "open": "1", "close": "2"}, "3.00"),
        (
            {"mode": "exchange_stocks", "contract_size": "1", "side": "buy", "lots": "7", "open": "1", "close": "3"},
            "14.00",
        ),
    ],
)
def test_profit_follows_the_mode(fields: dict[str, str], profit: str) -> None:
    assert value("profit", **({"contract_size": "100000"} | fields)) == profit


def test_a_future_pays_by_its_ticks_and_a_bond_by_its_face_value() -> None:
    ticks = {"mode": "futures", "tick_value": "12.5", "tick_size": "0.25", "lots": "2", "side": "sell"}
    bond = {"mode": "bonds", "face_value": "1000", "contract_size": "1", "lots": "10", "side": "buy"}

    assert value("profit", open="4500", close="4501", **ticks) == "-100.00"
    assert value("profit", open="98", close="99.5", **bond) == "150.00"


def test_profit_is_converted_after_it_was_rounded() -> None:
    fields = FOREX | {"side": "buy", "lots": "0.333", "open": "1", "close": "1.00001", "rate": "3"}

    assert value("profit", **fields) == "0.99"


def test_the_uncovered_lots_of_a_hedge_are_charged() -> None:
    asked = FOREX | {"hedge_rule": "basic", "leverage": "200", "hedged": "0", "conversion": "1.0800"}

    assert value("margin", positions=LONG_TWO_SHORT_HALF, **asked) == "810.00"
    assert value("margin", positions=LONG_TWO_SHORT_HALF, **(asked | {"hedge_rule": "larger_leg"})) == "1080.00"


def test_a_hedging_rule_that_is_not_told_is_the_platforms_own() -> None:
    asked = FOREX | {"leverage": "100", "hedged": "50000"}
    pair = [{"side": "buy", "lots": "1", "open": "1"}, {"side": "sell", "lots": "1", "open": "1"}]

    found = [value("margin", platform=name, positions=pair, **asked) for name in ("mt4", "mt5", "ctrader")]
    assert found == ["1000.00", "500.00", "1000.00"]


def test_what_an_order_needs_on_top_is_never_less_than_nothing() -> None:
    asked = FOREX | {"leverage": "100", "positions": [{"side": "buy", "lots": "1", "open": "1"}]}

    assert value("margin", placing={"side": "buy", "lots": "0.5", "price": "1"}, **asked) == "500.00"
    assert value("margin", placing={"side": "sell", "lots": "0.5", "price": "1"}, **asked) == "0.00"


def test_tiers_slice_the_volume_of_one_symbol_or_the_value_of_several() -> None:
    bands = [{"from": "0", "to": "10", "rate": "1"}, {"from": "10", "to": None, "rate": "2"}]
    held = [{"side": "buy", "lots": "15", "open": "1"}]
    measured = [{"lots": "5", "margin": "3000"}, {"lots": "7", "margin": "2000"}]

    by_volume = {"by": "volume", "bands": bands}
    assert value("margin", leverage="100", positions=held, tiers=by_volume, **FOREX) == "20000.00"
    assert value("margin", margins=measured, tiers=by_volume) == "5833.33"
    by_value = {"by": "value", "bands": [{"from": "0", "to": "400000", "rate": "1"}, {"from": "400000", "rate": "3"}]}
    assert value("margin", margins=measured, tiers=by_value, leverage="100") == "7000.00"


def test_a_level_is_equity_in_percent_of_the_margin() -> None:
    assert value("level", equity="1234.56", margin="1000") == "123.46"
    assert error("level", equity="1", margin="0").startswith("margin: expected an amount other than 0")


def test_swap_in_points_rounds_the_value_of_one_point_first() -> None:
    asked = {"mode": "points", "calc_mode": "forex", "side": "buy", "lots": "0.37", "contract_size": "100000"}

    assert value("swap", point="0.00001", long="-7.25", short="0", rate="1.12", **asked) == "-2.97"
    assert value("swap", platform="mt4", point="0.00001", long="-7.25", rate="1.12", **asked) == "-3.00"


def test_a_reopened_position_has_a_new_price_in_place_of_a_swap() -> None:
    asked = {"mode": "reopen_close", "side": "sell", "point": "0.01", "long": "-5", "short": "-5"}

    assert value("swap", close_price="100.00", **asked) == "99.95"
    assert error("swap", **asked) == "close_price: expected a price for reopen_close"


def test_days_of_a_week_with_a_holiday() -> None:
    week = {"sunday": "0", "monday": "1", "tuesday": "1", "wednesday": "3", "thursday": "1", "friday": "1"}
    found = value("swap_days", multipliers=week, holidays=["thursday"], consider_holidays=True)

    assert (found["wednesday"], found["thursday"], found["saturday"]) == ("4", "0", "0")
    assert error("swap_days", multipliers={"someday": "1"}).startswith("multipliers: expected names of weekdays")


def test_commission_is_one_amount_a_deal() -> None:
    tiers = [{"from": "0", "to": "1", "rate": "5"}, {"from": "1", "to": None, "rate": "4", "min": "0", "max": "6"}]
    deals = [{"entry": "in", "lots": "0.5"}, {"entry": "out", "lots": "2"}]

    asked = {"range_by": "lots", "entry": "all", "per": "lot", "unit": "money"}
    assert value("commission", tiers=tiers, deals=deals, **asked) == ["2.50", "6.00"]


def test_a_split_and_a_dividend() -> None:
    shares = {"contract_size": "1", "step": "0.1", "new_shares": "3", "old_shares": "1", "price_digits": 2}

    found = value("split", price="101.50", lots="2", **shares)
    assert found == {"price": "33.83", "lots": "6.0", "contracts": "6"}
    assert value("dividend", side="buy", lots="100", amount_per_lot="0.05", tax_percent="15") == "4.25"


def test_a_stop_out_names_what_goes_in_its_order_and_what_the_broker_pays() -> None:
    found = answer_line(
        line(
            "stop_out",
            account={
                "balance": "100",
                "credit": "0",
                "stop_out_percent": "50",
                "negative_balance_protection": True,
            },
            positions=[
                {"id": "p1", "side": "buy", "lots": "1", "open": "1", "price": "1", "margin": "100", "profit": "-10"},
                {"id": 7, "side": "buy", "lots": "1", "open": "1", "price": "1", "margin": "100", "profit": "-160"},
            ],
            orders=[{"id": "o1", "margin": "5"}, {"id": "o2", "margin": "0"}],
        )
    )

    assert found["value"] == ["o1", 7, "p1"]
    assert found["compensation"] == "70.00"


def test_volumes_are_whole_numbers_of_each_platforms_unit() -> None:
    found = value("volume", lots="0.01", lot_size="100000")

    assert found == {"mt4": 1, "mt5": 100, "mt5_ext": 1_000_000, "ctrader": 100_000}


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("margin", FOREX | {"positions": [{"side": "buy", "lots": "1", "open": "1"}]}, "leverage: expected a number"),
        (
            "margin",
            FOREX | {"leverage": "0", "positions": LONG_TWO_SHORT_HALF},
            "leverage: expected more than 0, got 0",
        ),
        ("margin", FOREX | {"leverage": "100"}, "positions: expected at least one, or orders, placing or margins"),
        (
            "margin",
            FOREX | {"leverage": "1", "positions": [{"side": "buy", "lots": "0", "open": "1"}]},
            "positions[0].lots: expected more than 0, got 0",
        ),
        (
            "profit",
            {"mode": "futures", "side": "buy", "lots": "1", "open": "1", "close": "2"},
            "tick_size: expected more than 0, got 0",
        ),
        (
            "profit",
            {"mode": "bonds", "side": "buy", "lots": "1", "open": "1", "close": "2"},
            "face_value: expected more than 0, got 0",
        ),
        ("round", {"amount": "1", "digits": 12}, "digits: expected 0 to 11, got 12"),
    ],
)
def test_what_is_missing_is_named(kind: str, fields: dict[str, Any], words: str) -> None:
    assert error(kind, **fields).startswith(words)


ON_PRICE = {"mode": "cfd", "contract_size": "10"}
BOUGHT = {"side": "buy", "lots": "1"}
NIGHT = {"calc_mode": "forex", "side": "buy", "lots": "1", "contract_size": "100000"}
CHARGE = {"range_by": "lots", "entry": "all", "per": "deal", "tiers": [{"from": "0", "to": None, "rate": "1"}]}


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        ("profit", {"mode": "forex", "open": "1", "close": "2", **BOUGHT}, "contract_size: expected more than 0"),
        ("margin", ON_PRICE | {"positions": [BOUGHT]}, "positions[0].open: expected a price"),
        (
            "margin",
            ON_PRICE | {"positions": [BOUGHT | {"open": "5"}], "placing": BOUGHT},
            "placing.price: expected a price",
        ),
        (
            "margin",
            ON_PRICE | {"orders": [{"type": "buy_limit", "lots": "1"}], "rates": {"buy_limit": "1"}},
            "orders[0].price: expected a price",
        ),
        (
            "margin",
            FOREX | {"leverage": "100", "convert_at_open": True, "positions": [BOUGHT]},
            "positions[0].open: expected a price",
        ),
        ("swap", NIGHT | {"mode": "points", "point": "0.00001"}, "long: expected the rate of a buy"),
        ("swap", NIGHT | {"mode": "currency", "side": "sell", "long": "1"}, "short: expected the rate of a sell"),
        ("swap", {"mode": "currency", "side": "buy", "long": "1"}, "lots: expected more than 0"),
        ("swap", NIGHT | {"mode": "points", "long": "1"}, "point: expected more than 0"),
        (
            "swap",
            {"mode": "interest_open", "calc_mode": "cfd", "long": "1", "contract_size": "1", **BOUGHT},
            "price: expected a price",
        ),
        ("swap", {"mode": "points", "long": "1", "point": "0.01", **BOUGHT}, "contract_size: expected more than 0"),
        (
            "swap",
            {"mode": "reopen_close", "side": "buy", "long": "1", "close_price": "5"},
            "point: expected more than 0",
        ),
        (
            "commission",
            CHARGE | {"unit": "percent", "deals": [{"entry": "in", "lots": "1"}]},
            "deals[0].price: expected a price",
        ),
        (
            "commission",
            CHARGE | {"unit": "percent_of_profit", "deals": [{"entry": "in", "lots": "1"}]},
            "deals[0].profit: expected an amount",
        ),
        ("dividend", {"side": "buy", "lots": "0", "amount_per_lot": "1"}, "lots: expected more than 0"),
        ("volume", {"lots": "1", "lot_size": "0"}, "lot_size: expected more than 0"),
    ],
)
def test_what_the_answer_needs_is_never_taken_for_nothing(kind: str, fields: dict[str, Any], words: str) -> None:
    assert error(kind, **fields).startswith(words)


def test_what_the_answer_does_not_need_is_not_asked_for() -> None:
    future = {"calc_mode": "futures", "side": "buy", "lots": "2", "long": "-3"}
    fixed = {"mode": "cfd_index", "initial_margin": "500", "positions": [BOUGHT]}

    assert value("swap", mode="currency", **future) == "-6.00"
    assert value("margin", **fixed) == "500.00"
    assert value("margin", leverage="100", positions=[BOUGHT], **FOREX) == "1000.00"
