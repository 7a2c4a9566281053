from __future__ import annotations

from dataclasses import replace

import pytest
from scripted_lp import NOON_US, TERMS

from dealerdesk.bridges.fix.session_terms import foreign, logon_fields
from dealerdesk.bridges.fix.tags import MsgType, Tag
from dealerdesk.bridges.fix.wire import Parties, decode, encode
from dealerdesk.clock import SECOND_US

FROM_LP = Parties("LP", "BROKER")


@pytest.mark.parametrize(
    ("late_s", "poss_dup", "why"), [(120, False, ""), (121, False, "121 s off"), (9_000, True, "")]
)
def test_a_message_is_refused_for_its_clock_unless_it_is_a_repeat(late_s: int, poss_dup: bool, why: str) -> None:
    raw = encode(FROM_LP, 5, MsgType.HEARTBEAT, [], NOON_US, poss_dup=poss_dup)

    fault = foreign(decode(raw), TERMS.parties, NOON_US + late_s * SECOND_US)

    assert why in fault
    assert bool(fault) is bool(why)


def test_a_message_without_a_number_belongs_to_no_session() -> None:
    raw = encode(FROM_LP, 0, MsgType.HEARTBEAT, [], NOON_US)

    assert foreign(decode(raw), TERMS.parties, NOON_US) == "a message without a sequence number"


def test_a_logon_without_a_user_carries_no_password() -> None:
    assert logon_fields(TERMS, reset=True) == [
        (Tag.ENCRYPT_METHOD, "0"),
        (Tag.HEARTBEAT_S, "30"),
        (Tag.RESET_SEQ_NUM, "Y"),
    ]
    assert (Tag.PASSWORD, "p") in logon_fields(replace(TERMS, username="u", password="p"), reset=False)


def test_a_password_stands_in_no_trace_of_the_terms() -> None:
    assert "secret" not in repr(replace(TERMS, username="u", password="secret"))
