"""What was added to a resource: a check of what must be there does not look at it."""

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Any, Final

from checks.consistency.nest import Nest
from checks.consistency.rule import Hit, Hits, rule
from checks.rendering import Path

FILE: Final = "properties.json"
"""Each type of resource of ours, and its properties; ``python -m tests.known_properties``."""

OPEN: Final = frozenset(
    {"AssumeRolePolicyDocument", "KeyPolicy", "PolicyDocument", "RepositoryPolicyText"}
)
"""Policies, which E96xx evaluates."""


@cache
def known() -> dict[str, frozenset[str]]:
    """Return the properties, however deep, that templates of ours have, by type."""
    text = resources.files("checks.consistency").joinpath(FILE).read_text(encoding="utf-8")
    return {kind: frozenset(listed) for kind, listed in json.loads(text).items()}


@rule("E9706")
def not_ours(nest: Nest) -> Hits:
    """Refuse resources and properties that no template of ours has, such as copies in other regions
    or another account: no check knows what they do.
    """
    for resource in nest.system.resources.values():
        properties = known().get(resource.type)
        if properties is None:
            yield Hit(resource, f"is of a type that no template of ours has: {resource.type}")
            continue
        unknown = [path for path in paths(resource.properties) if spelt(path) not in properties]
        for path in unknown:
            if path[:-1] not in unknown:
                yield Hit(resource, "is a property that no template of ours has", path)


def paths(value: Any, here: Path = ()) -> Iterator[Path]:
    """Yield the path of each property in ``value``, but for those of policies."""
    if isinstance(value, list):
        for index, one in enumerate(value):
            yield from paths(one, (*here, index))
    elif isinstance(value, dict):
        for name, one in value.items():
            yield (*here, name)
            if name not in OPEN:
                yield from paths(one, (*here, name))


def spelt(path: Path) -> str:
    """Return ``path`` with ``*`` for each place in a list."""
    return "/".join("*" if isinstance(step, int) else step for step in path)
