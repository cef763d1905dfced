"""What a first deployment shall come to beside the two others that create the same."""

from dataclasses import dataclass
from typing import Final

from timeline.scenarios import Growth


@dataclass(frozen=True)
class Target:
    """A bound of one figure of a first deployment."""

    said: str
    """The bound, as people read it."""
    least: float
    most: float

    def verdict(self, figure: float) -> str:
        """Return the bound, and whether ``figure`` keeps it."""
        return f"target: {self.said}, {'met' if self.is_met(figure) else 'missed'}"

    def is_met(self, figure: float) -> bool:
        """Return whether ``figure`` keeps the bound."""
        return self.least <= figure <= self.most


OF_THE_BOUND: Final = Target("at most 1.10", 0.0, 1.10)
"""How many times as long as the longest chain of needs."""
SAVED: Final = Target("at least 25%", 0.25, 1.0)
"""How much shorter than in the four stacks, as a part of their time."""


def times_the_bound(growth: Growth) -> float:
    """Return how many times as long a deployment takes as its longest chain of needs."""
    return growth.schedule.makespan / growth.bound.makespan


def saved(growth: Growth) -> float:
    """Return what a deployment saves of the time that the four stacks take, as a part of it."""
    return 1 - growth.schedule.makespan / growth.plain.makespan
