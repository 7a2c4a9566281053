"""What a stress test found, as columns."""

from __future__ import annotations

import numpy as np
import pytest

from dealerdesk.config import Profile
from dealerdesk.desk.desk import Desk
from dealerdesk.desk.panels.stress_rows import (
    compare_rows,
    exposure_rows,
    risk_rows,
    scenario_rows,
    worst_rows,
)
from dealerdesk.desk.table import Coded
from dealerdesk.desk.theme import Tone
from dealerdesk.live.frozen_book import freeze
from dealerdesk.live.scenarios import CATALOGUE, Kind, Scenario
from dealerdesk.live.shocks import Shock, Shocks, Target
from dealerdesk.live.stress import StressResult, run
from dealerdesk.live.value_at_risk import ClientRisk, Risk, ValueAtRisk

FALL = Shocks((Shock(Target.INSTRUMENT, "EURUSD", -10.0),))


@pytest.fixture
def result(desk: Desk) -> StressResult:
    profile: Profile = desk.profile
    platforms = {endpoint.server: endpoint.platform for endpoint in profile.endpoints}
    return run(freeze(desk.state, desk.frame(), platforms), FALL)


def test_scenarios_say_when_they_happened() -> None:
    rows = scenario_rows(CATALOGUE)

    assert rows.key(0) == "CHF floor given up, to the close"
    assert rows.column("day")[0] == "2015-01-15"
    assert rows.column("source")[0] == "happened"


def test_the_worst_account_stands_with_its_end_and_what_it_costs(result: StressResult) -> None:
    rows = worst_rows(result, result.given, is_old=False)
    first = rows.row_of(("MT5", 101))
    assert first == 0

    ends, tones = rows.column("end"), rows.column("end_tone")
    assert isinstance(ends, Coded)
    assert (ends.text(0), tones[0]) == ("stopped out", Tone.ALARM)
    # 2 lots × 100,000 × 1.10005 × 10 %, the spread staying
    assert rows.column("pnl")[0] == pytest.approx(-22_001.0)
    # 10,000 + 2,000 and −1,000 floating − 22,001
    assert rows.column("equity")[0] == pytest.approx(10_000 + 2_000 - 1_000 - 22_001)
    assert rows.column("compensation")[0] == pytest.approx(11_001.0)
    assert rows.column("closed")[0] == 2
    assert np.isnan(np.asarray(rows.column("level"), dtype=np.float64)[0])
    assert rows.stale() is not None
    assert not rows.stale().any()  # type: ignore[union-attr]


def test_exposure_is_by_instrument_the_largest_first(result: StressResult) -> None:
    rows = exposure_rows(result, result.given, is_old=True)

    names = list(rows.column("instrument"))
    before = np.asarray(rows.column("before"), dtype=np.float64)
    assert set(names) == {"EURUSD", "XAUUSD"}
    assert abs(before[0]) >= abs(before[1])
    change = dict(zip(names, np.asarray(rows.column("change"), dtype=np.float64).tolist(), strict=True))
    assert change == pytest.approx({"EURUSD": -10.0, "XAUUSD": 0.0})
    assert rows.stale().all()  # type: ignore[union-attr]


def test_a_comparison_has_both_directions_of_each_scenario(result: StressResult) -> None:
    rows = compare_rows([(Scenario("mine", Kind.OWN, FALL), result)], is_old=False)

    assert [rows.key(row) for row in range(rows.count())] == [("mine", "as given"), ("mine", "reversed")]
    books = result.given.books
    assert rows.column("after")[0] == pytest.approx(books.company_after.sum())
    assert rows.column("b")[0] == pytest.approx(books.company_after[1])
    assert rows.column("stopped")[0] == result.given.stopped.sum()


def test_risk_stands_by_book_and_by_client() -> None:
    none, some = Risk((np.nan, np.nan), (np.nan, np.nan)), Risk((100.0, 150.0), (120.0, 170.0))
    found = ValueAtRisk("USD", 60, 120, 0, 1, some, (none, some, none), (ClientRisk(7, 900.0, some),), (), 0.0)

    rows = risk_rows(found, ["Ada Abel"])
    assert list(rows.column("who")) == ["All books, kept", "Book A, kept", "Book B, kept", "Book C, kept", "Ada Abel"]
    assert rows.column("var95")[4] == 100.0
    assert rows.column("es99")[0] == 170.0
    assert np.isnan(rows.column("var95")[1])
    assert rows.key(4) == 7
