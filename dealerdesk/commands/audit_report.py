"""What a verification found: problems with the first broken entry, how much was looked at, and what it cannot say."""

from __future__ import annotations

from dataclasses import dataclass, field

PROBLEMS_MAX = 200

NO_KEY = "No key was given: the seals are held against the key that they name themselves, which proves no origin."
NO_CHECKPOINT = (
    "No checkpoint from elsewhere was given: who holds the sealing key could have rewritten all of this,"
    " and who holds the file could have cut it off at a seal."
)


@dataclass(slots=True)
class Report:
    """`problems` are sentences in the order of the file, at most PROBLEMS_MAX; `problem_count` counts them all.

    `first_broken`: the number (from 0) of the first entry that is not what was sealed, None when all are.
    `root`: that of the last seal, hex.
    """

    database: str = ""
    entries: int = 0
    seals: int = 0
    checkpoints: int = 0
    tree_size: int = 0
    root: str = ""
    first_broken: int | None = None
    problem_count: int = 0
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether nothing was wrong."""
        return self.problem_count == 0

    def problem(self, words: str, entry: int | None = None) -> None:
        """One more thing that is wrong, with the entry from which on it is, if it has one."""
        self.problem_count += 1
        if entry is not None and (self.first_broken is None or entry < self.first_broken):
            self.first_broken = entry
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(words)
