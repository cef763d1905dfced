"""Turn CloudFormation properties into the parameters of an API call.

CloudFormation and the service's API describe the same thing with other capitals and looser
types: "8080" for a number, a JSON object for a policy document. botocore's shape says what the
API wants.
"""

import json
from typing import Any

from localaws.api import operation_model


class UnknownPropertyError(ValueError):
    """The API has no such parameter."""


def parameters_of(
    service: str, operation: str, properties: dict[str, Any], **renamed: str
) -> dict[str, Any]:
    """Return the parameters of `operation` that say what `properties` say.

    `renamed` maps a property to the parameter that has another name in the API, for example
    `VpcSecurityGroups="SecurityGroups"`. Raises UnknownPropertyError for a property without one.
    """
    shape = operation_model(service, operation).input_shape
    if shape is None:
        raise UnknownPropertyError(f"{operation} takes no parameters")
    named = {renamed.get(name, name): value for name, value in properties.items()}
    converted: dict[str, Any] = convert(shape, named, "")
    return converted


def convert(shape: Any, value: Any, path: str) -> Any:
    """Return `value` as `shape` wants it; `path` names it in the message of an error."""
    match shape.type_name:
        case "structure":
            return _structure(shape, value, path)
        case "list":
            return [convert(shape.member, item, path) for item in _as_list(value)]
        case "map":
            return {key: convert(shape.value, item, path) for key, item in value.items()}
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
        case "boolean":
            return is_true(value)
        case _:
            return as_text(value)


def _structure(shape: Any, value: dict[str, Any], path: str) -> dict[str, Any]:
    members = {name.lower(): name for name in shape.members}
    converted = {}
    for key, item in value.items():
        where = f"{path}.{key}" if path else key
        name = members.get(key.lower())
        if name is None:
            raise UnknownPropertyError(f"{shape.name} has no {where}")
        converted[name] = convert(shape.members[name], item, where)
    return converted


def is_true(value: Any) -> bool:
    """Return the boolean that a template wrote as a boolean or as text."""
    return str(value).lower() == "true"


def as_text(value: Any) -> str:
    """Return a value as CloudFormation sends it: JSON for a document, true and false in small."""
    if isinstance(value, dict | list):
        return json.dumps(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def to_pascal(value: Any) -> Any:
    """Return an API's camelCase structure with PascalCase keys."""
    if isinstance(value, dict):
        return {key[:1].upper() + key[1:]: to_pascal(item) for key, item in value.items()}
    return [to_pascal(item) for item in value] if isinstance(value, list) else value
