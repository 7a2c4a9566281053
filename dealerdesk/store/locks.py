"""Names whoever keeps others waiting in a PostgreSQL database: a lock that is not given up has a holder with a name."""

from __future__ import annotations

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

# strongest first: a table locked as a whole, then rows in tables that are being written
_HOLDERS = text("""
    SELECT a.usename, a.application_name, l.relation::regclass::text AS held
    FROM pg_locks AS l
    JOIN pg_stat_activity AS a ON a.pid = l.pid
    JOIN pg_class AS c ON c.oid = l.relation AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    WHERE l.granted AND l.locktype = 'relation' AND l.pid <> pg_backend_pid() AND a.datname = current_database()
      AND l.mode <> 'AccessShareLock'
    ORDER BY array_position(ARRAY['AccessExclusiveLock', 'ExclusiveLock', 'ShareRowExclusiveLock', 'ShareLock',
                                  'ShareUpdateExclusiveLock', 'RowExclusiveLock', 'RowShareLock'], l.mode),
             a.backend_start
    LIMIT 1
""")


def who_holds(engine: Engine) -> str:
    """Who holds a lock that others may wait for, as words, or empty when that cannot be said (any more)."""
    try:
        with engine.connect() as connection:
            row = connection.execute(_HOLDERS).first()
    except SQLAlchemyError:
        # it is asked for a sentence's sake: the trouble itself is told anyway
        return ""
    if row is None:
        return ""
    program = f" ({row.application_name})" if row.application_name else ""
    return f"{row.usename}{program} holds {row.held}"
