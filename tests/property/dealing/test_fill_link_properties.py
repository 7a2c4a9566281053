"""However fills fall, every unit is linked once or told as a residual, on both sides."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.dealing.fill_links import ClientFill, LpFill, link
from dealerdesk.trading import Side

FILLS = st.lists(
    st.tuples(st.sampled_from(Side), st.sampled_from(["EURUSD", "XAUUSD"]), st.integers(1, 50), st.integers(0, 9)),
    max_size=12,
)


@given(FILLS, FILLS, st.lists(st.integers(0, 12), max_size=12))
def test_every_unit_is_linked_once_or_left(clients: list, covers: list, named: list[int]) -> None:
    ours = [
        ClientFill(f"c{n}", instrument, side, Decimal(units), Decimal(1), at)
        for n, (side, instrument, units, at) in enumerate(clients)
    ]
    sent_for = [f"c{number}" for number in named] + [""] * len(covers)
    theirs = [
        LpFill(f"l{n}", "prime", instrument, side, Decimal(units), Decimal(1), at, sent_for[n])
        for n, (side, instrument, units, at) in enumerate(covers)
    ]

    linked = link(ours, theirs)

    for fill in ours:
        covered = sum(found.units for found in linked.links if found.client.id == fill.id)
        assert covered + linked.client_residual.get(fill.id, 0) == fill.units
    for fill in theirs:
        used = sum(found.units for found in linked.links if found.lp.id == fill.id)
        assert used + linked.lp_residual.get(fill.id, 0) == fill.units
    assert all(
        (found.client.side, found.client.instrument) == (found.lp.side, found.lp.instrument) for found in linked.links
    )
