"""A system as one template: what tools that read neither nested stacks nor parameters can judge."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from checks.rendering import Node, Path, Rendering
from checks.resolved.model import Place, Reference, Resource, System, parsed, references
from checks.resolved.resolve import PARENT, ResolutionError, resolve

_PLACEHOLDER: Final = re.compile(r"\$\{([^}]*)\}")


@dataclass(frozen=True, eq=False)
class Merged:
    """One template with all that a system will be."""

    template: Node
    addresses: Mapping[str, str]
    """Logical id in the template to address: ``ApiGatewayService/Service``."""


def merge(
    rendering: Rendering,
    parameters: Mapping[str, str],
    *,
    images: bool = True,
    place: Place | None = None,
) -> Merged:
    """Return ``rendering``, deployed with ``parameters``, as one template.

    It has every resource that will be there, called as its address without slashes, and the
    parent's outputs; no parameter, condition, mapping or nested stack. What identifies a resource
    is a ``Ref`` or an ``Fn::GetAtt``; everything else is its value. Arguments are those of
    ``resolve``, which raises ``ResolutionError``; so does this for the id of a nested stack, which
    has no counterpart here.
    """
    system = resolve(rendering, parameters, images=images, names=False, place=place)
    ids: dict[str, str] = {}
    for address in system.resources:
        ids[address] = _unique(address.replace("/", ""), set(ids.values()))
    outputs = rendering.templates[PARENT].get("Outputs", {})
    parent = system.stacks[""].file
    writer = _Writer(system, ids)
    template = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": f"{system.place.stack_name} as one template",
        "Resources": {
            ids[one.address]: _resource(one, writer) for one in system.resources.values()
        },
        "Outputs": {
            name: {key: text for key, text in outputs[name].items() if key == "Description"}
            | {"Value": writer.write(value, parent, ("Outputs", name, "Value"))}
            for name, value in system.outputs.items()
        },
    }
    return Merged(template, {name: address for address, name in ids.items()})


def _unique(wanted: str, taken: set[str]) -> str:
    """Return ``wanted``, with a number if ``A/BC`` and ``AB/C`` are both there."""
    name, count = wanted, 1
    while name in taken:
        count += 1
        name = f"{wanted}{count}"
    return name


def _resource(one: Resource, writer: "_Writer") -> Node:
    """Return a resource as a template says it."""
    here: Path = ("Resources", one.logical_id, "Properties")
    properties = writer.write(one.properties, one.file, here)
    made: Node = {"Type": one.type, "Properties": properties, **one.attributes}
    implied = {found.address for found in references(one.properties)} | {one.address}
    before = set(_before(one, writer.system)) - implied
    if before:
        made["DependsOn"] = sorted(writer.ids[address] for address in before)
    return made


def _before(one: Resource, system: System) -> Iterator[str]:
    """Yield the addresses of what has to be there before ``one``, or before a stack it is in."""
    named = set(one.depends_on)
    stack = one.stack
    while stack:
        named.update(system.stacks[stack].depends_on)
        stack = stack.rpartition("/")[0]
    for address in system.resources:
        if any(address == name or address.startswith(f"{name}/") for name in named):
            yield address


@dataclass(frozen=True)
class _Writer:
    """Writes resolved values as a template says them."""

    system: System
    ids: Mapping[str, str]
    """Address to logical id."""

    def write(self, value: Any, file: str, path: Path) -> Any:
        """Return ``value``, which the template ``file`` has at ``path``."""
        match value:
            case dict():
                return {key: self.write(item, file, (*path, key)) for key, item in value.items()}
            case list():
                return [self.write(item, file, (*path, at)) for at, item in enumerate(value)]
            case Reference():
                name = self._name(value, file, path)
                return {"Fn::GetAtt": [name, value.attribute]} if value.attribute else {"Ref": name}
            case str() if any(self._is_known(one) for one in references(value)):
                return {"Fn::Sub": self._text(value, file, path)}
        return value

    def _is_known(self, reference: Reference) -> bool:
        return reference.address in self.ids or reference.address in self.system.stacks

    def _text(self, text: str, file: str, path: Path) -> str:
        def filled(match: re.Match[str]) -> str:
            reference = parsed(match[0])
            if not isinstance(reference, Reference) or not self._is_known(reference):
                return f"${{!{match[1]}}}"  # not ours: the variable of a policy, say
            suffix = f".{reference.attribute}" if reference.attribute else ""
            return f"${{{self._name(reference, file, path)}{suffix}}}"

        return _PLACEHOLDER.sub(filled, text)

    def _name(self, reference: Reference, file: str, path: Path) -> str:
        if reference.address not in self.ids:
            message = f"refers to the stack {reference.address}, which one template does not have"
            raise ResolutionError(file, path, message)
        return self.ids[reference.address]
