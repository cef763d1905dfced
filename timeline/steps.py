"""What a deployment does: steps and stacks of steps."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from checks.rendering import STACK


class Action(StrEnum):
    """What happens to a resource or stack."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    NOTHING = "nothing"
    """A stack that is asked and has nothing to do; a resource that stays as it is."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Step:
    """One resource of a stack, or a stack nested in it, and what happens to it."""

    address: str
    """Its stack path and logical id; empty for the parent."""
    type: str
    action: Action
    after: frozenset[str] = frozenset()
    """Addresses of the steps in the same stack whose values it refers to."""
    after_all_of: frozenset[str] = frozenset()
    """Addresses of the steps in the same stack that must be complete: what ``DependsOn`` names."""
    after_in_reality: frozenset[str] = frozenset()
    """Addresses of what must be complete in any stack, although no template says so."""
    complete_after: frozenset[str] = frozenset()
    """Addresses of what it begins without, in any stack, and tries again until that is there."""
    more: float = 0.0
    """Seconds that it takes beyond what its type takes."""
    steps: tuple["Step", ...] = field(default=())
    """What a stack consists of."""

    @property
    def before(self) -> frozenset[str]:
        """Addresses of all that it waits for, whatever for."""
        return self.after | self.after_all_of | self.after_in_reality | self.complete_after

    @property
    def is_stack(self) -> bool:
        """Whether this is a stack, nested or not."""
        return self.type == STACK

    @cached_property
    def changes(self) -> bool:
        """Whether anything happens to it, or to anything in it."""
        if self.is_stack:
            return any(one.changes for one in self.steps)
        return self.action is not Action.NOTHING

    def family(self) -> Iterator["Step"]:
        """Yield this step and all steps in it."""
        yield self
        for one in self.steps:
            yield from one.family()
