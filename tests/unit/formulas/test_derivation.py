from __future__ import annotations

from decimal import Decimal

import pytest

from dealerdesk.formulas.derivation import Derivation, Term, derive

TERMS = (Term("balance", Decimal("100.10"), "USD"), Term("floating", Decimal("-0.20"), "USD"))


def test_a_derivation_sums_to_its_value() -> None:
    assert derive("equity", "USD", TERMS, "balance + floating").value == Decimal("99.90")


def test_terms_that_do_not_sum_to_the_value_are_refused() -> None:
    with pytest.raises(ValueError, match=r"the terms sum to 99.90, not to 99.91"):
        Derivation("equity", "USD", Decimal("99.91"), TERMS, "balance + floating")


def test_a_figure_without_any_explanation_is_refused() -> None:
    with pytest.raises(ValueError, match="nothing explains it"):
        Derivation("level", "%", Decimal(0), (), "equity ÷ margin")


def test_a_ratio_is_explained_by_its_parts() -> None:
    part = derive("equity", "USD", TERMS, "balance + floating")

    assert Derivation("level", "%", Decimal(50), (), "equity ÷ margin", parts=(part,)).total() == 50
