"""The rules over several sections of a description, and how to apply them all."""

from collections.abc import Callable, Iterator
from typing import Final

from description.mistakes import Finding
from description.model import System
from description.rules import (
    calls,
    lists,
    names,
    network,
    permissions,
    profiles,
    room,
    routes,
    secrets,
    services,
)

Rule = Callable[[System], Iterator[Finding]]

RULES: Final[tuple[Rule, ...]] = (
    *calls.RULES,
    *lists.RULES,
    *names.RULES,
    *network.RULES,
    *permissions.RULES,
    *profiles.RULES,
    *room.RULES,
    *routes.RULES,
    *secrets.RULES,
    *services.RULES,
)


def check(system: System) -> list[Finding]:
    """Return everything that the rules find wrong with ``system``."""
    return [finding for rule in RULES for finding in rule(system)]
