"""Whatever order the reports of an order come in, and however often: the same quantity is booked, never more."""

from __future__ import annotations

import tempfile
from decimal import Decimal
from pathlib import Path

from coverage_lp import CoverageLp, market
from hypothesis import given, settings
from hypothesis import strategies as st

from dealerdesk.bridges.fix.orders import OrderState


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.data())
def test_reordered_and_repeated_reports_book_the_same(fills: list[int], data: st.DataObject) -> None:
    total = sum(fills)
    with tempfile.TemporaryDirectory() as folder:
        lp = CoverageLp(Path(folder) / "lp.sqlite")
        lp.log_on()
        lp.place(market(quantity=str(total)))
        reports, cum = [lp.fields("0", "0")], 0
        for quantity in fills:
            cum += quantity
            status = "2" if cum == total else "1"
            reports.append(lp.fields("F", status, last=(quantity, "1.08"), cum=cum, average="1.08"))
        repeated = reports + data.draw(st.lists(st.sampled_from(reports), max_size=6))
        drop_at = data.draw(st.integers(0, len(repeated)))
        for at, fields in enumerate(data.draw(st.permutations(repeated))):
            if at == drop_at:
                lp.drop()
                lp.restart()
                lp.log_on()
            lp.say("8", *fields)
            assert lp.order().filled <= total

        assert lp.store.positions() == {"EUR/USD": Decimal(total)}
        assert (lp.order().state, lp.order().missing) == (OrderState.FILLED, 0)
        assert lp.kinds().count("D") == 1
        lp.store.close()
