"""A system's rendered templates, as every check takes them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Node = dict[str, Any]
"""A JSON object: a template or a part of one."""

Path = tuple[str | int, ...]
"""Where something is in a template: ``("Resources", "Vpc", "Properties")``."""

STACK = "AWS::CloudFormation::Stack"


@dataclass(frozen=True, eq=False)
class Rendering:
    """The templates of one system, for the environments of one profile."""

    system: str
    files: Mapping[str, bytes]
    """File name to content; ``parent.json`` is among them."""
    profile: str = ""
    """The profile; empty for templates that know none."""
    names: tuple[str, ...] = ()
    """What its services and secrets are called."""

    @property
    def folder(self) -> str:
        """The folder of its files: ``gateway/production``."""
        return f"{self.system}/{self.profile}".rstrip("/")

    @cached_property
    def templates(self) -> dict[str, Node]:
        """The content of each file."""
        return {name: json.loads(body) for name, body in self.files.items()}

    def file(self, name: str) -> str:
        """Return a file's name as findings give it: ``gateway/production/parent.json``."""
        return f"{self.folder}/{name}"


def nested(template: Node) -> Iterator[tuple[str, Node, object]]:
    """Yield the logical id, the properties and the ``TemplateURL`` of each nested stack."""
    for logical_id, resource in template.get("Resources", {}).items():
        if resource.get("Type") == STACK:
            properties = resource.get("Properties", {})
            yield logical_id, properties, properties.get("TemplateURL")


def edge(system: Rendering, url: object) -> Node | None:
    """Return what is seen of a nested stack's template from the one it is in."""
    child = system.templates.get(url) if isinstance(url, str) else None
    return None if child is None else {part: child.get(part) for part in ("Parameters", "Outputs")}
