"""What a login can still do on PostgreSQL: said openly in docs/security.md, and shown here."""

from __future__ import annotations

from attack_cases import Attack, refusal_of
from attacked_firm import Firm

LISTENING = (
    "SELECT count(*) FROM pg_proc WHERE prosrc ~* 'notify'"
    " AND pronamespace IN ('public'::regnamespace, 'api'::regnamespace)"
)


def test_anybody_can_send_a_notification_and_nothing_of_ours_uses_any(firm: Firm) -> None:
    with firm.connect("ana") as ana, firm.as_superuser() as owner:
        ana.execute("NOTIFY dealerdesk, 'forged'")
        assert owner.execute(LISTENING).fetchone() == (0,)


def test_a_person_can_switch_the_own_timeouts_off(firm: Firm) -> None:
    with firm.connect("ana") as ana:
        ana.execute("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET lock_timeout = 0")
        assert ana.execute("SHOW statement_timeout").fetchone() == ("0",)


def test_an_explained_query_tells_how_many_rows_are_hidden(firm: Firm) -> None:
    with firm.connect("ana") as ana:
        plan = "\n".join(line for (line,) in ana.execute("EXPLAIN (ANALYZE, COSTS OFF) SELECT * FROM accounts"))

    assert "Rows Removed by Filter: 2" in plan


def test_a_person_can_see_who_else_is_connected(firm: Firm) -> None:
    with firm.connect("carol"), firm.connect("ana") as ana:
        who = ana.execute("SELECT DISTINCT usename FROM pg_stat_activity WHERE usename = 'carol'").fetchall()

    assert who == [("carol",)]


def test_the_clusters_superuser_can_do_everything(firm: Firm) -> None:
    with firm.as_superuser() as owner:
        owner.execute("BEGIN; ALTER TABLE audit DISABLE TRIGGER ALL; UPDATE audit SET actor = 'nobody'")
        changed = owner.execute("SELECT count(*) FROM audit WHERE actor = 'nobody'").fetchone()
        owner.execute("ROLLBACK")

    assert changed is not None
    assert changed[0] >= 3


def test_the_attacks_would_see_a_hole(firm: Firm) -> None:
    attack = Attack("moving an account", "ana", "UPDATE routing SET book = book")
    with firm.as_superuser() as owner:
        owner.execute("GRANT UPDATE ON routing TO dealerdesk_staff")
        try:
            assert refusal_of(firm, attack) == "went through: []"
        finally:
            owner.execute("REVOKE UPDATE ON routing FROM dealerdesk_staff")
    assert refusal_of(firm, attack) == attack.refusal
