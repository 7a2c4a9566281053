from __future__ import annotations

from decimal import Decimal

import numpy as np

from dealerdesk.desk.panels.why_rows import (
    INPUT_COLUMNS,
    as_shown,
    decimals_in,
    derivation_text,
    exactly,
    input_labels,
    input_rows,
    kind_of,
    term_columns,
    term_rows,
)
from dealerdesk.formulas.derivation import Derivation, Input, Rounding, Source, Term

from .small_broker import NOW_US

BID = Input("bid EURUSD", Decimal("1.10000"), "USD", Source("MT5 EURUSD quote", NOW_US))
ASK = Input("ask XAUUSD", Decimal("2000.50"), "USD", Source("MT5 XAUUSD quote", NOW_US - 1_000_000))
TERMS = (
    Term("MT5 position 9001 EURUSD", Decimal("2000.00"), "USD", (BID,), "(price now − open price) × lots"),
    Term("MT5 position 9002 XAUUSD", Decimal("-1000.004"), "USD", (ASK,)),
)
SHOWN = Rounding("shown", Decimal("999.996"), Decimal("1000.00"))
FLOATING = Derivation("floating result", "USD", Decimal("999.996"), TERMS, "Σ positions", roundings=(SHOWN,))
LEVEL = Derivation("margin level", "%", Decimal("250"), (), "equity ÷ margin × 100", parts=(FLOATING, FLOATING))


def test_the_headline_is_the_figure_as_the_screen_rounds_it() -> None:
    assert as_shown(FLOATING) == "+1\u2009000.00 USD"
    assert as_shown(LEVEL) == "250 %"


def test_terms_add_up_in_the_table_as_they_do_in_the_proof() -> None:
    rows = term_rows(FLOATING)

    assert np.asarray(rows.column("amount")).sum() == float(FLOATING.total())
    assert rows.column("term") == ["MT5 position 9001 EURUSD", "MT5 position 9002 XAUUSD"]
    assert np.asarray(rows.column("time")).tolist() == [NOW_US, NOW_US - 1_000_000]


def test_bids_and_asks_of_all_symbols_share_a_column() -> None:
    assert kind_of(BID) == kind_of(ASK) == "price now"
    assert input_labels(TERMS) == ["price now"]
    assert [column.title for column in term_columns(FLOATING)] == ["Term", "Amount", "Price now", "Newest price"]
    assert np.asarray(term_rows(FLOATING).column("input price now")).tolist() == [1.1, 2000.5]


def test_an_input_that_hardly_any_term_has_gets_no_column() -> None:
    plain = [Term(f"t{i}", Decimal(1), "USD", (BID,)) for i in range(9)]
    odd = Term("balance", Decimal(1), "USD", (Input("balance", Decimal(1), "USD", Source("x")),))

    assert input_labels([*plain, odd]) == ["price now"]


def test_the_parts_of_a_ratio_are_its_rows() -> None:
    rows = term_rows(LEVEL)

    assert rows.column("term") == ["floating result (USD)", "floating result (USD)"]
    # not «Amount %»: equity and margin are money, as stands beside their names
    assert [column.heading for column in term_columns(LEVEL)] == ["Part", "Amount"]


def test_a_rounding_shows_before_and_after() -> None:
    rows = input_rows([BID], [SHOWN])

    assert rows.column("label") == ["bid EURUSD", "shown, before rounding", "shown"]
    assert np.asarray(rows.column("value")).tolist() == [1.1, 999.996, 1000.0]
    assert np.asarray(rows.column("decimals")).tolist() == [1, 3, 0]
    for column in INPUT_COLUMNS:
        assert len(rows.column(column.key)) == 3  # type: ignore[arg-type]


def test_the_text_carries_every_digit_source_and_time() -> None:
    text = derivation_text(LEVEL)

    assert "margin level = 250 %" in text
    assert "−1\u2009000.004 USD  MT5 position 9002 XAUUSD" in text
    assert "bid EURUSD 1.1 USD from MT5 EURUSD quote at 11 Mar 10:00:00 UTC" in text
    assert "rounded, shown: 999.996 → 1\u2009000" in text
    assert text.count("floating result = 999.996 USD") == 2


def test_text_from_outside_stays_on_its_line() -> None:
    odd = Term("name\nwith a line", Decimal(1), "USD", (BID,))

    assert "name with a line" in derivation_text(Derivation("f", "USD", Decimal(1), (odd,), ""))


def test_decimals_follow_the_most_exact_figure_up_to_a_limit() -> None:
    assert decimals_in([Decimal("1.5"), Decimal("1.250")], 4) == 2
    assert decimals_in([Decimal("0.123456789")], 4) == 4
    assert decimals_in([], 4) == 0
    assert exactly(Decimal("1E+3")) == "1\u2009000"
