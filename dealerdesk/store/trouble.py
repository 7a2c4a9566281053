"""What the outside world does to a database, by name. Imports nothing, so that a window need not wait for it."""

from __future__ import annotations


class DatabaseUnavailable(OSError):  # noqa: N818 - a state of the world rather than a fault of the program
    """The database did not answer or could not take the work."""


class DatabaseDamaged(DatabaseUnavailable):
    """What stands in the database's file is no longer what was written: it takes a person to bring it back."""


class AnswerLost(DatabaseUnavailable):
    """The line broke after the commit was sent: the work is there as a whole or not at all, and asking again tells."""
