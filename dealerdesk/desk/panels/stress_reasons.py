"""Which figures of a stress test can say why, by their columns. Derives nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

from dealerdesk.desk.panels.row_menu import Derive
from dealerdesk.desk.panels.stress_rows import DIRECTIONS
from dealerdesk.formulas.derivation import Derivation
from dealerdesk.live.frame import Frame
from dealerdesk.live.scenarios import Scenario
from dealerdesk.live.stress import Outcome, StressResult
from dealerdesk.live.stress_why import why_company, why_compensation, why_equity_after, why_level_after

OfAccount = Callable[[StressResult, Outcome, int], Derivation]
OF_COLUMN: dict[str, OfAccount] = {
    "equity": why_equity_after,
    "pnl": why_equity_after,
    "level": why_level_after,
    "end": why_level_after,
    "closed": why_level_after,
    "margin": why_level_after,
    "compensation": why_compensation,
}
NOTHING_RUN = "nothing has been run yet"


def account_reasons(
    result_now: Callable[[], StressResult | None], outcome_now: Callable[[], Outcome | None]
) -> dict[str, Derive]:
    """Of an account's row: equity position by position, the level closing by closing, what is compensated."""

    def derive_with(function: OfAccount) -> Derive:
        def derive(_frame: Frame, key: Hashable) -> Derivation:
            result, outcome = result_now(), outcome_now()
            if result is None or outcome is None or not isinstance(key, tuple):
                raise LookupError(NOTHING_RUN)
            return function(result, outcome, result.book.slot(*key))

        return derive

    return {column: derive_with(function) for column, function in OF_COLUMN.items()}


def company_reasons(results_now: Callable[[], Sequence[tuple[Scenario, StressResult]]]) -> dict[str, Derive]:
    """Of a line of the comparison: what the company wins, book by book."""

    def derive(_frame: Frame, key: Hashable) -> Derivation:
        for scenario, result in results_now():
            for direction, outcome in zip(DIRECTIONS, (result.given, result.reversed), strict=True):
                if key == (scenario.name, direction):
                    return why_company(result, outcome)
        raise LookupError(NOTHING_RUN)

    return dict.fromkeys(("before", "after", "a", "b", "c", "clients", "compensation"), derive)
