"""What a control is, and how facts are read from a resolved system."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from checks.resolved import Reference, Resource, System
from description.model import System as Description

Right = Callable[[Any], bool]
"""Whether a property's value is what a control wants."""


@dataclass(frozen=True)
class Fact:
    """One property of one resource."""

    resource: Resource
    property: str
    """Its place in the resource's properties: ``ContainerDefinitions/0/User``."""
    value: Any
    holds: bool
    """Whether it is as the control wants it."""


Facts = Callable[[System], Iterator[Fact]]
"""Reads facts from a resolved system."""


@dataclass(frozen=True)
class AnyNumber:
    """Facts of which a system may have none: calls between services, for one that has no calls."""

    find: Facts


def always(_: Description) -> bool:
    """Return that every system has what a control is about."""
    return True


def routed(system: Description) -> bool:
    """Return whether a system has a load balancer."""
    return system.routed


@dataclass(frozen=True)
class Control:
    """How a system meets a requirement."""

    requirement: str
    """The requirement's number in PCI DSS v4.0.1."""
    asks: str
    """What it asks for, in our words."""
    control: str
    """What the system does about it."""
    rules: tuple[str, ...]
    """The checks of the build that find it where it is not so."""
    facts: tuple[Facts | AnyNumber, ...]
    """What shows it. Each has to find something in the system."""
    concerns: Callable[[Description], bool] = always
    """Whether a system has what the control is about."""
    otherwise: str = ""
    """What to say of a system that it does not concern."""


def every(kind: str, place: str, right: Right) -> Facts:
    """Return the facts about one property of each resource of a type.

    A step of ``place`` is a property's name; in a list ``*`` is each item, and another word is the
    item with that ``Key``. A property that is not there is ``None``.
    """

    def facts(system: System) -> Iterator[Fact]:
        for resource in system.of_type(kind):
            for path, value in _values(resource.properties, place.split("/"), ""):
                yield Fact(resource, path, value, right(value))

    return facts


def is_(*wanted: Any) -> Right:
    """Return whether a value is one of those wanted; numbers and switches may be text."""
    texts = {_text(one) for one in wanted}
    return lambda value: _text(value) in texts


def at_least(least: int) -> Right:
    """Return whether a value is a number, or the text of one, of ``least`` or more."""
    return lambda value: str(value).isdecimal() and int(value) >= least


def given(value: Any) -> bool:
    """Return whether there is a value that says something."""
    return value not in (None, "", [], {})


def absent(value: Any) -> bool:
    """Return whether there is none, or an empty or false one."""
    return value in (None, "", [], {}, False, "false")


def _values(node: Any, steps: list[str], path: str) -> Iterator[tuple[str, Any]]:
    if not steps:
        yield path, node
        return
    step, *rest = steps
    if step == "*":
        for index, item in enumerate(node if isinstance(node, list) else ()):
            yield from _values(item, rest, f"{path}/{index}".lstrip("/"))
        return
    if isinstance(node, list):
        node = {str(item.get("Key")): item for item in node if isinstance(item, dict)}
    inner = node.get(step) if isinstance(node, dict) else None
    yield from _values(inner, rest, f"{path}/{step}".lstrip("/"))


def _text(value: Any) -> str:
    if isinstance(value, Reference):
        return str(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
