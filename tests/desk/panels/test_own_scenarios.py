"""Scenarios that a person keeps."""

from __future__ import annotations

import pytest

from dealerdesk.desk.own_scenarios import KEPT, KEPT_MAX, OwnScenarios
from dealerdesk.live.scenarios import CATALOGUE, Kind, Scenario
from dealerdesk.live.shocks import Shock, Shocks, Target

from .small_broker import Memory


def mine(name: str, percent: float = -5.0) -> Scenario:
    return Scenario(name, Kind.OWN, Shocks((Shock(Target.INSTRUMENT, "EURUSD", percent),), 2.0))


def test_what_is_kept_is_there_the_next_day() -> None:
    memory = Memory()
    OwnScenarios(memory).keep(mine("Friday"))
    OwnScenarios(memory).keep(mine("Sunday"))

    assert OwnScenarios(memory).all() == (mine("Friday"), mine("Sunday"))


def test_one_of_the_same_name_is_replaced_and_a_forgotten_one_is_gone() -> None:
    memory = Memory()
    own = OwnScenarios(memory)
    own.keep(mine("Friday"))
    own.keep(mine("Friday", -9.0))
    own.keep(mine("Sunday"))
    own.forget("Sunday")

    assert OwnScenarios(memory).all() == (mine("Friday", -9.0),)


def test_a_name_of_the_catalogue_is_refused() -> None:
    with pytest.raises(ValueError, match="is in the catalogue"):
        OwnScenarios(Memory()).keep(mine(CATALOGUE[0].name))


def test_there_is_an_end_to_how_many_are_kept() -> None:
    own = OwnScenarios(Memory())
    for number in range(KEPT_MAX):
        own.keep(mine(f"number {number}"))

    own.keep(mine("number 7", -9.0))
    with pytest.raises(ValueError, match="delete one first"):
        own.keep(mine("one more"))


def test_settings_that_cannot_be_read_are_as_good_as_none() -> None:
    memory = Memory()
    memory.save(KEPT, {"scenarios": [{"name": 7}]})

    assert OwnScenarios(memory).all() == ()


def test_one_that_cannot_be_read_costs_no_other_one_and_is_not_thrown_away() -> None:
    memory = Memory()
    later = {"name": "of a later version", "kind": "own", "shocks": {"moves": "many"}}
    OwnScenarios(memory).keep(mine("Friday"))
    record = memory.load(KEPT)
    assert record is not None
    memory.save(KEPT, {"scenarios": [later, *record["scenarios"]]})

    own = OwnScenarios(memory)
    assert own.all() == (mine("Friday"),)
    own.keep(mine("Sunday"))
    kept = memory.load(KEPT)
    assert kept is not None
    assert later in kept["scenarios"]
    assert OwnScenarios(memory).all() == (mine("Friday"), mine("Sunday"))
