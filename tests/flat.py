"""A system's resources as one flat mapping: what nested stacks pass one another is followed.

A reference becomes the address of what it refers to: ``Services/ApiGatewaySecurityGroup`` for a
``Ref``, ``Services/ApiGatewaySecurityGroup.GroupId`` for an ``Fn::GetAtt``. A parameter of the
parent and a pseudo parameter stay ``${Name}``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from checks.rendering import STACK, Node, Rendering
from description.model import System
from tests.systems_under_test import rendered

Flat = Mapping[str, Node]
"""Address to resource: its Type, Properties, Condition … with references followed."""


def flat(system: str | System) -> Flat:
    """Return all resources of ``system``, but not the nested stacks themselves."""
    return flattened(rendered(system))


@lru_cache(maxsize=64)
def flattened(rendering: Rendering) -> Flat:
    """Return all resources of a rendering, but not the nested stacks themselves."""
    return dict(_Scope(rendering, "parent.json", "", {}).resources())


def outputs(rendering: Rendering) -> dict[str, Any]:
    """Return the parent's outputs by name, their references followed."""
    scope = _Scope(rendering, "parent.json", "", {})
    return {name: scope.output(name) for name in scope.template["Outputs"]}


def of_type(resources: Flat, kind: str) -> dict[str, Node]:
    """Return the properties of the resources of one type, by address."""
    return {
        address: resource.get("Properties", {})
        for address, resource in resources.items()
        if resource["Type"] == kind
    }


def the(resources: Flat, kind: str) -> Node:
    """Return the properties of the only resource of one type."""
    (properties,) = of_type(resources, kind).values()
    return properties


@dataclass
class _Scope:
    rendering: Rendering
    file: str
    prefix: str
    parameters: Mapping[str, Any]
    children: dict[str, "_Scope"] = field(default_factory=dict)

    @property
    def template(self) -> Node:
        return self.rendering.templates[self.file]

    def resources(self) -> Iterator[tuple[str, Node]]:
        for name, resource in self.template["Resources"].items():
            if resource["Type"] == STACK:
                yield from self.child(name).resources()
            else:
                yield (
                    f"{self.prefix}{name}",
                    {
                        **resource,
                        "Properties": self.value(resource.get("Properties", {})),
                    },
                )

    def child(self, name: str) -> "_Scope":
        if name not in self.children:
            properties = self.template["Resources"][name]["Properties"]
            self.children[name] = _Scope(
                self.rendering,
                properties["TemplateURL"],
                f"{self.prefix}{name}/",
                self.value(properties["Parameters"]),
            )
        return self.children[name]

    def output(self, name: str) -> Any:
        return self.value(self.template["Outputs"][name]["Value"])

    def value(self, node: Any) -> Any:
        """Return ``node`` with its references followed."""
        match node:
            case {"Ref": str(name)}:
                return self.reference(name)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self.attribute(name, attribute)
            case {"Fn::Sub": str(text)}:
                return self.text(text)
            case {"Fn::Join": [str(delimiter), list() | dict() as parts]}:
                parts = self.value(parts)
                if isinstance(parts, list) and not all(isinstance(part, str) for part in parts):
                    return {"Fn::Join": [delimiter, parts]}
                return delimiter.join(parts) if isinstance(parts, list) else parts
            case {"Fn::Split": [str(delimiter), inner]}:
                inner = self.value(inner)
                return inner.split(delimiter) if isinstance(inner, str) else inner
            case dict():
                return {key: self.value(item) for key, item in node.items()}
            case list():
                return [self.value(item) for item in node]
        return node

    def reference(self, name: str) -> Any:
        if name in self.parameters:
            value = self.parameters[name]
            kind = self.template["Parameters"][name]["Type"]
            return value.split(",") if kind == "CommaDelimitedList" else value
        if name in self.template["Resources"]:
            return f"{self.prefix}{name}"
        return f"${{{name}}}"

    def attribute(self, name: str, attribute: str) -> Any:
        if attribute.startswith("Outputs."):
            return self.child(name).output(attribute.removeprefix("Outputs."))
        return f"{self.prefix}{name}.{attribute}"

    def text(self, text: str) -> str:
        before, *rest = text.split("${")
        parts = [before]
        for piece in rest:
            name, _, after = piece.partition("}")
            resource, _, attribute = name.partition(".")
            parts.append(
                str(self.attribute(resource, attribute) if attribute else self.reference(resource))
            )
            parts.append(after)
        return "".join(parts)
