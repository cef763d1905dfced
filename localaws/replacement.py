"""Which changes replace a resource: the createOnlyProperties of the schemas in cfn-lint.

Schemas are read one by one from cfn-lint's files; importing cfn-lint itself would take longer than
starting the whole local AWS.
"""

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from localaws import emulator

_REGION = "us-east-1"


@cache
def _schema_files() -> tuple[Path, dict[str, str]]:
    spec = find_spec("cfnlint")
    if spec is None or spec.origin is None:
        raise RuntimeError("cfn-lint is not installed")
    schemas = Path(spec.origin).parent / "data" / "schemas"
    files: dict[str, str] = json.loads((schemas / "providers" / f"{_REGION}.json").read_text())
    return schemas / "resources", files


@cache
def schema(resource_type: str) -> dict[str, Any]:
    """Return a type's registry schema; KeyError if cfn-lint has none."""
    folder, files = _schema_files()
    loaded: dict[str, Any] = json.loads((folder / f"{files[resource_type]}.json").read_text())
    return loaded


@cache
def _create_only(resource_type: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the properties that always replace, and those that replace in some cases."""
    described = schema(resource_type)
    always: set[str] = set()
    sometimes: set[str] = set()
    for pointer in described.get("createOnlyProperties", []):
        name, *deeper = pointer.removeprefix("/properties/").split("/")
        (sometimes if deeper else always).add(name)
    for pointer in described.get("conditionalCreateOnlyProperties", []):
        sometimes.add(pointer.removeprefix("/properties/").split("/")[0])
    return frozenset(always), frozenset(sometimes - always)


def recreation(resource_type: str, name: str) -> str:
    """Return Always, Conditionally or Never: whether a change of the property replaces."""
    if resource_type == "AWS::CloudFormation::Stack":
        return "Never"
    try:
        always, sometimes = _create_only(resource_type)
    except KeyError:
        return emulator.property_recreation(resource_type, name)
    if name in always:
        return "Always"
    return "Conditionally" if name in sometimes else "Never"
