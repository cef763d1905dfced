"""What a resolved system is made of."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from checks.findings import Finding, at
from checks.rendering import Node, Path

_MARKER: Final = re.compile(r"\$\{([A-Za-z0-9]+(?:/[A-Za-z0-9]+)*)(?:\.([A-Za-z0-9.]+))?\}")


@dataclass(frozen=True)
class Reference:
    """Something of a resource that only AWS will know: its id, or an attribute of it.

    Within a longer text it is ``${Vpc}`` or ``${LoadBalancer.DNSName}``, so that
    texts can be compared. The attribute that is the same as a resource's ``Ref`` is written as it:
    a security group's ``GroupId`` and its ``Ref`` are one and the same value.
    """

    address: str
    """The resource's stack path and logical id: ``ApiGatewayService/TaskDefinition``."""
    attribute: str | None = None
    """The attribute; none for what ``Ref`` gives."""

    def __str__(self) -> str:
        suffix = "" if self.attribute is None else f".{self.attribute}"
        return f"${{{self.address}{suffix}}}"


def parsed(text: str) -> str | Reference:
    """Return the reference that ``text`` is as a whole, or ``text``."""
    match = _MARKER.fullmatch(text) if text.startswith("${") else None
    return Reference(match[1], match[2]) if match else text


def references(value: Any) -> Iterator[Reference]:
    """Yield the references in a resolved value, in order: itself, in a text, in all that it has."""
    match value:
        case Reference():
            yield value
        case str():
            for match in _MARKER.finditer(value):
                yield Reference(match[1], match[2])
        case dict() | list():
            for item in value.values() if isinstance(value, dict) else value:
                yield from references(item)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where a system is deployed to: what pseudo parameters and ``Fn::GetAZs`` give."""

    account: str = "111122223333"
    region: str = "us-east-1"
    partition: str = "aws"
    url_suffix: str = "amazonaws.com"
    stack_name: str = ""
    """The parent's name; ``<system>-<environment suffix>`` if none is given."""
    zones: tuple[str, ...] = ()
    """Names of the region's availability zones; six of them if none are given."""

    @property
    def zone_names(self) -> tuple[str, ...]:
        """The region's availability zones."""
        return self.zones or tuple(f"{self.region}{letter}" for letter in "abcdef")


def is_retained(resource: Node, policy: str = "DeletionPolicy") -> bool:
    """Return whether a resource stays in the account when it leaves its stack, or when another one
    takes its place, by its ``policy`` attribute.
    """
    return str(resource.get(policy, "")).startswith("Retain")


@dataclass(frozen=True, eq=False, kw_only=True)
class Resource:
    """A resource that will be there; one whose condition does not hold is none."""

    address: str
    """Its stack path and logical id: ``ApiGatewayService/TaskDefinition``."""
    file: str
    """The template that has it, as findings name it: ``gateway/service-api-gateway.json``."""
    logical_id: str
    type: str
    properties: Node
    """Its properties. Numbers that came through a parameter are text, as CloudFormation passes
    them."""
    depends_on: tuple[str, ...]
    """Addresses of the resources and stacks that its ``DependsOn`` names."""
    attributes: Node
    """Its other attributes: ``DeletionPolicy``, ``Metadata`` …"""

    @property
    def reference(self) -> Reference:
        """What identifies it where its id is known to AWS only."""
        return Reference(self.address)

    @property
    def stack(self) -> str:
        """The path of its stack; empty for the parent."""
        return self.address.rpartition("/")[0]

    def finding(self, rule: str, message: str, *path: str | int) -> Finding:
        """Return something wrong with it, at ``path`` within its properties if one is given."""
        place: Path = ("Resources", self.logical_id, *(("Properties", *path) if path else ()))
        return Finding(self.file, at(place), rule, message)


@dataclass(frozen=True, eq=False, kw_only=True)
class Stack:
    """A stack: the parent or one nested in it."""

    address: str
    """Its path: ``ApiGatewayService``; empty for the parent."""
    file: str
    """Its template, as findings name it."""
    parameters: Mapping[str, Any]
    """The value of each of its parameters."""
    outputs: Mapping[str, Any]
    """The value of each output that it will have."""
    tags: Mapping[str, str]
    """The tags that CloudFormation hands on to its resources."""
    depends_on: tuple[str, ...]
    """Addresses of the resources and stacks that its ``DependsOn`` names."""
    retained: bool = False
    """Whether it stays in the account, with all that is in it, when it leaves its parent."""


@dataclass(frozen=True, eq=False)
class System:
    """All that a system will be in one place, with one set of parameters."""

    name: str
    place: Place
    resources: Mapping[str, Resource]
    """Every resource by address, but the nested stacks themselves."""
    stacks: Mapping[str, Stack]
    """Every stack by path, the parent under the empty one."""
    identities: Mapping[tuple[str, str], str]
    """Type and name or ARN of a resource, where they are known, to its address."""

    @property
    def parameters(self) -> Mapping[str, Any]:
        """The parent's parameters."""
        return self.stacks[""].parameters

    @property
    def outputs(self) -> Mapping[str, Any]:
        """The parent's outputs."""
        return self.stacks[""].outputs

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for resource in self.resources.values():
            by_type.setdefault(resource.type, []).append(resource)
        return by_type

    def of_type(self, *types: str) -> list[Resource]:
        """Return the resources of the given types."""
        return [resource for one in types for resource in self._by_type.get(one, [])]

    @cached_property
    def arns(self) -> Mapping[str, str]:
        """The ARN of each resource whose ARN has a known form, by address."""
        prefix = f"arn:{self.place.partition}:"
        found = ((address, text) for (_, text), address in self.identities.items())
        return {address: text for address, text in found if text.startswith(prefix)}

    def find(self, kind: str, value: object) -> Resource | None:
        """Return the resource of the type ``kind`` that ``value`` identifies: a reference, a name
        or an ARN, as properties have them. ``None`` if this system has none.
        """
        address = self.identities.get((kind, str(value)), "")
        if not address and isinstance(value, Reference):
            address = value.address
        found = self.resources.get(address)
        return found if found is not None and found.type == kind else None
