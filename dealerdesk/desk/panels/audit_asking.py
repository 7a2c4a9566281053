"""What a person types over the audit log, read as a query: who, what, which client, from and until when, any words.

Moments are UTC: `2026-03-12`, `2026-03-12 14:30`, `14:30` (today), `2h`, `3d` (so long ago). No widgets.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from dealerdesk.clock import DAY_US, HOUR_US, MINUTE_US, to_us
from dealerdesk.commands.audit_query import AuditQuery

FIELDS = ("actor", "what", "client", "since", "until", "text")
AGO_US = {"min": MINUTE_US, "h": HOUR_US, "d": DAY_US}
_AGO = re.compile(r"(\d{1,5})\s*(min|h|d)")
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")
_FORMS = (("%Y-%m-%d %H:%M", MINUTE_US), ("%Y-%m-%d", DAY_US))


class AskingError(ValueError):
    """What was typed cannot be asked for; the message says what could be."""


def read_query(typed: Mapping[str, str], now_us: int) -> AuditQuery:
    """The query that the fields of `FIELDS` say; raises AskingError."""
    client = typed.get("client", "").strip()
    if client and not (client.isascii() and client.isdigit() and len(client) < 18):
        raise AskingError(f"{client} is no client's number: type digits such as 20013")
    since, until = typed.get("since", "").strip(), typed.get("until", "").strip()
    query = AuditQuery(
        actor=typed.get("actor", "").strip(),
        what=typed.get("what", "").strip(),
        client_id=int(client) if client else None,
        from_us=_moment(since, now_us)[0] if since else None,
        # what was typed is included: a whole day, a whole minute
        until_us=sum(_moment(until, now_us)) if until else None,
        text=typed.get("text", "").strip(),
    )
    if query.from_us is not None and query.until_us is not None and query.from_us >= query.until_us:
        raise AskingError("It ends before it begins")
    return query


def moment_of(typed: str, now_us: int) -> int:
    """The moment that was typed, in µs UTC; raises AskingError."""
    return _moment(typed, now_us)[0]


def _moment(typed: str, now_us: int) -> tuple[int, int]:
    """When what was typed begins, and how long it lasts, in µs."""
    if (ago := _AGO.fullmatch(typed)) is not None:
        return now_us - int(ago.group(1)) * AGO_US[ago.group(2)], 1
    if (time := _TIME.fullmatch(typed)) is not None:
        start = now_us - now_us % DAY_US
        return start + int(time.group(1)) * HOUR_US + int(time.group(2)) * MINUTE_US, MINUTE_US
    for form, lasts in _FORMS:
        try:
            return to_us(datetime.strptime(typed, form).replace(tzinfo=UTC)), lasts
        except ValueError:
            continue
    raise AskingError(f"{typed} is no moment: type 2026-03-12, 2026-03-12 14:30, 14:30 or 2h (UTC)")
