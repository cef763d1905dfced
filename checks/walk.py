"""Small readers of a template."""

from collections.abc import Iterator
from typing import Any

from checks.rendering import Node, Path


def resources(template: Node, kind: str) -> Iterator[tuple[Path, Node]]:
    """Yield the path and the properties of each resource of the type ``kind``."""
    for name, resource in template.get("Resources", {}).items():
        if resource.get("Type") == kind:
            yield ("Resources", name, "Properties"), resource.get("Properties", {})


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield ``value`` and everything in it, each with its path."""
    yield path, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from nodes(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from nodes(item, (*path, index))


def branches(value: Any) -> Iterator[Any]:
    """Yield the values that ``value`` can have where it is chosen by ``Fn::If``, or itself."""
    if isinstance(value, dict) and isinstance(value.get("Fn::If"), list):
        for choice in value["Fn::If"][1:]:
            yield from branches(choice)
    else:
        yield value


def is_absent(value: Any) -> bool:
    """Return whether ``value`` is nothing: not given, or ``AWS::NoValue``."""
    return value is None or value == {"Ref": "AWS::NoValue"}


def is_given(value: Any) -> bool:
    """Return whether ``value`` is there, in each branch of a condition."""
    return all(not is_absent(choice) for choice in branches(value))


def may_be_given(value: Any) -> bool:
    """Return whether ``value`` is there, in some branch of a condition."""
    return any(not is_absent(choice) for choice in branches(value))


def texts(value: Any) -> Iterator[str]:
    """Yield the strings that are known of ``value`` before it is deployed."""
    return (choice for choice in branches(value) if isinstance(choice, str))


def numbers(value: Any) -> Iterator[float]:
    """Yield the numbers, also those written as strings, that are known of ``value``."""
    for choice in branches(value):
        if isinstance(choice, str | int | float) and not isinstance(choice, bool):
            try:
                yield float(choice)
            except ValueError:
                continue


def items(value: Any, path: Path = ()) -> Iterator[tuple[Path, Node]]:
    """Yield the path and content of each object in a list, also where ``Fn::If`` chooses lists."""
    for choice in branches(value):
        if isinstance(choice, list):
            for index, item in enumerate(choice):
                for content in branches(item):
                    if isinstance(content, dict):
                        yield (*path, index), content
