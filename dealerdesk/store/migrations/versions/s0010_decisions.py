"""One guard for a decision on PostgreSQL, with one look at its command, instead of five that each look for themselves.
The rules stay what they were; SQLite keeps its five.
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


def upgrade() -> None:
    """Takes the five down and puts the one up, within one transaction."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for name in EARLIER:
        op.execute(f"DROP TRIGGER {name} ON decisions")
        op.execute(f"DROP FUNCTION {name}()")
    script = files("dealerdesk.store.migrations").joinpath("sql/decisions_made.sql").read_text("utf-8")
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
