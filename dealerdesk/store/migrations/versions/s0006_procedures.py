"""The procedures through which people on PostgreSQL act: everything else they may only read. Nothing on SQLite.

Nobody may call anything here until the next step says who. Everything in these texts is the database's own rules; the
program's `commands` package says the same for SQLite.
"""

from __future__ import annotations

from importlib import resources

from alembic import op

revision = "0006"
down_revision = "0005"

TOPICS = (
    "identity",
    "canonical",
    "shapes",
    "titles",
    "facts",
    "policy",
    "sense",
    "desk_sense",
    "decide",
    "withdraw",
    "request",
    "batch",
    "sessions",
    "personal",
    "note",
)
"""The texts in the order in which they build on each other."""

SHUT = """
REVOKE ALL ON SCHEMA api FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA api FROM PUBLIC;
REVOKE ALL ON TYPE api.caller FROM PUBLIC;
"""


def upgrade() -> None:
    """Makes the schema `api`, its functions, and takes from everybody the right to call them."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for topic in TOPICS:
        _run(procedure_text(topic))
    _run(SHUT)


def procedure_text(topic: str) -> str:
    """The SQL of one topic."""
    return (resources.files("dealerdesk.store.migrations") / "sql" / f"{topic}.sql").read_text("utf-8")


def _run(script: str) -> None:
    # without parameters the driver sends a whole script as it stands
    op.get_bind().exec_driver_sql(script, execution_options={"no_parameters": True})
