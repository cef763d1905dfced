"""What a change set would do, resource by resource, as a reviewer wants to know it."""

from dataclasses import dataclass, field
from typing import Literal

Replacement = Literal["yes", "maybe", "no"]

UNKNOWN = "(known after the deployment)"
"""Stands for a value that nobody knows yet."""

Action = Literal["add", "modify", "replace", "delete", "retain"]
"""What becomes of a resource, in one word. ``retain``: it leaves the stack and stays there."""


@dataclass(frozen=True)
class Cause:
    """A property, or another attribute of a resource, that changes."""

    property: str
    """Where it is, its steps joined by ``/``: ``ContainerDefinitions/0/Image``, ``Tags``."""
    replaces: Replacement
    """Whether this change makes a new resource take the place of the old one."""
    before: str | None = None
    """None: there was nothing, or nobody says."""
    after: str | None = None
    """None: there will be nothing, or nobody knows it yet."""
    entity: str = ""
    """What made it change, where the template did not: a parameter, a resource, its attribute."""


@dataclass(frozen=True)
class Change:
    """What will happen to one resource."""

    path: tuple[str, ...]
    """Logical ids of the nested stacks that lead to it; empty in the root."""
    logical_id: str
    type: str
    action: str
    """Add, Modify, Remove, Import, or Dynamic where CloudFormation cannot tell yet."""
    replacement: Replacement
    """Whether a new resource takes its place; ``maybe`` where that is known only on the way."""
    causes: tuple[Cause, ...] = field(default=(), kw_only=True)
    """What changes in it, where it is changed."""
    retained: bool = field(default=False, kw_only=True)
    """Whether what is removed or replaced stays in the account, in the care of nobody."""

    @property
    def address(self) -> str:
        """The path and logical id, e.g. ``ApiGatewayService/Service``."""
        return "/".join((*self.path, self.logical_id))

    @property
    def effect(self) -> Action:
        """What becomes of the resource, the worst where that is not certain."""
        if self.action == "Remove":
            return "retain" if self.retained else "delete"
        if self.replacement != "no":
            return "replace"
        return "add" if self.action in {"Add", "Import"} else "modify"

    @property
    def uncertain(self) -> bool:
        """Whether it is replaced only if a value changes that nobody knows yet.

        CloudFormation says "True" also where what replaces is a value that is known later.
        """
        sure = [cause for cause in self.causes if cause.replaces == "yes"]
        return self.replacement == "maybe" or (
            self.replacement == "yes" and bool(sure) and all(c.after == UNKNOWN for c in sure)
        )

    @property
    def only_tags(self) -> bool:
        """Whether the resource stays as it is but for its tags."""
        places = {cause.property.partition("/")[0] for cause in self.causes}
        return self.effect == "modify" and places == {"Tags"}
