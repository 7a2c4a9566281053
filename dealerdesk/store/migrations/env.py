"""Run by Alembic for each upgrade, on the connection that `dealerdesk.store.migrate` hands over."""

from __future__ import annotations

from alembic import context

from dealerdesk.store.schema import metadata

connection = context.config.attributes["connection"]
# transactional also on SQLite: an upgrade killed half-way leaves the old schema whole
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
