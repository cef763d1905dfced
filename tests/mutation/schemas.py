"""What CloudFormation's own schemas say of a place: they are bundled with cfn-lint."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from checks.rendering import Path
from checks.schemas import known, schema

Schema = Mapping[str, Any]


@cache
def of_type(kind: str) -> Schema:
    """Return the schema of a resource type; empty if there is none."""
    return schema(kind) if known(kind) else {}


@cache
def at(kind: str, path: Path) -> Schema:
    """Return the schema of what is at ``path`` in the properties of a type; empty if unknown."""
    root = of_type(kind)
    here = root
    for step in path:
        if isinstance(step, str) and step.startswith("Fn::"):
            return {}
        here = _inner(root, here, step)
    return _resolved(root, here)


def _inner(root: Schema, here: Schema, step: str | int) -> Schema:
    for one in _variants(root, here):
        if isinstance(step, int):
            items = one.get("items")
            if isinstance(items, dict):
                return _resolved(root, items)
        elif step in one.get("properties", {}):
            return _resolved(root, one["properties"][step])
    return {}


def _resolved(root: Schema, here: Schema) -> Schema:
    while "$ref" in here:
        target = root.get("definitions", {}).get(here["$ref"].rpartition("/")[2], {})
        here = {**target, **{key: value for key, value in here.items() if key != "$ref"}}
    return here


def _variants(root: Schema, here: Schema) -> Iterator[Schema]:
    here = _resolved(root, here)
    yield here
    for word in ("allOf", "anyOf", "oneOf"):
        for one in here.get(word, ()):
            if isinstance(one, dict):
                yield from _variants(root, one)


def types(here: Schema) -> set[str]:
    """Return the JSON types that a schema allows."""
    found = here.get("type", ())
    return {found} if isinstance(found, str) else set(found)


def attributes(kind: str) -> list[str]:
    """Return the attributes that ``Fn::GetAtt`` reads of a type."""
    return sorted(
        path.removeprefix("/properties/").replace("/", ".")
        for path in of_type(kind).get("readOnlyProperties", ())
    )
