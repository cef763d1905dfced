"""What a rule of our own is."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from checks.rendering import Node, Path

Hits = Iterator[tuple[Path, str]]
"""Where a template breaks a rule, and how."""


@dataclass(frozen=True)
class Rule:
    """A rule over one template."""

    id: str
    reason: str
    """What it demands and why, in one sentence."""
    find: Callable[[Node], Hits]


def rule(rule_id: str) -> Callable[[Callable[[Node], Hits]], Rule]:
    """Make a rule of a function whose docstring says what it is for, in one sentence."""

    def make(find: Callable[[Node], Hits]) -> Rule:
        return Rule(rule_id, " ".join((find.__doc__ or "").split()), find)

    return make
