"""One stack of a system while it is resolved: its parameters, conditions, children and values."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from checks.rendering import STACK, Node, Path, Rendering
from checks.resolved.functions import FUNCTIONS, NOTHING, Unresolved, as_tags, as_text, holds
from checks.resolved.identity import IDENTITIES, identify, reference
from checks.resolved.model import Place, Reference, Resource, Stack, is_retained, parsed
from checks.walk import CONTAINERS

ATTRIBUTES_OF_ITS_OWN = frozenset({"Type", "Properties", "DependsOn", "Condition"})


@dataclass
class Origin:
    """What all stacks of a system share."""

    rendering: Rendering
    place: Place
    names: bool = True
    """Whether names and ARNs of a known form are texts; if not, each is a reference."""
    nested: dict[tuple[object, ...], "Scope"] = field(default_factory=dict)
    """The nested stacks by what they are given: nothing else makes a difference in one."""


class Scope:
    """One stack. Everything in it is resolved when it is asked for, and remembered."""

    def __init__(
        self,
        origin: Origin,
        file: str,
        address: str,
        given: Mapping[str, Any],
        tags: Mapping[str, str] | None = None,
        depends_on: tuple[str, ...] = (),
        *,
        retained: bool = False,
    ) -> None:
        self.origin, self.file, self.address = origin, file, address
        self.template: Node = origin.rendering.templates[file]
        self._tags = dict(tags or {})
        self._depends_on = depends_on
        self._resources: Node = self.template.get("Resources", {})
        self._retained = retained
        self._known: dict[tuple[str, ...], Any] = {}
        self._open: list[tuple[str, ...]] = []
        self.parameters = dict(self._parameters(given))

    def refuse(self, path: Path, message: str) -> Unresolved:
        """Return the error that says what cannot be resolved, and where."""
        return Unresolved(self.file, path, message)

    def _parameters(self, given: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
        declared = self.template.get("Parameters", {})
        for name in given:
            if name not in declared:
                raise self.refuse(("Parameters", name), "is given, but there is no such parameter")
        for name, parameter in declared.items():
            if name not in given and "Default" not in parameter:
                raise self.refuse(("Parameters", name), "is not given and has no default")
            try:
                value = as_text(given.get(name, parameter.get("Default")))
            except TypeError:
                raise self.refuse(("Parameters", name), "must be text or a list") from None
            kind = str(parameter.get("Type", "String"))
            if kind.startswith("AWS::SSM::Parameter::"):
                yield name, f"{{{{resolve:ssm:{value}}}}}"  # as a dynamic reference writes it
            elif kind == "CommaDelimitedList" or kind.startswith("List<"):
                yield name, [parsed(item.strip()) for item in value.split(",")]
            elif kind == "Number" and not self.origin.names:
                yield name, json.loads(value)
            else:
                yield name, parsed(value)

    def _once(self, key: tuple[str, ...], path: Path, make: Callable[[], Any]) -> Any:
        """Return what ``make`` makes, made once; refuse a circle."""
        if key not in self._known:
            if key in self._open:
                raise self.refuse(path, f"{'/'.join(key[1:])} depends on itself")
            self._open.append(key)
            try:
                self._known[key] = make()
            finally:
                self._open.remove(key)
        return self._known[key]

    def place_of(self, name: str) -> str:
        """Return the address of the resource or stack with the logical id ``name``."""
        return f"{self.address}/{name}" if self.address else name

    # What is in the stack

    def is_there(self, name: str) -> bool:
        """Return whether the condition of a resource, if it has one, holds."""
        condition = self._resources[name].get("Condition")
        return condition is None or self.condition(condition, ("Resources", name, "Condition"))

    def condition(self, name: object, path: Path) -> bool:
        """Return whether a named condition holds."""
        conditions = self.template.get("Conditions", {})
        if not isinstance(name, str) or name not in conditions:
            raise self.refuse(path, f"there is no condition {name!r}")
        here: Path = ("Conditions", name)
        return bool(
            self._once(("condition", name), path, lambda: holds(self, conditions[name], here))
        )

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """The resources of this stack that will be there by address, but the nested stacks."""
        return {
            self.place_of(name): self._resource(name, resource)
            for name, resource in self._resources.items()
            if resource.get("Type") != STACK and self.is_there(name)
        }

    def _resource(self, name: str, resource: Node) -> Resource:
        here: Path = ("Resources", name)
        return Resource(
            address=self.place_of(name),
            file=self.origin.rendering.file(self.file),
            logical_id=name,
            type=str(resource.get("Type")),
            properties=self.value(resource.get("Properties", {}), (*here, "Properties")),
            depends_on=self.depends_on(name),
            attributes={
                key: self.value(value, (*here, key))
                for key, value in resource.items()
                if key not in ATTRIBUTES_OF_ITS_OWN
            },
        )

    @cached_property
    def identities(self) -> dict[tuple[str, str], str]:
        """Type and name or ARN of each resource here, to its address."""
        found = {}
        for address, one in self.resources.items() if self.origin.names else ():
            known = IDENTITIES.get(one.type)
            for attribute in (None, *known.attributes) if known else ():
                text = self.identity(one.logical_id, attribute, ("Resources", one.logical_id))
                found[one.type, str(text)] = address
        return found

    def depends_on(self, name: str) -> tuple[str, ...]:
        """Return the addresses that a ``DependsOn`` names, without what will not be there."""
        before = self._resources[name].get("DependsOn", [])
        names = [before] if isinstance(before, str) else before
        for one in names:
            if one not in self._resources:
                raise self.refuse(("Resources", name, "DependsOn"), f"there is no resource {one!r}")
        return tuple(self.place_of(one) for one in names if self.is_there(one))

    def children(self) -> Iterator["Scope"]:
        """Yield the nested stacks that will be there."""
        for name, resource in self._resources.items():
            if resource.get("Type") == STACK and self.is_there(name):
                yield self.child(name, ("Resources", name))

    def child(self, name: str, path: Path) -> "Scope":
        """Return one of the nested stacks."""

        def made() -> Scope:
            here: Path = ("Resources", name, "Properties")
            properties = self._resources[name].get("Properties", {})
            url = properties.get("TemplateURL")
            if not isinstance(url, str) or url not in self.origin.rendering.templates:
                message = f"must be the name of a template beside this one, found {url!r}"
                raise self.refuse((*here, "TemplateURL"), message)
            if len(self.address.split("/")) > len(self.origin.rendering.templates):
                raise self.refuse((*here, "TemplateURL"), f"{url} nests itself")
            given = self.value(properties.get("Parameters", {}), (*here, "Parameters"))
            tags = self.value(properties.get("Tags", []), (*here, "Tags"))
            try:
                tags = self._tags | as_tags(tags)
            except TypeError as error:
                raise self.refuse((*here, "Tags"), str(error)) from None
            place, before = self.place_of(name), self.depends_on(name)
            kept = is_retained(self._resources[name])
            key = url, place, repr((given, tags)), before, kept
            known = self.origin.nested
            if key not in known:
                known[key] = Scope(self.origin, url, place, given, tags, before, retained=kept)
            return known[key]

        scope: Scope = self._once(("stack", name), path, made)
        return scope

    @cached_property
    def stack(self) -> Stack:
        """What this stack is, resolved."""
        outputs = self.template.get("Outputs", {})
        return Stack(
            address=self.address,
            file=self.origin.rendering.file(self.file),
            parameters=self.parameters,
            outputs={name: self.output(name) for name in outputs if self.has_output(name)},
            tags=self._tags,
            depends_on=self._depends_on,
            retained=self._retained,
        )

    def has_output(self, name: str) -> bool:
        """Return whether an output is declared, and its condition holds."""
        output = self.template.get("Outputs", {}).get(name)
        condition = output and output.get("Condition")
        path: Path = ("Outputs", name, "Condition")
        return output is not None and (condition is None or self.condition(condition, path))

    def output(self, name: str) -> Any:
        """Return the value of an output."""
        path: Path = ("Outputs", name, "Value")
        value = self.template["Outputs"][name].get("Value")
        return self._once(("output", name), path, lambda: self.value(value, path))

    # Values

    def value(self, node: Any, path: Path) -> Any:
        """Return ``node`` with everything in it resolved, and without what ``AWS::NoValue`` takes
        out; ``NOTHING`` if that is all of it.
        """
        if isinstance(node, dict):
            if len(node) == 1:
                ((name, argument),) = node.items()
                if name == "Ref":
                    return self.reference(argument, path)
                if name.startswith("Fn::"):
                    function = FUNCTIONS.get(name)
                    if function is None:
                        raise self.refuse(path, f"{name} is not a function that can be followed")
                    return function(self, argument, (*path, name))
            made = {}
            for key, item in node.items():
                if key in FUNCTIONS:
                    raise self.refuse((*path, key), "must stand alone")
                value = self.value(item, (*path, key)) if isinstance(item, CONTAINERS) else item
                if value is not NOTHING:
                    made[key] = value
            return made
        if isinstance(node, list):
            values = [self.value(item, (*path, index)) for index, item in enumerate(node)]
            return [item for item in values if item is not NOTHING]
        return node

    def reference(self, name: object, path: Path) -> Any:
        """Return what a ``Ref`` gives."""
        place = self.origin.place
        match name:
            case str() if name in self.parameters:
                return self.parameters[name]
            case "AWS::NoValue":
                return NOTHING
            case "AWS::AccountId":
                return place.account
            case "AWS::Region":
                return place.region
            case "AWS::Partition":
                return place.partition
            case "AWS::URLSuffix":
                return place.url_suffix
            case "AWS::StackName":
                # CloudFormation ends the name of a nested stack with letters of its own.
                nested = self.address and self.origin.names
                return Reference(self.address, "StackName") if nested else place.stack_name
            case str() if name in self._resources:
                return self.identity(name, None, path)
        raise self.refuse(path, f"{name!r} is no parameter, resource or known pseudo parameter")

    def identity(self, name: str, attribute: str | None, path: Path) -> Any:
        """Return what identifies a resource, or one of its attributes."""
        if name not in self._resources:
            raise self.refuse(path, f"there is no resource {name!r}")
        if not self.is_there(name):
            raise self.refuse(path, f"{name} will not be there: its condition does not hold")
        resource = self._resources[name]
        if resource.get("Type") == STACK and attribute is not None:
            return self._output_of(name, attribute, path)
        return self._once(
            ("resource", name, attribute or "Ref"), path, lambda: self._identity(name, attribute)
        )

    def _identity(self, name: str, attribute: str | None) -> Any:
        resource, address = self._resources[name], self.place_of(name)
        properties = resource.get("Properties", {})

        def property_of(key: str) -> Any:
            found = self.value(properties.get(key), ("Resources", name, "Properties", key))
            return None if found is NOTHING else found

        kind = str(resource.get("Type"))
        if not self.origin.names:
            return reference(kind, address, attribute)
        return identify(kind, address, attribute, self.origin.place, property_of)

    def _output_of(self, name: str, attribute: str, path: Path) -> Any:
        child, output = self.child(name, path), attribute.removeprefix("Outputs.")
        if not attribute.startswith("Outputs.") or not child.has_output(output):
            raise self.refuse(path, f"the stack {name} has no {attribute}")
        return child.output(output)
