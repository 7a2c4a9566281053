"""One answer a line, in the lines' order, whatever stands in them."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.calc.lines import answer_line, answer_lines

from .lines_of import line


def test_lines_that_cannot_be_answered_do_not_keep_the_others_from_it() -> None:
    out = io.StringIO()
    lines = [line("round", amount="1.005"), "", "nonsense", line("level", equity="3", margin="2", id=9)]

    assert not answer_lines(lines, out)
    answers = [json.loads(text) for text in out.getvalue().splitlines()]
    assert [(each["id"], each.get("value")) for each in answers] == [("q", "1.01"), (None, None), (9, "150.00")]
    assert answers[1]["error"].startswith("question: JSON is malformed")


def test_all_answered_is_said() -> None:
    assert answer_lines([line("round", amount="1")], io.StringIO())


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (line("guess"), "kind: expected one of round, profit, margin"),
        ('{"id": "a"}', "kind: expected one of round"),
        (line("level", equity="1"), "margin: expected, it is missing"),
        (line("level", equity="1", margin=True), "margin: expected `decimal`, got `bool`"),
        (line("level", equity="many", margin="1"), "equity: invalid decimal string"),
        (line("level", equity="NaN", margin="1"), "equity: expected a decimal number, got NaN"),
        (line("level", equity="1e40", margin="1"), "equity: expected a number between 1e-18 and 1e18"),
        (line("profit", mode="magic"), "mode: expected one of forex, forex_no_leverage, cfd, "),
        (
            line("margin", positions=[{"side": "buy", "lots": "1"}, {"side": "up", "lots": "1"}]),
            "positions[1].side: expected one of buy, sell",
        ),
        (line("swap", mode="forex"), "mode: expected one of points, currency, "),
        (line("commission", deals=[{"entry": "up"}]), "deals[0].entry: expected one of in, out, out_by"),
        ("[]", "question: Expected `object`, got `array`"),
    ],
)
def test_an_error_names_the_field_and_what_was_expected(asked: str, words: str) -> None:
    assert answer_line(asked)["error"].startswith(words)


def test_steps_are_told_with_their_rounding_and_their_rate() -> None:
    found = answer_line(line("swap", mode="currency", side="buy", lots="2", long="-1.005", rate="0.5"))

    assert found["steps"] == [
        {"name": "money", "value": "-2.010", "rounded": "-2.01"},
        {"name": "converted", "value": "-1.0050", "rounded": "-1.01", "rate": "0.5"},
        {"name": "swap", "value": "-1.0050", "rounded": "-1.01", "rate": "1"},
    ]


@given(st.text())
def test_no_line_breaks_the_program(text: str) -> None:
    found = answer_line(text)

    assert ("value" in found) != ("error" in found)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["buy", "forex", "1e18", "-0"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = (
    "mode",
    "side",
    "lots",
    "open",
    "close",
    "price",
    "positions",
    "tiers",
    "deals",
    "account",
    "margin",
    "equity",
)


@given(
    st.sampled_from(["round", "profit", "margin", "level", "swap", "commission", "split", "stop_out", "volume"]),
    st.dictionaries(st.sampled_from(FIELDS), JSON),
)
def test_no_question_breaks_the_program(kind: str, fields: dict[str, object]) -> None:
    found = answer_line(line(kind, **fields))

    assert ("value" in found) != ("error" in found)
