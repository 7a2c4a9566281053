"""What somebody without a right could still do to those who have it: keep them waiting, learn of it, outlive them."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from attack_cases import NO_RIGHT, NOTHING, REFUSED, Attack, cases, refusal_of
from attacked_firm import EVERYTHING, Firm, hash_of, set_book
from registry_work import Registry, answer, asking, deciding

from dealerdesk.clock import now_us
from dealerdesk.commands.canonical import canonical, leaf_hash
from dealerdesk.store.passwords import scram_verifier

RULE = {
    "approvals": 1, "servers": [], "groups": [], "to_books": [], "open_lots_min": None, "leverage_min": None,
    "amounts_min": None, "daily_totals_min": None, "risks": [], "deviates_from_advice": False, "roles": ["supervisor"],
    "escalate_after_s": None, "escalate_roles": [],
}  # fmt: skip
MONEY = canonical({"amount": 5000, "kind": "change_balance", "login": 5001, "operation": "deposit", "reference": ""})
DEEP = "[" * 3000 + "]" * 3000


def policy(**terms: object) -> str:
    body = {"effective_us": 0, "kind": "set_policy", "note": "", "of_kind": "set_book", "policy": "large-ones"}
    return canonical(body | {"rule": RULE | terms})


HELD_UP = (
    Attack("an auditors approval", "iris", deciding("waiting-01", "approve", "00")),
    Attack("a dealers refusal", "dora", deciding("waiting-01", "refuse", "00")),
    Attack("a strangers withdrawal", "dora", "SELECT api.withdraw_command('waiting-01', 'mine', '')"),
)
TOLD = (
    Attack("an id of another desk", "dora", asking("waiting-01", "set_book", "MT5", set_book(1002)), REFUSED, "else"),
    Attack("a withdrawal at another desk", "dora", "SELECT api.withdraw_command('waiting-01', 'x', '')", REFUSED,
           "There is no command"),
    Attack("a question about another group", "dora", "SELECT 1 WHERE api.sees('MT5', 'retail')", NOTHING),
    Attack("a question about another server", "ana", "SELECT 1 WHERE api.sees('MT4', 'retail')", NOTHING),
)  # fmt: skip
UNREADABLE = (
    Attack("a count that is a fraction", "carol",
           asking("fraction-1", "set_policy", "", policy().replace('"approvals":1', '"approvals":1.0')), REFUSED,
           "rule"),
    Attack("an escalation without end", "carol",
           asking("endless-1", "set_policy", "", policy(escalate_after_s=10**17, escalate_roles=["dealer"])), REFUSED,
           "a year at most"),
    Attack("a payload nested without end", "dana",
           asking("nested-01", "set_book", "MT5", '{"kind":"set_book","x":' + DEEP + "}"), REFUSED,
           "does not take this"),
    Attack("a note nested without end", "dana",
           f"""SELECT api.note('exported', 'x', '{{"a":{DEEP[2000:-2000]}}}', '')""", REFUSED, "small JSON object"),
    Attack("a reason that nobody sees", "dana",
           asking("blank-001", "set_book", "MT5", set_book(1003)).replace("because", "\u3000\u2060"), REFUSED,
           "reason"),
    Attack("a colleague called restore", "adam", asking("restore-1", "add_staff", "", canonical(
           {"kind": "add_staff", "login": "", "name": "R", "role": "dealer", "scopes": [{"group": "", "server": ""}],
            "staff": "restore"})), REFUSED, "cannot be a person's id"),
    Attack("no password at all", "adam", "SELECT api.first_password('ana', NULL, '')", REFUSED, "SCRAM verifier"),
    Attack("the servers log of changes", "ana", "SELECT pg_logical_emit_message(false, 'x', repeat('x', 1000))",
           NO_RIGHT),
)  # fmt: skip


@cases(*TOLD, *UNREADABLE)
def test_nothing_is_told_or_broken_by(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


@cases(*HELD_UP)
def test_nobody_is_kept_waiting_by(firm: Firm, attack: Attack) -> None:
    with firm.connect(attack.login) as stranger, firm.connect("dealerdesk_hub") as hub:
        stranger.execute("BEGIN")
        assert answer(stranger, attack.sql)["outcome"] == "refused"
        hub.execute("SELECT id FROM commands WHERE id = 'waiting-01' FOR UPDATE NOWAIT")


def test_nobody_is_kept_waiting_by_a_request_outside_ones_scope(firm: Firm) -> None:
    firm.arrange("UPDATE staff_scopes SET server = 'MT5' WHERE staff = 'otto'")
    try:
        with firm.connect("otto") as otto, firm.connect("ben") as ben:
            otto.execute("BEGIN")
            assert answer(otto, asking("outside-1", "change_balance", "MT4", MONEY))["outcome"] == "refused"
            ben.execute("BEGIN; SET LOCAL lock_timeout = '2s'")
            assert answer(ben, asking("inside-01", "change_balance", "MT4", MONEY))["outcome"] == "done"
            ben.execute("ROLLBACK")
    finally:
        firm.arrange("UPDATE staff_scopes SET server = '' WHERE staff = 'otto'")


def test_a_thousand_requests_in_one_transaction_take_few_locks(firm: Firm) -> None:
    ask = asking("of-many-'||i||'", "close_position", "MT5", "{}").replace("'{}'", "payload")
    loop = (
        "DO $$ DECLARE payload text; BEGIN FOR i IN 1..2500 LOOP"
        """ payload := '{"kind":"close_position","position_id":' || i || ',"volume":0}';"""
        f" PERFORM {ask.removeprefix('SELECT ')}; END LOOP; END $$"
    )
    with firm.connect("dana") as dana, firm.as_superuser() as owner:
        dana.execute("BEGIN")
        dana.execute(loop.encode())
        held = owner.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
        dana.execute("ROLLBACK")

    assert held is not None
    assert 500 < held[0] <= 1024


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_an_old_snapshot_shows_nothing(firm: Firm, isolation: str) -> None:
    with firm.connect("dana") as dana:
        dana.execute(f"BEGIN ISOLATION LEVEL {isolation}".encode())
        assert dana.execute("SELECT api.person(), api.sees_all(), count(*) FROM accounts").fetchone() == (
            None,
            False,
            0,
        )


def test_an_administrator_does_not_take_over_a_login_of_the_set_up(firm: Firm) -> None:
    with firm.connect("adam") as adam:
        said = answer(adam, f"SELECT api.first_password('carol', '{scram_verifier('known to adam')}', '')")

    assert said["sentence"] == "This login has had its first password already"
    firm.connect("carol").close()


@pytest.fixture
def registry(busy_firm: Firm) -> Iterator[Registry]:
    yield Registry(busy_firm)
    with busy_firm.as_superuser() as owner:
        owner.execute("DROP OWNED BY jo; DROP ROLE jo")


def test_a_login_that_things_hang_on_is_good_for_nothing_once_it_is_dropped(
    busy_firm: Firm, registry: Registry
) -> None:
    registry.hire("jo", "dealer")
    with busy_firm.connect("adam") as adam:
        answer(adam, f"SELECT api.first_password('jo', '{scram_verifier('jo was here')}', '')")
    with busy_firm.connect_with("jo", "jo was here") as jo:
        jo.execute("ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO dealerdesk_staff")
    registry.let_through("drop-jo-1", "drop_login", staff="jo", login="jo")
    assert registry.carry_out("drop-jo-1", "SELECT api.drop_login('drop-jo-1')") == ["jo"]

    with pytest.raises(psycopg.OperationalError):
        busy_firm.connect_with("jo", "jo was here")
    with busy_firm.as_superuser() as owner:
        assert owner.execute(
            "SELECT r.rolcanlogin, (SELECT count(*) FROM pg_auth_members AS m WHERE m.member = r.oid)"
            " FROM pg_roles AS r WHERE r.rolname = 'jo'"
        ).fetchone() == (False, 0)


def noted(entry: dict[str, object], **filed: object) -> tuple[str, tuple[object, ...]]:
    """The hub's own statement for an entry, filed under what is given or else what the entry says."""
    said = canonical(entry)
    row = {name: entry[name] for name in ("actor", "action", "at_us")} | {"leaf_hash": leaf_hash(said), "txid": None}
    row |= filed
    sql = (
        "INSERT INTO audit (entry_id, at_us, actor, action, subject, server, entry, leaf_hash, txid, client_id, kind)"
        " VALUES (%s, %s, %s, %s, 'x', '', %s, %s, coalesce(%s, pg_current_xact_id()::text::bigint), NULL, '')"
    )
    return sql, (entry["id"], row["at_us"], row["actor"], row["action"], said, row["leaf_hash"], row["txid"])


ENTRY: dict[str, object] = {
    "action": "command confirmed", "actor": "hub", "after": {}, "at_us": now_us(), "before": {}, "client_id": None,
    "id": "of-the-hub", "kind": "", "login": None, "origin": "", "reason": "", "server": "", "subject": "x",
}  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "filed"),
    [
        ({"actor": "carol"}, {"actor": "hub"}),
        ({"action": "command approved"}, {}),
        ({}, {"leaf_hash": "00"}),
        ({}, {"txid": 9_000_000_000_000_000_000}),
        ({"at_us": now_us() + 1_000_000}, {"at_us": now_us()}),
    ],
    ids=["another_name_in_its_text", "an_approval", "another_hash", "no_transaction_of_its_own", "another_moment"],
)
def test_the_hub_puts_nothing_on_record_with(firm: Firm, entry: dict[str, object], filed: dict[str, object]) -> None:
    statement, values = noted(ENTRY | entry, **filed)
    with firm.connect("dealerdesk_hub") as hub, pytest.raises(psycopg.errors.InsufficientPrivilege):
        hub.execute(statement.encode(), values)


def test_the_hub_puts_its_own_doing_on_record(firm: Firm) -> None:
    with firm.connect("dealerdesk_hub") as hub:
        hub.execute("BEGIN")
        statement, values = noted(ENTRY | {"after": {"from the platform": "a zero \0 in its comment"}})
        assert hub.execute(statement.encode(), values).rowcount == 1
        hub.execute("ROLLBACK")


BY_THE_HUB = (
    Attack("a key that it knows", "dealerdesk_hub",
           "INSERT INTO subject_keys (client_id, key, made_us) VALUES (77, repeat('0', 64), 1)"),
    Attack("removing a document", "dealerdesk_hub", "DELETE FROM documents", "23001"),
    Attack("changing a document", "dealerdesk_migrator", "UPDATE documents SET content = ''", "23001"),
)  # fmt: skip


@cases(*BY_THE_HUB)
def test_clients_secrets_are_not_the_services(firm: Firm, attack: Attack) -> None:
    assert refusal_of(firm, attack) == attack.refusal


def test_a_withdrawal_of_ones_own_still_works_beside_them(busy_firm: Firm) -> None:
    assert EVERYTHING == (("", ""),)
    with busy_firm.connect("dana") as dana:
        said = dana.execute("SELECT api.withdraw_command('waiting-02', 'a mistake', '')").fetchone()
    assert said is not None
    assert json.loads(said[0])["outcome"] == "done"
    with busy_firm.connect("carol") as carol:
        assert answer(carol, deciding("waiting-01", "approve", hash_of("waiting-01")))["outcome"] == "done"
