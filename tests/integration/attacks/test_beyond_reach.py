"""What got through once: decisions beyond one's scope or past one's leaving, old approvals, records of another time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from attack_cases import GUARD, NO_RIGHT, NOTHING, Attack, cases, refusal_of
from attacked_firm import Firm, found_firm, hash_of, set_book
from postgres_server import PostgresServer
from registry_work import answer, asking, deciding

from dealerdesk.commands.canonical import canonical, payload_hash

HUB = "dealerdesk_hub"
ERASE = canonical({"client_id": 1, "kind": "erase_client"})
RATE = canonical({"client_id": 1, "kind": "rate_client", "rating": "high"})
CHANGES = (
    ("staff", "active = false", "active = true"),
    ("staff", "role = 'dealer'", "role = 'supervisor'"),
    ("staff_scopes", "server = 'MT4'", "server = ''"),
)


def copy(firm: Firm, command_id: str, of: str = "waiting-01", **changed: Any) -> None:
    """A command of the firm once more, with other terms; its twin's hash stands."""
    terms = json.dumps({"id": command_id} | changed)
    firm.arrange(
        f"INSERT INTO commands SELECT (jsonb_populate_record(c, '{terms}')).* FROM commands AS c WHERE id = '{of}'"
    )


def said_in_a_thread(firm: Firm, login: str, call: str) -> tuple[threading.Thread, list[dict[str, Any]]]:
    """A call that will have to wait, and the list that its answer comes into."""
    said: list[dict[str, Any]] = []

    def run() -> None:
        with firm.connect(login) as person:
            said.append(answer(person, call))

    thread = threading.Thread(target=run)
    thread.start()
    return thread, said


def wait_until_somebody_waits(firm: Firm) -> None:
    """Until a session of the database waits for a lock."""
    with firm.as_superuser() as owner:
        for _ in range(500):
            if owner.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone():
                return
            owner.execute("SELECT pg_sleep(0.02)")
    raise AssertionError("nobody waits")


def refusals_read_by(person: psycopg.Connection[Any], subject: str) -> int:
    """How many entries about that command or batch a person can read."""
    row = person.execute("SELECT count(*) FROM audit WHERE subject = %s", [subject]).fetchone()
    assert row is not None
    return int(row[0])


def leaving(who: str) -> tuple[str, str]:
    """What deactivates somebody, and what undoes it."""
    sql = f"UPDATE staff SET active = {{}} WHERE id = '{who}'"
    return sql.format("false"), sql.format("true")


def said_after_waiting(firm: Firm, held: str, login: str, call: str, change: str, undo: str) -> dict[str, Any]:
    """What a call says that has to wait for what dana does and takes back, while something changes in between."""
    with firm.connect("dana") as dana:
        dana.execute("BEGIN")
        answer(dana, held)
        thread, said = said_in_a_thread(firm, login, call)
        wait_until_somebody_waits(firm)
        firm.arrange(change)
        try:
            dana.execute("ROLLBACK")
            thread.join(20)
        finally:
            firm.arrange(undo)
    return said[0]


@pytest.mark.parametrize(("kind", "payload"), [("erase_client", ERASE), ("rate_client", RATE)])
def test_a_supervisor_of_another_server_decides_nothing_about_a_client(
    busy_firm: Firm, kind: str, payload: str
) -> None:
    terms = payload_hash(kind, "", payload, None)
    needs = (
        '[{"approvals":1,"escalate_after_s":null,"escalate_roles":[],"policy":"p","roles":["supervisor"],"words":""}]'
    )
    about: dict[str, Any] = {
        "kind": kind,
        "server": "",
        "login": None,
        "group_name": "",
        "client_id": 1,
        "requested_by": "cleo",
    }
    copy(busy_firm, f"about-{kind[:5]}", payload=payload, payload_hash=terms, needs=needs, **about)

    with busy_firm.connect("sam") as sam:
        assert sam.execute("SELECT 1 FROM commands WHERE id = %s", (f"about-{kind[:5]}",)).fetchone() is None
        said = answer(sam, deciding(f"about-{kind[:5]}", "approve", terms))

    assert said["outcome"] == "refused", said


@pytest.mark.parametrize(("table", "now", "before"), CHANGES, ids=["active", "role", "scope"])
def test_who_lost_the_right_while_waiting_decides_nothing(busy_firm: Firm, table: str, now: str, before: str) -> None:
    command_id, key = f"race-{now[:6].strip()}", "staff" if table == "staff_scopes" else "id"
    copy(busy_firm, command_id)

    said = said_after_waiting(
        busy_firm,
        f"SELECT api.withdraw_command('{command_id}', 'no', '')",
        "carol",
        deciding(command_id, "approve", hash_of("waiting-01")),
        f"UPDATE {table} SET {now} WHERE {key} = 'carol'",
        f"UPDATE {table} SET {before} WHERE {key} = 'carol'",
    )

    assert said["outcome"] != "done", said


def test_who_was_deactivated_while_waiting_asks_for_nothing(busy_firm: Firm) -> None:
    ask = asking("waits-00001", "set_book", "MT5", set_book(1003))

    said = said_after_waiting(busy_firm, ask.replace("waits-00001", "holds-00001"), "ana", ask, *leaving("ana"))

    assert said["outcome"] != "done", said


def test_who_was_deactivated_while_waiting_for_an_id_asks_for_nothing(busy_firm: Firm) -> None:
    """Another account, so another line: what is waited for is the id itself."""
    held = asking("same-id-001", "set_book", "MT4", set_book(5002))
    ask = asking("same-id-001", "set_book", "MT5", set_book(1003))

    said = said_after_waiting(busy_firm, held, "ana", ask, *leaving("ana"))

    assert said["outcome"] != "done", said


def test_who_was_deactivated_while_waiting_decides_no_batch(busy_firm: Firm) -> None:
    busy_firm.arrange(
        "INSERT INTO batches (id, title, reason, requested_by, requested_us, size)"
        " VALUES ('race-batch', 'two', 'why', 'dana', 1, 2)"
    )
    for number in (1, 2):
        copy(busy_firm, f"race-member{number}", batch_id="race-batch")
    with busy_firm.as_superuser() as owner:
        row = owner.execute(
            "SELECT api.batch_hash(array_agg(c)) FROM commands AS c WHERE batch_id = 'race-batch'"
        ).fetchone()
    assert row is not None
    held = "SELECT api.withdraw_command('race-member1', 'no', '')"
    decide = f"SELECT api.decide_batch('race-batch', '{row[0]}', 'approve', '', '')"

    said = said_after_waiting(busy_firm, held, "carol", decide, *leaving("carol"))

    assert said["outcome"] != "done", said


def test_what_expired_while_its_approver_waited_is_not_approved(busy_firm: Firm) -> None:
    with busy_firm.as_superuser() as owner:
        row = owner.execute("SELECT api.clock_us() + 1500000").fetchone()
    assert row is not None
    copy(busy_firm, "race-expiry", expires_us=row[0])
    with busy_firm.connect("dana") as dana:
        dana.execute("BEGIN")
        answer(dana, "SELECT api.withdraw_command('race-expiry', 'no', '')")
        thread, said = said_in_a_thread(busy_firm, "carol", deciding("race-expiry", "approve", hash_of("waiting-01")))
        wait_until_somebody_waits(busy_firm)
        dana.execute("SELECT pg_sleep(2)")
        dana.execute("ROLLBACK")
        thread.join(20)

    assert said[0]["outcome"] != "done", said


def test_the_hub_sends_no_approval_that_is_too_old(busy_firm: Firm) -> None:
    copy(busy_firm, "late-00001", of="approved-01", deadline_us=1000)
    for sql in (
        "UPDATE commands SET state = 'dispatched', sends = 1 WHERE id = 'late-00001'",
        "UPDATE commands SET state = 'dispatched', deadline_us = 4000000000000000 WHERE id = 'late-00001'",
    ):
        assert refusal_of(busy_firm, Attack("an old approval", HUB, sql, GUARD)) == GUARD


def noted(action: str, actor: str = "hub", at: str = "api.clock_us()", **more: object) -> str:
    """SQL of an entry as the hub writes it, true to its own text."""
    said = {"actor": actor, "action": action, "subject": "s", "server": "", "kind": "", "login": None}
    entry = json.dumps({"id": "ID", "at_us": 0, "client_id": None} | said | more).replace('"at_us": 0', '"at_us": AT')
    return (
        "INSERT INTO audit (entry_id, at_us, actor, action, subject, server, entry, leaf_hash, txid, kind)"
        f" SELECT id, at, '{actor}', '{action}', 's', '', e, encode(sha256('\\x00'::bytea || convert_to(e, 'UTF8')),"
        " 'hex'), pg_current_xact_id()::text::bigint, '' FROM (SELECT id, at,"
        f" replace(replace('{entry}', 'ID', id), 'AT', at::text) AS e"
        f" FROM (SELECT gen_random_uuid()::text AS id, {at} AS at) AS one) AS two"
    )


@cases(
    Attack("the hub from long ago", HUB, noted("command confirmed", at="1::bigint")),
    Attack("the hub from yesterday", HUB, noted("command confirmed", at="api.clock_us() - 86400000000")),
    Attack("the hub from the year 2096", HUB, noted("command confirmed", at="4000000000000000")),
    Attack("an approval with a blank behind", HUB, noted("command approved ", "policy")),
    Attack("an approval with nothing to see behind", HUB, noted("command approved\u200b", "policy")),
    Attack("an approval in capitals", HUB, noted("Command approved", "policy")),
    Attack("an approval in another alphabet", HUB, noted("command \u0430pproved", "policy")),
    Attack("a first password", HUB, noted("first password set", "system")),
)
def test_the_hub_puts_nothing_on_record_that_looks_like(firm: Firm, unchanged: None, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal == NO_RIGHT


def test_what_the_hub_honestly_notes_goes_through(busy_firm: Firm) -> None:
    with busy_firm.connect(HUB) as hub:
        assert hub.execute(noted("command confirmed").encode()).rowcount == 1


def test_batches_in_one_transaction_take_few_locks(firm: Firm) -> None:
    ask = (
        "SELECT count(api.request_batch('flood-' || i || '-x', 'set_book', 'MT5',"
        """ '[{"id":"flood-0001","payload":"{}"}]', 'why', '')) FROM generate_series(1, 2500) AS i"""
    )
    with firm.connect("ana") as ana, firm.as_superuser() as owner:
        ana.execute("BEGIN")
        ana.execute(ask.encode())
        held = owner.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
        ana.execute("ROLLBACK")

    assert held is not None
    assert held[0] <= 1024


def test_anothers_batch_is_not_told_by_its_id(busy_firm: Firm) -> None:
    def batch(server: str, login: int, member: str) -> str:
        members = json.dumps([{"id": member, "payload": set_book(login)}])
        return f"SELECT api.request_batch('secret-batch', 'set_book', '{server}', '{members}', 'why', '')"

    with busy_firm.connect("dana") as dana, busy_firm.connect("sam") as sam:
        assert answer(dana, batch("MT5", 1003, "member-001"))["outcome"] == "done"
        said = answer(sam, batch("MT4", 5002, "member-002"))

    assert said["outcome"] == "conflict"
    assert "MT5" not in said["sentence"]
    assert "dana" not in said["sentence"]


def test_why_a_batch_was_not_decided_is_not_read_by_another_desk(busy_firm: Firm) -> None:
    busy_firm.arrange(
        "INSERT INTO batches (id, title, reason, requested_by, requested_us, size)"
        " VALUES ('told-batch', 'two', 'why', 'dana', 1, 2)"
    )
    for number, state in ((1, "requested"), (2, "withdrawn")):
        copy(busy_firm, f"told-member{number}", batch_id="told-batch", state=state)

    with busy_firm.connect("carol") as carol, busy_firm.connect("sam") as sam, busy_firm.connect("iris") as iris:
        said = answer(carol, "SELECT api.decide_batch('told-batch', 'x', 'approve', '', '')")
        asked = "SELECT count(*) FROM audit WHERE subject = 'told-batch' AND entry LIKE '%MT5 1001%'"
        seen = sam.execute(asked.encode()).fetchone(), iris.execute(asked.encode()).fetchone()

    assert "MT5 1001" in said["sentence"]
    assert seen == ((0,), (1,))


def test_a_refusal_about_another_desks_client_is_not_read(busy_firm: Firm) -> None:
    busy_firm.arrange("INSERT INTO client_ratings (client_id, rating, changed_us) VALUES (2, 'high', 1)")
    rate = canonical({"client_id": 2, "kind": "rate_client", "rating": "high"})
    with busy_firm.connect("cleo") as cleo, busy_firm.connect("sam") as sam:
        assert answer(cleo, asking("rate-again1", "rate_client", "", rate))["outcome"] == "refused"
        seen = sam.execute("SELECT entry FROM audit WHERE entry LIKE '%is rated high already%'").fetchall()

    assert seen == []


def test_a_policys_words_tell_nothing_of_another_desks_client(busy_firm: Firm) -> None:
    busy_firm.arrange(
        "INSERT INTO policies (id, version, kind, rule, effective_us, author, note) SELECT 'risky', 1, 'open_account',"
        " jsonb_set(rule::jsonb, '{risks}', '[\"high\"]')::text, 1, 'setup', '' FROM policies WHERE id = 'books'"
    )
    busy_firm.arrange(
        "INSERT INTO client_ratings (client_id, rating, changed_us) VALUES (2, 'high', 1) ON CONFLICT DO NOTHING"
    )
    payload = canonical(
        {"client_id": 2, "country": "", "group": "retail", "kind": "open_account", "leverage": 1, "name": "x"}
    )
    busy_firm.arrange("UPDATE staff_scopes SET server = 'MT4' WHERE staff = 'otto'")
    try:
        assert (
            refusal_of(
                busy_firm,
                Attack(
                    "a rating by what is needed",
                    "otto",
                    f"SELECT 1 WHERE api.needs('open_account', 'MT4', '{payload}') LIKE '%rated high%'",
                    NOTHING,
                ),
            )
            == NOTHING
        )
    finally:
        busy_firm.arrange("UPDATE staff_scopes SET server = '' WHERE staff = 'otto'")


@pytest.mark.parametrize("bound", ["1x5", "1e9"])
def test_a_session_that_reads_backslashes_its_own_way_slips_nothing_into_a_policy(firm: Firm, bound: str) -> None:
    rule = {
        "servers": [], "groups": [], "to_books": [], "open_lots_min": bound, "leverage_min": None,
        "amounts_min": None, "daily_totals_min": None, "risks": [], "deviates_from_advice": False, "approvals": 1,
        "roles": ["supervisor"], "escalate_after_s": None, "escalate_roles": [],
    }  # fmt: skip
    body = {
        "effective_us": 0,
        "kind": "set_policy",
        "note": "",
        "of_kind": "set_book",
        "policy": "slipped",
        "rule": rule,
    }
    with firm.connect("carol") as carol:
        carol.execute("BEGIN")
        carol.execute("SELECT api.sign_in('psql', '')")
        carol.execute(asking("warm-00001", "set_book", "MT5", set_book(1003)).encode())
        carol.execute("SET standard_conforming_strings = off")
        try:
            outcome = answer(carol, asking("slipped-01", "set_policy", "", canonical(body | {"rule": rule})))["outcome"]
        except psycopg.Error:
            outcome = "refused"
        carol.execute("ROLLBACK")

    assert outcome == "refused"


@pytest.fixture
def new_firm(cluster: PostgresServer) -> Iterator[Firm]:
    """A firm as it is between the set-up and the first request."""
    firm = found_firm(cluster)
    for table in ("decisions", "commands"):
        firm.arrange(f"DELETE FROM {table}")
    yield firm
    cluster.drop_database(firm.name)


def test_the_hub_brings_nobody_in_before_the_first_command(new_firm: Firm) -> None:
    with new_firm.connect(HUB) as hub:
        for sql in (
            "INSERT INTO staff (id, name, role, active, version, changed_us)"
            " VALUES ('mallory', 'M', 'supervisor', true, 1, 1)",
            "INSERT INTO staff_scopes (staff, server, group_name) VALUES ('sam', '', '')",
            "INSERT INTO staff_logins (login, staff, active, made_us) VALUES ('mallory', 'carol', true, 1)",
            "INSERT INTO policies (id, version, kind, rule, effective_us, author, note)"
            " VALUES ('none', 1, 'set_book', 'null', 1, 'setup', '')",
            "INSERT INTO client_ratings (client_id, rating, changed_us) VALUES (3, 'low', 1)",
        ):
            with pytest.raises(psycopg.Error):
                hub.execute(sql.encode())


@pytest.mark.parametrize("currency", ["   ", "US ", "U\u0405D", "USD\u200b", "\uff35\uff33\uff24"])
def test_a_currency_is_capital_letters_and_nothing_that_looks_like_them(busy_firm: Firm, currency: str) -> None:
    copy(busy_firm, f"pays-{abs(hash(currency)) % 10**8}", of="being-done", kind="change_balance")
    with busy_firm.connect(HUB) as hub, pytest.raises(psycopg.errors.CheckViolation):
        hub.execute(
            "INSERT INTO postings (command_id, number, line, account, currency, amount)"
            " SELECT id, 1, 1, 'bank', %s, 5 FROM commands WHERE id LIKE 'pays-%%' LIMIT 1",
            (currency,),
        )


def test_another_desks_command_is_answered_as_one_that_is_not_there(busy_firm: Firm) -> None:
    copy(busy_firm, "hidden-0001")
    with busy_firm.connect("sam") as sam:
        said = [answer(sam, deciding(one, "approve", hash_of("waiting-01"))) for one in ("hidden-0001", "absent-0001")]
        on_record = [refusals_read_by(sam, one) for one in ("hidden-0001", "absent-0001")]

    assert said[0]["outcome"] == said[1]["outcome"] == "refused"
    assert said[0]["sentence"].replace("hidden", "absent") == said[1]["sentence"]
    assert on_record == [1, 1]


def test_another_desks_batch_is_answered_as_one_that_is_not_there(busy_firm: Firm) -> None:
    busy_firm.arrange(
        "INSERT INTO batches (id, title, reason, requested_by, requested_us, size)"
        " VALUES ('hidden-batch', 'two', 'w', 'dana', 1, 2)"
    )
    for number, state in ((1, "requested"), (2, "withdrawn")):
        copy(busy_firm, f"hidden-part-{number}", batch_id="hidden-batch", state=state)
    with busy_firm.connect("sam") as sam:
        batches = [
            answer(sam, f"SELECT api.decide_batch('{one}', 'x', 'approve', '', '')")
            for one in ("hidden-batch", "absent-batch")
        ]
        on_record = [refusals_read_by(sam, one) for one in ("hidden-batch", "absent-batch")]
        parts = [answer(sam, deciding(one, "approve", "x")) for one in ("hidden-part-1", "absent-part-1")]
    with busy_firm.connect("carol") as carol:
        hers = answer(carol, "SELECT api.decide_batch('hidden-batch', 'x', 'approve', '', '')")

    for hidden, absent in (batches, parts):
        assert hidden["outcome"] == absent["outcome"] == "refused"
        assert hidden["sentence"].replace("hidden", "absent") == absent["sentence"]
    assert on_record == [1, 1]
    assert "has changed" in hers["sentence"]


def test_a_dropped_login_stays_dropped_when_its_person_is_made_active(busy_firm: Firm) -> None:
    payload = canonical({"active": True, "kind": "set_active", "staff": "carol"})
    copy(
        busy_firm, "active-0001", "being-done", kind="set_active", payload=payload,
        server="", login=None, group_name="", requested_by="adam", state="dispatched",
    )  # fmt: skip
    busy_firm.arrange("UPDATE staff_logins SET active = false WHERE login = 'carol_home'")
    try:
        with busy_firm.as_superuser() as owner:
            owner.execute("ALTER ROLE carol_home NOLOGIN")
        with busy_firm.connect(HUB) as hub:
            hub.execute("SELECT api.regroup_login('active-0001')")
        with busy_firm.as_superuser() as owner:
            found = owner.execute("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'carol_home'").fetchone()
    finally:
        busy_firm.arrange("UPDATE staff_logins SET active = true WHERE login = 'carol_home'")
        with busy_firm.as_superuser() as owner:
            owner.execute("ALTER ROLE carol_home LOGIN")

    assert found == (False,)
