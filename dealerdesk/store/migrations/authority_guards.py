"""The rules that the guards of step 0005 hold, written out in SQL that both databases read.

Each says under which condition a row is refused, and in which words. A command's payload is canonical JSON, so the part
of it that a row must match can be written out and looked for; a value within another can never be taken for it, since
its quotes would stand there with a backslash. Nothing is put up here.
"""

from __future__ import annotations

Guard = tuple[str, str, str, str, str]
"""(name, event, table, condition under which it is refused, sentence)."""

FIXED = ("batch_id", "advised", "client_id", "group_name", "origin")
FIRST = {
    "commands_always_approved": "NEW.approvals_needed < 1",
    "decisions_for_another": "NEW.for_staff <> '' AND NEW.for_staff <> NEW.staff",
    "commands_settled": "OLD.state = 'unknown' AND NEW.state IN ('confirmed', 'failed')",
}
"""Guards that look into other tables, and the part of their condition that the row alone shows."""
STAFF_KINDS = "('add_staff', 'change_role', 'set_scopes', 'set_active', 'make_login', 'drop_login')"


def _text(value: str) -> str:
    """SQL for a text as it stands between the quotes of a JSON string."""
    return rf"""replace(replace({value}, '\', '\\'), '"', '\"')"""


def _number(value: str) -> str:
    return f"CAST({value} AS TEXT)"


def _json(*parts: str) -> str:
    """SQL for a piece of JSON: literal pieces and SQL of values by turns."""
    return " || ".join(part if number % 2 else f"'{part}'" for number, part in enumerate(parts))


def _being_done(*payloads: str, row: str = "NEW") -> str:
    """SQL that says that the command which the row names is being carried out and has one of the payloads."""
    said = " OR ".join(f"({payload})" for payload in payloads)
    return f"EXISTS (SELECT 1 FROM commands c WHERE c.id = {row}.command_id AND c.state = 'dispatched' AND ({said}))"


def _some_done(payload: str) -> str:
    """The same of any command, where the row cannot name it."""
    return f"EXISTS (SELECT 1 FROM commands c WHERE c.state = 'dispatched' AND {payload})"


def _is(*parts: str) -> str:
    return f"c.payload = {_json(*parts)}"


def _has(*parts: str) -> str:
    return f"INSTR(c.payload, {_json(*parts)}) > 0"


SETUP = "(NEW.command_id IS NULL AND NOT EXISTS (SELECT 1 FROM commands))"
ADDED = _has('{"kind":"add_staff",')
FOR_STAFF = _has(',"staff":"', _text("NEW.staff"), '"}')
MAKE_LOGIN = _is('{"kind":"make_login","login":"', _text("NEW.login"), '","staff":"', _text("NEW.staff"), '"}')
DROP_LOGIN = _is('{"kind":"drop_login","login":"', _text("NEW.login"), '","staff":"', _text("NEW.staff"), '"}')
RATE = _is('{"client_id":', _number("NEW.client_id"), ',"kind":"rate_client","rating":"', _text("NEW.rating"), '"}')
SET_CONTACT = _is(
    '{"client_id":', _number("NEW.client_id"), ',"field":"', _text("NEW.field"), '","kind":"set_contact","token":"',
    _text("NEW.token"), '"}',
)  # fmt: skip
SETTLED = (
    f"""{_has('{"command_id":"', _text("NEW.id"), '",')}"""
    f""" AND {_has(',"kind":"settle_unknown","outcome":"', "NEW.state", '"}')}"""
)
ERASE = ('{"client_id":', _number("OLD.client_id"), ',"kind":"erase_client"}')
ERASE_NEW = ('{"client_id":', _number("NEW.client_id"), ',"kind":"erase_client"}')


def guards() -> tuple[Guard, ...]:
    """All of them."""
    return (*_staff_rules(), *_policy_rules(), *_client_rules(), *_command_rules())


def _staff_rules() -> tuple[Guard, ...]:
    added = " AND ".join(
        (
            ADDED,
            _has(',"name":"', _text("NEW.name"), '","role":"', _text("NEW.role"), '","scopes":'),
            _has(',"staff":"', _text("NEW.id"), '"}'),
        )
    )
    role = _is('{"kind":"change_role","role":"', _text("NEW.role"), '","staff":"', _text("NEW.id"), '"}')
    truth = "CASE WHEN NEW.active THEN 'true' ELSE 'false' END"
    active = _is('{"active":', truth, ',"kind":"set_active","staff":"', _text("NEW.id"), '"}')
    scope = _has('{"group":"', _text("NEW.group_name"), '","server":"', _text("NEW.server"), '"}')
    scopes = f"{scope} AND {FOR_STAFF} AND (c.kind = 'set_scopes' OR c.kind = 'add_staff')"
    cleared = "c.kind = 'set_scopes' AND " + _has(',"staff":"', _text("OLD.staff"), '"}')
    same_login = "NEW.login = OLD.login AND NEW.staff = OLD.staff"
    login = _has(',"login":"', _text("NEW.login"), '",')
    return (
        ("staff_made", "INSERT", "staff", f"NOT ({SETUP} OR {_being_done(added)})", "staff are added by a command"),
        (
            "staff_changed",
            "UPDATE",
            "staff",
            "NOT (NEW.id = OLD.id AND NEW.name = OLD.name AND NEW.version = OLD.version + 1 AND"
            f" {_being_done(f'{role} AND NEW.active = OLD.active', f'{active} AND NEW.role = OLD.role')})",
            "staff are changed by a command",
        ),
        (
            "staff_logins_made",
            "INSERT",
            "staff_logins",
            f"NOT ({SETUP} OR {_being_done(MAKE_LOGIN, f'{ADDED} AND {login} AND {FOR_STAFF}')})",
            "a login is made by a command",
        ),
        (
            "staff_logins_changed",
            "UPDATE",
            "staff_logins",
            f"NOT ({same_login} AND {_being_done(f'NEW.active AND {MAKE_LOGIN}', f'NOT NEW.active AND {DROP_LOGIN}')})",
            "a login is changed by a command",
        ),
        (
            "staff_scopes_made",
            "INSERT",
            "staff_scopes",
            f"NOT ({SETUP} OR {_being_done(scopes)})",
            "scopes are given by a command",
        ),
        ("staff_scopes_no_update", "UPDATE", "staff_scopes", "1 = 1", "scopes are given by a command"),
        ("staff_scopes_taken", "DELETE", "staff_scopes", f"NOT {_some_done(cleared)}", "scopes are taken by a command"),
    )


def _policy_rules() -> tuple[Guard, ...]:
    said = _has(',"of_kind":"', _text("NEW.kind"), '","policy":"', _text("NEW.id"), '","rule":', "NEW.rule", "}")
    when = _has('{"effective_us":', _number("NEW.effective_us"), ',"kind":"set_policy",')
    asked = f"c.kind = 'set_policy' AND {said} AND (NEW.effective_us = c.dispatched_us OR {when})"
    by = "NEW.ended_us IS NULL AND NEW.author = c.requested_by"
    cover = _is(
        '{"absent":"', _text("NEW.absent"), '","cover":"', _text("NEW.cover"), '","from_us":', _number("NEW.from_us"),
        ',"kind":"cover_absence","until_us":', _number("NEW.until_us"), "}",
    )  # fmt: skip
    return (
        (
            "policies_made",
            "INSERT",
            "policies",
            f"NOT (({SETUP} AND NEW.author = 'setup') OR {_being_done(f'{asked} AND {by}')})",
            "policies are made by a command",
        ),
        ("covers_made", "INSERT", "covers", f"NOT {_being_done(cover)}", "an absence is covered by a command"),
    )


def _client_rules() -> tuple[Guard, ...]:
    same = "NEW.client_id = OLD.client_id"
    whole = "NEW.key IS NOT NULL AND NEW.destroyed_us IS NULL"
    gone = "NEW.key IS NULL AND NEW.destroyed_us IS NOT NULL"
    rated, kept = "clients are rated by a command", "contacts are set by a command"
    return (
        ("client_ratings_made", "INSERT", "client_ratings", f"NOT ({SETUP} OR {_being_done(RATE)})", rated),
        ("client_ratings_changed", "UPDATE", "client_ratings", f"NOT ({same} AND {_being_done(RATE)})", rated),
        ("contacts_made", "INSERT", "contacts", f"NOT ({SETUP} OR {_being_done(SET_CONTACT)})", kept),
        (
            "contacts_changed",
            "UPDATE",
            "contacts",
            f"NOT ({same} AND NEW.field = OLD.field AND {_being_done(SET_CONTACT)})",
            kept,
        ),
        ("contacts_kept", "DELETE", "contacts", f"NOT {_some_done(_is(*ERASE))}", "contacts are erased by a command"),
        ("documents_kept", "DELETE", "documents", f"NOT {_some_done(_is(*ERASE))}", "erased by a command alone"),
        ("documents_no_update", "UPDATE", "documents", "1 = 1", "documents are never changed"),
        (
            "subject_keys_made",
            "INSERT",
            "subject_keys",
            f"NOT (({whole}) OR ({gone} AND {_some_done(_is(*ERASE_NEW))}))",
            "a key is made once for each client",
        ),
        (
            "subject_keys_changed",
            "UPDATE",
            "subject_keys",
            f"NOT ({same} AND NEW.made_us = OLD.made_us AND OLD.key IS NOT NULL AND {gone}"
            f" AND {_some_done(_is(*ERASE))})",
            "a key is only ever destroyed, by a command",
        ),
    )


def _command_rules() -> tuple[Guard, ...]:
    return (
        (
            "commands_settled",
            "UPDATE",
            "commands",
            f"OLD.state = 'unknown' AND NEW.state IN ('confirmed', 'failed') AND NOT {_some_done(SETTLED)}",
            "what is unknown is settled by a command",
        ),
        (
            "commands_place_fixed",
            "UPDATE",
            "commands",
            " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in FIXED),
            "what was asked for is never changed",
        ),
        (
            "commands_always_approved",
            "INSERT",
            "commands",
            "NEW.approvals_needed < 1 AND EXISTS"
            " (SELECT 1 FROM command_kinds k WHERE k.kind = NEW.kind AND k.always <> 'null')",
            "this kind of command always takes approval",
        ),
        (
            "commands_about_oneself",
            "INSERT",
            "commands",
            _about("NEW", "NEW.requested_by", with_absent=False),
            "nobody asks for what is about themselves",
        ),
        (
            "decisions_about_oneself",
            "INSERT",
            "decisions",
            f"EXISTS (SELECT 1 FROM commands c WHERE c.id = NEW.command_id AND ({_about('c', 'NEW.staff')}))",
            "nobody decides what is about themselves",
        ),
        (
            "decisions_for_another",
            "INSERT",
            "decisions",
            f"{FIRST['decisions_for_another']} AND (EXISTS (SELECT 1 FROM commands c WHERE c.id = NEW.command_id"
            " AND c.requested_by = NEW.for_staff) OR NOT EXISTS (SELECT 1 FROM covers v WHERE v.cover = NEW.staff"
            " AND v.absent = NEW.for_staff AND v.from_us <= NEW.decided_us AND NEW.decided_us < v.until_us))",
            "nobody decides for a colleague whom they do not stand in for",
        ),
    )


def _about(command: str, person: str, *, with_absent: bool = True) -> str:
    """SQL that says that the command is about the person; whoever is absent may ask for that themselves."""
    name = _text(person)
    staff = f"""INSTR({command}.payload, ',"staff":"' || {name} || '"}}') > 0"""
    cover = f"""INSTR({command}.payload, ',"cover":"' || {name} || '",') > 0"""
    absent = f"""INSTR({command}.payload, '{{"absent":"' || {name} || '",') > 0"""
    covering = f"({cover} OR {absent})" if with_absent else cover
    return f"({command}.kind IN {STAFF_KINDS} AND {staff}) OR ({command}.kind = 'cover_absence' AND {covering})"
