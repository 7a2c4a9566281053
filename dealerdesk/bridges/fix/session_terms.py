"""What was agreed with an LP for one session, and the messages that follow from it alone. No state, no I/O."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import time
from zoneinfo import ZoneInfo

from dealerdesk.bridges.fix.tags import UNSUPPORTED_TYPE, Tag
from dealerdesk.bridges.fix.wire import VERSION, FieldError, Fields, Parties, Received, is_plain
from dealerdesk.clock import SECOND_US

CLOCK_SKEW_US_MAX = 120 * SECOND_US
NEW_YORK = ZoneInfo("America/New_York")
"""Where most LPs end their day, at 17:00."""


@dataclass(frozen=True, slots=True)
class SessionTerms:
    """What was agreed with the LP. `reset_at_logon` for quotes sessions: both sides begin at 1 at each logon. The
    numbers of others begin again when the LP's day ends, at `day_ends_at` in its `zone`."""

    parties: Parties
    username: str = ""
    password: str = field(default="", repr=False)
    heartbeat_s: int = 30
    reset_at_logon: bool = False
    zone: ZoneInfo = NEW_YORK
    day_ends_at: time = time(17)


def foreign(message: Received, parties: Parties, now_us: int) -> str:
    """Why a message cannot belong to the session of `parties`; empty when it can."""
    said = message.text_or(Tag.SENDER_COMP_ID), message.text_or(Tag.TARGET_COMP_ID)
    if message.text_or(Tag.BEGIN_STRING) != VERSION:
        return f"the LP speaks {message.text_or(Tag.BEGIN_STRING)}, not {VERSION}"
    if said != (parties.target, parties.sender):
        return f"a message from {said[0]} to {said[1]} came on the session with {parties.target}"
    if not message.seq:
        return "a message without a sequence number"
    try:
        skew_us = abs(message.moment(Tag.SENDING_TIME) - now_us)
    except FieldError as error:
        return str(error)
    if skew_us > CLOCK_SKEW_US_MAX and not message.poss_dup:
        return f"the LP's clock is {skew_us // SECOND_US} s off ours"
    return ""


def logon_fields(terms: SessionTerms, *, reset: bool) -> Fields:
    """The body of our Logon; with `reset` both sides begin at 1."""
    fields = [(Tag.ENCRYPT_METHOD, "0"), (Tag.HEARTBEAT_S, str(terms.heartbeat_s))]
    if reset:
        fields.append((Tag.RESET_SEQ_NUM, "Y"))
    if terms.username:
        fields += [(Tag.USERNAME, terms.username), (Tag.PASSWORD, terms.password)]
    return fields


def reject_fields(message: Received, error: FieldError) -> Fields:
    """The body of the Reject of a message that cannot be read."""
    about = [(Tag.REF_MSG_TYPE, message.type)] if is_plain(message.type) else []
    return [
        (Tag.REF_SEQ_NUM, str(message.seq)),
        (Tag.REF_TAG, str(int(error.tag))),
        *about,
        (Tag.SESSION_REJECT_REASON, str(int(error.reason))),
    ]


def not_spoken_fields(message: Received) -> Fields:
    """The body of the BusinessMessageReject of a message whose type means nothing here; FieldError for a type
    that cannot be told back."""
    return [
        (Tag.REF_SEQ_NUM, str(message.seq)),
        (Tag.REF_MSG_TYPE, message.echo(Tag.MSG_TYPE)),
        (Tag.BUSINESS_REJECT_REASON, UNSUPPORTED_TYPE),
    ]
