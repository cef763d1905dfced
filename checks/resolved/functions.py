"""CloudFormation's intrinsic functions.

Source: CloudFormation User Guide, "Intrinsic function reference".
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from checks.rendering import Node, Path
from checks.resolved.model import Place, Reference, parsed

NOTHING: Final = object()
"""What ``AWS::NoValue`` gives."""

_PLACEHOLDER = re.compile(r"\$\{([^}]*)\}")


class Unresolved(Exception):  # noqa: N818 - becomes a ResolutionError, with the file's full name
    """Something in one template cannot be resolved."""

    def __init__(self, file: str, path: Path, message: str) -> None:
        super().__init__(message)
        self.file, self.path, self.message = file, path, message


class _Origin(Protocol):
    @property
    def place(self) -> Place: ...


class Stack(Protocol):
    """What functions need to know of the stack that they are in."""

    @property
    def origin(self) -> _Origin:
        """What it shares with all other stacks."""

    @property
    def template(self) -> Node:
        """Its template."""

    def value(self, node: Any, path: Path) -> Any:
        """Return a value, resolved."""

    def reference(self, name: object, path: Path) -> Any:
        """Return what a ``Ref`` gives."""

    def identity(self, name: str, attribute: str | None, path: Path) -> Any:
        """Return what an ``Fn::GetAtt`` gives."""

    def condition(self, name: object, path: Path) -> bool:
        """Return whether a condition holds."""

    def refuse(self, path: Path, message: str) -> Unresolved:
        """Return the error that says what cannot be resolved, and where."""


def as_text(value: object) -> str:
    """Return ``value`` as CloudFormation passes it on: as text; a list with commas between.

    Raises ``TypeError`` for what has no text.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case Reference() | int() | float():
            return str(value)
        case list():
            return ",".join(map(as_text, value))
    raise TypeError(f"{type(value).__name__} has no text")


def as_tags(value: Any) -> dict[str, str]:
    """Return a resolved list of tags as values by key. Raises ``TypeError`` for anything else."""
    if value is NOTHING:
        return {}
    if not isinstance(value, list):
        raise TypeError("must be a list of tags")
    try:
        return {str(tag["Key"]): as_text(tag["Value"]) for tag in value}
    except (KeyError, TypeError):
        raise TypeError("must have a Key and a Value each") from None


def _text(stack: Stack, node: Any, path: Path) -> str:
    """Return the text that ``node`` resolves to."""
    return _one_text(stack, stack.value(node, path), path)


def _one_text(stack: Stack, value: Any, path: Path) -> str:
    """Return a resolved value as a text."""
    if isinstance(value, list) or value is None:
        raise stack.refuse(path, "must be one text")
    try:
        return as_text(value)
    except TypeError:
        raise stack.refuse(path, "must be text") from None


def _list(stack: Stack, node: Any, path: Path) -> list[Any]:
    """Return the list that ``node`` resolves to."""
    value = stack.value(node, path)
    if not isinstance(value, list):
        raise stack.refuse(path, "must be a list")
    return value


def _arguments(stack: Stack, given: Any, path: Path, count: int) -> list[Any]:
    if not isinstance(given, list) or len(given) != count:
        raise stack.refuse(path, f"takes a list of {count}")
    return given


def _get_att(stack: Stack, given: Any, path: Path) -> Any:
    parts = given.split(".", 1) if isinstance(given, str) else given
    if not isinstance(parts, list) or len(parts) != 2 or not all(isinstance(p, str) for p in parts):
        raise stack.refuse(path, "takes the names of a resource and an attribute")
    return stack.identity(parts[0], parts[1], path)


def _sub(stack: Stack, given: Any, path: Path) -> Any:
    text, variables = given, {}
    if isinstance(given, list) and len(given) == 2 and isinstance(given[1], dict):
        text, variables = given
    if not isinstance(text, str):
        raise stack.refuse(path, "takes a text, or a text and its variables")

    def filled(match: re.Match[str]) -> str:
        name = match[1].strip()
        if name.startswith("!"):
            return f"${{{name[1:]}}}"
        if name in variables:
            return _text(stack, variables[name], (*path, 1, name))
        resource, dot, attribute = name.partition(".")
        there = stack.identity(resource, attribute, path) if dot else stack.reference(name, path)
        return _one_text(stack, there, path)

    return parsed(_PLACEHOLDER.sub(filled, text))


def _join(stack: Stack, given: Any, path: Path) -> Any:
    delimiter, items = _arguments(stack, given, path, 2)
    parts = _list(stack, items, (*path, 1))
    return parsed(str(delimiter).join(_text(stack, part, (*path, 1)) for part in parts))


def _split(stack: Stack, given: Any, path: Path) -> Any:
    delimiter, text = _arguments(stack, given, path, 2)
    whole = _text(stack, text, (*path, 1))
    parts = whole.split(str(delimiter))
    return [parsed(part) for part in parts] if "${" in whole else parts


def _select(stack: Stack, given: Any, path: Path) -> Any:
    index, items = _arguments(stack, given, path, 2)
    number, found = _text(stack, index, (*path, 0)), _list(stack, items, (*path, 1))
    if not number.isdecimal() or int(number) >= len(found):
        raise stack.refuse(path, f"a list of {len(found)} has no item {number}")
    return found[int(number)]


def _if(stack: Stack, given: Any, path: Path) -> Any:
    name, *branches = _arguments(stack, given, path, 3)
    taken = 0 if stack.condition(name, path) else 1
    return stack.value(branches[taken], (*path, taken + 1))


def _get_azs(stack: Stack, given: Any, path: Path) -> Any:
    place = stack.origin.place
    if _text(stack, given, path) not in ("", place.region):
        raise stack.refuse(path, "only the zones of the region deployed to are known")
    return list(place.zone_names)


def _find_in_map(stack: Stack, given: Any, path: Path) -> Any:
    found: Any = stack.template.get("Mappings", {})
    for index, part in enumerate(_arguments(stack, given, path, 3)):
        key = _text(stack, part, (*path, index))
        if key not in found:
            raise stack.refuse(path, f"no mapping has {key!r} here")
        found = found[key]
    return found


FUNCTIONS: Final[Mapping[str, Callable[[Stack, Any, Path], Any]]] = {
    "Fn::FindInMap": _find_in_map,
    "Fn::GetAZs": _get_azs,
    "Fn::GetAtt": _get_att,
    "Fn::If": _if,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
}
"""The functions that can be followed."""


def holds(stack: Stack, node: Any, path: Path) -> bool:
    """Return whether a condition holds."""
    match node:
        case {"Condition": str(name)}:
            return stack.condition(name, path)
        case {"Fn::Equals": [one, other]}:
            return _text(stack, one, (*path, 0)) == _text(stack, other, (*path, 1))
        case {"Fn::Not": [inner]}:
            return not holds(stack, inner, (*path, "Fn::Not", 0))
        case {"Fn::And": list(parts)}:
            return all(holds(stack, part, (*path, "Fn::And")) for part in parts)
        case {"Fn::Or": list(parts)}:
            return any(holds(stack, part, (*path, "Fn::Or")) for part in parts)
    raise stack.refuse(path, f"is not a condition that can be followed: {json.dumps(node)}")
