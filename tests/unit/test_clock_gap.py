"""Two clocks are compared by a question and its answer: what is sure is said, and ages are never too young."""

from __future__ import annotations

import pytest

from dealerdesk.clock_gap import ClockGap

S = 1_000_000


@pytest.mark.parametrize(
    ("asked", "there", "answered", "sure", "said"),
    [
        (100 * S, 100 * S, 100 * S, 0, False),
        (100 * S, 104 * S, 108 * S, 0, False),  # a slow line is no wrong clock
        (100 * S, 96 * S, 100 * S, 4 * S, True),
        (100 * S, 104_200_000, 100 * S, -4_200_000, True),
        (100 * S, 104_200_000, 103 * S, -1_200_000, False),
        (100 * S, 98 * S, 101 * S, 2 * S, False),
        (100 * S, 97_999_999, 101 * S, 2_000_001, True),
    ],
)
def test_a_gap_is_said_when_it_is_sure_to_be_above_two_seconds(
    asked: int, there: int, answered: int, sure: int, said: bool
) -> None:
    gap = ClockGap.seen(asked, there, answered)

    assert (gap.sure_us, gap.is_worth_saying) == (sure, said)


def test_the_sentence_says_which_way_and_by_how_much() -> None:
    behind, ahead = ClockGap.seen(0, 4_200_000, 10), ClockGap.seen(100 * S, 37 * S, 101 * S)

    assert behind.words("the database") == "This machine's clock is 4.2 s behind the database"
    assert ahead.words("MT4") == "This machine's clock is 63.0 s ahead of MT4"


def test_an_age_by_the_other_clock_is_never_too_young() -> None:
    # the other clock was read somewhere in these two seconds; it is 4 to 6 seconds ahead of this one
    gap = ClockGap.seen(100 * S, 106 * S, 102 * S)

    assert gap.there_us(110 * S) - 105 * S == 11 * S


def test_a_clock_that_jumped_back_between_question_and_answer_makes_no_negative_span() -> None:
    gap = ClockGap.seen(100 * S, 100 * S, 40 * S)

    assert (gap.least_us, gap.most_us) == (0, 0)
