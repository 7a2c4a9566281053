"""How far this machine's clock and another's are apart, as far as a question and its answer can tell. Arithmetic only.

The other clock was read somewhere between the question and the answer, so the gap is known within that time and no
better. Whoever warns takes what is sure; whoever computes an age takes what makes it oldest.
"""

from __future__ import annotations

from dataclasses import dataclass

from dealerdesk.clock import SECOND_US

WORTH_SAYING_US = 2 * SECOND_US


@dataclass(frozen=True, slots=True)
class ClockGap:
    """By how many µs this machine's clock is ahead of the other, at least and at most; behind it when below zero."""

    least_us: int
    most_us: int

    @classmethod
    def seen(cls, asked_us: int, there_us: int, answered_us: int) -> ClockGap:
        """The gap when the other clock said `there_us` to a question asked and answered at these moments here."""
        return cls(asked_us - there_us, max(asked_us, answered_us) - there_us)

    @property
    def sure_us(self) -> int:
        """By how much this machine's clock is ahead for sure; 0 when both may well agree."""
        if self.least_us > 0:
            return self.least_us
        return min(0, self.most_us)

    @property
    def is_worth_saying(self) -> bool:
        """Whether the clocks differ by more than two seconds for sure."""
        return abs(self.sure_us) > WORTH_SAYING_US

    def there_us(self, here_us: int) -> int:
        """The latest that it can be by the other clock: what is older than so many seconds then, is so for sure."""
        return here_us - self.least_us

    def words(self, other: str) -> str:
        """The sentence for a person; `other` is what the other clock belongs to, such as «the database»."""
        ahead = "ahead of" if self.sure_us > 0 else "behind"
        return f"This machine's clock is {abs(self.sure_us) / SECOND_US:.1f} s {ahead} {other}"
