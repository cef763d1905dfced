"""What a check over the whole nest is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from checks.consistency.nest import Nest
from checks.findings import Finding
from checks.rendering import Path
from checks.resolved import Resource, Stack


class Hit(NamedTuple):
    """Something that does not agree with something else."""

    place: Resource | Stack
    message: str
    path: Path = ()
    """Where in a resource's properties."""

    def finding(self, rule: str) -> Finding:
        """Return it as what ``rule`` found."""
        if isinstance(self.place, Stack):
            return Finding(self.place.file, "", rule, self.message)
        return self.place.finding(rule, self.message, *self.path)


Hits = Iterator[Hit]


@dataclass(frozen=True)
class Rule:
    """A rule over a whole system."""

    id: str
    reason: str
    """What it demands and why, in one sentence."""
    find: Callable[[Nest], Hits]


def rule(rule_id: str) -> Callable[[Callable[[Nest], Hits]], Rule]:
    """Make a rule of a function whose docstring says what it is for, in one sentence."""

    def make(find: Callable[[Nest], Hits]) -> Rule:
        return Rule(rule_id, " ".join((find.__doc__ or "").split()), find)

    return make
