"""The schemas of resource types that come with cfn-lint: what a change of a property does, and
what can have tags.

They are read one by one from cfn-lint's files; importing cfn-lint itself takes far longer.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

Recreation = Literal["Always", "Conditionally", "Never"]
"""Whether a change of a property replaces its resource, as change sets say it."""

_REGION = "us-east-1"
_NESTED = "AWS::CloudFormation::Stack"
"""Its own schema calls everything create-only; a nested stack is never replaced."""


@cache
def _files() -> tuple[Path, dict[str, str]]:
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("cfn-lint is not installed", name="cfnlint")
    schemas = Path(spec.origin).parent / "data" / "schemas"
    files: dict[str, str] = json.loads((schemas / "providers" / f"{_REGION}.json").read_text())
    return schemas / "resources", files


@cache
def schema(resource_type: str) -> dict[str, Any]:
    """Return a type's registry schema; KeyError if cfn-lint has none."""
    folder, files = _files()
    loaded: dict[str, Any] = json.loads((folder / f"{files[resource_type]}.json").read_text())
    return loaded


def known(resource_type: str) -> bool:
    """Return whether there is a schema of the type."""
    return resource_type in _files()[1]


def taggable(resource_type: str) -> bool:
    """Return whether CloudFormation can give tags to resources of a type, those of its stack too;
    True for a type that nobody knows.
    """
    if not known(resource_type):
        return True
    described = schema(resource_type)
    tagging = described.get("tagging", {"taggable": "Tags" in described["properties"]})
    return bool(tagging.get("taggable", True))


def recreation(resource_type: str, *path: str) -> Recreation:
    """Return whether a change replaces: of the property at ``path``, or of something in it.

    A create-only property below ``path`` makes it Conditionally, as a change set that names only
    the property at the top has it. KeyError if cfn-lint does not know the type.
    """
    if resource_type == _NESTED:
        return "Never"
    described = schema(resource_type)
    if any(_within(pointer, path) for pointer in _pointers(described, "createOnlyProperties")):
        return "Always"
    perhaps = [
        *_pointers(described, "createOnlyProperties"),
        *_pointers(described, "conditionalCreateOnlyProperties"),
    ]
    if any(_within(pointer, path) or _within(path, pointer) for pointer in perhaps):
        return "Conditionally"
    return "Never"


def _pointers(described: dict[str, Any], name: str) -> list[tuple[str, ...]]:
    return [
        tuple(pointer.removeprefix("/properties/").split("/"))
        for pointer in described.get(name, [])
    ]


def _within(outer: tuple[str, ...], inner: tuple[str, ...]) -> bool:
    """Return whether ``inner`` is ``outer`` or below it; ``*`` stands for any step."""
    return len(outer) <= len(inner) and all(
        a in {"*", b} for a, b in zip(outer, inner, strict=False)
    )
