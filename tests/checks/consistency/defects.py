"""Defects of what has to agree, each of which is planted in the rendered templates of a system."""

import copy
from typing import Any, NamedTuple

from checks.rendering import Node

NONE = object()
"""Stands for nothing: what is there is taken away."""


class At(NamedTuple):
    """What is at another place of the templates."""

    file: str
    path: str


class Defect(NamedTuple):
    """Changes to templates, and what must be found."""

    rule: str
    file: str
    """Where it is found."""
    message: str
    """A part of what is said."""
    changes: tuple[tuple[str, str, Any], ...]
    """Files (without ending, with ``!`` and a section other than ``Resources``), places there, and
    what is put there."""
    system: str = "gateway"


API, PAY, FRAUD = "service-api-gateway", "service-payment-processor", "service-fraud-detector"
ROLES, SERVICES = "roles", "services"
EDGE, PARENT, WEB_ACL = "parent", "parent", "web-acl"
CONTAINER = "TaskDefinition/Properties/ContainerDefinitions/0"
TRACKING = "Properties/TargetTrackingScalingPolicyConfiguration"
AWSVPC = "Service/Properties/NetworkConfiguration/AwsvpcConfiguration"


def one(
    rule: str, message: str, file: str, path: str, value: Any, system: str = "gateway"
) -> Defect:
    """A defect that is one change, found where it is."""
    return Defect(rule, f"{system}/{file}.json", message, ((file, path, value),), system)


def get_att(name: str, attribute: str) -> Node:
    return {"Fn::GetAtt": [name, attribute]}


def planted(templates: dict[str, Node], defect: Defect) -> dict[str, Node]:
    """Return a copy of ``templates`` with a defect."""
    made = copy.deepcopy(templates)
    for file, path, value in defect.changes:
        if isinstance(value, At):
            value = copy.deepcopy(_at(templates[f"{value.file}.json"]["Resources"], value.path))
        name, _, section = file.partition("!")
        *before, last = path.split("/")
        node = _at(made[f"{name}.json"][section or "Resources"], "/".join(before))
        key = int(last) if isinstance(node, list) else last
        if value is NONE:
            del node[key]
        elif isinstance(node, list) and key == len(node):
            node.append(value)
        else:
            node[key] = value
    return made


def _at(node: Any, path: str) -> Any:
    for step in filter(None, path.split("/")):
        node = node[int(step) if isinstance(node, list) else step]
    return node
