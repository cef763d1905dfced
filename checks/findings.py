"""What a check finds."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is wrong in one file."""

    file: str
    """The file: ``gateway/production/parent.json``."""
    path: str
    """Where in the file, its steps joined by ``/``; empty for the file as a whole."""
    rule: str
    """The rule's id: ``E9101``."""
    message: str
    """What is wrong, and what would be right."""


def at(path: Iterable[str | int]) -> str:
    """Return ``path`` as people read it: ``Resources/Vpc/Properties``."""
    return "/".join(str(step) for step in path)
