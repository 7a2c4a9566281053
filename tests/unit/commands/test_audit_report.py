"""A report counts every problem, keeps the first ones, and knows the earliest broken entry."""

from __future__ import annotations

from dealerdesk.commands.audit_report import PROBLEMS_MAX, Report


def test_a_fresh_report_has_found_nothing() -> None:
    assert Report().is_whole
    assert Report().first_broken is None


def test_the_first_broken_entry_is_the_earliest_one_named() -> None:
    report = Report()
    report.problem("a seal")
    report.problem("an entry", 9)
    report.problem("an earlier entry", 4)

    assert report.first_broken == 4
    assert report.problems == ["a seal", "an entry", "an earlier entry"]


def test_a_file_of_nothing_but_problems_does_not_fill_the_memory() -> None:
    report = Report()
    for number in range(PROBLEMS_MAX + 5):
        report.problem(f"problem {number}")

    assert report.problem_count == PROBLEMS_MAX + 5
    assert len(report.problems) == PROBLEMS_MAX
    assert not report.is_whole
