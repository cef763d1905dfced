"""What was added to a resource: a check of what must be there does not look at it."""

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from checks.consistency.nest import Nest
from checks.consistency.rule import Hit, Hits, rule
from checks.rendering import Node, Path
from checks.walk import CONTAINERS

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
        unknown = not_among(properties, resource.properties)
        for path in unknown:
            if path[:-1] not in unknown:
                yield Hit(resource, "is a property that no template of ours has", path)


def not_among(known: frozenset[str], value: Node) -> list[Path]:
    """Return the path of each property in ``value``, however deep but not in policies, that is not
    among the ``known`` ones.
    """
    found: list[Path] = []

    def look(node: Any, spelt: str, path: Path) -> None:
        if isinstance(node, dict):
            for name, one in node.items():
                if f"{spelt}{name}" not in known:
                    found.append((*path, name))
                if isinstance(one, CONTAINERS) and name not in OPEN:
                    look(one, f"{spelt}{name}/", (*path, name))
        else:
            for index, one in enumerate(node):
                if isinstance(one, CONTAINERS):
                    look(one, f"{spelt}*/", (*path, index))

    look(value, "", ())
    return found
