"""Whatever an LP sends, the session neither breaks nor books what was not whole."""

from __future__ import annotations

import tempfile
from pathlib import Path

from coverage_lp import CoverageLp, market
from hypothesis import given
from hypothesis import strategies as st

from dealerdesk.bridges.fix.session import SessionState

KINDS = st.sampled_from([*"01234589ABjDZé", "AP", "AF"])
TAGS = st.sampled_from([6, 7, 11, 14, 16, 17, 19, 31, 32, 36, 37, 39, 41, 45, 54, 55, 58, 112, 123, 141, 150, 702, 704])
VALUES = st.one_of(
    st.sampled_from(["", "Y", "N", "0", "1", "2", "8", "F", "I", "c1", "EUR/USD", "-1", "1e9", "99999999999999999999"]),
    st.text(st.characters(max_codepoint=255, blacklist_characters="\x01"), max_size=8),
)
MESSAGES = st.lists(st.tuples(KINDS, st.lists(st.tuples(TAGS, VALUES), max_size=14), st.booleans()), max_size=12)


@given(MESSAGES, st.binary(max_size=40), st.data())
def test_no_message_breaks_the_session(messages: list, noise: bytes, data: st.DataObject) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lp = CoverageLp(Path(folder) / "lp.sqlite")
        lp.log_on()
        lp.place(market())
        for kind, pairs, poss_dup in messages:
            raw = bytearray(lp.message(kind, *pairs, poss_dup=poss_dup))
            if data.draw(st.booleans()):
                raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(0, 255))
            lp.session.received(noise + bytes(raw), lp.now_us)
            lp.listen()
            lp.wait(1)
            if lp.session.state is SessionState.DOWN:
                lp.session.connected(lp.now_us)
                lp.seq = lp.store.next_in
                lp.say("A", (98, 0), (108, 30))
        # an order of a hundred thousand can be told filled beyond that by a hostile LP, but only our order counts
        assert set(lp.store.positions()) <= {"EUR/USD"}
        assert lp.kinds().count("D") == 1
        lp.store.close()
