"""Small readers of a template."""

from collections.abc import Iterator
from typing import Any

from checks.rendering import Node, Path


def resources(template: Node, kind: str) -> Iterator[tuple[Path, Node]]:
    """Yield the path and the properties of each resource of the type ``kind``."""
    found = template.get("Resources")
    for name, resource in found.items() if isinstance(found, dict) else ():
        if isinstance(resource, dict) and resource.get("Type") == kind:
            properties = resource.get("Properties")
            yield (
                ("Resources", name, "Properties"),
                properties if isinstance(properties, dict) else {},
            )


def declared(template: Node) -> dict[str, Node]:
    """Return the resources of a template by logical id; what is no resource at all is left out."""
    found = template.get("Resources")
    found = found if isinstance(found, dict) else {}
    return {name: one for name, one in found.items() if isinstance(one, dict)}


def inner(value: Any, *names: str) -> Any:
    """Return what is below ``value`` by these names, or ``None`` where there is no such thing."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def named_in(value: Any) -> Iterator[str]:
    """Yield the logical ids and parameters that ``Ref``, ``Fn::GetAtt`` and ``Fn::Sub`` name."""
    for _, node in objects(value):
        if _NAMING.isdisjoint(node):
            continue
        match node:
            case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
                yield name
            case {"Fn::GetAtt": str(name)}:
                yield name.partition(".")[0]
            case {"Fn::Sub": str(text)} | {"Fn::Sub": [str(text), *_]}:
                for part in text.split("${")[1:]:
                    yield part.partition("}")[0].partition(".")[0].strip()


_NAMING = frozenset({"Ref", "Fn::GetAtt", "Fn::Sub"})


class Order:
    """What is made before what in one template. It is read once, however often it is asked."""

    def __init__(self, template: Node) -> None:
        self._declared = declared(template)
        self._needs: dict[str, set[str]] = {}

    def before(self, name: str) -> set[str]:
        """Return the logical ids that are made before ``name``: what it names and what it depends
        on, and so on from there.
        """
        before: set[str] = set()
        open_ones = [name]
        while open_ones:
            new = self._needed_by(open_ones.pop()) - before
            before |= new
            open_ones += new
        return before

    def _needed_by(self, name: str) -> set[str]:
        """Return what a resource itself names and depends on."""
        if name not in self._needs:
            resource = self._declared[name]
            given = resource.get("DependsOn", [])
            ones = {given} if isinstance(given, str) else {*filter(_is_text, given or ())}
            ones |= set(named_in(resource.get("Properties")))
            self._needs[name] = ones & self._declared.keys()
        return self._needs[name]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def nodes(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Yield ``value`` and everything in it, each with its path."""
    open_ = [(path, value)]
    while open_:
        here, node = open_.pop()
        yield here, node
        if isinstance(node, dict):
            open_ += [((*here, key), item) for key, item in reversed(node.items())]
        elif isinstance(node, list):
            open_ += [((*here, index), node[index]) for index in reversed(range(len(node)))]


CONTAINERS = (dict, list)
"""What has something in it."""

Objects = list[tuple[Path, Node]]
"""Objects, each with its path."""


def objects(value: Any) -> Objects:
    """Return each object in ``value``; ``value`` itself, if it is one."""
    found: Objects = []

    def look(node: Any, path: Path) -> None:
        if isinstance(node, dict):
            found.append((path, node))
            for key, item in node.items():
                if isinstance(item, CONTAINERS):
                    look(item, (*path, key))
        elif isinstance(node, list):
            for index, item in enumerate(node):
                if isinstance(item, CONTAINERS):
                    look(item, (*path, index))

    look(value, ())
    return found


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
