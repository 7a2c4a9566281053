"""On PostgreSQL, one guard for a decision with one look at its command, where five each looked for themselves; and by
the database's own clock, the hub sends no approval that has waited too long. SQLite keeps its five, and has no clock of
its own.
"""

from __future__ import annotations

from importlib.resources import files

from alembic import op

revision = "0010"
down_revision = "0009"

EARLIER = (
    "decisions_about_oneself",
    "decisions_for_another",
    "decisions_four_eyes",
    "decisions_of_what_was_seen",
    "decisions_while_open",
)


IN_TIME = (
    """
    CREATE FUNCTION commands_in_time() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, public, pg_temp AS $$ BEGIN
        IF OLD.deadline_us <= api.clock_us() THEN
            RAISE EXCEPTION 'this approval has waited too long' USING ERRCODE = 'restrict_violation';
        END IF;
        RETURN NEW;
    END $$
    """,
    "CREATE TRIGGER commands_in_time BEFORE UPDATE ON commands FOR EACH ROW"
    " WHEN (OLD.state = 'approved' AND NEW.state = 'dispatched' AND current_user = 'dealerdesk_hub')"
    " EXECUTE FUNCTION commands_in_time()",
    "ALTER TABLE commands ENABLE ALWAYS TRIGGER commands_in_time",
    "REVOKE ALL ON FUNCTION commands_in_time() FROM PUBLIC",
    "ALTER FUNCTION commands_in_time() OWNER TO dealerdesk_tables",
)


def upgrade() -> None:
    """Takes the five down and puts the others up, within one transaction."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in EARLIER:
        op.execute(f"DROP TRIGGER {name} ON decisions")
        op.execute(f"DROP FUNCTION {name}()")
    script = files("dealerdesk.store.migrations").joinpath("sql/decisions_made.sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
    for statement in IN_TIME:
        op.execute(statement)
